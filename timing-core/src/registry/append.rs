//! Appending: the one place where the registry's parts meet git.

use std::time::Instant;

use super::draft::{self, Base, Draft, Edit, Wanted};
use super::error::AppendError;
use super::layout::Shape;
use super::message::Words;
use super::object;
use super::retry::RetryPolicy;
use super::snapshot::Snapshot;
use super::tips::{self, Swap, Tips};
use super::worktree::{self, Busy, Worktree};
use super::{Appended, Batch};
use crate::clock::UtcStamp;
use crate::git::{BranchName, Git, GitError, ObjectFormat, ObjectId, RemoteName};

/// The branch of a repository that keeps rows.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(super) git: Git,
    pub(super) branch: BranchName,
    pub(super) remote: RemoteName,
    retry: RetryPolicy,
}

/// What came of one attempt.
enum Attempt {
    /// The rows are on the branch.
    Done(Appended),
    /// Somebody else is at work on the branch; look again.
    Lost,
}

impl Registry {
    /// The registry on `branch` of the repository that `git` is bound to; when there is no such
    /// branch it starts from that of `remote`.
    #[must_use]
    pub fn new(git: Git, branch: BranchName, remote: RemoteName) -> Self {
        Self { git, branch, remote, retry: RetryPolicy::default() }
    }

    /// The same with other bounds on its patience.
    #[must_use]
    pub fn with_retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// Adds what of `batch` is not on the branch yet, in one commit dated `at`.
    ///
    /// # Errors
    ///
    /// When git fails, the branch is checked out where it cannot be brought along, something that
    /// does not belong there is in the way of the file, or others keep moving the branch. The
    /// branch is as it was, and the same call may be made again later.
    pub fn append(&self, batch: &Batch<'_>, at: UtcStamp) -> Result<Appended, AppendError> {
        let wanted = Wanted::of(batch.additions);
        let Batch { outermost, source, recorder, .. } = *batch;
        let words = Words { outermost, source, recorder };
        self.rewrite(&wanted.paths(), at, |snapshot| draft::edit(snapshot, &wanted, &words))
    }

    /// Makes the commit that `edit` wants where the branch stands, dated `at`; `edit` is shown the
    /// files at `paths`, and asked again when somebody else moved the branch meanwhile.
    pub(super) fn rewrite(
        &self,
        paths: &[String],
        at: UtcStamp,
        edit: impl for<'s> Fn(&'s Snapshot) -> Result<Edit<'s>, AppendError>,
    ) -> Result<Appended, AppendError> {
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            if let Attempt::Done(appended) = self.attempt(paths, at, &edit)? {
                return Ok(appended);
            }
            attempts += 1;
            let pause = self.retry.pause(attempts, getrandom::u32().unwrap_or_default());
            if started.elapsed() + pause > self.retry.total {
                return Err(AppendError::Contended { attempts });
            }
            std::thread::sleep(pause);
        }
    }

    fn attempt(
        &self,
        paths: &[String],
        at: UtcStamp,
        edit: &impl for<'s> Fn(&'s Snapshot) -> Result<Edit<'s>, AppendError>,
    ) -> Result<Attempt, AppendError> {
        let (tips, snapshot) = self.look(paths)?;
        let (format, shape) = (self.format(tips.base())?, Shape::Registry);
        let base = Base { parent: tips.base(), snapshot: &snapshot, format, shape };
        let draft = match (draft::commit(base, edit(&snapshot)?, at)?, tips.base()) {
            (Some(draft), _) => draft,
            (None, Some(commit)) => return Ok(Attempt::Done(self.appended(commit, 0))),
            (None, None) => return Err(AppendError::RowsIncomplete { records: 0, rows: 0 }),
        };
        let Ok(worktree) = self.worktree(&tips)? else { return Ok(Attempt::Lost) };
        store(&self.git, &draft)?;
        match self.publish(&tips, worktree.as_ref(), draft.commit, draft.subject())? {
            Swap::Done => Ok(Attempt::Done(self.appended(draft.commit, draft.rows))),
            Swap::Lost => Ok(Attempt::Lost),
        }
    }

    /// Where the branch stands, and what it holds at `paths`.
    pub(super) fn look(&self, paths: &[String]) -> Result<(Tips, Snapshot), AppendError> {
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        let snapshot = snapshot(&self.git, tips.base(), paths)?;
        Ok((tips, snapshot))
    }

    /// The hash of the repository, which the name of any of its objects tells.
    pub(super) fn format(&self, known: Option<ObjectId>) -> Result<ObjectFormat, GitError> {
        known.map_or_else(|| self.git.object_format(), |id| Ok(id.format()))
    }

    /// The work tree that must come along, if there is one.
    pub(super) fn worktree(
        &self,
        tips: &Tips,
    ) -> Result<Result<Option<Worktree>, Busy>, AppendError> {
        match (&tips.local, &tips.checked_out) {
            (Some(tip), Some(path)) => Ok(Worktree::clean(&self.git, path, *tip)?.map(Some)),
            (Some(_), None) => Ok(Ok(None)),
            (None, _) => {
                tips::refuse_dangling(&self.git, &self.branch)?;
                worktree::refuse_unborn(&self.git, &self.branch).map(|()| Ok(None))
            }
        }
    }

    /// Moves the branch and what shows it to `commit`, or neither.
    pub(super) fn publish(
        &self,
        tips: &Tips,
        worktree: Option<&Worktree>,
        commit: ObjectId,
        reason: &str,
    ) -> Result<Swap, AppendError> {
        let swap = || tips::swap(&self.git, &self.branch, tips.local, commit, reason);
        let (Some(worktree), Some(old)) = (worktree, tips.local) else { return Ok(swap()?) };
        let Ok(()) = worktree.bring(old, commit)? else { return Ok(Swap::Lost) };
        let swapped = swap();
        if !matches!(swapped, Ok(Swap::Done)) {
            worktree.take_back(old, commit)?;
        }
        Ok(swapped?)
    }

    fn appended(&self, commit: ObjectId, rows: usize) -> Appended {
        Appended { commit, branch: self.branch.clone(), rows }
    }
}

/// What `commit` holds at `paths`; nothing, when there is no commit.
pub(super) fn snapshot(
    git: &Git,
    commit: Option<ObjectId>,
    paths: &[String],
) -> Result<Snapshot, AppendError> {
    commit.map_or_else(|| Ok(Snapshot::default()), |id| Snapshot::read(git, id, paths))
}

/// Puts the objects of `draft` into the repository.
pub(super) fn store(git: &Git, draft: &Draft<'_>) -> Result<(), GitError> {
    const STORING: &str = "storing the rows in the repository";
    // From this length on git stores a blob while it arrives instead of keeping it first.
    let stream = ["-c", "core.bigFileThreshold=1m"];
    let args = [stream.as_slice(), &["unpack-objects", "-q"]].concat();
    let answer = git.run_with_input(STORING, &args, |out| {
        object::write_pack(&draft.objects, draft.commit.format(), out)
    })?;
    answer.success(STORING).map(drop)
}
