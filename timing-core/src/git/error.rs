//! How a call of git can fail. Every text is one line.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::time::Duration;

/// A call of git that did not do what it was made for.
#[derive(Debug)]
pub enum GitError {
    /// There is no such program.
    Missing {
        /// What was to be done.
        doing: &'static str,
        /// The program that was looked for.
        program: OsString,
    },
    /// The system would not start it or talk to it.
    Io {
        /// What was to be done.
        doing: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// It said no.
    Failed {
        /// What was to be done.
        doing: &'static str,
        /// Its exit code; `None` when it died of a signal.
        code: Option<i32>,
        /// The first lines of what it said, joined to one.
        said: String,
    },
    /// It did not end in time and was killed with all that it had started.
    TimedOut {
        /// What was to be done.
        doing: &'static str,
        /// How long it was given.
        after: Duration,
    },
    /// A reference that is to be written stands for another one.
    Symbolic {
        /// What was to be done.
        doing: &'static str,
        /// The reference, in full.
        name: String,
        /// What it stands for, in full.
        target: String,
    },
    /// It ended well and said something that it cannot have meant.
    Unexpected {
        /// What was to be done.
        doing: &'static str,
        /// What is wrong with the answer.
        detail: String,
    },
}

impl GitError {
    /// An answer that makes no sense.
    pub(crate) fn unexpected(doing: &'static str, detail: impl Into<String>) -> Self {
        Self::Unexpected { doing, detail: detail.into() }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { doing, program } => {
                write!(f, "{doing}: there is no program {program:?}; is git installed and on PATH?")
            }
            Self::Io { doing, source } => write!(f, "{doing}: cannot run git: {source}"),
            Self::Failed { doing, code: Some(code), said } => {
                write!(f, "{doing}: git failed with {code}: {said}")
            }
            Self::Failed { doing, code: None, said } => {
                write!(f, "{doing}: git was killed: {said}")
            }
            Self::TimedOut { doing, after } => {
                write!(f, "{doing}: git did not end within {after:?} and was stopped")
            }
            Self::Symbolic { doing, name, target } => write!(
                f,
                "{doing}: {name} is a symbolic reference to {target}, which must not move with it; \
                 remove it with `git symbolic-ref --delete {name}`, or set registry.branch to the \
                 branch that is meant"
            ),
            Self::Unexpected { doing, detail } => {
                write!(f, "{doing}: git answered in a way that makes no sense: {detail}")
            }
        }
    }
}

impl std::error::Error for GitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The first lines of what git said, joined to one short line.
pub(super) fn first_lines(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).take(3).collect();
    let joined: String = mask_user_info(&lines.join("; "))
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(400)
        .collect();
    if joined.is_empty() { "it did not say why".to_owned() } else { joined }
}

/// The text with the user and password of each URL in it hidden.
pub(crate) fn mask_user_info(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        masked.push_str(before);
        masked.push_str("://");
        let ends = |c: char| c == '/' || c.is_whitespace() || matches!(c, '\'' | '"');
        let authority = after.find(ends).unwrap_or(after.len());
        rest = match after[..authority].rfind('@') {
            Some(at) => {
                masked.push_str("***");
                &after[at..]
            }
            None => after,
        };
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_url_is_shown() {
        let text = "cannot reach 'https://me:se@cret@example.org/a@b' nor ssh://git@host: no://x";
        assert_eq!(
            mask_user_info(text),
            "cannot reach 'https://***@example.org/a@b' nor ssh://***@host: no://x"
        );
    }
}
