//! What is booted, and how one sees that it is ready.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use regex_lite::Regex;

use crate::budget::probe::Unknown;

/// Most boots of one measurement.
pub const MOST_BOOTS: usize = 200;
/// Longest time that any setting may take.
const LONGEST: Duration = Duration::from_secs(3600);

/// What is measured, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The program and its arguments. Nothing in it is interpreted by a shell.
    pub command: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Its whole environment; nothing is inherited beside it.
    pub environment: Vec<(OsString, OsString)>,
    /// A pattern in a line of its output (stdout or stderr) that says it is ready; a group
    /// `address` in it names the address that it listens on.
    pub ready_line: Option<String>,
    /// An endpoint that answers with 2xx once it is ready; `{address}` stands for what the line said.
    pub ready_url: Option<String>,
    /// A pattern in lines that say what a part took: a group `name`, and one of `s`, `ms`, `us`.
    pub component_line: Option<String>,
    /// When a boot is given up.
    pub timeout: Duration,
    /// How often it is booted.
    pub repeat: usize,
    /// From ready to the reading of memory.
    pub settle: Duration,
}

/// A switch of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// What it is called in a report.
    pub name: String,
    /// Variables that turn it on; they replace those of the settings.
    pub environment: Vec<(OsString, OsString)>,
}

/// Settings that can be measured with.
#[derive(Debug)]
pub(super) struct Checked<'a> {
    pub(super) settings: &'a Settings,
    pub(super) program: &'a str,
    pub(super) arguments: &'a [String],
    pub(super) ready_line: Option<Regex>,
    pub(super) component_line: Option<Regex>,
}

impl Settings {
    /// Three boots of a minute at most; how one sees that it is ready has to be said.
    #[must_use]
    pub fn new(
        command: Vec<String>,
        directory: PathBuf,
        environment: Vec<(OsString, OsString)>,
    ) -> Self {
        Self {
            command,
            directory,
            environment,
            ready_line: None,
            ready_url: None,
            component_line: None,
            timeout: Duration::from_secs(60),
            repeat: 3,
            settle: Duration::from_millis(100),
        }
    }

    /// Whether these can be measured with in `variants` of the environment.
    pub(super) fn check(&self, variants: usize) -> Result<Checked<'_>, Unknown> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(Unknown::because("booting: there is no command"));
        };
        let refuse = |why: String| Err(Unknown::because(format!("booting {program}: {why}")));
        if self.repeat == 0 || self.repeat.saturating_mul(variants) > MOST_BOOTS {
            return refuse(format!("from 1 to {MOST_BOOTS} boots can be measured"));
        }
        if self.timeout.is_zero() || self.timeout > LONGEST || self.settle > LONGEST {
            return refuse("a time-out is above 0 s, and no time over an hour".to_owned());
        }
        let pattern = |text: &Option<String>| text.as_deref().map(Regex::new).transpose();
        let (ready_line, component_line) =
            match (pattern(&self.ready_line), pattern(&self.component_line)) {
                (Ok(ready), Ok(component)) => (ready, component),
                (Err(error), _) | (_, Err(error)) => return refuse(format!("pattern: {error}")),
            };
        let has = |pattern: &Regex, group| pattern.capture_names().flatten().any(|n| n == group);
        if component_line.as_ref().is_some_and(|pattern| {
            !has(pattern, "name") || !["s", "ms", "us"].iter().any(|unit| has(pattern, unit))
        }) {
            return refuse(
                "component_line has groups `name` and one of `s`, `ms`, `us`".to_owned(),
            );
        }
        let told = ready_line.as_ref().is_some_and(|pattern| has(pattern, "address"));
        match &self.ready_url {
            None if ready_line.is_none() => {
                return refuse("ready_line or ready_url says when it is ready".to_owned());
            }
            Some(url) if url.contains("{address}") && !told => {
                return refuse("the {address} of ready_url is a group of ready_line".to_owned());
            }
            _ => {}
        }
        Ok(Checked { settings: self, program, arguments, ready_line, component_line })
    }
}

impl Checked<'_> {
    pub(super) fn unknown(&self, why: &str) -> Unknown {
        Unknown::because(format!("booting {}: {why}", self.program))
    }

    /// The environment with the variables of the flags that are on.
    pub(super) fn environment(&self, on: &[&Flag]) -> Vec<(OsString, OsString)> {
        let added: Vec<_> = on.iter().flat_map(|flag| flag.environment.iter().cloned()).collect();
        let kept = self.settings.environment.iter();
        let kept = kept.filter(|(name, _)| added.iter().all(|(other, _)| other != name)).cloned();
        kept.chain(added.clone()).collect()
    }
}
