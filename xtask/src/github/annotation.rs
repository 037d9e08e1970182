//! Workflow commands that the runner shows beside a run.
//!
//! Format: "Workflow commands for GitHub Actions" in GitHub's documentation. A command is a line of
//! its own in a step's stdout or stderr; the runner keeps ten of each level in a step.

use std::fmt;

use crate::settings::WorkflowCommands;
use crate::ui::report::harmless;

/// How many annotations of a level the runner keeps of a step.
const MOST: usize = 10;

/// The runner cuts long ones; so long a message is read by nobody.
const LONGEST: usize = 2000;

/// How much an annotation matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something failed, and the run did not.
    Warning,
    /// The run failed of it.
    Error,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One workflow command, as it is written: without the end of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// How much it matters.
    pub level: Level,
    /// What it is about.
    pub title: &'a str,
    /// What there is to say; line ends are kept.
    pub message: &'a str,
}

impl fmt::Display for Annotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, title, message } = self;
        let lines: Vec<_> = cut(message).split('\n').map(harmless).collect();
        let (title, message) = (property(&harmless(title)), data(&lines.join("\n")));
        write!(f, "::{} title={title}::{message}", level.word())
    }
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}

/// What the runner takes for itself in a message.
#[must_use]
pub fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same in a property, which ends at a comma or a colon too.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Whether workflow commands are read here, and how many more will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotations {
    warnings: usize,
    errors: usize,
}

impl Annotations {
    /// None are wanted.
    pub const NONE: Self = Self { warnings: 0, errors: 0 };

    /// As many as are read here.
    #[must_use]
    pub fn of(commands: WorkflowCommands) -> Self {
        match commands {
            WorkflowCommands::Read => Self { warnings: MOST, errors: MOST },
            WorkflowCommands::Unread => Self::NONE,
        }
    }

    /// Whether one more of `level` is of use; it is counted.
    pub fn take(&mut self, level: Level) -> bool {
        let left = match level {
            Level::Warning => &mut self.warnings,
            Level::Error => &mut self.errors,
        };
        let is_of_use = *left > 0;
        *left = left.saturating_sub(1);
        is_of_use
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(title: &str, message: &str) -> String {
        Annotation { level: Level::Warning, title, message }.to_string()
    }

    #[test]
    fn what_the_runner_takes_for_itself_is_escaped() {
        insta::assert_snapshot!(shown("a, b: 5%", "100 %, :: ok\r\nnext::error::no"), @"::warning title=a%2C b%3A 5%25::100 %25, :: ok\\u{d}%0Anext::error::no");
    }

    #[test]
    fn one_is_one_line_whatever_it_says() {
        for end in ["\n", "\r", "\r\n", "\u{85}", "\u{b}"] {
            let said = shown(&format!("a{end}b"), &format!("c{end}d"));
            assert_eq!(said.lines().count(), 1, "{said:?}");
            assert!(!said.contains(end), "{said:?}");
        }
        assert!(shown("a", &"é".repeat(5000)).chars().count() < 2100);
    }

    #[test]
    fn ten_of_each_level_and_none_where_nobody_reads_them() {
        let mut on = Annotations::of(WorkflowCommands::Read);
        let warnings = (0..12).filter(|_| on.take(Level::Warning)).count();
        let errors = (0..12).filter(|_| on.take(Level::Error)).count();
        assert_eq!((warnings, errors), (10, 10));
        assert!(!Annotations::of(WorkflowCommands::Unread).take(Level::Error));
    }
}
