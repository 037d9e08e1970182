//! What is proposed, or why nothing is.

use std::fmt;

use super::FEWEST;
use crate::budget::amount::Amount;
use crate::budget::limit::Allowed;
use crate::clock::UtcStamp;

/// The measurements that a proposal rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// How many there are since the level last changed.
    pub samples: usize,
    /// How many there are in all.
    pub of: usize,
    /// When the first of them was measured.
    pub since: UtcStamp,
    /// Their median.
    pub median: Amount,
    /// Their median absolute deviation from it.
    pub mad: Amount,
    /// The best of them.
    pub best: Amount,
    /// The worst of them.
    pub worst: Amount,
}

/// One limit, as it is and as it might be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is allowed now; by the target, where that is all there is.
    pub from: Option<Allowed>,
    /// What would be allowed.
    pub to: Allowed,
    /// How many of the measurements cross it now.
    pub fires: usize,
    /// How many would cross it.
    pub would_fire: usize,
}

/// What is proposed for a budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proposal {
    /// For the warning.
    pub warn: Option<Step>,
    /// For the failure.
    pub fail: Option<Step>,
    /// Why.
    pub evidence: Evidence,
}

/// Why nothing is proposed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kept {
    /// There is a value that is wanted exactly.
    Exact,
    /// It is a fact of a file, which does not spread.
    Fact,
    /// It is a part of what was given, and the rule for that is no matter of noise.
    Share,
    /// There are too few measurements since the level last changed.
    TooFew {
        /// How many there are.
        have: usize,
    },
    /// What it means to miss the target differs between the phases to come.
    PhasesDiffer,
    /// The limits are as close as the measurements allow.
    Close,
    /// More of the measurements cross the limits than may.
    Crossed {
        /// So many.
        fires: usize,
        /// Of so many.
        of: usize,
    },
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("one value is wanted, and nothing is closer to it"),
            Self::Fact => f.write_str("is a fact of a file and does not spread"),
            Self::Share => {
                f.write_str("is a part of what was given: give less, or more (--resources)")
            }
            Self::TooFew { have } => {
                write!(
                    f,
                    "has {have} measurements since its level last changed, and it takes {FEWEST}"
                )
            }
            Self::PhasesDiffer => f.write_str(
                "has only a target, and the phases to come differ in what it means to miss it",
            ),
            Self::Close => f.write_str("its limits are as close as its measurements allow"),
            Self::Crossed { fires, of } => write!(
                f,
                "{fires} of its {of} measurements cross its limits already: repair it, or say \
                 --loosen"
            ),
        }
    }
}
