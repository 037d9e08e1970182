//! What is asked of a metric besides its limits: not to get worse, to get better, to be known.

use std::num::NonZeroUsize;

use super::amount::Amount;
use super::model::PhaseIndex;
use super::words::words;
use crate::stats::Percent;

words! {
    /// How bad a finding is.
    Severity {
        /// A warning.
        Warn = "warn",
        /// A failure.
        Fail = "fail",
    }
}
words! {
    /// What a value that could not be measured means.
    Unknowns {
        /// It is said.
        Report = "report",
        /// It fails the check where a failure would.
        Fail = "fail",
    }
}

/// What later values are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The median of the last measurements.
    Rolling {
        /// Of how many at most.
        window: NonZeroUsize,
    },
    /// The median of the newest version that is not this one.
    PreviousVersion,
    /// The same of the newest other commit.
    PreviousCommit,
    /// The median of this version or tag.
    Version(String),
    /// The median of this commit, of which the first letters are enough.
    Commit(String),
    /// The value that was accepted.
    Accepted,
}

/// When a value is worse than what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// With what it is compared.
    pub against: Against,
    /// Worse by more than this; exactly as much is allowed.
    pub relative: Percent,
    /// And by more than this, whatever part it is.
    pub floor: Amount,
    /// And there are at least so many measurements to compare with.
    pub minimum_samples: NonZeroUsize,
    /// What it is then.
    pub severity: Severity,
}

/// A goal relative to the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// By how much the value is to be better.
    pub better_by: Percent,
    /// From which phase on missing it is a warning.
    pub from: Option<PhaseIndex>,
}
