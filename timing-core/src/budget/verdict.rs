//! What is to be said of a value.

use std::num::NonZeroUsize;

use super::amount::Amount;
use super::asked::{Severity, Unknowns};
use super::schedule::Waiver;
use super::words::words;

words! {
    /// What a value is. The order is from good to bad; what is not known is no better than a
    /// failure.
    Verdict {
        /// Nothing is wrong with it.
        Pass = "pass",
        /// It asks for attention.
        Warn = "warn",
        /// It breaks its budget.
        Fail = "fail",
        /// There is none, and the reason is known.
        Unknown = "unknown",
    }
}
words! {
    /// A limit of the file.
    LimitKind {
        /// What is wanted.
        Target = "target",
        /// Where a warning begins.
        Warn = "warn",
        /// Where a failure begins.
        Fail = "fail",
    }
}

/// What a source found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measured {
    /// A value.
    Known {
        /// By the metric's statistic.
        value: Amount,
        /// Of how many.
        samples: u64,
    },
    /// Nothing, and why.
    Unknown {
        /// In one line.
        reason: String,
    },
}

/// What a value is compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Its value, if there is one.
    pub value: Option<Amount>,
    /// Of how many measurements it is made.
    pub samples: usize,
}

/// Whether a target is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// There is no target, or no value.
    Unsaid,
    /// It is.
    Reached,
    /// It is not.
    Missed,
}

/// How far it is to the next worse verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// To which limit: the next that is not crossed, or the worst.
    pub to: LimitKind,
    /// In the metric's unit; less than nothing beyond the limit.
    pub room: Amount,
    /// As a part of the limit; `None` of a limit of 0.
    pub ratio: Option<f64>,
}

/// How a value compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Nothing is asked, or nothing was measured.
    NotAsked,
    /// There is too little to compare with.
    TooFew {
        /// How many measurements there are.
        have: usize,
        /// How many it takes.
        need: NonZeroUsize,
    },
    /// Not worse than allowed.
    Within,
    /// Worse by more than both limits.
    Regressed(Severity),
}

/// What became of a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoalState {
    /// There is none, or no accepted baseline or value to tell.
    Unsaid,
    /// The value that is wanted, and whether it is reached.
    Known {
        /// In the metric's unit.
        wanted: Amount,
        /// Whether the value is at least as good.
        is_reached: bool,
        /// Whether missing it is a warning yet.
        is_due: bool,
    },
}

/// Whether a failure fails the check, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enforcement {
    /// It does.
    Enforced,
    /// The phase only warns.
    WarnOnly,
    /// The metric counts from a later phase on.
    NotYet,
    /// Somebody waived it.
    Waived(Waiver),
}

/// What is to be said of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What was measured.
    pub measured: Measured,
    /// What it is.
    pub verdict: Verdict,
    /// Whether the target is reached, whatever the verdict.
    pub target: TargetState,
    /// How far it is to the next worse verdict.
    pub margin: Option<Margin>,
    /// What it was compared with.
    pub baseline: Baseline,
    /// How it compares.
    pub comparison: Comparison,
    /// What became of its goal.
    pub goal: GoalState,
    /// Whether a failure counts.
    pub enforcement: Enforcement,
    /// What it means that nothing could be measured.
    pub unknowns: Unknowns,
}

impl Judgement {
    /// The value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<Amount> {
        match self.measured {
            Measured::Known { value, .. } => Some(value),
            Measured::Unknown { .. } => None,
        }
    }

    /// The change against the baseline, 0.25 for a quarter more.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        let base = self.baseline.value?;
        self.value()?.minus(base).over(base)
    }

    /// Whether this fails the check.
    #[must_use]
    pub fn fails_the_check(&self) -> bool {
        let is_bad = match self.verdict {
            Verdict::Pass | Verdict::Warn => false,
            Verdict::Fail => true,
            Verdict::Unknown => self.unknowns == Unknowns::Fail,
        };
        is_bad && self.enforcement == Enforcement::Enforced
    }
}
