//! A run while it runs: what is left of it, sharper with each stage that begins.
//!
//! What is left is what was left in the past runs: of those that had the latest stage, from its
//! start, and of all from theirs where no stage is known to enough of them. Only the runs are
//! asked that took longer than this one has already taken from there; their median is the answer,
//! and when there are none, nobody knows.

use super::{Estimate, FEWEST_RUNS, first_recent, is_usable};
use crate::stages::{Kind, Span};
use crate::stats::median::median;

/// A run that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    /// What it took, in seconds.
    pub total: f64,
    /// Its stages in the order in which they began; empty where nobody took note of them.
    pub marks: Vec<Mark>,
}

/// The start of a stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What the stage is called.
    pub stage: String,
    /// Seconds since the start of the run.
    pub at: f64,
}

impl Mark {
    /// The stages, passes and steps among the spans of a phase, in their order.
    #[must_use]
    pub fn of_spans(spans: &[Span]) -> Vec<Self> {
        let stages = spans.iter().filter(|span| !matches!(span.kind, Kind::Resource(_)));
        stages.map(|span| Self { stage: span.name.clone(), at: span.start.as_secs_f64() }).collect()
    }
}

/// What the past runs say of the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    estimate: Estimate,
    /// Those that the estimate rests on.
    runs: Vec<PastRun>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// What it has taken so far, in seconds.
    pub elapsed: f64,
    /// Whether that is much.
    pub pace: Pace,
    /// The seconds it is expected to go on for, above 0; `None` when it has outlasted every run
    /// that it can be compared with.
    pub remaining: Option<f64>,
}

/// What a run has taken so far, beside what runs take in all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// No longer than the typical run.
    OnTime,
    /// Longer than the typical run, by these seconds, but not than p90 as far as that is known.
    Late {
        /// Seconds beyond [`Estimate::typical`].
        by: f64,
    },
    /// Longer than nine runs in ten.
    Overdue {
        /// Seconds beyond [`Estimate::slow`].
        by: f64,
    },
}

impl Forecast {
    /// From comparable runs, oldest first, as [`Estimate::of`].
    pub fn of(past: &[PastRun]) -> Option<Self> {
        let usable = past.iter().filter(|run| is_usable(run.total));
        let (totals, runs): (Vec<f64>, Vec<&PastRun>) = usable.map(|run| (run.total, run)).unzip();
        let first = first_recent(&totals);
        let estimate = Estimate::of_recent(&totals[first..])?;
        Some(Self { estimate, runs: runs[first..].iter().copied().cloned().collect() })
    }

    /// What was said before the run started.
    pub fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// How far a run is that has taken `elapsed` seconds and whose stages began at `marks`, in
    /// order. What is negative or not a number counts as 0.
    pub fn outlook(&self, elapsed: f64, marks: &[Mark]) -> Outlook {
        let elapsed = elapsed.clamp(0.0, f64::MAX).max(0.0);
        Outlook { elapsed, pace: self.pace(elapsed), remaining: self.remaining(elapsed, marks) }
    }

    fn pace(&self, elapsed: f64) -> Pace {
        let Estimate { typical, .. } = self.estimate;
        match self.estimate.slow() {
            Some(slow) if elapsed > slow => Pace::Overdue { by: elapsed - slow },
            _ if elapsed > typical => Pace::Late { by: elapsed - typical },
            _ => Pace::OnTime,
        }
    }

    fn remaining(&self, elapsed: f64, marks: &[Mark]) -> Option<f64> {
        let known = (1..=marks.len()).rev().find_map(|count| {
            let (mark, before) = marks[..count].split_last()?;
            let rests = self.rests(mark, before);
            (rests.len() >= FEWEST_RUNS).then_some((mark.at, rests))
        });
        let (since, rests) =
            known.unwrap_or_else(|| (0.0, self.runs.iter().map(|run| run.total).collect()));
        let taken = (elapsed - since).max(0.0);
        let mut longer: Vec<f64> = rests.into_iter().filter(|rest| *rest > taken).collect();
        (!longer.is_empty()).then(|| median(&mut longer) - taken)
    }

    /// What past runs had left when the stage began, those that had it. A stage that comes again
    /// is compared with the same turn of it.
    fn rests(&self, mark: &Mark, before: &[Mark]) -> Vec<f64> {
        let turn = before.iter().filter(|other| other.stage == mark.stage).count();
        let rest = |run: &PastRun| {
            let mut turns = run.marks.iter().filter(|other| other.stage == mark.stage);
            Some(run.total - turns.nth(turn)?.at).filter(|rest| is_usable(*rest))
        };
        self.runs.iter().filter_map(rest).collect()
    }
}

impl Outlook {
    /// What the run is expected to take in all, in seconds.
    pub fn total(&self) -> Option<f64> {
        Some(self.elapsed + self.remaining?)
    }

    /// The share of it that is done, from 0 up to, and without, 1.
    pub fn done(&self) -> Option<f64> {
        Some(self.elapsed / self.total()?)
    }
}
