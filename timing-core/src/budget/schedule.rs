//! What of a budget depends on the day: waivers that expire, and reviews that are due.

use time::{Date, Duration};

/// When something has to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// On this day.
    On(Date),
    /// So many days after it was last looked at, or began.
    Every {
        /// When that was; without it, a review is due at once.
        last: Option<Date>,
        /// At least 1.
        days: u32,
    },
}

impl Review {
    /// The day from which on it is overdue once that day is over; `None` when there was none yet.
    #[must_use]
    pub fn due(self) -> Option<Date> {
        match self {
            Self::On(day) => Some(day),
            Self::Every { last, days } => last?.checked_add(Duration::days(days.into())),
        }
    }

    /// Whether `today` is too late.
    #[must_use]
    pub fn is_overdue(self, today: Date) -> bool {
        match self {
            Self::Every { last: None, .. } => true,
            review => review.due().is_some_and(|due| today > due),
        }
    }
}

/// Somebody's word that a violation is known and may last for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The last day on which it holds.
    pub until: Date,
    /// Why, in one line.
    pub why: String,
    /// Who says so.
    pub who: String,
}

impl Waiver {
    /// Whether it holds on `today`.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.until
    }
}

/// A value that was accepted as what later ones are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The value.
    pub value: super::Amount,
    /// Since when; measurements of earlier days are no baseline any more.
    pub since: Date,
    /// Why, in one line.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_waiver_holds_to_the_end_of_its_last_day() {
        let waiver =
            Waiver { until: date!(2026 - 03 - 01), why: String::new(), who: String::new() };
        assert!(waiver.holds(date!(2026 - 03 - 01)) && !waiver.holds(date!(2026 - 03 - 02)));
    }

    #[test]
    fn a_review_is_overdue_the_day_after_it_was_due() {
        let monthly = Review::Every { last: Some(date!(2026 - 01 - 24)), days: 30 };
        assert_eq!(monthly.due(), Some(date!(2026 - 02 - 23)));
        assert!(
            !monthly.is_overdue(date!(2026 - 02 - 23)) && monthly.is_overdue(date!(2026 - 02 - 24))
        );
        assert!(Review::Every { last: None, days: 30 }.is_overdue(date!(2026 - 01 - 01)));
        assert!(!Review::On(date!(2026 - 03 - 01)).is_overdue(date!(2026 - 03 - 01)));
        let never = Review::Every { last: Some(Date::MAX), days: u32::MAX };
        assert!(!never.is_overdue(Date::MAX));
    }
}
