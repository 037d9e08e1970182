//! From the shape that serde read to checked values, with the line of whatever is wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use toml::Spanned;

use super::{ConfigError, Located, Scripts, StepOverrides, file};
use crate::settings::nearest::nearest;
use crate::settings::source::Source;
use crate::settings::table::InFile;
use crate::settings::tfvars::line_of;
use crate::settings::values::{Argv, InnerPath};
use crate::settings::variable::{Variable, nearest_key};

/// The text being read, which turns spans into lines.
pub(in crate::settings) struct Reader<'a> {
    pub(in crate::settings) text: &'a str,
    pub(in crate::settings) path: &'a Path,
}

impl Reader<'_> {
    pub(super) fn error<T>(&self, at: &Spanned<T>, reason: impl Into<String>) -> ConfigError {
        self.error_at(at.span().start, reason.into())
    }

    pub(in crate::settings) fn error_at(&self, offset: usize, reason: String) -> ConfigError {
        ConfigError {
            path: self.path.to_path_buf(),
            line: Some(line_of(self.text, offset)),
            reason,
        }
    }

    pub(in crate::settings) fn toml_error(&self, error: &toml::de::Error) -> ConfigError {
        let message = in_plain_words(error.message());
        let reason = match unknown_field(&message) {
            Some((key, known)) => unknown_key(key, nearest(key, known.iter().copied()), &known),
            None if message.ends_with("expected a string") => {
                format!("{message}: put the value between double quotes")
            }
            None if message == "invalid type: map, expected a sequence" => {
                "there may be several of these: put the name between double brackets, [[…]]"
                    .to_owned()
            }
            None if message.ends_with("expected a sequence") => {
                format!("{message}: give the command as a list, [\"bash\", \"script.sh\"]")
            }
            None => message,
        };
        self.error_at(error.span().map_or(0, |span| span.start), reason)
    }

    pub(super) fn located(&self, value: Spanned<String>) -> Located {
        let line = line_of(self.text, value.span().start);
        Located { text: value.into_inner(), source: Source::File(self.path.to_path_buf(), line) }
    }

    pub(super) fn value<T>(&self, value: Spanned<String>) -> Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.parsed(&value)
    }

    /// The same, of a text whose place is still needed.
    pub(super) fn parsed<T>(&self, value: &Spanned<String>) -> Result<T, ConfigError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        value.get_ref().parse().map_err(|reason: T::Err| self.error(value, reason.to_string()))
    }

    pub(super) fn variables(
        &self,
        file: file::Variables,
    ) -> Result<BTreeMap<Variable, Located>, ConfigError> {
        let mut variables = BTreeMap::new();
        for (key, value) in file {
            let name = key.get_ref();
            let variable = Variable::from_key(name)
                .ok_or_else(|| self.error(&key, unknown_key(name, nearest_key(name), &[])))?;
            if let InFile::Refused(instead) = variable.spec().in_file {
                return Err(self.error(&key, format!("{name} cannot be set here: {instead}")));
            }
            variables.insert(variable, self.located(value));
        }
        Ok(variables)
    }

    pub(super) fn scripts(&self, file: file::Scripts) -> Result<Scripts, ConfigError> {
        let or = |given: Option<Spanned<String>>, default: InnerPath| match given {
            Some(path) => self.value(path),
            None => Ok(default),
        };
        let Scripts { bootstrap: [v1, v2, v3, v4], teardown, rds_preflight, secrets_check } =
            Scripts::default();
        Ok(Scripts {
            bootstrap: [
                or(file.bootstrap_v1, v1)?,
                or(file.bootstrap_v2, v2)?,
                or(file.bootstrap_v3, v3)?,
                or(file.bootstrap_v4, v4)?,
            ],
            teardown: or(file.teardown, teardown)?,
            rds_preflight: or(file.rds_preflight, rds_preflight)?,
            secrets_check: or(file.secrets_check, secrets_check)?,
        })
    }

    pub(super) fn steps(&self, file: file::Steps) -> Result<StepOverrides, ConfigError> {
        let argv = |words: Option<Spanned<Vec<String>>>| {
            words
                .map(|words| {
                    Argv::from_words(words.get_ref().clone())
                        .map_err(|reason| self.error(&words, reason))
                })
                .transpose()
        };
        Ok(StepOverrides {
            apply: argv(file.apply)?,
            bootstrap: argv(file.bootstrap)?,
            rds_init: argv(file.rds_init)?,
            rds_preflight: argv(file.rds_preflight)?,
            rds_apply: argv(file.rds_apply)?,
            rds_provision: argv(file.rds_provision)?,
            verify: argv(file.verify)?,
            teardown: argv(file.teardown)?,
        })
    }
}

/// A message of serde or toml on one line, without the names of Rust's types.
fn in_plain_words(message: &str) -> String {
    let message = message
        .replace('\n', ", ")
        .replace("a nonzero usize", "a whole number of at least 1")
        .replace("f64", "a number");
    match message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(key) => format!("{key} is missing, and it is required here"),
        None => message,
    }
}

/// The key and the known keys in serde's message on an unknown field, in which each stands between
/// backquotes. serde offers them in no other form.
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let quoted = message.strip_prefix("unknown field ")?;
    let mut words = quoted.split('`').skip(1).step_by(2);
    Some((words.next()?, words.collect()))
}

pub(in crate::settings) fn unknown_key(key: &str, nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(nearest) => format!("unknown key {key:?}; did you mean {nearest}?"),
        None if known.is_empty() => {
            format!("unknown key {key:?}; `cargo xtask deploy-persistent --help` lists them")
        }
        None => format!("unknown key {key:?}; known here: {}", known.join(", ")),
    }
}
