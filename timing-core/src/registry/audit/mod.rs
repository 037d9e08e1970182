//! Whether every commit of the branch only appended, and what is lost where one did not.
//!
//! Each commit is compared with each of its parents, so that a merge that takes one side only is
//! found too. Six processes read it all, whatever the length of the history, and two more if rows
//! are missing: the commits, which of them touched a file of rows, the versions of those files as a
//! stream of which a handful is held at a time, and the tip. What is pure is apart: `compare` tells what became of the rows from
//! one version to the next, `ledger` which of them nobody has any more.

pub(super) mod blobs;
pub(super) mod changes;
pub(super) mod commits;
mod compare;
mod finding;
mod ledger;
mod recover;
mod steps;
mod walk;

use std::fmt;
use std::sync::Arc;

pub use commits::Commit;
pub use finding::{Finding, Kind, Removal, Row, Rows};
pub use ledger::Lost;
pub use recover::{Mode, Recovered, Recovery};

use crate::git::{BranchName, GitError, ObjectId, RemoteName};

/// What a walk through the history came to.
#[derive(Debug)]
pub struct Audit {
    /// The commit that was walked from: the branch's tip.
    pub tip: ObjectId,
    /// Its branch, as `refs/heads/…`, or `refs/remotes/…` where there is no local one.
    pub reference: String,
    /// How many commits can be reached from there.
    pub commits: usize,
    /// Everything but appending that a commit did, the oldest first.
    pub findings: Vec<Finding>,
    /// Rows that were on the branch and are not at its tip, the oldest first.
    pub lost: Vec<Lost>,
    /// Commits whose parents are not in this clone, which is shallow: what was before is unknown.
    pub boundaries: Vec<Arc<Commit>>,
}

/// What an audit proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every commit only appended; at most, rows were spelled differently.
    OnlyAppended,
    /// So it is as far as this clone can tell; something of the history is not in it.
    Incomplete,
    /// Some commit did something else.
    Broken,
}

impl Audit {
    /// What this proves.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let unreadable = |finding: &Finding| matches!(finding.kind, Kind::Unreadable { .. });
        let broken = |finding: &Finding| !finding.kind.is_mild() && !unreadable(finding);
        if self.findings.iter().any(broken) {
            Verdict::Broken
        } else if self.boundaries.is_empty() && !self.findings.iter().any(unreadable) {
            Verdict::OnlyAppended
        } else {
            Verdict::Incomplete
        }
    }
}

/// Why there is no audit.
#[derive(Debug)]
pub enum AuditError {
    /// git could not do its part.
    Git(GitError),
    /// There is nothing to walk.
    NoBranch {
        /// The branch that was looked for.
        branch: BranchName,
        /// And at which remote.
        remote: RemoteName,
    },
}

impl From<GitError> for AuditError {
    fn from(error: GitError) -> Self {
        Self::Git(error)
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(error) => error.fmt(f),
            Self::NoBranch { branch, remote } => write!(
                f,
                "there is no branch {branch} to audit, neither here nor as it was last fetched from \
                 {remote}; run `git fetch {remote} {branch}`, or record a first run"
            ),
        }
    }
}

impl std::error::Error for AuditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Git(error) => Some(error),
            Self::NoBranch { .. } => None,
        }
    }
}
