//! The branch and its remote: fetch, add what the remote lacks, push, bring the local branch along.
//!
//! The remote's branch is the truth for what is there; the local one is a cache that somebody may
//! have reset or deleted. So a round starts from what the remote has and adds the rows it lacks:
//! those that wait, and those that only the local branch holds. A push is never forced; whoever
//! loses a race fetches again. All talk with the remote shares one deadline.

mod divergence;
mod error;
mod remote;
mod round;

use std::time::Duration;

pub use error::SyncError;
pub(super) use remote::{Listed, Pushed, Session};
pub(super) use round::{Again, Round};

use super::{AppendError, PagePath, Registry, RetryPolicy};
use crate::addition::Addition;
use crate::clock::UtcStamp;
use crate::git::ObjectId;

/// How long and how often to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncPolicy {
    /// For all talk with the remote together.
    pub total: Duration,
    /// How often a remote may refuse a push for reasons of its own. Races do not count: who loses
    /// one tries again as long as there is time.
    pub attempts: u32,
}

impl Default for SyncPolicy {
    fn default() -> Self {
        Self { total: Duration::from_secs(20), attempts: 3 }
    }
}

/// What a synchronisation came to. Every row that was waiting is at the remote.
#[derive(Debug)]
pub struct Synced {
    /// The tip of the remote's branch as it was last seen or pushed; `None` when the remote has no
    /// such branch and there was nothing to make one of.
    pub commit: Option<ObjectId>,
    /// How many rows the remote lacked.
    pub rows: usize,
    /// The pages that are new at the remote; none unless some were to be published.
    pub pages: Vec<PagePath>,
    /// What became of the local branch.
    pub local: LocalBranch,
    /// How often it was tried.
    pub attempts: u32,
}

/// What became of the local branch.
#[derive(Debug)]
pub enum LocalBranch {
    /// It stood where it should, or there is none and nothing to make one of.
    Unchanged,
    /// It is at the remote's tip now.
    Moved {
        /// Where it was; `None` when it is new. Its reflog knows, too.
        from: Option<ObjectId>,
    },
    /// It stays behind; the next synchronisation tries again.
    Left(LeftAlone),
}

/// Why the local branch stays behind.
#[derive(Debug)]
pub enum LeftAlone {
    /// Somebody moved or locked it meanwhile.
    Busy,
    /// It holds changes of others that the remote does not have.
    OtherChanges {
        /// One of the files concerned.
        path: String,
    },
    /// It cannot be moved.
    Refused(AppendError),
}

impl std::fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str(
                "the local branch of the registry was moved or locked by others meanwhile; the next \
                 synchronisation brings it along",
            ),
            Self::OtherChanges { path } => write!(
                f,
                "the local branch of the registry has changes of its own, for instance in {path:?}, \
                 which are not pushed; rebase it on the remote's branch, or drop them there"
            ),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl Registry {
    /// Makes sure that the remote's branch holds what is `waiting` and all that the local branch
    /// adds, in at most one new commit, dated `at`, and brings the local branch along.
    ///
    /// # Errors
    ///
    /// When there is no such remote, it cannot be reached in time, it refuses the push, others keep
    /// moving the branch, or the rows cannot be put on top of what it holds. Rows may then have
    /// arrived all the same; the same call may be made again later and adds none twice.
    pub fn sync(
        &self,
        waiting: &[Addition],
        policy: &SyncPolicy,
        recorder: &str,
        at: UtcStamp,
    ) -> Result<Synced, SyncError> {
        let session = Session::open(&self.git, &self.remote, policy.total)?;
        retry(&session, self.branch.as_str(), policy, |attempts| {
            let round = self.round(&session, waiting, None, recorder, at)?;
            Ok(round.map(|synced| Synced { attempts, ..synced }))
        })
    }
}

/// Makes rounds until one is done; the argument counts them from 1.
pub(super) fn retry<T>(
    session: &Session,
    branch: &str,
    policy: &SyncPolicy,
    mut round: impl FnMut(u32) -> Result<Round<T>, SyncError>,
) -> Result<T, SyncError> {
    let pauses = RetryPolicy {
        total: policy.total,
        first_pause: Duration::from_millis(25),
        longest_pause: Duration::from_secs(1),
    };
    let (mut attempts, mut refusals) = (1, 0);
    loop {
        let again = match round(attempts)? {
            Round::Done(value) => return Ok(value),
            Round::Again(again) => again,
        };
        let pause = pauses.pause(attempts, getrandom::u32().unwrap_or_default());
        refusals += u32::from(matches!(again, Again::Refused(_)));
        if refusals >= policy.attempts || session.left() <= pause {
            return Err(session.gave_up(branch, attempts, again));
        }
        std::thread::sleep(pause);
        attempts += 1;
    }
}
