//! Two clocks: the wall clock for *when*, and one that steps of the wall clock cannot bend for
//! *how long*.
//!
//! Everything that needs the time is handed a [`Clock`]; nothing else in the workspace asks the
//! system. That is what lets tests fix both.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, Time, UtcDateTime};

/// The registry's stamp. RFC 3339 as `time` writes it varies in width with the fraction.
const STAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
/// The same instant where a colon may not stand: file names.
const COMPACT: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// A point of the wall clock in whole UTC seconds, written `2026-01-24T14:43:27Z`.
///
/// Years 1970 to 9999, so that the text always has twenty characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcStamp {
    /// At most [`LAST_SECOND`]. A number, because rows are sorted by it a million at a time.
    unix_seconds: u64,
}

/// The last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

impl UtcStamp {
    /// The stamp `seconds` after 1970-01-01T00:00:00Z; the year 9999 ends the scale.
    #[must_use]
    pub fn from_unix_seconds(seconds: u64) -> Self {
        Self { unix_seconds: seconds.min(LAST_SECOND) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> u64 {
        self.unix_seconds
    }

    /// This stamp and `seconds` more.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Self {
        Self::from_unix_seconds(self.unix_seconds().saturating_add(seconds))
    }

    /// Its day, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        self.utc().date()
    }

    /// The stamp of a time as RFC 3339 writes it, also with an offset or a fraction, which is cut
    /// off; `None` when it is none, or one outside the years 1970 to 9999.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        text.parse().ok().or_else(|| {
            let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            let seconds = u64::try_from(time.unix_timestamp()).ok()?;
            (seconds <= LAST_SECOND).then(|| Self::from_unix_seconds(seconds))
        })
    }

    /// The stamp in a text of the form `2026-01-24T14:43:27Z`, and of no other.
    ///
    /// By place, because a file of a million rows has two million of them and a parser of
    /// descriptions takes ten times as long.
    #[inline]
    pub(crate) fn from_fixed(text: &[u8]) -> Option<Self> {
        let text: &[u8; 20] = text.try_into().ok()?;
        let shape = b"0000-00-00T00:00:00Z";
        let fits = |byte: u8, shape: u8| match shape {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        };
        // Without an early exit, which would keep the compiler from looking at all bytes at once.
        if !text.iter().zip(shape).fold(true, |all, (&byte, &shape)| all & fits(byte, shape)) {
            return None;
        }
        let two = |at: usize| (text[at] - b'0') * 10 + (text[at + 1] - b'0');
        let year = i32::from(two(0)) * 100 + i32::from(two(2));
        let date = Date::from_calendar_date(year, Month::try_from(two(5)).ok()?, two(8)).ok()?;
        let time = Time::from_hms(two(11), two(14), two(17)).ok()?;
        let unix_seconds = UtcDateTime::new(date, time).unix_timestamp();
        u64::try_from(unix_seconds).ok().map(Self::from_unix_seconds)
    }

    /// `20260124T144327Z`, for file names.
    #[must_use]
    pub fn compact(self) -> String {
        self.utc().format(COMPACT).unwrap_or_default()
    }

    fn utc(self) -> UtcDateTime {
        // No stamp is outside of what the type holds.
        let seconds = i64::try_from(self.unix_seconds).unwrap_or(0);
        UtcDateTime::from_unix_timestamp(seconds).unwrap_or(UtcDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for UtcStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().format(STAMP).map_err(|_| fmt::Error)?)
    }
}

/// A text that is not a stamp of the form `2026-01-24T14:43:27Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAStamp(pub String);

impl fmt::Display for NotAStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a time of the form 2026-01-24T14:43:27Z", self.0)
    }
}

impl std::error::Error for NotAStamp {}

impl FromStr for UtcStamp {
    type Err = NotAStamp;

    fn from_str(text: &str) -> Result<Self, NotAStamp> {
        Self::from_fixed(text.as_bytes()).ok_or_else(|| NotAStamp(text.to_owned()))
    }
}

/// Where times come from.
pub trait Clock: Send + Sync {
    /// The wall clock, in whole UTC seconds, rounded down.
    fn now(&self) -> UtcStamp;

    /// The wall clock as exactly as it can be read: since 1970-01-01T00:00:00Z.
    fn since_epoch(&self) -> Duration;

    /// Time since some fixed moment, on a clock that is never set. Time that the machine spent
    /// asleep counts where the system has a clock that counts it.
    fn elapsed(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UtcStamp {
        UtcStamp::from_unix_seconds(self.since_epoch().as_secs())
    }

    fn since_epoch(&self) -> Duration {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        // Linux stops CLOCK_MONOTONIC while a laptop sleeps; the deployment it watches goes on.
        #[cfg(target_os = "linux")]
        let id = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let id = rustix::time::ClockId::Monotonic;
        let now = rustix::time::clock_gettime(id);
        Duration::new(
            u64::try_from(now.tv_sec).unwrap_or(0),
            u32::try_from(now.tv_nsec).unwrap_or(0),
        )
    }
}

/// A clock for tests: it stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock {
    wall: std::sync::atomic::AtomicU64,
    elapsed_ms: std::sync::atomic::AtomicU64,
}

impl FixedClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn at(at: UtcStamp) -> Self {
        Self { wall: at.unix_seconds().into(), elapsed_ms: 0.into() }
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, by: Duration) {
        use std::sync::atomic::Ordering::SeqCst;
        self.elapsed_ms.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), SeqCst);
        self.wall.fetch_add(by.as_secs(), SeqCst);
    }

    /// Sets the wall clock, as an administrator or NTP would, and leaves the other alone.
    pub fn set_wall(&self, to: UtcStamp) {
        self.wall.store(to.unix_seconds(), std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> UtcStamp {
        UtcStamp::from_unix_seconds(self.wall.load(std::sync::atomic::Ordering::SeqCst))
    }

    fn since_epoch(&self) -> Duration {
        Duration::from_secs(self.now().unix_seconds())
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_twenty_characters_and_reads_back() {
        for seconds in [0, 1, 1_769_265_807, LAST_SECOND, u64::MAX] {
            let stamp = UtcStamp::from_unix_seconds(seconds);
            assert_eq!(stamp.to_string().len(), 20, "{stamp}");
            assert_eq!(stamp.to_string().parse(), Ok(stamp));
        }
        assert_eq!(UtcStamp::from_unix_seconds(1_769_265_807).to_string(), "2026-01-24T14:43:27Z");
        assert_eq!(UtcStamp::from_unix_seconds(1_769_265_807).compact(), "20260124T144327Z");
    }

    #[test]
    fn other_spellings_of_a_time_are_refused() {
        for text in [
            "",
            "2026-01-24",
            "2026-01-24T14:43:27",
            "2026-01-24T14:43:27.5Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert!(text.parse::<UtcStamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_system_clock_moves_forward() {
        let before = SystemClock.elapsed();
        std::thread::sleep(Duration::from_millis(2));
        assert!(SystemClock.elapsed() > before);
    }
}
