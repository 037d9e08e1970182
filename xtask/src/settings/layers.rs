//! Who wins: command line, then environment, then xtask.toml, then the default.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use timing_core::record::Environment;

use super::config::{Config, Located};
use super::error::SettingsError;
use super::source::{EnvSnapshot, Source};
use super::table::Fallback;
use super::variable::{Variable, nearest_key};
use super::{Given, RawArgs};

/// The layers that a value is looked for in.
pub(super) struct Layers<'a> {
    given: BTreeMap<Variable, Located>,
    environment: &'a EnvSnapshot,
    config: &'a Config,
}

impl<'a> Layers<'a> {
    pub(super) fn new(
        raw: &RawArgs,
        environment: &'a EnvSnapshot,
        config: &'a Config,
    ) -> Result<Self, SettingsError> {
        Ok(Self { given: command_line(raw)?, environment, config })
    }

    /// What the command line gives.
    pub(super) fn given(&self) -> BTreeMap<Variable, String> {
        self.given.iter().map(|(variable, located)| (*variable, located.text.clone())).collect()
    }

    /// What the command line or the environment gives.
    pub(super) fn said(&self) -> BTreeMap<Variable, String> {
        let said = |variable| Some((variable, self.outside_the_file(variable).ok()??.text));
        Variable::ALL.into_iter().filter_map(said).collect()
    }

    /// `ENV`, which the file's part of the other lookups depends on.
    pub(super) fn env(&self) -> Result<Environment, SettingsError> {
        match self.outside_the_file(Variable::Env)?.or_else(|| self.config.default_env.clone()) {
            Some(found) => parse(Variable::Env.key(), found),
            None => self.fallback(Variable::Env, "dev".to_owned()),
        }
    }

    /// The value of `variable` in `env` as somebody set it.
    pub(super) fn find(
        &self,
        variable: Variable,
        env: &Environment,
    ) -> Result<Option<Located>, SettingsError> {
        let in_file = || {
            let own = self.config.environments.get(env);
            own.and_then(|own| own.variables.get(&variable))
                .or_else(|| self.config.variables.get(&variable))
                .cloned()
        };
        Ok(self.outside_the_file(variable)?.or_else(in_file))
    }

    /// The value of `variable` in `env`; `derived` is the default of one that has no fixed one.
    pub(super) fn parse<T>(
        &self,
        variable: Variable,
        env: &Environment,
        derived: impl FnOnce() -> String,
    ) -> Result<T, SettingsError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        match self.find(variable, env)? {
            Some(found) => parse(variable.key(), found),
            None => self.fallback(variable, derived()),
        }
    }

    fn fallback<T>(&self, variable: Variable, derived: String) -> Result<T, SettingsError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let text = match variable.spec().fallback {
            Fallback::Fixed(text) => text.to_owned(),
            Fallback::Derived(_) | Fallback::Unset => derived,
        };
        parse(variable.key(), Located { text, source: Source::Default })
    }

    fn outside_the_file(&self, variable: Variable) -> Result<Option<Located>, SettingsError> {
        match self.given.get(&variable) {
            Some(given) => Ok(Some(given.clone())),
            None => from_environment(self.environment, variable.key()),
        }
    }
}

/// The value of the environment variable `key`.
pub(super) fn from_environment(
    environment: &EnvSnapshot,
    key: &'static str,
) -> Result<Option<Located>, SettingsError> {
    let Some(value) = environment.get(key) else { return Ok(None) };
    let source = Source::Environment(key);
    match value.to_str() {
        Some(text) => Ok(Some(Located { text: text.to_owned(), source })),
        None => Err(SettingsError::Invalid {
            key,
            source,
            // Debug escapes line ends, control characters and what is no text.
            reason: format!("{value:?} is not UTF-8"),
        }),
    }
}

/// Parses what was found for `key`.
pub(super) fn parse<T>(key: &'static str, found: Located) -> Result<T, SettingsError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    if found.text.is_empty() {
        return Err(SettingsError::Empty { key, source: found.source });
    }
    found.text.parse().map_err(|reason: T::Err| SettingsError::Invalid {
        key,
        source: found.source,
        reason: reason.to_string(),
    })
}

/// The variables that the command line gives. The same value twice is no contradiction.
fn command_line(raw: &RawArgs) -> Result<BTreeMap<Variable, Located>, SettingsError> {
    let mut given: BTreeMap<Variable, Located> = BTreeMap::new();
    for value in &raw.given {
        let (variable, located) = match value {
            Given::Flag(variable, text) => {
                (*variable, Located { text: text.clone(), source: Source::Flag(*variable) })
            }
            Given::Assignment(argument) => assignment(argument)?,
        };
        let text = located.text.clone();
        if let Some(earlier) = given.insert(variable, located)
            && earlier.text != text
        {
            return Err(SettingsError::Conflict { variable, values: [earlier.text, text] });
        }
    }
    Ok(given)
}

fn assignment(argument: &str) -> Result<(Variable, Located), SettingsError> {
    let Some((key, text)) = argument.split_once('=') else {
        return Err(SettingsError::NotAssignment { argument: argument.to_owned() });
    };
    let variable = Variable::from_key(key).ok_or_else(|| SettingsError::UnknownKey {
        key: key.to_owned(),
        nearest: nearest_key(key),
    })?;
    Ok((variable, Located { text: text.to_owned(), source: Source::Argument(variable) }))
}
