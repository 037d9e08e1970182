//! Additions on a branch of their own: pushed by who may not push the registry, taken in by CI.
//!
//! An inbox is one commit (or a few, should it grow) that shares no history with anything, and
//! holds nothing but tables and runs' own files where the registry has them. Anybody who may push a
//! branch can make one, so what is in it is believed only after it was read as what it should be.

mod drain;
mod name;
mod read;

pub use drain::{Drained, KeptInbox};
pub use name::InboxName;

use super::append;
use super::draft::{self, Base, Wanted};
use super::layout::Shape;
use super::message::Words;
use super::sync::{Pushed, Round, Session, retry};
use super::{Registry, Source, SyncError, SyncPolicy};
use crate::addition::Addition;
use crate::clock::UtcStamp;
use crate::git::ObjectId;

/// Rows that are in an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxPushed {
    /// The inbox.
    pub name: InboxName,
    /// Its commit; `None` when there were no rows.
    pub commit: Option<ObjectId>,
    /// How many rows were new there.
    pub rows: usize,
}

impl Registry {
    /// Makes sure that the remote's inbox `name` holds what is `waiting`, in at most one new
    /// commit, dated `at`. The registry's branch is not touched, neither there nor here.
    ///
    /// # Errors
    ///
    /// As those of [`Registry::sync`].
    pub fn push_inbox(
        &self,
        name: &InboxName,
        waiting: &[Addition],
        policy: &SyncPolicy,
        recorder: &str,
        at: UtcStamp,
    ) -> Result<InboxPushed, SyncError> {
        if waiting.is_empty() {
            return Ok(InboxPushed { name: name.clone(), commit: None, rows: 0 });
        }
        let session = Session::open(&self.git, &self.remote, policy.total)?;
        let branch = name.branch();
        let words = Words { outermost: None, source: &Source::default(), recorder };
        retry(&session, &branch, policy, |_| self.inbox_round(&session, name, waiting, &words, at))
    }

    fn inbox_round(
        &self,
        session: &Session,
        name: &InboxName,
        waiting: &[Addition],
        words: &Words<'_>,
        at: UtcStamp,
    ) -> Result<Round<InboxPushed>, SyncError> {
        let branch = name.branch();
        let listed = session.list(&branch)?;
        let there = listed.iter().find(|found| found.name == format!("refs/heads/{branch}"));
        if let Some(found) = there {
            session.fetch_objects(&[found])?;
        }
        let parent = there.map(|found| found.commit);
        let wanted = Wanted::of(waiting);
        let snapshot = append::snapshot(session.reader(&self.git), parent, &wanted.paths())?;
        let (format, shape) = (self.format(parent)?, Shape::Inbox);
        let base = Base { parent, snapshot: &snapshot, format, shape };
        let pushed = |commit, rows| Round::Done(InboxPushed { name: name.clone(), commit, rows });
        let Some(draft) = draft::draft(base, &wanted, words, at)? else {
            return Ok(pushed(parent, 0));
        };
        append::store(&self.git, &draft)?;
        Ok(match session.push(draft.commit, &branch)? {
            Pushed::Done => pushed(Some(draft.commit), draft.rows),
            Pushed::Not(again) => Round::Again(again),
        })
    }
}
