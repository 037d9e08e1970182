//! All findings as the figures of the PRD.

use std::collections::HashMap;

use super::{Finding, Verdict, Witness};

/// How many phases were captured, and how many rows are accurate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Phases that a log with a frame or the journal tells of, and whose runs have ended.
    pub started: usize,
    /// Those of them that have a row.
    pub captured: usize,
    /// Rows that were held against a log.
    pub compared: usize,
    /// Those of them that agree with it.
    pub agreeing: usize,
    /// Phases of runs that go on.
    pub going_on: usize,
    /// Logs of another recorder.
    pub no_frame: usize,
    /// Logs that cannot be read.
    pub unreadable: usize,
    /// Rows whose log is not here.
    pub no_log: usize,
}

impl Summary {
    /// The part of the phases that have a row, 0 to 1; `None` when there were no phases.
    #[must_use]
    pub fn capture_rate(&self) -> Option<f64> {
        part(self.captured, self.started)
    }

    /// The part of the rows that agree with their logs, 0 to 1; `None` when none was compared.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        part(self.agreeing, self.compared)
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for any number of logs a disk holds")]
fn part(some: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| some as f64 / all as f64)
}

/// The figures of `findings`. A phase with several rows is one phase.
pub fn summary<'f, 'a: 'f>(findings: impl IntoIterator<Item = &'f Finding<'a>>) -> Summary {
    let mut summary = Summary::default();
    let mut captured: HashMap<_, bool> = HashMap::new();
    for finding in findings {
        let is_started = match finding.verdict {
            Verdict::Compared(comparison) => {
                summary.compared += 1;
                summary.agreeing += usize::from(comparison.agrees());
                true
            }
            Verdict::NoRow => true,
            Verdict::GoesOn => {
                summary.going_on += 1;
                false
            }
            Verdict::NoFrame => {
                summary.no_frame += 1;
                false
            }
            Verdict::Unreadable => {
                summary.unreadable += 1;
                false
            }
            Verdict::NoLog => {
                summary.no_log += 1;
                finding.witness == Witness::Journal
            }
        };
        if is_started {
            let phase = captured.entry((finding.subject.run, finding.subject.phase));
            *phase.or_default() |= finding.row.is_some();
        }
    }
    summary.started = captured.len();
    summary.captured = captured.values().filter(|has_row| **has_row).count();
    summary
}
