//! The branch before its first row, for those who want it then; and a word with the remote.

use super::append::store;
use super::draft::{self, Base, Edit};
use super::layout::{README, Shape};
use super::snapshot::Snapshot;
use super::sync::{Session, SyncError, SyncPolicy};
use super::tips::{self, Swap};
use super::tree::Files;
use super::{AppendError, Registry};
use crate::clock::UtcStamp;
use crate::git::ObjectId;

/// What came of making the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is new and shares no history with any other.
    Anew(ObjectId),
    /// It starts where the remote's was last seen.
    FromRemote(ObjectId),
    /// It was there already.
    Not(ObjectId),
}

impl Registry {
    /// Makes the branch, if there is none, in a commit dated `at`.
    ///
    /// # Errors
    ///
    /// As those of [`Registry::append`].
    pub fn create(&self, recorder: &str, at: UtcStamp) -> Result<Created, AppendError> {
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        if let Some(commit) = tips.local {
            return Ok(Created::Not(commit));
        }
        let subject = format!("chore(registry): begin {}", self.branch);
        let (commit, created) = match tips.remote {
            Some(commit) => (commit, Created::FromRemote(commit)),
            None => {
                let message = format!("{subject}\n\nRecorded-By: {recorder}\n");
                let commit = self.empty(message, at)?;
                (commit, Created::Anew(commit))
            }
        };
        let Ok(worktree) = self.worktree(&tips)? else {
            return Err(AppendError::Contended { attempts: 1 });
        };
        match self.publish(&tips, worktree.as_ref(), commit, &subject)? {
            Swap::Done => Ok(created),
            Swap::Lost => Err(AppendError::Contended { attempts: 1 }),
        }
    }

    /// A commit without parents that holds no rows.
    fn empty(&self, message: String, at: UtcStamp) -> Result<ObjectId, AppendError> {
        let snapshot = Snapshot::default();
        let format = self.format(None)?;
        let base = Base { parent: None, snapshot: &snapshot, format, shape: Shape::Registry };
        let files = Files::from([("README.md".to_owned(), vec![README.as_bytes().into()])]);
        let edit = Edit { files, message, rows: 0 };
        let draft = draft::commit(base, edit, at)?
            .ok_or(AppendError::RowsIncomplete { records: 0, rows: 0 })?;
        store(&self.git, &draft)?;
        Ok(draft.commit)
    }

    /// Whether the remote can be talked to; it is asked for the registry's branch.
    ///
    /// # Errors
    ///
    /// When there is no such remote, or it does not answer in time.
    pub fn reach(&self, policy: &SyncPolicy) -> Result<(), SyncError> {
        let session = Session::open(&self.git, &self.remote, policy.total)?;
        session.list(&format!("refs/heads/{}", self.branch)).map(drop)
    }
}
