//! What the commands about budgets work with, besides the command itself.

use std::io;
use std::path::{Path, PathBuf};

use timing_core::budget::Budgets;
use timing_core::record::Environment;

use super::only::Only;
use super::{BUDGETS_NAME, no_phase, parse_budgets};
use crate::cli::BudgetArgs;
use crate::settings::config::{Config, ConfigError};
use crate::settings::{
    EnvSnapshot, RawArgs, Recordings, RegistrySettings, SettingsError, find, read_text, resolve,
};

/// A budget file, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetSettings {
    /// The file, relative to the repository when it lies there: so others can find it too.
    pub path: PathBuf,
    /// The same, to be opened.
    pub file: PathBuf,
    /// What it says, with the phase that was asked for as the active one.
    pub budgets: Budgets,
    /// For which environment.
    pub environment: Environment,
    /// Where measurements are, if that was said; otherwise on the registry.
    pub measurements: Option<PathBuf>,
    /// The registry of the repository.
    pub registry: RegistrySettings,
    /// Where relative paths of sources begin, absolute.
    pub directory: PathBuf,
    /// Of which metrics.
    pub only: Only,
    /// Whether what is measured is recorded where nobody says otherwise.
    pub recordings: Recordings,
}

/// The settings of this process for the commands about budgets.
///
/// # Errors
///
/// When the repository, its xtask.toml or the budget file cannot be used, or a value is not valid.
pub fn load_budget(
    args: &BudgetArgs,
    variables: &EnvSnapshot,
    working_directory: &Path,
) -> Result<BudgetSettings, SettingsError> {
    let (root, config) = find(args.repo.as_deref(), working_directory)?;
    let platform = config.platform_root.as_ref().map(|inner| root.join(inner));
    let directory = platform.unwrap_or_else(|| root.clone());
    let path = match &args.file {
        Some(file) => working_directory.join(file),
        None => directory.join(BUDGETS_NAME),
    };
    let budgets = parse_budgets(&text_of(&path)?, &path)?;
    let only = Only::new(&args.only, &budgets.metrics).map_err(|pattern| {
        let reason = format!(
            "{pattern:?} is the name of no metric; `cargo xtask budget list` shows them, and * stands \
             for anything"
        );
        SettingsError::Argument { name: "--only", reason }
    })?;
    Ok(BudgetSettings {
        directory,
        only,
        recordings: resolve::recordings(&RawArgs::default(), variables)?,
        budgets: in_phase(budgets, args.phase.as_deref())?,
        environment: environment(args, variables, &config)?,
        measurements: args.measurements.as_ref().map(|file| working_directory.join(file)),
        registry: resolve::registry(variables, &config, root.clone())?,
        path: path.strip_prefix(&root).map_or_else(|_| path.clone(), Path::to_path_buf),
        file: path,
    })
}

/// What the budget file in `directory` says; `None` where there is none.
///
/// # Errors
///
/// When the file cannot be read, or used.
pub fn budgets_beside(directory: &Path) -> Result<Option<Budgets>, SettingsError> {
    let path = directory.join(BUDGETS_NAME);
    match std::fs::metadata(&path) {
        // One that is no file, a pipe say, could be waited for without an end.
        Ok(found) if found.is_file() => Ok(Some(parse_budgets(&text_of(&path)?, &path)?)),
        Ok(_) => Err(ConfigError::of_file(&path, "is no file").into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::of_file(&path, format!("cannot be read: {error}")).into()),
    }
}

fn text_of(path: &Path) -> Result<String, ConfigError> {
    match read_text(path) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(ConfigError::of_file(
            path,
            "there is no budget file: write one, or name it with --file",
        )),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(ConfigError::of_file(path, "is not UTF-8"))
        }
        Err(error) => Err(ConfigError::of_file(path, format!("cannot be read: {error}"))),
    }
}

fn in_phase(mut budgets: Budgets, phase: Option<&str>) -> Result<Budgets, SettingsError> {
    if let Some(name) = phase {
        let known = budgets.rollout.phases().iter().map(|phase| phase.name.as_str());
        let index = budgets.rollout.find(name).ok_or_else(|| SettingsError::Argument {
            name: "--phase",
            reason: no_phase(name, &known.collect::<Vec<_>>()),
        })?;
        budgets.rollout = budgets.rollout.with_active(index);
    }
    Ok(budgets)
}

fn environment(
    args: &BudgetArgs,
    variables: &EnvSnapshot,
    config: &Config,
) -> Result<Environment, SettingsError> {
    let of_process = || variables.get("ENV").map(|value| value.to_string_lossy().into_owned());
    let of_file = || config.default_env.as_ref().map(|located| located.text.clone());
    let name = args.environment.clone().or_else(of_process).or_else(of_file);
    name.as_deref()
        .unwrap_or("dev")
        .parse()
        .map_err(|error| SettingsError::Argument { name: "--env", reason: format!("{error}") })
}
