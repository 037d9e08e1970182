//! A work tree in which the registry's branch is checked out: looked at, brought along, taken back.
//!
//! It shows the branch's old commit before an append and its new one after; it is never left
//! looking modified.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::AppendError;
use super::tips::existing_directory;
use crate::git::{Answer, BranchName, Git, GitError, ObjectId};

const LOOKING: &str = "looking at the work tree of the registry's branch";

const BRINGING: &str = "updating the work tree of the registry's branch";

/// The commit that is checked out, and what differs from it.
const STATUS: [&str; 4] = ["status", "--porcelain=v2", "--branch", "--untracked-files=no"];

/// A clean work tree of the branch, which no other recorder touches while this lives.
#[derive(Debug)]
pub(super) struct Worktree {
    git: Git,
    path: PathBuf,
    /// Closing it ends the lock, and so does the end of the process.
    _lock: Option<File>,
}

/// Another recorder or another git is at work there; it will be done soon.
#[derive(Debug)]
pub(super) struct Busy;

impl Worktree {
    /// The work tree at `path`, which is expected to show `tip`; it is busy when it shows another
    /// commit, because the branch has moved since it was looked at.
    ///
    /// # Errors
    ///
    /// [`AppendError::WorktreeDirty`] when a tracked file of it is changed.
    pub(super) fn clean(
        git: &Git,
        path: &Path,
        tip: ObjectId,
    ) -> Result<Result<Self, Busy>, AppendError> {
        let git = git.in_dir(path);
        let Ok(lock) = lock(path) else { return Ok(Err(Busy)) };
        // A file that was only touched would stop `read-tree`. Whether this succeeds is shown by
        // what comes next.
        git.run(LOOKING, &["update-index", "-q", "--refresh"])?;
        let status = git.run(LOOKING, &STATUS)?.success(LOOKING)?;
        let mut lines = status.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        let shown = format!("# branch.oid {tip}");
        if !status.split(|b| *b == b'\n').any(|line| line == shown.as_bytes()) {
            Ok(Err(Busy))
        } else if lines.all(|line| line.starts_with(b"#")) {
            Ok(Ok(Self { git, path: path.to_owned(), _lock: lock }))
        } else {
            Err(AppendError::WorktreeDirty { path: path.to_owned() })
        }
    }

    /// Makes index and files show `to` instead of `from`.
    ///
    /// # Errors
    ///
    /// [`AppendError::WorktreeBlocked`] when an untracked file is in the way; nothing has changed
    /// then, and nothing has when the work tree is busy.
    pub(super) fn bring(
        &self,
        from: ObjectId,
        to: ObjectId,
    ) -> Result<Result<(), Busy>, AppendError> {
        let answer = self.read_tree(from, to)?;
        if answer.said("index.lock': File exists") {
            return Ok(Err(Busy));
        }
        match answer.success(BRINGING) {
            Ok(_) => Ok(Ok(())),
            Err(error) => Err(AppendError::WorktreeBlocked {
                path: self.path.clone(),
                reason: error.to_string(),
            }),
        }
    }

    /// Undoes [`Worktree::bring`] with the same arguments.
    ///
    /// # Errors
    ///
    /// [`AppendError::WorktreeLeft`] when that is not possible.
    pub(super) fn take_back(&self, from: ObjectId, to: ObjectId) -> Result<(), AppendError> {
        let answer = self.read_tree(to, from).and_then(|answer| answer.success(BRINGING));
        answer.map(drop).map_err(|error| AppendError::WorktreeLeft {
            path: self.path.clone(),
            shows: to,
            reason: error.to_string(),
        })
    }

    fn read_tree(&self, from: ObjectId, to: ObjectId) -> Result<Answer, GitError> {
        let (from, to) = (from.to_string(), to.to_string());
        self.git.run(BRINGING, &["read-tree", "-m", "-u", &from, &to])
    }
}

/// Locks the directory against other recorders, who would find the work tree modified between our
/// bringing it along and our moving the branch. The lock leaves no trace; a file system without
/// locks has to do without, and a race there ends in a refusal.
fn lock(path: &Path) -> Result<Option<File>, Busy> {
    let Ok(directory) = File::open(path) else { return Ok(None) };
    match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(directory)),
        Err(Errno::WOULDBLOCK) => Err(Busy),
        Err(_) => Ok(None),
    }
}

/// Refuses when `branch`, which does not exist, is checked out all the same: HEAD of some work tree
/// names it and waits for its first commit. Files that are staged there would seem deleted by ours.
pub(super) fn refuse_unborn(git: &Git, branch: &BranchName) -> Result<(), AppendError> {
    let answer = git.run(LOOKING, &["worktree", "list", "--porcelain"])?.success(LOOKING)?;
    let head = format!("branch refs/heads/{branch}");
    let mut path: &[u8] = b"";
    for line in answer.split(|b| *b == b'\n') {
        if let Some(worktree) = line.strip_prefix(b"worktree ") {
            path = worktree;
        } else if line == head.as_bytes()
            && let Some(path) = existing_directory(path)
        {
            return Err(AppendError::WorktreeUnborn { path });
        }
    }
    Ok(())
}
