//! xtask.toml: what a repository says about itself. A repository without one has the contract's
//! layout.
//!
//! This module is given a text and returns checked values, each with its line; which of them win
//! is decided elsewhere. epochs.toml is read in the same way.

mod check;
mod epochs;
mod export;
mod file;
mod objective;
pub(super) mod reader;
mod stage;
mod timeouts;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use timing_core::shown::shown;

use timing_core::record::Environment;
use timing_core::scan::StageKinds;

use super::limit::StepLimits;
use super::source::Source;
use super::values::{Argv, InnerPath, Push};
use super::variable::Variable;
pub use check::CheckConfig;
pub use epochs::parse_epochs;
pub use export::ExportConfig;
pub use objective::{Aim, Objective};
use reader::Reader;
use timing_core::git::{BranchName, RemoteName};

/// The name of the file, at the root of a repository.
pub const FILE_NAME: &str = "xtask.toml";

/// The name of the file of accepted changes, beside it.
pub const EPOCHS_NAME: &str = "epochs.toml";

/// A text from the file and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The value as written.
    pub text: String,
    /// The file and the line.
    pub source: Source,
}

/// What xtask.toml says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `ENV` when nobody names one.
    pub default_env: Option<Located>,
    /// Where the platform lies in the repository.
    pub platform_root: Option<InnerPath>,
    /// `[variables]`
    pub variables: BTreeMap<Variable, Located>,
    /// Where the scripts lie under the platform root.
    pub scripts: Scripts,
    /// `[registry] branch`
    pub branch: Option<BranchName>,
    /// `[registry] remote`
    pub remote: Option<RemoteName>,
    /// `[registry] push`
    pub push: Option<Push>,
    /// `[check]`
    pub check: CheckConfig,
    /// `[export]`
    pub export: ExportConfig,
    /// `[timeouts]`
    pub timeouts: StepLimits,
    /// `[[slo]]`, one for each aim.
    pub objectives: Vec<Objective>,
    /// `[[stage]]`
    pub stage_kinds: StageKinds,
    /// `[env.<name>]`
    pub environments: BTreeMap<Environment, EnvironmentConfig>,
}

/// What xtask.toml says of one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentConfig {
    /// `[env.<name>.variables]`
    pub variables: BTreeMap<Variable, Located>,
    /// `[env.<name>.steps]`
    pub steps: StepOverrides,
    /// `[env.<name>.timeouts]`
    pub timeouts: StepLimits,
}

/// Where the scripts lie, relative to the platform root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scripts {
    /// The bootstrap script of each version, `v1` to `v4`.
    pub bootstrap: [InnerPath; 4],
    /// Tears a cluster down.
    pub teardown: InnerPath,
    /// Restores secrets before the database is applied.
    pub rds_preflight: InnerPath,
    /// Looks at the secrets afterwards.
    pub secrets_check: InnerPath,
}

impl Default for Scripts {
    fn default() -> Self {
        let bootstrap = |suffix: &str| {
            inner(&format!("bootstrap/10_bootstrap/goldenpath-idp-bootstrap{suffix}.sh"))
        };
        Self {
            bootstrap: [bootstrap(""), bootstrap("-v2"), bootstrap("-v3"), bootstrap("-v4")],
            teardown: inner("bootstrap/60_tear_down_clean_up/goldenpath-idp-teardown-v4.sh"),
            rds_preflight: inner("scripts/rds_secrets_preflight.sh"),
            secrets_check: inner("scripts/preflight_secrets_check.sh"),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the texts are the literals above; every test that makes default scripts parses all of them"
)]
fn inner(literal: &str) -> InnerPath {
    literal.parse().expect("a literal inner path")
}

/// Commands that replace a step's own, for one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOverrides {
    /// Terraform's apply of the cluster.
    pub apply: Option<Argv>,
    /// The bootstrap script, of whatever version.
    pub bootstrap: Option<Argv>,
    /// Terraform's init of the database.
    pub rds_init: Option<Argv>,
    /// The secrets preflight.
    pub rds_preflight: Option<Argv>,
    /// Terraform's apply of the database.
    pub rds_apply: Option<Argv>,
    /// The provisioning of the database.
    pub rds_provision: Option<Argv>,
    /// All three commands of the verification.
    pub verify: Option<Argv>,
    /// The teardown script.
    pub teardown: Option<Argv>,
}

/// Why xtask.toml or epochs.toml is not what it should be: file, line, reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    reason: String,
}

impl ConfigError {
    /// The file as a whole cannot be used.
    #[must_use]
    pub fn of_file(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), line: None, reason: reason.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} line {line}: {}", shown(&self.path), self.reason),
            None => write!(f, "{}: {}", shown(&self.path), self.reason),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    ///
    /// On TOML that does not parse, an unknown key, and a value that is not valid; always with the
    /// line. Values of variables are checked when they are used, as those of the environment are.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let reader = Reader { text, path };
        let file: file::File = toml::from_str(text).map_err(|error| reader.toml_error(&error))?;
        let mut environments = BTreeMap::new();
        for (name, environment) in file.env {
            let parsed = EnvironmentConfig {
                variables: reader.variables(environment.variables)?,
                steps: reader.steps(environment.steps)?,
                timeouts: reader.timeouts(environment.timeouts)?,
            };
            environments.insert(reader.value(name)?, parsed);
        }
        Ok(Self {
            default_env: file.default_env.map(|value| reader.located(value)),
            platform_root: file.platform_root.map(|path| reader.value(path)).transpose()?,
            variables: reader.variables(file.variables)?,
            scripts: reader.scripts(file.scripts)?,
            branch: file.registry.branch.map(|name| reader.value(name)).transpose()?,
            remote: file.registry.remote.map(|name| reader.value(name)).transpose()?,
            push: file.registry.push.map(|policy| reader.value(policy)).transpose()?,
            check: reader.check(file.check)?,
            export: reader.export(file.export)?,
            timeouts: reader.timeouts(file.timeouts)?,
            objectives: reader.objectives(file.slo)?,
            stage_kinds: reader.stage_kinds(&file.stage)?,
            environments,
        })
    }
}

#[cfg(test)]
mod tests;
