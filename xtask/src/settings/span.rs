//! Lengths of time as people type them.

use std::fmt;
use std::str::FromStr;

use timing_core::record::InvalidName;

/// A length of time in whole seconds: `5s`, `90m`, `12h`, `30d`, `8w`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

/// Seconds in a unit; the first that divides a span is what it is shown in.
const UNITS: [(&str, u64); 5] =
    [("w", 7 * 86_400), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl Span {
    /// So many seconds.
    #[must_use]
    pub const fn of_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// How many seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl FromStr for Span {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        const RULE: &str =
            "a whole number and its unit, as 5s, 90m, 12h, 30d or 8w, or several, as 1h30m";
        seconds(text).map(Self).ok_or_else(|| InvalidName::new("length of time", text, RULE))
    }
}

/// The sum of its parts, the larger units first and none of them twice.
fn seconds(text: &str) -> Option<u64> {
    let (mut rest, mut units, mut sum) = (text, UNITS.as_slice(), 0u64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, next) = after.split_at(letters);
        let place = units.iter().position(|(name, _)| *name == unit)?;
        let (_, seconds) = units.get(place)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*seconds)?)?;
        (rest, units) = (next, units.get(place + 1..)?);
    }
    (!text.is_empty()).then_some(sum)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Days, not weeks: windows of 28 and of 30 days are easier to tell apart so.
        let unit = UNITS.iter().skip(1).find(|(_, seconds)| self.0.is_multiple_of(*seconds));
        match unit {
            Some((name, seconds)) if self.0 > 0 => write!(f, "{}{name}", self.0 / seconds),
            _ => write!(f, "{}s", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, seconds, shown) in [
            ("0s", 0, "0s"),
            ("5s", 5, "5s"),
            ("90s", 90, "90s"),
            ("90m", 5400, "90m"),
            ("120m", 7200, "2h"),
            ("36h", 129_600, "36h"),
            ("30d", 2_592_000, "30d"),
            ("8w", 4_838_400, "56d"),
            ("1h30m", 5400, "90m"),
            ("1d2h3m4s", 93_784, "93784s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.seconds(), span.to_string().as_str()), (seconds, shown), "{text}");
        }
        for text in [
            "",
            "5",
            "s",
            "-5s",
            "+5s",
            "5 s",
            "30m1h",
            "1m1m",
            "1h30",
            "h30m",
            "1h 30m",
            "5y",
            "99999999999999999999d",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
