//! Why a text is no limit, for whoever wrote it.

use std::fmt;

use super::Direction;
use crate::budget::unit::NotAQuantity;

/// Why a text is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitError {
    /// The quantity in it.
    Quantity(NotAQuantity),
    /// The ends of a range are the wrong way round.
    Backwards(String),
    /// It allows values that the direction calls worse than those that it does not allow.
    Direction(String, Direction),
    /// There is none at all.
    Nothing,
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(error) => error.fmt(f),
            Self::Backwards(text) => {
                write!(f, "{text:?} ends before it begins: give the smaller end first")
            }
            Self::Direction(text, Direction::Lower) => write!(
                f,
                "{text:?} does not fit a metric whose lower values are better: turn it round, or \
                 give direction = \"higher\" or \"exact\""
            ),
            Self::Direction(text, Direction::Higher) => write!(
                f,
                "{text:?} does not fit a metric whose higher values are better: turn it round, or \
                 give direction = \"lower\" or \"exact\""
            ),
            Self::Direction(text, Direction::Exact) => write!(
                f,
                "{text:?} does not fit direction = \"exact\": give one value, or a range as 5s..10s"
            ),
            Self::Nothing => {
                f.write_str("nothing is asked of this metric: give target, warn or fail")
            }
        }
    }
}

impl std::error::Error for LimitError {}

impl From<NotAQuantity> for LimitError {
    fn from(error: NotAQuantity) -> Self {
        Self::Quantity(error)
    }
}
