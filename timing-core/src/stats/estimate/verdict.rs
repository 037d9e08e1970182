//! A run that has ended, beside what was expected: the phrase behind its duration.
//!
//! It judges nothing: what is a regression, and how sure that is, is not decided by one run.

use std::fmt;

use super::Estimate;
use crate::stats::change::LEAST_SECONDS;

/// How a run compares with those before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// There are too few.
    NoHistory,
    /// There was an [`Estimate`].
    Compared {
        /// Where it stands among them.
        standing: Standing,
        /// By which share of their median it took longer: 0.02 is 2 % slower, -0.5 twice as fast.
        /// Never below -1.
        change: f64,
        /// How many they are.
        count: usize,
    },
}

/// Where a run stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They are too few to say what is unusual.
    Unranked,
    /// Below p10.
    Faster,
    /// From p10 to p90.
    Usual,
    /// Above p90.
    Slower,
}

impl Verdict {
    /// Of a run that took so many seconds, and what was expected of it. Less than half a second
    /// counts as that, since a row of 0 s stands for anything that rounds to it.
    pub fn of(seconds: f64, expected: Option<&Estimate>) -> Self {
        expected.map_or(Self::NoHistory, |estimate| Self::Compared {
            standing: Standing::of(seconds, estimate),
            change: seconds.max(LEAST_SECONDS) / estimate.typical.max(LEAST_SECONDS) - 1.0,
            count: estimate.count,
        })
    }
}

impl Standing {
    fn of(seconds: f64, estimate: &Estimate) -> Self {
        match estimate.bounds {
            None => Self::Unranked,
            Some(bounds) if seconds < bounds.fast => Self::Faster,
            Some(bounds) if seconds > bounds.slow => Self::Slower,
            Some(_) => Self::Usual,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Compared { standing, change, count } = self else {
            return f.write_str("no history");
        };
        let percent = (100.0 * change).round();
        // Not `+0` or `-0`.
        if percent == 0.0 {
            f.write_str("±0")?
        } else {
            write!(f, "{percent:+}")?
        }
        write!(f, " % against the median of {count}")?;
        match standing {
            Standing::Unranked | Standing::Usual => Ok(()),
            Standing::Faster => f.write_str(", faster than p10"),
            Standing::Slower => f.write_str(", slower than p90"),
        }
    }
}
