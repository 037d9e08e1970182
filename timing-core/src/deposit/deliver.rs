//! From the outbox to the remote.
//!
//! The turn is held only while files are read and written, never while the network is waited for:
//! a recorder that wants it waits a quarter of a second and no longer. So the outbox may grow in
//! between; what goes from it afterwards is what was seen to arrive, row by row.

use std::collections::HashSet;
use std::time::Duration;

use super::{DepositError, Depot, gather, interrupted_runs, settle};
use crate::addition::{self, Addition, Key};
use crate::clock::UtcStamp;
use crate::journal::SetAside;
use crate::registry::{InboxName, InboxPushed, SyncError, SyncPolicy, Synced};

/// How long to wait for the turn once rows have arrived; nobody waits for this.
const PATIENCE_AFTERWARDS: Duration = Duration::from_secs(5);

/// What a delivery came to.
#[derive(Debug)]
pub struct Delivered<T> {
    /// What the remote made of it. After an error every row still waits.
    pub outcome: Result<T, SyncError>,
    /// How many rows were offered to the remote.
    pub offered: usize,
    /// How many wait now.
    pub waiting: usize,
    /// Runs that were killed, and are recorded as interrupted.
    pub interrupted: Vec<String>,
    /// Entries that could not be read.
    pub set_aside: Vec<SetAside>,
    /// What went wrong beside; nothing of it lost a row.
    pub warnings: Vec<String>,
}

impl Depot<'_> {
    /// Brings the rows that wait, those that runs left in the journal, and those that only the local
    /// branch holds to the remote's branch, in one commit dated `at`.
    ///
    /// # Errors
    ///
    /// When it is not our turn in time, or the journal cannot be used; nothing was said to the
    /// remote then. What that answered is the `outcome`.
    pub fn sync(
        &self,
        policy: &SyncPolicy,
        recorder: &str,
        at: UtcStamp,
    ) -> Result<Delivered<Synced>, DepositError> {
        self.deliver(|waiting| self.registry.sync(waiting, policy, recorder, at))
    }

    /// Brings the rows that wait, and those that runs left in the journal, to the remote's inbox
    /// `name`.
    ///
    /// # Errors
    ///
    /// As those of [`Depot::sync`].
    pub fn push_inbox(
        &self,
        name: &InboxName,
        policy: &SyncPolicy,
        recorder: &str,
        at: UtcStamp,
    ) -> Result<Delivered<InboxPushed>, DepositError> {
        self.deliver(|waiting| self.registry.push_inbox(name, waiting, policy, recorder, at))
    }

    fn deliver<T>(
        &self,
        send: impl FnOnce(&[Addition]) -> Result<T, SyncError>,
    ) -> Result<Delivered<T>, DepositError> {
        let (offered, mut delivered) = self.collect()?;
        let outcome = send(&offered);
        if outcome.is_ok() && !offered.is_empty() {
            match self.settle(&offered) {
                Ok(left) => delivered.waiting = left,
                Err(reason) => delivered.warnings.push(format!(
                    "the rows have arrived and go on waiting all the same, which the next \
                     synchronisation puts right: {reason}"
                )),
            }
        }
        let Delivered { offered, waiting, interrupted, set_aside, warnings, .. } = delivered;
        Ok(Delivered { outcome, offered, waiting, interrupted, set_aside, warnings })
    }

    /// Moves what runs left to the outbox, and says what is there.
    fn collect(&self) -> Result<(Vec<Addition>, Delivered<()>), DepositError> {
        let turn = self.journal.lock(self.patience).map_err(DepositError::Journal)?;
        let turn = turn.ok_or(DepositError::TurnTaken)?;
        let left = self.journal.leftovers().map_err(DepositError::Journal)?;
        let (outbox, mut warnings) = self.journal.outbox().map_err(DepositError::Journal)?;
        let interrupted = interrupted_runs(&left.entries);
        let waiting = gather(&[], &left.entries, &outbox);
        if waiting != outbox {
            self.journal.set_outbox(&turn, &waiting).map_err(DepositError::Journal)?;
        }
        settle(left.entries, &mut warnings);
        let count = addition::rows(&waiting).count();
        let set_aside = left.set_aside;
        let delivered = Delivered {
            outcome: Ok(()),
            offered: count,
            waiting: count,
            interrupted,
            set_aside,
            warnings,
        };
        Ok((waiting, delivered))
    }

    /// Takes `arrived` out of the outbox; says how many rows are left there.
    fn settle(&self, arrived: &[Addition]) -> Result<usize, DepositError> {
        let turn = self.journal.lock(PATIENCE_AFTERWARDS).map_err(DepositError::Journal)?;
        let turn = turn.ok_or(DepositError::TurnTaken)?;
        let (mut waiting, _) = self.journal.outbox().map_err(DepositError::Journal)?;
        let arrived: HashSet<Key> = arrived.iter().map(Addition::key).collect();
        waiting.retain(|addition| !arrived.contains(&addition.key()));
        self.journal.set_outbox(&turn, &waiting).map_err(DepositError::Journal)?;
        Ok(addition::rows(&waiting).count())
    }
}
