//! Days, weeks and months of UTC.

use std::fmt;

use time::{Date, Duration};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// A day.
    Day,
    /// A week of ISO 8601, which begins on a Monday.
    Week,
    /// A month of the calendar.
    Month,
}

/// A day, a week or a month. Those of one span sort by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    span: Span,
    first: Date,
}

impl Span {
    /// The period of this span that holds `day`.
    #[must_use]
    pub fn of(self, day: Date) -> Period {
        let into = match self {
            Self::Day => 0,
            Self::Week => day.weekday().number_days_from_monday(),
            Self::Month => day.day() - 1,
        };
        // No period that holds a day of the years 1970 to 9999 begins before the calendar does.
        let first = day.checked_sub(Duration::days(into.into())).unwrap_or(day);
        Period { span: self, first }
    }
}

impl Period {
    /// Its first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.first
    }

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> usize {
        match self.span {
            Span::Day => 1,
            Span::Week => 7,
            Span::Month => usize::from(self.first.month().length(self.first.year())),
        }
    }
}

/// `2026-01-24`, `2026-W04` (ISO 8601), `2026-01`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.first.to_calendar_date();
        let month = u8::from(month);
        match self.span {
            Span::Day => write!(f, "{year:04}-{month:02}-{day:02}"),
            Span::Week => {
                let (year, week, _) = self.first.to_iso_week_date();
                write!(f, "{year:04}-W{week:02}")
            }
            Span::Month => write!(f, "{year:04}-{month:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn days_weeks_and_months() {
        let shown = |day: Date| {
            [Span::Day, Span::Week, Span::Month].map(|span| span.of(day).to_string()).join(" ")
        };
        assert_eq!(shown(date!(2026 - 01 - 24)), "2026-01-24 2026-W04 2026-01");
        // The week of New Year is that of its Thursday.
        assert_eq!(shown(date!(2021 - 01 - 03)), "2021-01-03 2020-W53 2021-01");
        assert_eq!(shown(date!(2024 - 12 - 30)), "2024-12-30 2025-W01 2024-12");
        assert_eq!(shown(date!(2024 - 02 - 29)), "2024-02-29 2024-W09 2024-02");
    }

    #[test]
    fn a_period_begins_with_its_first_day() {
        let first = |span: Span| span.of(date!(2026 - 03 - 01)).first();
        assert_eq!(first(Span::Week), date!(2026 - 02 - 23));
        assert_eq!(first(Span::Month), date!(2026 - 03 - 01));
        assert_eq!(Span::Week.of(date!(2026 - 02 - 23)), Span::Week.of(date!(2026 - 03 - 01)));
        assert_ne!(Span::Week.of(date!(2026 - 02 - 22)), Span::Week.of(date!(2026 - 02 - 23)));
    }
}
