//! What can be measured: answers over HTTP, memory and processor time of a process, the boot of a
//! command, manifests and images; and what a cluster, Prometheus and GitHub tell of what runs there.
//!
//! Plain settings in, figures or the reason why there are none out. A probe ends in bounded time and
//! memory whatever the other side does. This module must not know budgets, their file or their
//! verdicts.

pub mod boot;
pub mod command;
pub mod document;
mod figure;
pub mod github_run;
pub mod http;
pub mod image;
pub mod manifest;
pub mod process;
pub mod prometheus;
pub mod rollout;

use std::fmt;

pub use figure::Figure;

/// Why something could not be measured: one line in plain words, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    reason: String,
}

/// Longest reason, in characters: part of it comes from the other side.
const LONGEST_REASON: usize = 400;

impl Unknown {
    /// For the reason given; line ends and control characters in it are escaped.
    #[must_use]
    pub fn because(reason: impl fmt::Display) -> Self {
        let reason = reason.to_string();
        let mut line = String::new();
        for c in reason.chars().take(LONGEST_REASON) {
            if c.is_control() { line.extend(c.escape_debug()) } else { line.push(c) }
        }
        Self { reason: line }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Unknown {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_bounded_length() {
        let unknown = Unknown::because(format!("a\nb\u{1b}[31m{}", "x".repeat(1 << 20)));
        let text = unknown.to_string();
        assert!(text.starts_with("a\\nb\\u{1b}[31mx"), "{text}");
        assert!(text.len() < 500, "{}", text.len());
    }
}
