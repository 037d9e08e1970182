//! What a run works with: every value found, checked and typed. Nothing downstream reads the
//! environment, xtask.toml or a raw argument.
//!
//! [`RawArgs`] is what was typed; [`Settings`] is what holds. Only [`load`] and its like touch the
//! file system. This module knows no command.

pub mod budget;
pub mod config;
mod error;
mod exec;
mod export;
mod layers;
mod limit;
mod nearest;
mod portion;
mod query;
mod record;
mod report;
mod repository;
mod resolve;
mod runner;
mod source;
mod span;
mod table;
mod tfvars;
mod timings;
mod values;
mod variable;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use timing_core::shown::shown;

use timing_core::git::{BranchName, RemoteName};
use timing_core::record::Environment;
use timing_core::scan::StageKinds;

pub use budget::{
    BudgetSettings, Edited, NewLimit, Whose, budgets_beside, edit, load_budget, with_baseline,
};
pub use config::{Aim, CheckConfig, Config, ExportConfig, Objective, Scripts, StepOverrides};
pub use error::SettingsError;
pub use exec::{ExecSettings, load_exec};
pub use export::{ExportSettings, Exports, load_export};
pub use limit::{StepLimits, TimeLimit};
pub use nearest::nearest;
pub use portion::{Mode, Portion};
pub use query::{Origin, Query, QueryError};
pub use record::{End, LogChoice, RecordSettings, load_record};
pub use report::{ReportSettings, load_report};
pub use resolve::ReadText;
pub use runner::{Pipeline, Runner, WorkflowCommands};
pub use source::{EnvSnapshot, Source};
pub use span::Span;
pub use table::{Fallback, Heading, InFile, Spec};
pub use timings::{CheckPolicy, TimingsSettings, load_timings};
pub use values::{
    Argv, BootstrapVersion, Cluster, Confirmation, Emf, GateMode, HttpUrl, InnerPath, InstanceType,
    Namespace, OutputMode, Program, Push, Recordings, Region, Switch, Text,
};
pub use variable::Variable;

use crate::launch::Invocation;
pub use config::EPOCHS_NAME;
use config::{ConfigError, FILE_NAME};

/// A value given on the command line, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `--region eu-west-2`
    Flag(Variable, String),
    /// `REGION=eu-west-2`, or what stands in such a place.
    Assignment(String),
}

/// What was typed, unchecked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawArgs {
    /// Values given, by flag or as `KEY=VALUE`, in the order of the command line.
    pub given: Vec<Given>,
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
    /// `--dry-run`
    pub mode: Mode,
    /// `--no-record`: [`Recordings::Off`]; `None` leaves it to the environment.
    pub recordings: Option<Recordings>,
    /// `--from PHASE` or `--only PHASE`
    pub portion: Portion,
    /// `--timeout`
    pub timeout: Option<String>,
    /// What was typed before all that.
    pub invocation: Invocation,
}

/// Every setting of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The root of the user's repository, absolute and without symbolic links.
    pub repository: PathBuf,
    /// How this program was called, for messages that say which command to run.
    pub invocation: Invocation,
    /// `--repo` as it was typed, for messages that say which command to run.
    pub repo_argument: Option<PathBuf>,
    /// Where steps run: the directory that holds `envs/` and the scripts; in the repository.
    pub platform_root: PathBuf,
    /// Whether to run at all.
    pub mode: Mode,
    /// What the command line gave, as it was typed. It wins over the environment, also over what
    /// the environment tells the steps.
    pub given: BTreeMap<Variable, String>,
    /// The same, and what the environment gave, for messages that say which command to run.
    pub said: BTreeMap<Variable, String>,
    /// `ENV`
    pub environment: Environment,
    /// `REGION`
    pub region: Region,
    /// `TF_BIN`
    pub tf_bin: Program,
    /// `TF_DIR`, relative to the platform root.
    pub tf_dir: InnerPath,
    /// `TF_AUTO_APPROVE`
    pub tf_auto_approve: Switch,
    /// `PERSISTENT_CLUSTER`, or what stands in for it.
    pub cluster: Cluster,
    /// `BOOTSTRAP_VERSION`
    pub bootstrap_version: BootstrapVersion,
    /// `KONG_NAMESPACE`
    pub kong_namespace: Namespace,
    /// `NODE_INSTANCE_TYPE`
    pub node_instance_type: InstanceType,
    /// `ENV_NAME`
    pub env_name: Text,
    /// `SKIP_CERT_MANAGER_VALIDATION`
    pub skip_cert_manager_validation: Text,
    /// `SKIP_ARGO_SYNC_WAIT`
    pub skip_argo_sync_wait: Text,
    /// `SCALE_DOWN_AFTER_BOOTSTRAP`
    pub scale_down_after_bootstrap: Text,
    /// `CREATE_RDS`
    pub create_rds: Switch,
    /// `RESTORE_SECRETS`
    pub restore_secrets: Switch,
    /// `CONFIRM_DESTROY`
    pub confirm_destroy: Confirmation,
    /// `CLEANUP_ORPHANS`
    pub cleanup_orphans: Text,
    /// `COMPACT_OUTPUT` as the scripts get it.
    pub compact_output: Switch,
    /// Where the scripts are.
    pub scripts: Scripts,
    /// Commands that replace the contract's in this environment.
    pub overrides: StepOverrides,
    /// How much of the target's plan is wanted.
    pub portion: Portion,
    /// How long the whole run may take.
    pub timeout: Option<TimeLimit>,
    /// How long steps may take.
    pub limits: StepLimits,
    /// Whether logs and rows are kept.
    pub recordings: Recordings,
    /// What announces stages, beside the contract's banners.
    pub stage_kinds: StageKinds,
    /// Where the registry is.
    pub registry: RegistrySettings,
    /// Where the run is told of beside it.
    pub exports: Exports,
    /// What is said to GitHub's runner.
    pub runner: Runner,
}

/// What carrying out a plan takes, whatever the plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// `ENV`
    pub environment: Environment,
    /// As [`Settings::given`].
    pub given: BTreeMap<Variable, String>,
    /// Whether logs and rows are kept.
    pub recordings: Recordings,
    /// How output is shown.
    pub output: OutputMode,
    /// How long the whole run may take.
    pub timeout: Option<TimeLimit>,
    /// How long a step that is asked to stop has for it.
    pub grace: TimeLimit,
    /// What announces stages, beside the contract's banners.
    pub stage_kinds: StageKinds,
    /// Where the registry is; logs go below its repository.
    pub registry: RegistrySettings,
    /// Where the run is told of beside it.
    pub exports: Exports,
    /// What is said to GitHub's runner.
    pub runner: Runner,
}

/// Where rows are kept, and who sends them on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrySettings {
    /// The root of the user's repository, absolute and without symbolic links.
    pub repository: PathBuf,
    /// `governance-registry` unless said otherwise.
    pub branch: BranchName,
    /// `origin` unless said otherwise.
    pub remote: RemoteName,
    /// Who pushes.
    pub push: Push,
    /// Where this process runs.
    pub place: Place,
}

/// Where a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where `CI` is set: nobody waits, and nothing lives on after the job.
    Ci,
    /// Anywhere else: somebody waits.
    Workstation,
}

impl Settings {
    /// What carrying out a plan of these settings takes.
    #[must_use]
    pub fn run(&self) -> RunSettings {
        RunSettings {
            environment: self.environment.clone(),
            given: self.given.clone(),
            recordings: self.recordings,
            output: self.output(),
            timeout: self.timeout,
            grace: self.limits.grace.unwrap_or(TimeLimit::GRACE),
            stage_kinds: self.stage_kinds.clone(),
            registry: self.registry.clone(),
            exports: self.exports.clone(),
            runner: self.runner.clone(),
        }
    }

    /// How output is shown.
    #[must_use]
    pub fn output(&self) -> OutputMode {
        match self.compact_output {
            Switch::On => OutputMode::Compact,
            Switch::Off => OutputMode::Full,
        }
    }
}

/// The settings of this process: finds the repository, reads what it says, resolves.
///
/// # Errors
///
/// As [`Settings::resolve`], and when the repository or one of the files cannot be used.
pub fn load(
    raw: &RawArgs,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<Settings, SettingsError> {
    let (root, config) = find(raw.repo.as_deref(), working_directory)?;
    if let Some(inner) = &config.platform_root {
        check_platform_root(&root, &root.join(inner))?;
    }
    Settings::resolve(raw, environment, &config, root, &read_text)
}

/// The registry's settings of this process, for commands that deploy nothing.
///
/// # Errors
///
/// When the repository or its xtask.toml cannot be used, or a value is not valid.
pub fn load_registry(
    repo: Option<&Path>,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<RegistrySettings, SettingsError> {
    let (root, config) = find(repo, working_directory)?;
    resolve::registry(environment, &config, root)
}

fn find(repo: Option<&Path>, working_directory: &Path) -> Result<(PathBuf, Config), SettingsError> {
    let start = match repo {
        Some(directory) => working_directory.join(directory),
        None => working_directory.to_path_buf(),
    };
    let root = repository::root_of(&start)?;
    let config = read_config(&root)?;
    Ok((root, config))
}

fn read_text(path: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_config(root: &Path) -> Result<Config, ConfigError> {
    let path = root.join(FILE_NAME);
    match read_text(&path) {
        Ok(Some(text)) => Config::parse(&text, &path),
        Ok(None) => Ok(Config::default()),
        Err(error) => Err(ConfigError::of_file(&path, format!("cannot be read: {error}"))),
    }
}

/// The path holds no `..`, but a symbolic link could still lead out of the repository.
fn check_platform_root(repository: &Path, path: &Path) -> Result<(), SettingsError> {
    let refuse = |reason: String| SettingsError::PlatformRoot { path: path.to_path_buf(), reason };
    let real = path.canonicalize().map_err(|error| refuse(format!("cannot be used: {error}")))?;
    if !real.is_dir() {
        return Err(refuse("is not a directory".to_owned()));
    }
    if !real.starts_with(repository) {
        return Err(refuse(format!("leads out of the repository, to {}", shown(&real))));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
