//! What belongs on the registry's branch: rows of a table, and files of a run's own.
//!
//! Journal, outbox, inboxes and branch move additions, whatever they are. An addition is known by
//! its key, and whoever has one with this key does not take it again; what is on the branch is never
//! changed. A new table needs a variant of `Table` and of [`Row`]; what is no row, a variant
//! of [`Addition`], a place in the registry's layout and a line of the outbox. This module knows no file and no git.

use crate::budget::measurement::{self, Measurement};
use crate::record::{Environment, Identity, RunId, TimingRecord};
use crate::stages::{self, PhaseSpans, SpansPath};
use crate::table::{self, Table};

/// Something that belongs on the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// A row of a table.
    Row(Row),
    /// A file of its own.
    File(OwnFile),
}

/// A row of one of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// What a phase took.
    Timing(TimingRecord),
    /// What was measured for a budget.
    Measurement(Box<Measurement>),
}

impl Row {
    /// Where it belongs.
    #[must_use]
    pub fn table(&self) -> Table {
        match self {
            Self::Timing(_) => Table::Timings,
            Self::Measurement(_) => Table::Measurements,
        }
    }

    /// Where, or for where.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        match self {
            Self::Timing(record) => &record.environment,
            Self::Measurement(measurement) => &measurement.environment,
        }
    }

    /// Which row it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match self {
            Self::Timing(record) => record.identity(),
            Self::Measurement(measurement) => measurement.identity(),
        }
    }

    /// Its line, with the line end.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        match self {
            Self::Timing(record) => table::rows(std::slice::from_ref(record)),
            Self::Measurement(measurement) => measurement::rows([&**measurement]),
        }
    }

    /// Reads a line of `table` as it is written here; one that is spelled otherwise is none.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn parse(table: Table, line: &[u8]) -> Result<Self, String> {
        match table {
            Table::Timings => table::parse_line(line).map(Self::Timing),
            Table::Measurements => {
                measurement::parse_line(line).map(|row| Self::Measurement(Box::new(row)))
            }
        }
    }
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
            Self::Row(row) => Key::Row(row.identity()),
            Self::File(file) => Key::File(file.path.clone()),
        }
    }

    /// The row, when it is one.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        match self {
            Self::Row(row) => Some(row),
            Self::File(_) => None,
        }
    }
}

impl From<TimingRecord> for Addition {
    fn from(record: TimingRecord) -> Self {
        Self::Row(Row::Timing(record))
    }
}

impl From<Measurement> for Addition {
    fn from(measurement: Measurement) -> Self {
        Self::Row(Row::Measurement(Box::new(measurement)))
    }
}

/// The rows among `additions`, in order.
pub fn rows(additions: &[Addition]) -> impl DoubleEndedIterator<Item = &Row> {
    additions.iter().filter_map(Addition::row)
}

/// The records of phases among `additions`, in order.
pub fn records(additions: &[Addition]) -> impl DoubleEndedIterator<Item = &TimingRecord> {
    rows(additions).filter_map(|row| match row {
        Row::Timing(record) => Some(record),
        Row::Measurement(_) => None,
    })
}

/// The rows of `table` among `additions` as lines; nothing when there are none.
#[must_use]
pub fn lines_of(table: Table, additions: &[Addition]) -> Vec<u8> {
    rows(additions).filter(|row| row.table() == table).flat_map(Row::line).collect()
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
    let mut additions: Vec<Addition> = records.into_iter().map(Addition::from).collect();
    if let (Some(start), true) = (start, spans.iter().any(|phase| !phase.spans.is_empty())) {
        let path = SpansPath::new(environment, start, sha, run);
        additions.push(Addition::File(OwnFile { path, bytes: stages::write(spans) }));
    }
    additions
}
