//! The branch that rows are appended to, by git plumbing: no checkout, no index, no work tree.
//!
//! An append is four processes: where does the branch stand, what does it hold, here are the new
//! objects, move the branch if it still stands there. What is pure is apart: `content` decides
//! which rows are new, `tree` makes objects of files, `message` words the commit, `draft` puts
//! these together. `sync` does the same on top of what a remote has and pushes it; `inbox` pushes
//! rows on a branch of their own and takes such branches in; `publish` replaces pages that are made
//! of rows. This module knows neither steps nor
//! what a row is for.

mod append;
pub mod audit;
mod content;
mod create;
mod draft;
mod error;
mod inbox;
mod layout;
mod message;
mod object;
mod own_files;
mod page;
mod publish;
mod read;
mod retry;
mod snapshot;
mod stale;
mod sync;
mod tips;
mod tree;
mod worktree;

pub use append::Registry;
pub use audit::{Audit, AuditError, Mode, Recovered, Recovery, Verdict};
pub use create::Created;
pub use error::AppendError;
pub use inbox::{Drained, InboxName, InboxPushed, KeptInbox};
pub use own_files::FoundFile;
pub use page::{Page, PageKind, PagePath, Publication};
pub use publish::Published;
pub use read::{BranchFile, CsvFault, EnvironmentRows, Held, Standing};
pub use retry::RetryPolicy;
pub use sync::{LeftAlone, LocalBranch, SyncError, SyncPolicy, Synced};

use crate::addition::Addition;
use crate::git::{BranchName, ObjectId};
use crate::record::TimingRecord;

/// The commit of the user's repository that a run deployed, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The commit.
    pub sha: Option<ObjectId>,
    /// The branch that was checked out.
    pub branch: Option<String>,
}

/// What is to be added in one commit: what a run adds, and what others left that it takes along.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// The phase that contains the others; it names the commit. Without one, the last that is added
    /// does.
    pub outermost: Option<&'a TimingRecord>,
    /// Rows and files, in order. The `flags` of a row hold `RUN=<run>`, by which it is known again.
    pub additions: &'a [Addition],
    /// What was deployed.
    pub source: &'a Source,
    /// Who records, with its version: `xtask 0.1.0`.
    pub recorder: &'a str,
}

/// Rows that are on the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The commit that has them: the new one, or the branch's tip when they were there already.
    pub commit: ObjectId,
    /// The branch.
    pub branch: BranchName,
    /// How many rows were new; 0 when all were there already.
    pub rows: usize,
}
