//! Exact numbers: what limits and measurements are compared as.

use std::fmt;
use std::time::Duration;

/// How many billionths one has.
pub(super) const ONE: i128 = 1_000_000_000;

/// A number of a unit's base (seconds, bytes, cores, parts of the whole, pieces), in whole
/// billionths, so that what lies exactly on a limit is told from what lies beyond it.
///
/// At most 10¹⁸ either way: an exabyte, thirty billion years. Measured differences may be negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

/// Nothing is larger.
const MOST: i128 = ONE * ONE * ONE;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many billionths; `None` of more than an amount holds.
    #[must_use]
    pub fn from_billionths(billionths: i128) -> Option<Self> {
        (billionths.abs() <= MOST).then_some(Self(billionths))
    }

    /// A whole number; 10¹⁸ and more are as good as 10¹⁸.
    #[must_use]
    pub fn whole(number: u64) -> Self {
        Self((i128::from(number) * ONE).min(MOST))
    }

    /// A length of time, in seconds; 10¹⁸ and more are as good as 10¹⁸.
    #[must_use]
    pub fn from_duration(duration: Duration) -> Self {
        Self(i128::try_from(duration.as_nanos()).unwrap_or(MOST).min(MOST))
    }

    /// The nearest amount; `None` of what is no number, or more than an amount holds.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "checked to be far below 2^127")]
    pub fn from_f64(number: f64) -> Option<Self> {
        let billionths = (number * 1e9).round();
        (billionths.abs() <= 1e27).then_some(Self(billionths as i128))
    }

    /// In billionths.
    #[must_use]
    pub fn billionths(self) -> i128 {
        self.0
    }

    /// As near as floating point comes.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "for people and for statistics")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// How much more than `other` it is, down to less than nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self((self.0 - other.0).clamp(-MOST, MOST))
    }

    /// The part of `whole` that it is; `None` of nothing.
    #[must_use]
    pub fn over(self, whole: Self) -> Option<f64> {
        (whole.0 != 0).then(|| self.as_f64() / whole.as_f64().abs())
    }

    /// The amount in a decimal number: digits, a point, at most nine digits, a minus in front.
    #[must_use]
    pub fn from_decimal(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (mantissa, decimals) = digits_of(digits)?;
        let scale = 10_i128.checked_pow(9_u32.checked_sub(decimals)?)?;
        Self::from_billionths(mantissa.checked_mul(scale)?.checked_mul(sign)?)
    }
}

impl fmt::Display for Amount {
    /// As a decimal number that [`Amount::from_decimal`] reads back: `0.05`, `-3`, `134217728`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.abs() / ONE, self.0.abs() % ONE);
        let decimals = format!("{rest:09}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            decimals => write!(f, "{sign}{whole}.{decimals}"),
        }
    }
}

/// The digits of a number without its point, and how many of them are behind it; `None` of what is
/// no such number, or longer than any that is meant.
pub(super) fn digits_of(text: &str) -> Option<(i128, u32)> {
    const LONGEST: usize = 30;
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
        Some(_) => return None,
        None => (text, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !is_digits(whole)
        || !is_digits(decimals)
        || whole.len() + decimals.len() > LONGEST
    {
        return None;
    }
    let mantissa = format!("{whole}{decimals}").parse().ok()?;
    Some((mantissa, u32::try_from(decimals.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_reads_back() {
        for text in ["0", "1", "-3", "0.05", "134217728", "0.000000001", "1000000000000000000"] {
            assert_eq!(Amount::from_decimal(text).unwrap().to_string(), text);
        }
        for text in ["", "-", ".5", "5.", "1e3", "+1", "--1", "1.0000000001", "1 ", "NaN"] {
            assert_eq!(Amount::from_decimal(text), None, "{text}");
        }
        assert_eq!(Amount::from_decimal("1000000000000000001"), None);
        assert_eq!(Amount::from_decimal(&"9".repeat(1000)), None);
    }

    #[test]
    fn what_is_no_number_is_no_amount() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e30] {
            assert_eq!(Amount::from_f64(number), None);
        }
        assert_eq!(Amount::from_f64(0.1).unwrap().to_string(), "0.1");
        assert_eq!(Amount::from_duration(Duration::MAX), Amount::whole(u64::MAX));
        assert_eq!(Amount::whole(u64::MAX).to_string(), "1000000000000000000");
    }
}
