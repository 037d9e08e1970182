//! Why rows were not appended. Every text is one line: what, why, what next.

use std::fmt;
use std::path::PathBuf;

use crate::git::{GitError, ObjectId};

/// A failed append. The branch is as it was.
#[derive(Debug)]
pub enum AppendError {
    /// git could not do its part.
    Git(GitError),
    /// The branch is checked out where there are changes that are not committed.
    WorktreeDirty {
        /// The work tree.
        path: PathBuf,
    },
    /// The branch is checked out where its files cannot be brought along.
    WorktreeBlocked {
        /// The work tree.
        path: PathBuf,
        /// git's reason.
        reason: String,
    },
    /// The branch is checked out and has no commit yet.
    WorktreeUnborn {
        /// The work tree.
        path: PathBuf,
    },
    /// A work tree was brought along, the append then failed, and the way back failed too.
    WorktreeLeft {
        /// The work tree.
        path: PathBuf,
        /// The commit it shows.
        shows: ObjectId,
        /// git's reason.
        reason: String,
    },
    /// Others kept moving the branch.
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// A tree names an object that is not in this clone.
    ObjectMissing {
        /// Where it belongs on the branch.
        path: String,
        /// Its name.
        id: ObjectId,
    },
    /// Something else is where the registry keeps a file or directory.
    WrongKind {
        /// Where on the branch.
        path: String,
        /// What is there.
        found: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// A tree of the branch cannot be read.
    BrokenTree {
        /// Where on the branch.
        path: String,
    },
    /// A record could not be written as a row.
    RowsIncomplete {
        /// Records to be written.
        records: usize,
        /// Rows that came of them.
        rows: usize,
    },
}

impl From<GitError> for AppendError {
    fn from(error: GitError) -> Self {
        Self::Git(error)
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(error) => error.fmt(f),
            Self::WorktreeDirty { path } => write!(
                f,
                "the registry's branch is checked out in {path:?} with changes that are not \
                 committed; commit or discard them there"
            ),
            Self::WorktreeBlocked { path, reason } => write!(
                f,
                "the registry's branch is checked out in {path:?} and its files cannot be brought \
                 along: {reason}; clear the way there"
            ),
            Self::WorktreeUnborn { path } => write!(
                f,
                "the registry's branch is checked out in {path:?} and has no commit yet; commit \
                 there, or switch to another branch"
            ),
            Self::WorktreeLeft { path, shows, reason } => write!(
                f,
                "the work tree {path:?} shows {shows}, which the registry's branch did not become, \
                 and could not be taken back: {reason}; run `git reset --hard` there"
            ),
            Self::Contended { attempts } => write!(
                f,
                "the registry's branch was moved or locked by others in each of {attempts} \
                 attempts; if no other git is running, look for stale .lock files in .git"
            ),
            Self::ObjectMissing { path, id } => write!(
                f,
                "{path:?} on the registry's branch is object {id}, which is not in this clone; \
                 fetch it, for instance with `git cat-file -e {id}`"
            ),
            Self::WrongKind { path, found, expected } => write!(
                f,
                "{path:?} on the registry's branch is {found} where {expected} belongs; put that \
                 right on the branch"
            ),
            Self::BrokenTree { path } => write!(
                f,
                "the directory {path:?} on the registry's branch cannot be read; run `git fsck`"
            ),
            Self::RowsIncomplete { records, rows } => {
                write!(f, "{records} records became {rows} rows, which is a defect of this program")
            }
        }
    }
}

impl std::error::Error for AppendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Git(error) => error.source(),
            _ => None,
        }
    }
}
