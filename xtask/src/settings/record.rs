//! What `record` works with: what was said of the phase, and where the rest is to be read.

use std::path::{Path, PathBuf};

use timing_core::clock::UtcStamp;
use timing_core::record::{BuildId, Environment, ExitCode, Phase, mask_arguments};

use super::exec::{NO_BUILD, argument};
use super::layers::Layers;
use super::{
    Config, EnvSnapshot, Exports, Given, RawArgs, RegistrySettings, SettingsError, Span, Variable,
    find, resolve,
};
use crate::cli::RecordArgs;

/// A phase that ended elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSettings {
    /// Where its row goes.
    pub registry: RegistrySettings,
    /// Where it is told of beside that.
    pub exports: Exports,
    /// Its environment.
    pub environment: Environment,
    /// The phase.
    pub phase: Phase,
    /// Its build.
    pub build_id: BuildId,
    /// When it started.
    pub start: Option<UtcStamp>,
    /// When it was over.
    pub end: Option<End>,
    /// How it ended.
    pub exit_code: Option<ExitCode>,
    /// Resources added, changed and destroyed.
    pub counts: [Option<u64>; 3],
    /// What says the rest.
    pub log: LogChoice,
    /// Where its workflow is shown, without user info.
    pub workflow_url: Option<String>,
}

/// The end of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At this time.
    At(UtcStamp),
    /// So many seconds after its start.
    After(u64),
}

/// What says what was not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogChoice {
    /// Nothing.
    None,
    /// This file.
    File(PathBuf),
    /// The newest log of the phase and the build.
    Newest,
}

/// The settings of this process for a phase that someone else timed.
///
/// # Errors
///
/// When a value is not valid, or the repository or its xtask.toml cannot be used.
pub fn load_record(
    args: &RecordArgs,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<RecordSettings, SettingsError> {
    let (root, config) = find(args.repo.as_deref(), working_directory)?;
    let (env, build_id, phase, log) = match args.of_log.as_slice() {
        [env, build_id, phase] => {
            (Some(env), Some(build_id.as_str()), Some(phase.as_str()), LogChoice::Newest)
        }
        _ => {
            let log = args.log.as_ref().map(|log| LogChoice::File(working_directory.join(log)));
            let (build_id, phase) = (args.build_id.as_deref(), args.phase.as_deref());
            (args.environment.as_ref(), build_id, phase, log.unwrap_or(LogChoice::None))
        }
    };
    let url = args.workflow_url.as_ref().map(|url| mask_arguments(&[url]).concat());
    Ok(RecordSettings {
        environment: environment_of(env, environment, &config)?,
        exports: Exports::resolve(&config.export, environment, &root),
        registry: resolve::registry(environment, &config, root)?,
        phase: argument("--phase", phase.unwrap_or_default())?,
        build_id: argument("--build-id", build_id.unwrap_or(NO_BUILD))?,
        start: args.start.as_deref().map(|text| time("--start", text)).transpose()?,
        end: end(args)?,
        exit_code: args.exit_code.map(ExitCode),
        counts: [args.added, args.changed, args.destroyed],
        log,
        workflow_url: url,
    })
}

fn environment_of(
    given: Option<&String>,
    environment: &EnvSnapshot,
    config: &Config,
) -> Result<Environment, SettingsError> {
    let given = given.map(|text| Given::Flag(Variable::Env, text.clone()));
    let raw = RawArgs { given: given.into_iter().collect(), ..RawArgs::default() };
    Layers::new(&raw, environment, config)?.env()
}

fn end(args: &RecordArgs) -> Result<Option<End>, SettingsError> {
    if let Some(text) = &args.end {
        return time("--end", text).map(|end| Some(End::At(end)));
    }
    let span = args.duration.as_deref().map(|text| argument::<Span>("--duration", text));
    Ok(span.transpose()?.map(|span| End::After(span.seconds())))
}

fn time(name: &'static str, text: &str) -> Result<UtcStamp, SettingsError> {
    UtcStamp::from_rfc3339(text).ok_or_else(|| SettingsError::Argument {
        name,
        reason: format!("{text:?} is no time as RFC 3339 writes it: 2026-01-24T14:43:27Z"),
    })
}
