//! One round: fetch, build, push, bring the local branch along.

use super::super::append;
use super::super::draft::{self, Base, Draft, Wanted};
use super::super::layout::Shape;
use super::super::message::Words;
use super::super::snapshot::Snapshot;
use super::super::tips::{self, Swap, Tips};
use super::super::{Publication, Registry, Source};
use super::divergence::{self, Divergence};
use super::error::SyncError;
use super::remote::{Fetched, Pushed, Session};
use super::{LeftAlone, LocalBranch, Synced};
use crate::addition::Addition;
use crate::clock::UtcStamp;
use crate::git::{Git, GitError, ObjectId};

/// What came of a round.
pub(crate) enum Round<T> {
    Done(T),
    Again(Again),
}

/// Why another round is needed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// Somebody else was faster.
    Raced,
    /// The remote said no, for this reason.
    Refused(String),
}

impl std::fmt::Display for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Raced => f.write_str("somebody else moved it meanwhile"),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

impl<T> Round<T> {
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Round<U> {
        match self {
            Self::Done(value) => Round::Done(f(value)),
            Self::Again(again) => Round::Again(again),
        }
    }
}

impl Registry {
    pub(crate) fn round(
        &self,
        session: &Session,
        waiting: &[Addition],
        publication: Option<&Publication<'_>>,
        recorder: &str,
        at: UtcStamp,
    ) -> Result<Round<Synced>, SyncError> {
        let before = tips::tips(&self.git, &self.branch, &self.remote)?.remote;
        let exists = match session.fetch(&self.branch)? {
            Fetched::Raced => return Ok(Round::Again(Again::Raced)),
            Fetched::NoBranch => false,
            Fetched::Branch => true,
        };
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        let remote = match (exists, tips.remote) {
            (false, _) => None,
            (true, Some(tip)) => Some(tip),
            (true, None) => return Err(session.unreachable(vanished())),
        };
        let reader = session.reader(&self.git);
        let parted = divergence::between(reader, &tips, remote, before)?;
        let carried = Carried::read(reader, &tips, &parted)?;
        // Now: they are to tell of what has been fetched.
        let pages = publication.map_or(Ok(Vec::new()), |publication| (publication.make)());
        let pages = pages.map_err(SyncError::Pages)?;
        let mut wanted = carried.wanted(&parted, waiting);
        if let Some(publication) = publication {
            wanted.add_pages(&pages, publication.is_same);
        }
        let snapshot = append::snapshot(reader, parted.base, &wanted.paths())?;
        let (format, shape) = (self.format(parted.base)?, Shape::Registry);
        let base = Base { parent: parted.base, snapshot: &snapshot, format, shape };
        let unknown = Source::default();
        let source = publication.map_or(&unknown, |publication| publication.source);
        let words = Words { outermost: None, source, recorder };
        let news = wanted.changed_pages(&snapshot);
        let draft = draft::draft(base, &wanted, &words, at)?;
        if let Some(draft) = &draft {
            append::store(&self.git, draft)?;
        }
        let Some(target) = draft.as_ref().map(|draft| draft.commit).or(parted.base) else {
            return Ok(Round::Done(Synced::nothing()));
        };
        if remote != Some(target) {
            if let Pushed::Not(again) = session.push(target, self.branch.as_str())? {
                return Ok(Round::Again(again));
            }
            self.note_pushed(&tips, target);
        }
        let local = self.follow(&tips, target, draft.as_ref(), &parted);
        let rows = parted.ahead + draft.map_or(0, |draft| draft.rows);
        Ok(Round::Done(Synced { commit: Some(target), rows, pages: news, local, attempts: 1 }))
    }

    /// Moves the remote-tracking branch, where git did not: a clone of another branch alone tracks
    /// no more than that one. The next fetch does it otherwise.
    fn note_pushed(&self, tips: &Tips, target: ObjectId) {
        const NOTING: &str = "noting where the remote's branch is";
        let name = format!("refs/remotes/{}/{}", self.remote, self.branch);
        let old = tips.remote.unwrap_or_else(|| ObjectId::zero(target.format()));
        let (target, old) = (target.to_string(), old.to_string());
        let _ = self.git.run(NOTING, &["update-ref", "--no-deref", &name, &target, &old]);
    }

    /// Brings the local branch to `target`. The rows are at the remote by now: whatever is in the
    /// way stays there and is reported.
    fn follow(
        &self,
        tips: &Tips,
        target: ObjectId,
        draft: Option<&Draft<'_>>,
        parted: &Divergence,
    ) -> LocalBranch {
        let is_new = tips.local.is_none();
        if tips.local == Some(target) || (is_new && draft.is_none()) {
            return LocalBranch::Unchanged;
        }
        if let Some(path) = &parted.foreign {
            return LocalBranch::Left(LeftAlone::OtherChanges { path: path.clone() });
        }
        let reason = draft.map_or("chore(registry): follow the remote", |draft| draft.subject());
        let moved = self.worktree(tips).and_then(|worktree| match worktree {
            Ok(worktree) => self.publish(tips, worktree.as_ref(), target, reason),
            Err(_) => Ok(Swap::Lost),
        });
        match moved {
            Ok(Swap::Done) => LocalBranch::Moved { from: tips.local },
            Ok(Swap::Lost) => LocalBranch::Left(LeftAlone::Busy),
            Err(error) => LocalBranch::Left(LeftAlone::Refused(error)),
        }
    }
}

impl Synced {
    fn nothing() -> Self {
        let (pages, local) = (Vec::new(), LocalBranch::Unchanged);
        Self { commit: None, rows: 0, pages, local, attempts: 1 }
    }
}

fn vanished() -> GitError {
    GitError::unexpected("fetching from the remote", "the branch that was fetched is not there")
}

/// The files of which something has to be carried over, as either side has them.
#[derive(Debug, Default)]
struct Carried {
    local: Snapshot,
    remote: Snapshot,
}

impl Carried {
    fn read(git: &Git, tips: &Tips, parted: &Divergence) -> Result<Self, SyncError> {
        let (Some(local), Some(remote), false) = (tips.local, parted.base, parted.carry.is_empty())
        else {
            return Ok(Self::default());
        };
        Ok(Self {
            local: Snapshot::read(git, local, &parted.carry)?,
            remote: Snapshot::read(git, remote, &parted.carry)?,
        })
    }

    /// What only the local branch has, then what waits: the older rows come first.
    fn wanted<'a>(&'a self, parted: &Divergence, waiting: &'a [Addition]) -> Wanted<'a> {
        let mut wanted = Wanted::default();
        for path in &parted.carry {
            let local = self.local.file(path).unwrap_or_default();
            wanted.add_difference(path, local, self.remote.file(path));
        }
        wanted.add(waiting);
        wanted
    }
}
