//! Limits: which values a target, a warning and a failure allow.
//!
//! A target says what is wanted (`< 2m`), a threshold what is not (`> 90s`). Both are kept as what
//! is allowed, with the strictness that was written: a target of `< 2m` is missed by two minutes,
//! a threshold of `> 90s` is not crossed by 90 s.

mod error;

use super::amount::Amount;
use super::unit::Unit;
use super::words::words;
pub use error::LimitError;

words! {
    /// Which values are better.
    Direction {
        /// Lower ones.
        Lower = "lower",
        /// Higher ones.
        Higher = "higher",
        /// One value, or those of a range; others are worse on both sides.
        Exact = "exact",
    }
}

/// The values that a limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Less than this.
    Below(Amount),
    /// This or less.
    AtMost(Amount),
    /// More than this.
    Above(Amount),
    /// This or more.
    AtLeast(Amount),
    /// These two and what lies between them.
    Within(Amount, Amount),
}

/// Whether a text says what is wanted or what is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A target: `< 2m` is met by less.
    Target,
    /// A threshold: `> 90s` is crossed by more.
    Alarm,
}

impl Allowed {
    /// Reads `< 2m`, `<= 2m`, `> 90s`, `>= 90s`, `5s..10s`, `not 5s..10s` (of an alarm, the same),
    /// or a bare quantity, which the direction makes one of these: as a target of lower values
    /// `< `, as an alarm `> `.
    ///
    /// # Errors
    ///
    /// When `text` is no limit, or not one for this direction.
    pub fn parse(
        text: &str,
        reading: Reading,
        unit: Unit,
        direction: Direction,
    ) -> Result<Self, LimitError> {
        let trimmed = text.trim();
        let after = |sign: &str| trimmed.strip_prefix(sign).map(|rest| unit.parse(rest.trim()));
        let allowed = if let Some(amount) = after("<=") {
            reading.pick(Self::AtMost(amount?), Self::Above)
        } else if let Some(amount) = after(">=") {
            reading.pick(Self::AtLeast(amount?), Self::Below)
        } else if let Some(amount) = after("<") {
            reading.pick(Self::Below(amount?), Self::AtLeast)
        } else if let Some(amount) = after(">") {
            reading.pick(Self::Above(amount?), Self::AtMost)
        } else {
            Self::bare(trimmed, reading, unit, direction)?
        };
        if allowed.fits(direction) {
            Ok(allowed)
        } else {
            Err(LimitError::Direction(trimmed.to_owned(), direction))
        }
    }

    fn bare(
        text: &str,
        reading: Reading,
        unit: Unit,
        direction: Direction,
    ) -> Result<Self, LimitError> {
        let text = match reading {
            Reading::Alarm => text.strip_prefix("not ").unwrap_or(text).trim(),
            Reading::Target => text,
        };
        if let Some((from, to)) = text.split_once("..") {
            return Self::within(unit.parse(from.trim())?, unit.parse(to.trim())?)
                .ok_or_else(|| LimitError::Backwards(text.to_owned()));
        }
        let amount = unit.parse(text)?;
        Ok(match (direction, reading) {
            (Direction::Exact, _) => Self::Within(amount, amount),
            (Direction::Lower, Reading::Target) => Self::Below(amount),
            (Direction::Lower, Reading::Alarm) => Self::AtMost(amount),
            (Direction::Higher, Reading::Target) => Self::Above(amount),
            (Direction::Higher, Reading::Alarm) => Self::AtLeast(amount),
        })
    }

    /// The values from `from` to `to`; `None` when `to` is less.
    #[must_use]
    pub fn within(from: Amount, to: Amount) -> Option<Self> {
        (from <= to).then_some(Self::Within(from, to))
    }

    fn fits(self, direction: Direction) -> bool {
        matches!(
            (self, direction),
            (Self::Below(_) | Self::AtMost(_), Direction::Lower)
                | (Self::Above(_) | Self::AtLeast(_), Direction::Higher)
                | (Self::Within(..), Direction::Exact)
        )
    }

    /// Whether `value` is allowed.
    #[must_use]
    pub fn holds(self, value: Amount) -> bool {
        match self {
            Self::Below(edge) => value < edge,
            Self::AtMost(edge) => value <= edge,
            Self::Above(edge) => value > edge,
            Self::AtLeast(edge) => value >= edge,
            Self::Within(from, to) => from <= value && value <= to,
        }
    }

    /// How far `value` is from the edge: more than nothing on the allowed side of it.
    #[must_use]
    pub fn room(self, value: Amount) -> Amount {
        match self {
            Self::Below(edge) | Self::AtMost(edge) => edge.minus(value),
            Self::Above(edge) | Self::AtLeast(edge) => value.minus(edge),
            Self::Within(from, to) => value.minus(from).min(to.minus(value)),
        }
    }

    /// The edge that `value` is nearest to.
    #[must_use]
    pub fn edge(self, value: Amount) -> Amount {
        match self {
            Self::Below(edge) | Self::AtMost(edge) | Self::Above(edge) | Self::AtLeast(edge) => {
                edge
            }
            Self::Within(from, to) if value.minus(from) <= to.minus(value) => from,
            Self::Within(_, to) => to,
        }
    }

    /// Whether every value that this allows is allowed by `other` too.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        match (self, other) {
            (Self::AtMost(a), Self::Below(b)) => a < b,
            (Self::Below(a) | Self::AtMost(a), Self::Below(b) | Self::AtMost(b)) => a <= b,
            (Self::AtLeast(a), Self::Above(b)) => a > b,
            (Self::Above(a) | Self::AtLeast(a), Self::Above(b) | Self::AtLeast(b)) => a >= b,
            (Self::Within(a, b), Self::Within(c, d)) => c <= a && b <= d,
            _ => false,
        }
    }

    /// As a target or an alarm of the file would be written.
    #[must_use]
    pub fn show(self, reading: Reading, unit: Unit) -> String {
        let one = |target: &str, alarm: &str, edge| {
            let sign = if reading == Reading::Target { target } else { alarm };
            format!("{sign} {}", unit.exact(edge))
        };
        match self {
            Self::Below(edge) => one("<", ">=", edge),
            Self::AtMost(edge) => one("<=", ">", edge),
            Self::Above(edge) => one(">", "<=", edge),
            Self::AtLeast(edge) => one(">=", "<", edge),
            Self::Within(from, to) => {
                let not = if reading == Reading::Target { "" } else { "not " };
                let to = if from == to { String::new() } else { format!("..{}", unit.exact(to)) };
                format!("{not}{}{to}", unit.exact(from))
            }
        }
    }
}

impl Reading {
    fn pick(self, target: Allowed, alarm: impl FnOnce(Amount) -> Allowed) -> Allowed {
        match (self, target) {
            (Self::Target, _) | (Self::Alarm, Allowed::Within(..)) => target,
            (
                Self::Alarm,
                Allowed::Below(edge)
                | Allowed::AtMost(edge)
                | Allowed::Above(edge)
                | Allowed::AtLeast(edge),
            ) => alarm(edge),
        }
    }
}

/// What is asked of a metric; at least one of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    target: Option<Allowed>,
    warn: Option<Allowed>,
    fail: Option<Allowed>,
}

impl Limits {
    /// These limits, each of which fits the direction.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn new(
        target: Option<Allowed>,
        warn: Option<Allowed>,
        fail: Option<Allowed>,
    ) -> Result<Self, LimitError> {
        let limits = Self { target, warn, fail };
        let any = target.or(warn).or(fail);
        any.map(|_| limits).ok_or(LimitError::Nothing)
    }

    /// What is wanted.
    #[must_use]
    pub fn target(&self) -> Option<Allowed> {
        self.target
    }

    /// What may be without a warning.
    #[must_use]
    pub fn warn(&self) -> Option<Allowed> {
        self.warn
    }

    /// What may be without a failure.
    #[must_use]
    pub fn fail(&self) -> Option<Allowed> {
        self.fail
    }

    /// Whether the target is all there is.
    #[must_use]
    pub fn is_target_only(&self) -> bool {
        self.warn.is_none() && self.fail.is_none()
    }
}

#[cfg(test)]
mod tests;
