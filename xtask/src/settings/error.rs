//! What can be wrong with what was asked for. Each is one line, for the person who asked.

use std::fmt;
use std::path::PathBuf;

use timing_core::shown::shown;

use super::config::ConfigError;
use super::repository::RepositoryError;
use super::source::Source;
use super::variable::Variable;

/// Why the settings could not be resolved. Nothing has run.
#[derive(Debug)]
pub enum SettingsError {
    /// The value breaks the rule of its variable.
    Invalid {
        /// The variable's key.
        key: &'static str,
        /// Who set it.
        source: Source,
        /// The rule.
        reason: String,
    },
    /// The value is empty.
    Empty {
        /// The variable's key.
        key: &'static str,
        /// Who set it.
        source: Source,
    },
    /// The command line gives two values.
    Conflict {
        /// The variable given twice.
        variable: Variable,
        /// The values, in the order given.
        values: [String; 2],
    },
    /// `KEY=VALUE` with a key that is none.
    UnknownKey {
        /// The key as typed.
        key: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// An argument that is not `KEY=VALUE`.
    NotAssignment {
        /// As typed.
        argument: String,
    },
    /// An argument of a command that is no variable.
    Argument {
        /// Its name.
        name: &'static str,
        /// The rule that it breaks.
        reason: String,
    },
    /// xtask.toml.
    Config(ConfigError),
    /// `--repo`.
    Repository(RepositoryError),
    /// The tfvars file cannot be read or understood.
    Tfvars {
        /// The file.
        path: PathBuf,
        /// Where in it.
        line: Option<usize>,
        /// Why.
        reason: String,
    },
    /// `platform_root` is not a directory inside the repository.
    PlatformRoot {
        /// Where it would be.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { key, source, reason } => write!(f, "{key} ({source}): {reason}"),
            Self::Empty { key, source } => {
                write!(
                    f,
                    "{key} ({source}) is empty: give it a value, or leave it out for the default"
                )
            }
            Self::Conflict { variable, values: [first, second] } => write!(
                f,
                "{} is given twice on the command line, {first:?} and {second:?}: give it once",
                variable.key()
            ),
            Self::UnknownKey { key, nearest: Some(nearest) } => {
                write!(f, "unknown variable {key:?}; did you mean {nearest}?")
            }
            Self::UnknownKey { key, nearest: None } => {
                write!(
                    f,
                    "unknown variable {key:?}; `cargo xtask deploy-persistent --help` lists them"
                )
            }
            Self::NotAssignment { argument } => {
                write!(
                    f,
                    "unexpected argument {argument:?}: give variables as KEY=VALUE or --flag VALUE"
                )
            }
            Self::Argument { name, reason } => write!(f, "{name}: {reason}"),
            Self::Config(error) => error.fmt(f),
            Self::Repository(error) => error.fmt(f),
            Self::Tfvars { path, line, reason } => {
                write!(f, "the cluster's name cannot be read from {}", shown(path))?;
                if let Some(line) = line {
                    write!(f, " line {line}")?;
                }
                write!(f, ": {reason}; correct the file or pass PERSISTENT_CLUSTER=<name>")
            }
            Self::PlatformRoot { path, reason } => {
                write!(f, "platform_root in xtask.toml, {}, {reason}", shown(path))
            }
        }
    }
}

impl std::error::Error for SettingsError {}

impl From<ConfigError> for SettingsError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<RepositoryError> for SettingsError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}
