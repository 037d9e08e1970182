//! What belongs on the registry's branch: rows of a table, and files of a run's own.
//!
//! Journal, outbox, inboxes and branch move additions, whatever they are. An addition is known by
//! its key, and whoever has one with this key does not take it again; what is on the branch is never
//! changed. A new kind needs a variant here, a place in the registry's layout and a line of the
//! outbox. This module knows no file and no git.

use crate::record::{Environment, Identity, RunId, TimingRecord};
use crate::stages::{self, PhaseSpans, SpansPath};

/// Something that belongs on the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// A row of the table of timings.
    Row(TimingRecord),
    /// A file of its own.
    File(OwnFile),
}

/// A file that one run adds as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    /// Where it belongs.
    pub path: SpansPath,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What an addition is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// The row.
    Row(Identity),
    /// The file.
    File(SpansPath),
}

impl Addition {
    /// By what it is known.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Row(record) => Key::Row(record.identity()),
            Self::File(file) => Key::File(file.path.clone()),
        }
    }

    /// The record, when it is a row.
    #[must_use]
    pub fn record(&self) -> Option<&TimingRecord> {
        match self {
            Self::Row(record) => Some(record),
            Self::File(_) => None,
        }
    }
}

impl From<TimingRecord> for Addition {
    fn from(record: TimingRecord) -> Self {
        Self::Row(record)
    }
}

/// The records among `additions`, in order.
pub fn records(additions: &[Addition]) -> impl DoubleEndedIterator<Item = &TimingRecord> {
    additions.iter().filter_map(Addition::record)
}

/// What a run adds: its rows, and the file of its spans if it has any.
#[must_use]
pub fn of_run(
    run: &RunId,
    environment: &Environment,
    sha: Option<&str>,
    records: Vec<TimingRecord>,
    spans: &[PhaseSpans],
) -> Vec<Addition> {
    // The outermost phase starts before those within it.
    let start = records.iter().map(|record| record.start).min();
    let mut additions: Vec<Addition> = records.into_iter().map(Addition::Row).collect();
    if let (Some(start), true) = (start, spans.iter().any(|phase| !phase.spans.is_empty())) {
        let path = SpansPath::new(environment, start, sha, run);
        additions.push(Addition::File(OwnFile { path, bytes: stages::write(spans) }));
    }
    additions
}
