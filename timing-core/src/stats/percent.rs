//! Percentages that limits are written in, compared without rounding.

use std::fmt;
use std::str::FromStr;

/// A percentage of at least 0 with at most three decimals: `25%`, `99.95%`.
///
/// Kept as a whole number, so that a value that lies exactly on a limit is told from one beyond it:
/// in floating point 29 is more than 0.29 times 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    thousandths: u32,
}

/// How many thousandths of a percent the whole has.
const WHOLE: f64 = 100_000.0;

impl Percent {
    /// `percent` of a hundred; more than four million are as good as four million.
    #[must_use]
    pub const fn whole(percent: u32) -> Self {
        Self { thousandths: percent.saturating_mul(1000) }
    }

    /// In thousandths of a percent: 25000 for 25 %.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.thousandths
    }

    /// 0.25 for 25 %.
    #[must_use]
    pub fn ratio(self) -> f64 {
        f64::from(self.thousandths) / WHOLE
    }

    /// What is left to 100 %; nothing of more.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self { thousandths: 100_000_u32.saturating_sub(self.thousandths) }
    }

    /// Whether `part` is more than this much of `whole`; exact for whole and half numbers up to
    /// 2³⁰ and limits up to 4000 %. Of nothing, any part is more.
    #[must_use]
    pub fn is_exceeded_by(self, part: f64, whole: f64) -> bool {
        part * WHOLE > f64::from(self.thousandths) * whole
    }

    /// Whether `part` of `whole` events is at least this much.
    #[must_use]
    pub fn is_reached_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 100_000 >= u128::from(self.thousandths) * u128::from(whole)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.thousandths / 1000, self.thousandths % 1000);
        let decimals = format!("{rest:03}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}%"),
            decimals => write!(f, "{whole}.{decimals}%"),
        }
    }
}

/// A text that is not a percentage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAPercent(String);

impl fmt::Display for NotAPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a percentage: give a number of at most three decimals with its sign, as \
             25% or 99.5%",
            self.0
        )
    }
}

impl std::error::Error for NotAPercent {}

impl FromStr for Percent {
    type Err = NotAPercent;

    fn from_str(text: &str) -> Result<Self, NotAPercent> {
        thousandths(text)
            .map(|thousandths| Self { thousandths })
            .ok_or_else(|| NotAPercent(text.to_owned()))
    }
}

fn thousandths(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?.trim_end_matches(' ');
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 3 {
        return None;
    }
    let decimals: u32 = format!("{decimals:0<3}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(text: &str) -> Percent {
        text.parse().unwrap()
    }

    #[test]
    fn a_percentage_has_its_sign() {
        for (text, shown) in [
            ("25%", "25%"),
            ("25 %", "25%"),
            ("12.50%", "12.5%"),
            ("99.955%", "99.955%"),
            ("0.05%", "0.05%"),
            ("0%", "0%"),
            ("300%", "300%"),
        ] {
            assert_eq!(percent(text).to_string(), shown);
        }
        for text in ["", "%", "25", "0.25", "-5%", "+5%", "5.%", ".5%", "1.2345%", "5e1%", "NaN%"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        assert!("99999999999%".parse::<Percent>().is_err());
        assert_eq!(Percent::whole(25), percent("25%"));
    }

    #[test]
    fn what_lies_exactly_on_a_limit_does_not_exceed_it_and_reaches_it() {
        for (text, part, whole) in
            [("29%", 29_u32, 100_u32), ("0.1%", 1, 1000), ("99.95%", 1999, 2000)]
        {
            let limit = percent(text);
            let exceeded = |part: u32| limit.is_exceeded_by(f64::from(part), f64::from(whole));
            assert!(!exceeded(part) && exceeded(part + 1), "{text}");
            let reached = |part: u32| limit.is_reached_by(part.into(), whole.into());
            assert!(reached(part) && !reached(part - 1), "{text}");
        }
    }

    #[test]
    fn what_is_left_is_exact() {
        assert_eq!(percent("99.95%").rest(), percent("0.05%"));
        assert_eq!(percent("95%").rest().ratio(), 0.05);
        assert_eq!(percent("300%").rest(), percent("0%"));
    }

    #[test]
    fn any_part_exceeds_every_share_of_nothing() {
        assert!(percent("25%").is_exceeded_by(1.0, 0.0));
        assert!(!percent("25%").is_exceeded_by(0.0, 0.0));
    }
}
