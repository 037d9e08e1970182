//! What an inbox is called.

use std::fmt;
use std::str::FromStr;

use crate::record::{InvalidName, RunId};

/// Below `refs/heads/`.
pub(super) const PREFIX: &str = "timing-inbox";

/// The longest part of a host's name that is kept.
const LONGEST: usize = 64;

/// The name of an inbox: `<host>-<run id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboxName(String);

impl InboxName {
    /// The inbox of `run` on `host`, of whose name every character but letters, digits and `-` is
    /// replaced by `-`.
    #[must_use]
    pub fn new(host: &str, run: &RunId) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let host: String = host.chars().map(plain).collect();
        let host = host.trim_matches('-');
        let host = host.get(..LONGEST).unwrap_or(host);
        let host = if host.is_empty() { "host" } else { host };
        Self(format!("{host}-{run}"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its branch, without `refs/heads/`.
    #[must_use]
    pub fn branch(&self) -> String {
        format!("{PREFIX}/{self}")
    }

    /// The inbox whose reference this is.
    pub(super) fn of_reference(reference: &str) -> Option<Self> {
        reference.strip_prefix("refs/heads/")?.strip_prefix(PREFIX)?.strip_prefix('/')?.parse().ok()
    }
}

impl FromStr for InboxName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let is_host = |host: &str| {
            (1..=LONGEST).contains(&host.len())
                && !host.starts_with('-')
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match text.rsplit_once('-') {
            Some((host, run)) if is_host(host) && run.parse::<RunId>().is_ok() => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidName::new(
                "inbox",
                text,
                "a host's name of letters, digits and '-', at most 64, then '-' and a run id of 16 \
                 lower-case hexadecimal digits",
            )),
        }
    }
}

impl fmt::Display for InboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_host_makes_a_name_that_reads_back() {
        let run: RunId = "6974d98fdeadbeef".parse().unwrap();
        let name = |host: &str| InboxName::new(host, &run);
        assert_eq!(name("build-07.example.org").as_str(), "build-07-example-org-6974d98fdeadbeef");
        let long = "é".repeat(200) + &"x".repeat(200);
        for host in ["", "-", "..", "a b", "../../etc", "HEAD.lock", "é", "\n", "--force", &long] {
            let name = name(host);
            assert_eq!(name.as_str().parse::<InboxName>().unwrap(), name, "{host:?}");
            assert!(name.branch().parse::<crate::git::BranchName>().is_ok(), "{host:?}");
        }
    }

    #[test]
    fn what_is_no_inbox_is_refused() {
        for name in
            ["", "x", "host-1", "-6974d98fdeadbeef", "a/b-6974d98fdeadbeef", "--x-6974d98fdeadbeef"]
        {
            assert!(name.parse::<InboxName>().is_err(), "{name:?}");
        }
        assert!(InboxName::of_reference("refs/heads/timing-inbox/a-6974d98fdeadbeef").is_some());
        assert!(InboxName::of_reference("refs/heads/other/a-6974d98fdeadbeef").is_none());
    }
}
