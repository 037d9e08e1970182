//! What a report is made with, besides what it is asked to be of.

use std::path::{Path, PathBuf};

use super::budget::BUDGETS_NAME;
use super::{EnvSnapshot, Pipeline, SettingsError, TimingsSettings, find, load_timings};

/// What a report is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSettings {
    /// What the history is judged by.
    pub timings: TimingsSettings,
    /// Where `budgets.toml` would be: the platform's root.
    pub platform: PathBuf,
    /// The same file as messages name it, relative to the repository.
    pub budgets: PathBuf,
    /// `default_env` of xtask.toml, unchecked.
    pub default_environment: Option<String>,
    /// Which run of a pipeline makes it.
    pub pipeline: Pipeline,
    /// Where `--out` is relative to.
    pub working_directory: PathBuf,
}

/// The settings of this process for `report`.
///
/// # Errors
///
/// When the repository, its xtask.toml or its epochs.toml cannot be used, or a value is not valid.
pub fn load_report(
    repo: Option<&Path>,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<ReportSettings, SettingsError> {
    let (root, config) = find(repo, working_directory)?;
    let inner = config.platform_root.as_ref().map(|inner| inner.to_string());
    let inner = PathBuf::from(inner.unwrap_or_default());
    Ok(ReportSettings {
        timings: load_timings(repo, environment, working_directory)?,
        platform: root.join(&inner),
        budgets: inner.join(BUDGETS_NAME),
        default_environment: config.default_env.map(|located| located.text),
        pipeline: Pipeline::of(environment),
        working_directory: working_directory.to_path_buf(),
    })
}
