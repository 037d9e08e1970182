//! Where a value came from, and the environment as it was when the program started.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use timing_core::shown::shown;

use super::variable::Variable;

/// Where a value came from, named so that the person who set it finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `--env dev`
    Flag(Variable),
    /// `ENV=dev` on the command line.
    Argument(Variable),
    /// An environment variable.
    Environment(&'static str),
    /// A settings or tfvars file and the line in it, counted from 1.
    File(PathBuf, usize),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(variable) => write!(f, "flag --{}", variable.spec().flag),
            Self::Argument(variable) => write!(f, "argument {}=…", variable.key()),
            Self::Environment(key) => write!(f, "environment variable {key}"),
            Self::File(path, line) => write!(f, "{} line {line}", shown(path)),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The environment variables as they were when the program started. Nothing downstream of the
/// settings asks for them again.
///
/// No `Debug`: it may hold secrets.
#[derive(Clone, Default)]
pub struct EnvSnapshot(BTreeMap<OsString, OsString>);

impl EnvSnapshot {
    /// The process's own.
    #[must_use]
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(key)).map(OsString::as_os_str)
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for EnvSnapshot {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
