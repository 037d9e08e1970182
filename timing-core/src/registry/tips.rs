//! Where the registry's branch stands, and its compare-and-swap.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::stale;
use crate::git::{BranchName, Git, GitError, ObjectId, RemoteName};

/// Where the branch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tips {
    /// The local branch; `None` when there is none.
    pub(super) local: Option<ObjectId>,
    /// What the remote-tracking branch says.
    pub(super) remote: Option<ObjectId>,
    /// Where the local branch is checked out.
    pub(super) checked_out: Option<PathBuf>,
}

impl Tips {
    /// What a new commit builds on.
    pub(super) fn base(&self) -> Option<ObjectId> {
        self.local.or(self.remote)
    }
}

const FINDING: &str = "finding the registry's branch";

/// Where `branch` and its remote-tracking branch stand. One that is a symbolic reference is refused:
/// whoever writes to it moves the branch that it stands for, which is somebody else's.
pub(super) fn tips(git: &Git, branch: &BranchName, remote: &RemoteName) -> Result<Tips, GitError> {
    let local = format!("refs/heads/{branch}");
    let tracking = format!("refs/remotes/{remote}/{branch}");
    let format = "--format=%(refname)%00%(objectname)%00%(worktreepath)%00%(symref)%00";
    let answer =
        git.run(FINDING, &["for-each-ref", format, &local, &tracking])?.success(FINDING)?;
    let mut tips = Tips { local: None, remote: None, checked_out: None };
    // NUL ends each field, so that no path can be taken for another line.
    let fields: Vec<&[u8]> = answer.split(|b| *b == 0).collect();
    for line in fields.chunks_exact(4) {
        let [name, id, path, target] = line else { continue };
        let id = std::str::from_utf8(id).ok().and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| GitError::unexpected(FINDING, "a branch without a commit"))?;
        let name = name.trim_ascii_start();
        // A pattern matches what is below it, too.
        if name == local.as_bytes() {
            refuse_symbolic(&local, target)?;
            tips.local = Some(id);
            tips.checked_out = existing_directory(path);
        } else if name == tracking.as_bytes() {
            refuse_symbolic(&tracking, target)?;
            tips.remote = Some(id);
        }
    }
    Ok(tips)
}

/// Refuses when `branch`, which seemed not to exist, is a symbolic reference to one that does not.
pub(super) fn refuse_dangling(git: &Git, branch: &BranchName) -> Result<(), GitError> {
    let name = format!("refs/heads/{branch}");
    let answer = git.run(FINDING, &["symbolic-ref", "--quiet", &name])?;
    // It is none: git fails with 1 and says nothing.
    refuse_symbolic(&name, answer.stdout.trim_ascii())
}

fn refuse_symbolic(name: &str, target: &[u8]) -> Result<(), GitError> {
    if target.is_empty() {
        return Ok(());
    }
    let target = target.escape_ascii().to_string();
    Err(GitError::Symbolic { doing: FINDING, name: name.to_owned(), target })
}

/// A work tree whose directory is gone is none.
pub(super) fn existing_directory(path: &[u8]) -> Option<PathBuf> {
    let path = PathBuf::from(OsString::from_vec(path.to_vec()));
    path.is_dir().then_some(path)
}

/// What came of a compare-and-swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swap {
    /// The branch is at the new commit.
    Done,
    /// Somebody else moved the branch, or is about to.
    Lost,
}

/// Moves `branch` from `old`, or from nowhere, to `new`; the reflog says `reason`.
pub(super) fn swap(
    git: &Git,
    branch: &BranchName,
    old: Option<ObjectId>,
    new: ObjectId,
    reason: &str,
) -> Result<Swap, GitError> {
    const MOVING: &str = "moving the registry's branch";
    let old = old.unwrap_or_else(|| ObjectId::zero(new.format()));
    let answer = git.run_with_input(MOVING, &["update-ref", "-m", reason, "--stdin"], |out| {
        // Should it have become a symbolic reference meanwhile, what that stands for stays.
        writeln!(out, "option no-deref\nupdate refs/heads/{branch} {new} {old}")
    })?;
    if answer.said("File exists") {
        stale::discard_lock(git, &format!("refs/heads/{branch}"));
    }
    // In the order of: moved, created, deleted, locked, locked in a reftable.
    let lost = [
        "but expected",
        "reference already exists",
        "unable to resolve reference",
        "File exists",
        "cannot lock references",
    ];
    if answer.code == Some(0) {
        Ok(Swap::Done)
    } else if lost.iter().any(|words| answer.said(words)) {
        Ok(Swap::Lost)
    } else {
        Err(answer.failure(MOVING))
    }
}
