//! One row and one log.

use crate::log::Frame;
use crate::record::ExitCode;
use crate::table::Row;

/// How far a row may be from its log, in seconds (PRD-0006, success metrics).
pub const TOLERANCE_SECONDS: u64 = 5;

/// What comes of holding a row against a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both are there.
    Compared(Comparison),
    /// The phase started and has no row.
    NoRow,
    /// It has no row yet: its run goes on.
    GoesOn,
    /// The log is another recorder's, and is not judged.
    NoFrame,
    /// The log cannot be read.
    Unreadable,
    /// The log of this row is not here: it was recorded elsewhere, or the log was removed.
    NoLog,
}

/// How a row differs from its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Seconds by which the row's start is the later one.
    pub start_seconds: i64,
    /// Seconds by which the row's duration is the longer one; `None` without a last line.
    pub duration_seconds: Option<i64>,
    /// The row's exit code and the log's, which has none without a last line.
    pub exit_codes: (i32, Option<ExitCode>),
}

impl Comparison {
    pub(super) fn of(row: &Row<'_>, frame: &Frame) -> Self {
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let start = frame.opened.start.unix_seconds();
        let duration = frame.duration_seconds();
        Self {
            start_seconds: signed(row.start.unix_seconds()) - signed(start),
            duration_seconds: duration
                .map(|duration| signed(row.duration_seconds).saturating_sub(duration)),
            exit_codes: (row.exit_code, frame.closed.map(|closed| closed.exit_code)),
        }
    }

    /// Whether the starts are within [`TOLERANCE_SECONDS`].
    #[must_use]
    pub fn start_agrees(&self) -> bool {
        self.start_seconds.unsigned_abs() <= TOLERANCE_SECONDS
    }

    /// Whether the durations are within [`TOLERANCE_SECONDS`], as far as the log has one.
    #[must_use]
    pub fn duration_agrees(&self) -> bool {
        self.duration_seconds.is_none_or(|seconds| seconds.unsigned_abs() <= TOLERANCE_SECONDS)
    }

    /// Whether the exit codes are equal, as far as the log has one.
    #[must_use]
    pub fn exit_code_agrees(&self) -> bool {
        let (row, log) = self.exit_codes;
        log.is_none_or(|log| i32::from(log.0) == row)
    }

    /// Whether all of it agrees.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.start_agrees() && self.duration_agrees() && self.exit_code_agrees()
    }
}

impl Verdict {
    /// Whether somebody has to look at it: a row is missing or says something else.
    #[must_use]
    pub fn is_deviation(&self) -> bool {
        match self {
            Self::Compared(comparison) => !comparison.agrees(),
            Self::NoRow | Self::Unreadable => true,
            Self::GoesOn | Self::NoFrame | Self::NoLog => false,
        }
    }
}
