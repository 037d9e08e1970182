//! Rows against the logs of their phases: was every phase captured, and does its row say what its
//! log says? These are the success metrics of PRD-0006. Pure: logs, rows and journal are handed in.
//!
//! A log and its row are written by the same run from the same clocks, so this finds rows that were
//! lost or altered afterwards, and not a clock that was wrong for both.

mod compare;
mod judge;
mod summary;

pub use compare::{Comparison, TOLERANCE_SECONDS, Verdict};
pub use judge::verify;
pub use summary::{Summary, summary};

use crate::clock::UtcStamp;
use crate::journal::Life;
use crate::log::Frame;
use crate::record::{BuildId, Environment, Phase, RunId};
use crate::table::Row;

/// A log that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLog {
    /// Relative to the repository, as rows name it.
    pub path: String,
    /// What it says.
    pub reading: Reading,
}

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It has lines of ours.
    Framed(Frame),
    /// It is another recorder's.
    Unframed,
    /// It cannot be read, for this reason.
    Unreadable(String),
}

/// A phase that started, as a journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its run.
    pub run: RunId,
    /// The phase.
    pub phase: Phase,
    /// Its environment.
    pub environment: Environment,
    /// Its build.
    pub build_id: BuildId,
    /// When.
    pub start: UtcStamp,
    /// Whether its run goes on.
    pub life: Life,
}

/// A log, a row, or both, and what comes of holding one against the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<'a> {
    /// What tells of it.
    pub witness: Witness,
    /// What it is about.
    pub subject: Subject<'a>,
    /// The log, where there is one.
    pub log: Option<&'a SeenLog>,
    /// The row, where there is one.
    pub row: Option<&'a Row<'a>>,
    /// What came of it.
    pub verdict: Verdict,
}

/// What tells that a phase started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// Its log.
    Log,
    /// The journal, where there is no log.
    Journal,
    /// Nothing but its row.
    Row,
}

/// Which phase of which run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Its environment; `None` when nothing but the name of a log is known.
    pub environment: Option<&'a str>,
    /// The phase.
    pub phase: Option<&'a str>,
    /// Its build.
    pub build_id: Option<&'a str>,
    /// Its run, where it is known.
    pub run: Option<&'a str>,
    /// When it started, by the log or the journal; by the row where there is neither.
    pub start: Option<UtcStamp>,
}

#[cfg(test)]
mod tests;
