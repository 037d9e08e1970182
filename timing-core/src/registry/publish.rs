//! Pages onto the branch: here, or on top of what the remote has.
//!
//! One commit, by the same means as rows: compare-and-swap here, a push that is never forced there.
//! A page that says what it said before makes none.

use std::cell::RefCell;

use super::Registry;
use super::draft::{self, Wanted};
use super::message::Words;
use super::page::{PagePath, Publication};
use super::sync::{LocalBranch, Session, SyncError, SyncPolicy, retry};
use crate::clock::UtcStamp;
use crate::git::ObjectId;

/// What a publication came to.
#[derive(Debug)]
pub struct Published {
    /// The commit that has the pages; `None` where there is no branch, and there was no page.
    pub commit: Option<ObjectId>,
    /// Those that are new or say something else than before.
    pub changed: Vec<PagePath>,
    /// How many rows of the local branch went to the remote with them.
    pub rows: usize,
    /// What became of the local branch.
    pub local: LocalBranch,
    /// How often it was tried.
    pub attempts: u32,
}

impl Registry {
    /// Publishes on the local branch, in a commit dated `at`.
    ///
    /// # Errors
    ///
    /// When the pages cannot be made, and as those of [`Registry::append`].
    pub fn publish_here(
        &self,
        publication: &Publication<'_>,
        at: UtcStamp,
    ) -> Result<Published, SyncError> {
        let pages = (publication.make)().map_err(SyncError::Pages)?;
        let before = self.look(&[])?.0.local;
        let mut published = Published {
            commit: before,
            changed: Vec::new(),
            rows: 0,
            local: LocalBranch::Unchanged,
            attempts: 1,
        };
        if pages.is_empty() {
            return Ok(published);
        }
        let mut wanted = Wanted::default();
        wanted.add_pages(&pages, publication.is_same);
        let words = words(publication);
        let changed = RefCell::new(Vec::new());
        let appended = self.rewrite(&wanted.paths(), at, |snapshot| {
            *changed.borrow_mut() = wanted.changed_pages(snapshot);
            draft::edit(snapshot, &wanted, &words)
        })?;
        published.changed = changed.into_inner();
        if !published.changed.is_empty() {
            published.local = LocalBranch::Moved { from: before };
            published.commit = Some(appended.commit);
        }
        Ok(published)
    }

    /// Publishes on top of what the remote has, in a commit dated `at`, together with the rows that
    /// only the local branch holds, and brings the local branch along.
    ///
    /// # Errors
    ///
    /// When the pages cannot be made, and as those of [`Registry::sync`]. The same call may be made
    /// again later.
    pub fn publish_at_remote(
        &self,
        publication: &Publication<'_>,
        policy: &SyncPolicy,
        at: UtcStamp,
    ) -> Result<Published, SyncError> {
        let session = Session::open(&self.git, &self.remote, policy.total)?;
        retry(&session, self.branch.as_str(), policy, |attempts| {
            let round = self.round(&session, &[], Some(publication), publication.recorder, at)?;
            Ok(round.map(|synced| Published {
                commit: synced.commit,
                changed: synced.pages,
                rows: synced.rows,
                local: synced.local,
                attempts,
            }))
        })
    }

    /// Which of its pages the local branch, or what was last fetched where there is none, has not.
    ///
    /// # Errors
    ///
    /// When the pages cannot be made or the branch cannot be read.
    pub fn would_publish(&self, publication: &Publication<'_>) -> Result<Vec<PagePath>, SyncError> {
        let pages = (publication.make)().map_err(SyncError::Pages)?;
        let mut wanted = Wanted::default();
        wanted.add_pages(&pages, publication.is_same);
        let (_, snapshot) = self.look(&wanted.paths())?;
        Ok(wanted.changed_pages(&snapshot))
    }
}

fn words<'a>(publication: &Publication<'a>) -> Words<'a> {
    Words { outermost: None, source: publication.source, recorder: publication.recorder }
}
