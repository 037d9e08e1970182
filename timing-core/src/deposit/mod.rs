//! From the journal to the branch: the one place that joins the two.
//!
//! Whoever has the turn appends its own rows and takes along what others left: rows of runs that
//! ended and found the turn taken, rows of runs that were killed, and rows that the branch lost
//! since they were appended. All of it goes into one commit. What a run cannot append stays in its
//! entry, and the next one takes it along.

mod deliver;
mod evidence;
mod measurements;
mod sources;
mod spans;

use std::collections::HashSet;
use std::time::Duration;

pub use deliver::Delivered;
pub use measurements::{FoundMeasurements, measurements};
pub use sources::{Sources, sources};
pub use spans::{FoundSpans, Which, spans};

use crate::addition::{self, Addition, Key};
use crate::clock::UtcStamp;
use crate::journal::{self, AppendLock, Journal, Left, Leftovers, SetAside};
use crate::registry::{AppendError, Appended, Batch, Registry, Source};

/// Where rows have to be before the journal lets go of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// On the local branch: nothing is pushed from here, or there is nowhere to push to.
    LocalBranch,
    /// At the remote; until then they wait in the outbox.
    Remote,
}

/// How rows are deposited.
#[derive(Debug, Clone, Copy)]
pub struct Depot<'a> {
    /// Where they come from.
    pub journal: &'a Journal,
    /// Where they go.
    pub registry: &'a Registry,
    /// Where they have to be in the end.
    pub destination: Destination,
    /// How long to wait for other recorders.
    pub patience: Duration,
}

/// What one run brings.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Its rows, the outermost phase last, and its files; nothing for a caller that only takes along.
    pub additions: &'a [Addition],
    /// What it deployed.
    pub source: &'a Source,
    /// Who records, with its version: `xtask 0.1.0`.
    pub recorder: &'a str,
}

/// What a deposit came to.
#[derive(Debug)]
pub struct Deposited {
    /// The commit; `None` when there was nothing to append.
    pub appended: Option<Appended>,
    /// Rows of other runs that were not on the branch.
    pub taken_along: usize,
    /// Runs that were killed, and are recorded as interrupted.
    pub interrupted: Vec<String>,
    /// Entries that could not be read.
    pub set_aside: Vec<SetAside>,
    /// Rows that wait for the remote.
    pub waiting: usize,
    /// Why the journal could not be looked at, when it could not.
    pub journal_unusable: Option<String>,
    /// What went wrong beside; nothing of it lost a row.
    pub warnings: Vec<String>,
}

/// Why rows stay where they are: in the journal.
#[derive(Debug)]
pub enum DepositError {
    /// Other recorders had the turn all the time; one of them takes the rows along.
    TurnTaken,
    /// The journal cannot be used, and what was asked for is about nothing else.
    Journal(std::io::Error),
    /// The branch could not be appended to.
    Append(AppendError),
}

impl std::fmt::Display for DepositError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TurnTaken => f.write_str(
                "other recorders are appending to the registry; the next run takes the rows along",
            ),
            Self::Journal(error) => write!(f, "the journal cannot be used: {error}"),
            Self::Append(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DepositError {}

impl Depot<'_> {
    /// Adds what is `own` and all that others left, in one commit dated `at`.
    ///
    /// # Errors
    ///
    /// When it is not our turn in time, or the branch cannot be appended to. Every row is then still
    /// where it was.
    pub fn deposit(&self, own: &Own<'_>, at: UtcStamp) -> Result<Deposited, DepositError> {
        let (mut warnings, mut journal_unusable) = (Vec::new(), None);
        let turn = match self.journal.lock(self.patience) {
            Ok(turn) => Some(turn.ok_or(DepositError::TurnTaken)?),
            // Compare-and-swap keeps the branch right without turns; only what others left has to
            // wait for better days.
            Err(error) => {
                let journal = self.journal.directory().display();
                journal_unusable =
                    Some(format!("the journal in {journal} cannot be used: {error}"));
                None
            }
        };
        let (mut left, outbox) = match &turn {
            Some(_) => (self.leftovers(&mut warnings), self.outbox(&mut warnings)),
            None => (Leftovers::default(), None),
        };
        let interrupted = interrupted_runs(&left.entries);
        let waited = outbox.as_deref().unwrap_or_default();
        let additions = gather(own.additions, &left.entries, waited);
        let appended = self.append(own, &additions, at)?;
        let waiting =
            self.keep_waiting(turn.as_ref(), outbox.as_deref(), &additions, &mut warnings);
        if waiting.is_ok() {
            settle(std::mem::take(&mut left.entries), &mut warnings);
        }
        let rows = appended.as_ref().map_or(0, |appended| appended.rows);
        Ok(Deposited {
            taken_along: rows.saturating_sub(addition::rows(own.additions).count()),
            appended,
            interrupted,
            set_aside: left.set_aside,
            waiting: waiting.unwrap_or_else(|()| addition::rows(&additions).count()),
            journal_unusable,
            warnings,
        })
    }

    fn leftovers(&self, warnings: &mut Vec<String>) -> Leftovers {
        self.journal.leftovers().unwrap_or_else(|error| {
            let journal = self.journal.directory().display();
            warnings.push(format!("what other runs left in {journal} cannot be read: {error}"));
            Leftovers::default()
        })
    }

    /// `None` when it cannot be read, which is not the same as empty: it must not be replaced.
    fn outbox(&self, warnings: &mut Vec<String>) -> Option<Vec<Addition>> {
        match self.journal.outbox() {
            Ok((additions, faults)) => {
                warnings.extend(faults);
                Some(additions)
            }
            Err(error) => {
                warnings.push(format!("the rows that wait for the remote cannot be read: {error}"));
                None
            }
        }
    }

    fn append(
        &self,
        own: &Own<'_>,
        additions: &[Addition],
        at: UtcStamp,
    ) -> Result<Option<Appended>, DepositError> {
        if additions.is_empty() {
            return Ok(None);
        }
        let last = |additions| addition::records(additions).next_back();
        // A run that only measures gives the commit no phase's name.
        let outermost = match own.additions {
            [] => last(additions),
            own => last(own),
        };
        let Own { source, recorder, .. } = *own;
        let batch = Batch { outermost, additions, source, recorder };
        self.registry.append(&batch, at).map(Some).map_err(DepositError::Append)
    }

    /// Notes what waits for the remote, before any entry goes; returns how many rows do. An error
    /// means that the entries have to stay.
    fn keep_waiting(
        &self,
        turn: Option<&AppendLock>,
        outbox: Option<&[Addition]>,
        additions: &[Addition],
        warnings: &mut Vec<String>,
    ) -> Result<usize, ()> {
        let waiting = match self.destination {
            Destination::LocalBranch => &[],
            Destination::Remote => additions,
        };
        let rows = addition::rows(waiting).count();
        let Some((turn, outbox)) = turn.zip(outbox) else {
            return match self.destination {
                Destination::LocalBranch => Ok(0),
                Destination::Remote => Err(()),
            };
        };
        if waiting.len() == outbox.len() {
            return Ok(rows);
        }
        self.journal.set_outbox(turn, waiting).map(|()| rows).map_err(|error| {
            warnings
                .push(format!("the rows that wait for the remote stay in the journal: {error}"));
        })
    }
}

/// Lets go of entries whose rows are where they belong. One that stays is found again, and adds no
/// row twice.
fn settle(entries: Vec<Left>, warnings: &mut Vec<String>) {
    for entry in entries {
        let path = entry.path().to_owned();
        if let Err(error) = entry.settle() {
            warnings.push(format!("{} could not be removed: {error}", path.display()));
        }
    }
}

/// Every addition once: what the branch may have lost, then what others left, then our own.
fn gather(own: &[Addition], left: &[Left], outbox: &[Addition]) -> Vec<Addition> {
    let left = left.iter().flat_map(|left| {
        let repository = left.history.repository.clone();
        journal::additions(&left.history, move |running| evidence::of(&repository, running))
    });
    let mut seen: HashSet<Key> = HashSet::new();
    let all = outbox.iter().cloned().chain(left).chain(own.iter().cloned());
    all.filter(|addition| seen.insert(addition.key())).collect()
}

fn interrupted_runs(left: &[Left]) -> Vec<String> {
    let interrupted = left.iter().filter(|left| !left.history.running.is_empty());
    interrupted.map(|left| left.history.run.to_string()).collect()
}
