//! What questions to the history work with, besides the question itself.

use std::num::NonZeroUsize;
use std::path::Path;

use timing_core::history::Epoch;
use timing_core::stats::Percent;
use timing_core::stats::gate::Thresholds;

use super::config::{CheckConfig, ConfigError, EPOCHS_NAME, Objective, parse_epochs};
use super::{EnvSnapshot, GateMode, RegistrySettings, SettingsError, find, read_text, resolve};
use crate::cli::CheckFlags;

/// What a repository says that its history is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimingsSettings {
    /// Where the registry is.
    pub registry: RegistrySettings,
    /// `[check]` of xtask.toml.
    pub check: CheckConfig,
    /// `[[slo]]` of xtask.toml.
    pub objectives: Vec<Objective>,
    /// epochs.toml.
    pub epochs: Vec<Epoch>,
}

/// The settings of this process for questions to the history.
///
/// # Errors
///
/// When the repository, its xtask.toml or its epochs.toml cannot be used, or a value is not valid.
pub fn load_timings(
    repo: Option<&Path>,
    environment: &EnvSnapshot,
    working_directory: &Path,
) -> Result<TimingsSettings, SettingsError> {
    let (root, config) = find(repo, working_directory)?;
    let epochs = read_epochs(&root)?;
    let registry = resolve::registry(environment, &config, root)?;
    Ok(TimingsSettings { registry, check: config.check, objectives: config.objectives, epochs })
}

fn read_epochs(root: &Path) -> Result<Vec<Epoch>, ConfigError> {
    let path = root.join(EPOCHS_NAME);
    match read_text(&path) {
        Ok(Some(text)) => parse_epochs(&text, &path),
        Ok(None) => Ok(Vec::new()),
        Err(error) => Err(ConfigError::of_file(&path, format!("cannot be read: {error}"))),
    }
}

/// How the regression gate judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckPolicy {
    /// When a run counts as a regression.
    pub thresholds: Thresholds,
    /// How many comparable runs the baseline has at most.
    pub baseline: NonZeroUsize,
    /// What a regression means for the exit code.
    pub mode: GateMode,
}

const fn runs(count: usize) -> NonZeroUsize {
    match NonZeroUsize::new(count) {
        Some(count) => count,
        None => NonZeroUsize::MIN,
    }
}

impl CheckPolicy {
    /// What holds when nobody says anything. 25 % is what the performance budget alarms at.
    pub const DEFAULT: Self = Self {
        thresholds: Thresholds {
            relative: Percent::whole(25),
            absolute_seconds: 5,
            minimum_samples: runs(5),
        },
        baseline: runs(20),
        mode: GateMode::Warn,
    };

    /// Flags win over the file, the file over the defaults.
    #[must_use]
    pub fn resolve(flags: &CheckFlags, config: &CheckConfig) -> Self {
        let Self { thresholds, baseline, mode } = Self::DEFAULT;
        let absolute = flags.absolute.or(config.absolute);
        Self {
            thresholds: Thresholds {
                relative: flags.relative.or(config.relative).unwrap_or(thresholds.relative),
                absolute_seconds: absolute
                    .map_or(thresholds.absolute_seconds, |span| span.seconds()),
                minimum_samples: flags
                    .minimum_samples
                    .or(config.minimum_samples)
                    .unwrap_or(thresholds.minimum_samples),
            },
            baseline: flags.baseline.or(config.baseline).unwrap_or(baseline),
            mode: flags.mode.or(config.mode).unwrap_or(mode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let (flags, config) = (CheckFlags::default(), CheckConfig::default());
        assert_eq!(CheckPolicy::resolve(&flags, &config), CheckPolicy::DEFAULT);
        let config = CheckConfig {
            relative: Some(Percent::whole(10)),
            absolute: Some(Span::of_seconds(1)),
            minimum_samples: NonZeroUsize::new(2),
            baseline: NonZeroUsize::new(3),
            mode: Some(GateMode::Off),
        };
        let of = |relative, absolute_seconds, minimum, baseline, mode| CheckPolicy {
            thresholds: Thresholds {
                relative: Percent::whole(relative),
                absolute_seconds,
                minimum_samples: NonZeroUsize::new(minimum).unwrap(),
            },
            baseline: NonZeroUsize::new(baseline).unwrap(),
            mode,
        };
        assert_eq!(CheckPolicy::resolve(&flags, &config), of(10, 1, 2, 3, GateMode::Off));
        let flags = CheckFlags {
            relative: Some(Percent::whole(20)),
            absolute: Some(Span::of_seconds(4)),
            minimum_samples: NonZeroUsize::new(5),
            baseline: NonZeroUsize::new(6),
            mode: Some(GateMode::Error),
        };
        assert_eq!(CheckPolicy::resolve(&flags, &config), of(20, 4, 5, 6, GateMode::Error));
    }
}
