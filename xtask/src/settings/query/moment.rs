//! Times as people type them.

use timing_core::clock::UtcStamp;

use crate::settings::span::Span;

/// A second, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::settings) struct Moment {
    start: UtcStamp,
    seconds: u64,
}

const DAY: u64 = 86_400;

impl Moment {
    /// `2026-01-24T14:43:27Z` (RFC 3339), `2026-01-24` (a day, in UTC), or how long before `now`:
    /// `90m`, `12h`, `30d`, `8w`.
    pub(super) fn parse(text: &str, now: UtcStamp) -> Result<Self, String> {
        let before = |age: Span| {
            let seconds = now.unix_seconds().saturating_sub(age.seconds());
            Self { start: UtcStamp::from_unix_seconds(seconds), seconds: 1 }
        };
        Self::absolute(text).or_else(|| text.parse().ok().map(before)).ok_or_else(|| {
            format!(
                "{text:?} is no time: give a day (2026-01-24), a time (2026-01-24T14:43:27Z) or how \
                 long ago (90m, 12h, 30d, 8w)"
            )
        })
    }

    /// A time or a day, which does not depend on when it is read.
    pub(in crate::settings) fn absolute(text: &str) -> Option<Self> {
        if let Some(start) = UtcStamp::from_rfc3339(text) {
            return Some(Self { start, seconds: 1 });
        }
        let start = UtcStamp::from_rfc3339(&format!("{text}T00:00:00Z"))?;
        Some(Self { start, seconds: DAY })
    }

    /// Its first second.
    pub(in crate::settings) fn first(self) -> UtcStamp {
        self.start
    }

    /// The second that follows it.
    pub(super) fn after(self) -> UtcStamp {
        self.start.plus_seconds(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_times_and_ages() {
        let now: UtcStamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let shown = |text| {
            Moment::parse(text, now).map(|moment| format!("{} {}", moment.first(), moment.after()))
        };
        assert_eq!(shown("2026-01-24").unwrap(), "2026-01-24T00:00:00Z 2026-01-25T00:00:00Z");
        assert_eq!(
            shown("2026-01-24T14:43:27Z").unwrap(),
            "2026-01-24T14:43:27Z 2026-01-24T14:43:28Z"
        );
        assert_eq!(shown("36h").unwrap(), "2026-03-09T00:00:00Z 2026-03-09T00:00:01Z");
        assert_eq!(shown("99999w").unwrap(), "1970-01-01T00:00:00Z 1970-01-01T00:00:01Z");
        for text in ["", "yesterday", "30", "d", "-3d", "3y", "2026-02-30", "99999999999999999999d"]
        {
            assert!(shown(text).is_err(), "{text}");
        }
    }
}
