//! Why rows did not get to the remote. Every text is one line: what, to what, why, what next.

use std::fmt;
use std::time::Duration;

use super::AppendError;
use crate::git::{GitError, RemoteName};

/// A failed synchronisation. No row is lost: what waits goes on waiting.
#[derive(Debug)]
pub enum SyncError {
    /// The repository has no remote of this name.
    NoRemote {
        /// The name.
        remote: RemoteName,
    },
    /// git could not talk to the remote.
    Unreachable {
        /// The remote, by name and address; a password in it is hidden.
        remote: String,
        /// git's reason.
        error: GitError,
    },
    /// The remote does not take the push.
    Refused {
        /// The remote, by name and address.
        remote: String,
        /// The branch.
        branch: String,
        /// Its reason.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// Others kept moving the remote's branch.
    Contended {
        /// The remote, by name and address.
        remote: String,
        /// The branch.
        branch: String,
        /// How often it was tried.
        attempts: u32,
        /// In what time.
        total: Duration,
    },
    /// The pages that were to be published cannot be made, for this reason.
    Pages(String),
    /// The rows cannot be put on top of what the remote holds.
    Local(AppendError),
}

impl SyncError {
    /// Whether the time was up; there is no use in trying anything else then.
    pub(crate) fn is_time_out(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { error: GitError::TimedOut { .. }, .. }
                | Self::Local(AppendError::Git(GitError::TimedOut { .. }))
        )
    }
}

impl<E: Into<AppendError>> From<E> for SyncError {
    fn from(error: E) -> Self {
        Self::Local(error.into())
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRemote { remote } => write!(
                f,
                "the registry cannot be synchronised: the repository has no remote {:?}; add it \
                 with `git remote add`, or name another one in registry.remote",
                remote.as_str()
            ),
            Self::Unreachable { remote, error: error @ GitError::TimedOut { .. } } => write!(
                f,
                "the registry cannot be synchronised with {remote}: {error}; the rows are kept and \
                 go with the next synchronisation"
            ),
            Self::Unreachable { remote, error } => write!(
                f,
                "the registry cannot be synchronised with {remote}: {error}; the rows are kept; see \
                 what `git ls-remote` and `git push --dry-run` say there"
            ),
            Self::Refused { remote, branch, reason, attempts } => write!(
                f,
                "{remote} refused the push to {branch:?} in each of {attempts} attempts: {reason}; \
                 the rows are kept; ask for the right to push, or set registry.push to another value"
            ),
            Self::Contended { remote, branch, attempts, total } => write!(
                f,
                "the branch {branch:?} of {remote} was moved by others in each of {attempts} attempts \
                 within {total:?}; the rows are kept and go with the next synchronisation"
            ),
            Self::Pages(reason) => {
                write!(f, "the reports cannot be made: {reason}; the branch is as it was")
            }
            Self::Local(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SyncError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable { error, .. } => Some(error),
            Self::Local(error) => Some(error),
            _ => None,
        }
    }
}
