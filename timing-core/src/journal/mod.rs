//! What runs have done so far, on disk before anything else can fail.
//!
//! One file per run in the git common directory, which all worktrees of a repository share. It
//! holds one JSON object per line, is only ever appended to, and is locked by the run that owns it:
//! the lock goes with the process, so an entry that nobody locks belongs to nobody any more, and
//! whoever finds it takes along what it adds to the branch. Beside the entries lies the outbox: what is
//! on the local branch and not yet where the push policy wants it.
//!
//! This module knows additions and files, and no git.

mod census;
mod entry;
mod history;
mod left;
mod line;
mod lock;
mod outbox;
mod recover;

use std::io;
use std::path::{Path, PathBuf};

pub use census::Census;
pub use entry::{Entry, Finished, PhaseStart, RunStart, Work};
pub use history::{Fault, History, Running, read};
pub use left::{Left, Leftovers, Life, Seen, SetAside};
pub use lock::AppendLock;
pub use recover::{Evidence, additions, records};

/// Below the git common directory.
const DIRECTORY: &str = "timing-journal";

/// Of an entry.
const EXTENSION: &str = "jsonl";

/// Of an entry that is being made.
const UNBORN: &str = "new";

/// Where damaged entries go.
const DAMAGED: &str = "damaged";

/// The journal of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal(PathBuf);

impl Journal {
    /// The journal in this git common directory; nothing is touched yet.
    #[must_use]
    pub fn in_common_dir(common_dir: &Path) -> Self {
        Self(common_dir.join(DIRECTORY))
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// Makes the directory, and none above it: a repository that was deleted while a run went on
    /// must not come back as an empty one.
    fn make_directory(&self) -> io::Result<()> {
        match std::fs::create_dir(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
