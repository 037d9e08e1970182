//! From what was typed, the environment and xtask.toml to settings.
//!
//! Pure but for one question: the text of the environment's tfvars file, which it asks through a
//! function that it is given.

use std::io;
use std::path::{Path, PathBuf};

use timing_core::record::{Environment, InvalidName};

use super::config::{Config, Located};
use super::exec::argument;
use super::layers::{Layers, from_environment, parse};
use super::{
    Cluster, Confirmation, EnvSnapshot, Exports, Place, Push, RawArgs, Recordings,
    RegistrySettings, Runner, Settings, SettingsError, Source, StepLimits, TimeLimit, Variable,
    tfvars,
};

/// Reads the text of a file; `None` when there is no such file.
pub type ReadText<'a> = &'a dyn Fn(&Path) -> io::Result<Option<String>>;

impl Settings {
    /// Everything from what was typed, the environment and what the repository says of itself.
    /// `read` is asked for the environment's tfvars file when nothing else names the cluster.
    ///
    /// # Errors
    ///
    /// When a value is missing, empty, contradictory or not valid; the error names who set it.
    pub fn resolve(
        raw: &RawArgs,
        environment: &EnvSnapshot,
        config: &Config,
        repository: PathBuf,
        read: ReadText<'_>,
    ) -> Result<Self, SettingsError> {
        let layers = Layers::new(raw, environment, config)?;
        let env = layers.env()?;
        let platform_root = match &config.platform_root {
            Some(inner) => repository.join(inner),
            None => repository.clone(),
        };
        let unset = String::new;
        let fixed = |variable| layers.parse(variable, &env, unset);
        let switch = |variable| layers.parse(variable, &env, unset);
        Ok(Self {
            region: layers.parse(Variable::Region, &env, unset)?,
            tf_bin: layers.parse(Variable::TfBin, &env, unset)?,
            tf_dir: layers.parse(Variable::TfDir, &env, || format!("envs/{env}"))?,
            tf_auto_approve: switch(Variable::TfAutoApprove)?,
            cluster: cluster(&layers, &env, &platform_root, read)?,
            bootstrap_version: layers.parse(Variable::BootstrapVersion, &env, unset)?,
            kong_namespace: layers.parse(Variable::KongNamespace, &env, unset)?,
            node_instance_type: layers.parse(Variable::NodeInstanceType, &env, unset)?,
            env_name: layers.parse(Variable::EnvName, &env, || env.to_string())?,
            skip_cert_manager_validation: fixed(Variable::SkipCertManagerValidation)?,
            skip_argo_sync_wait: fixed(Variable::SkipArgoSyncWait)?,
            scale_down_after_bootstrap: fixed(Variable::ScaleDownAfterBootstrap)?,
            create_rds: switch(Variable::CreateRds)?,
            restore_secrets: switch(Variable::RestoreSecrets)?,
            confirm_destroy: confirmation(layers.find(Variable::ConfirmDestroy, &env)?),
            cleanup_orphans: fixed(Variable::CleanupOrphans)?,
            compact_output: switch(Variable::CompactOutput)?,
            scripts: config.scripts.clone(),
            overrides: config.environments.get(&env).map(|e| e.steps.clone()).unwrap_or_default(),
            portion: raw.portion.clone(),
            timeout: timeout(raw.timeout.as_deref())?,
            limits: limits(config, &env),
            recordings: recordings(raw, environment)?,
            stage_kinds: config.stage_kinds.clone(),
            registry: registry(environment, config, repository.clone())?,
            exports: Exports::resolve(&config.export, environment, &repository),
            runner: Runner::of(environment),
            mode: raw.mode,
            given: layers.given(),
            said: layers.said(),
            invocation: raw.invocation.clone(),
            repo_argument: raw.repo.clone(),
            environment: env,
            repository,
            platform_root,
        })
    }
}

fn cluster(
    layers: &Layers<'_>,
    env: &Environment,
    platform_root: &Path,
    read: ReadText<'_>,
) -> Result<Cluster, SettingsError> {
    let variable = Variable::PersistentCluster;
    if let Some(found) = layers.find(variable, env)? {
        return parse(variable.key(), found);
    }
    let path = platform_root.join(format!("envs/{env}/terraform.tfvars"));
    let fault = |line, reason| SettingsError::Tfvars { path: path.clone(), line, reason };
    let text = read(&path).map_err(|error| fault(None, error.to_string()))?.unwrap_or_default();
    let found =
        tfvars::cluster_name(&text).map_err(|error| fault(Some(error.line), error.reason))?;
    match found {
        Some(name) => name
            .text
            .parse()
            .map_err(|reason: InvalidName| fault(Some(name.line), reason.to_string())),
        None => parse(
            variable.key(),
            Located { text: format!("goldenpath-{env}-eks"), source: Source::Default },
        ),
    }
}

/// Anything but a plain `yes` is no confirmation, and no error either: other targets do not care.
fn confirmation(found: Option<Located>) -> Confirmation {
    match found {
        None => Confirmation::Missing,
        Some(found) if found.text == "yes" => Confirmation::Given,
        Some(found) => Confirmation::Other(found.text),
    }
}

/// `--timeout`
pub(super) fn timeout(typed: Option<&str>) -> Result<Option<TimeLimit>, SettingsError> {
    typed.map(|text| argument("--timeout", text)).transpose()
}

/// What xtask.toml says of steps in `env`.
pub(super) fn limits(config: &Config, env: &Environment) -> StepLimits {
    let own = config.environments.get(env).map(|own| own.timeouts).unwrap_or_default();
    own.or(config.timeouts)
}

/// Whether logs and rows are kept.
pub(super) fn recordings(
    raw: &RawArgs,
    environment: &EnvSnapshot,
) -> Result<Recordings, SettingsError> {
    const KEY: &str = "XTASK_RECORD";
    if let Some(given) = raw.recordings {
        return Ok(given);
    }
    from_environment(environment, KEY)?.map_or(Ok(Recordings::On), |found| parse(KEY, found))
}

/// What the registry's settings are, whatever is deployed.
pub(super) fn registry(
    environment: &EnvSnapshot,
    config: &Config,
    repository: PathBuf,
) -> Result<RegistrySettings, SettingsError> {
    const BRANCH: &str = "GOVERNANCE_REGISTRY_BRANCH";
    const REMOTE: &str = "GOVERNANCE_REGISTRY_REMOTE";
    let default = |text: &str| Located { text: text.to_owned(), source: Source::Default };
    let branch = match (from_environment(environment, BRANCH)?, &config.branch) {
        (Some(found), _) => parse(BRANCH, found)?,
        (None, Some(configured)) => configured.clone(),
        (None, None) => parse(BRANCH, default("governance-registry"))?,
    };
    let remote = match (from_environment(environment, REMOTE)?, &config.remote) {
        (Some(found), _) => parse(REMOTE, found)?,
        (None, Some(configured)) => configured.clone(),
        (None, None) => parse(REMOTE, default("origin"))?,
    };
    let push = config.push.unwrap_or(Push::Ci);
    Ok(RegistrySettings { repository, branch, remote, push, place: place(environment) })
}

/// CI systems set `CI`, most of them to `true`.
fn place(environment: &EnvSnapshot) -> Place {
    match environment.get("CI").and_then(std::ffi::OsStr::to_str) {
        None | Some("" | "0" | "false") => Place::Workstation,
        Some(_) => Place::Ci,
    }
}
