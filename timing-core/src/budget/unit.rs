//! Units, and the texts that quantities are written in.
//!
//! Which unit a text is in is not guessed: `50m` is fifty minutes of a metric in seconds and fifty
//! thousandths of a core of one in CPU. Sizes tell `MB` (10⁶) from `MiB` (2²⁰), and with CPUs and
//! counts they are read as Kubernetes writes quantities too (kubernetes.io, "Quantity", API
//! reference of `resource.Quantity`): `64Mi`, `1500m`, `1e3`.

use std::fmt;

use super::amount::{Amount, ONE, digits_of};
use super::words::words;

words! {
    /// What a metric's values are numbers of.
    Unit {
        /// Lengths of time.
        Seconds = "seconds",
        /// Sizes.
        Bytes = "bytes",
        /// Cores.
        Cpu = "cpu",
        /// Parts of a whole.
        Ratio = "ratio",
        /// Pieces.
        Count = "count",
    }
}

/// What a suffix stands for, in billionths of the base; the largest first.
type Suffixes = &'static [(&'static str, i128)];

const SECONDS: Suffixes = &[
    ("d", 86_400 * ONE),
    ("h", 3600 * ONE),
    ("m", 60 * ONE),
    ("s", ONE),
    ("ms", 1_000_000),
    ("us", 1000),
    ("ns", 1),
];
const BYTES: Suffixes = &[
    ("Pi", ONE << 50),
    ("PB", ONE * 1_000_000_000_000_000),
    ("Ti", ONE << 40),
    ("TB", ONE * 1_000_000_000_000),
    ("Gi", ONE << 30),
    ("GB", ONE * 1_000_000_000),
    ("Mi", ONE << 20),
    ("MB", ONE * 1_000_000),
    ("Ki", ONE << 10),
    ("KB", ONE * 1000),
    ("B", ONE),
];
/// Other spellings of sizes: read, and never written.
const BYTES_TOO: Suffixes = &[
    ("", ONE),
    ("kB", ONE * 1000),
    ("KiB", ONE << 10),
    ("MiB", ONE << 20),
    ("GiB", ONE << 30),
    ("TiB", ONE << 40),
    ("PiB", ONE << 50),
    ("Ei", ONE << 60),
    ("k", ONE * 1000),
    ("M", ONE * 1_000_000),
    ("G", ONE * 1_000_000_000),
    ("T", ONE * 1_000_000_000_000),
    ("P", ONE * 1_000_000_000_000_000),
    ("E", ONE * ONE * ONE),
    ("m", 1_000_000),
    ("u", 1000),
    ("n", 1),
];
const CPU: Suffixes = &[("", ONE), ("m", 1_000_000), ("u", 1000), ("n", 1)];
const RATIO: Suffixes = &[("%", ONE / 100)];
const COUNT: Suffixes = &[("", ONE)];

impl Unit {
    fn suffixes(self) -> Suffixes {
        match self {
            Self::Seconds => SECONDS,
            Self::Bytes => BYTES,
            Self::Cpu => CPU,
            Self::Ratio => RATIO,
            Self::Count => COUNT,
        }
    }

    fn factor(self, suffix: &str) -> Option<i128> {
        let too: Suffixes = match self {
            Self::Bytes => BYTES_TOO,
            Self::Seconds => &[("µs", 1000)],
            Self::Cpu => &[("k", 1000 * ONE)],
            Self::Ratio | Self::Count => &[],
        };
        self.suffixes().iter().chain(too).find(|(known, _)| *known == suffix).map(|(_, of)| *of)
    }

    /// How quantities of it are written, for whoever wrote one wrongly.
    #[must_use]
    pub fn examples(self) -> &'static str {
        match self {
            Self::Seconds => "a number and its unit, as 500us, 100ms, 90s, 2m or 1h",
            Self::Bytes => "a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)",
            Self::Cpu => "a number of cores, as 50m (thousandths), 0.5 or 2",
            Self::Ratio => "a percentage with its sign, as 70%",
            Self::Count => "a number without a unit, as 3",
        }
    }

    /// The amount that `text` says, exactly: at least 0, at most 10¹⁸, no finer than a billionth.
    ///
    /// # Errors
    ///
    /// When `text` is no such quantity.
    pub fn parse(self, text: &str) -> Result<Amount, NotAQuantity> {
        let error = |why| NotAQuantity { text: text.to_owned(), unit: self, why };
        if text.starts_with('-') {
            return Err(error(Why::Negative));
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, suffix) = text.split_at_checked(end).unwrap_or((text, ""));
        let (mantissa, decimals) = digits_of(number).ok_or_else(|| error(Why::Shape))?;
        let (factor, exponent) = match self.exponent(suffix) {
            Some(exponent) => (ONE, exponent.ok_or_else(|| error(Why::TooLarge))?),
            None => (self.factor(suffix.trim_start()).ok_or_else(|| error(Why::Shape))?, 0),
        };
        let scale = exponent - i32::try_from(decimals).unwrap_or(i32::MAX);
        let power = 10_i128.checked_pow(scale.unsigned_abs());
        let scaled = mantissa.checked_mul(factor);
        let (Some(scaled), Some(power)) = (scaled, power) else {
            return Err(error(Why::TooLarge));
        };
        let billionths = if scale >= 0 {
            scaled.checked_mul(power).ok_or_else(|| error(Why::TooLarge))?
        } else if scaled % power == 0 {
            scaled / power
        } else {
            return Err(error(Why::TooFine));
        };
        Amount::from_billionths(billionths).ok_or_else(|| error(Why::TooLarge))
    }

    /// The decimal exponent that stands in place of a suffix; `Some(None)` of one out of bounds.
    fn exponent(self, suffix: &str) -> Option<Option<i32>> {
        let digits = match self {
            Self::Bytes | Self::Cpu | Self::Count => suffix.strip_prefix(['e', 'E'])?,
            Self::Seconds | Self::Ratio => return None,
        };
        let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(digits.parse().ok().filter(|exponent: &i32| exponent.abs() <= 18))
    }

    /// `amount` exactly, in the largest unit that leaves no fraction; of decimal and binary sizes
    /// the shorter. [`Unit::parse`] reads it back, when it is not negative.
    #[must_use]
    pub fn exact(self, amount: Amount) -> String {
        let billionths = amount.billionths();
        if billionths == 0 {
            return if self == Self::Seconds { "0s".to_owned() } else { self.in_base(amount) };
        }
        let whole = |(suffix, of): &(&str, i128)| {
            (billionths % of == 0).then(|| format!("{}{suffix}", billionths / of))
        };
        match self {
            Self::Ratio | Self::Count => None,
            // min_by_key keeps the first of several: the larger unit.
            Self::Bytes => self.suffixes().iter().filter_map(whole).min_by_key(String::len),
            Self::Seconds | Self::Cpu => self.suffixes().iter().find_map(whole),
        }
        .unwrap_or_else(|| self.in_base(amount))
    }

    /// `amount` for people: exactly where that is short, else with four digits.
    #[must_use]
    pub fn short(self, amount: Amount) -> String {
        const LONG: usize = 6;
        let exact = self.exact(amount);
        if exact.chars().filter(char::is_ascii_digit).count() <= 3 && exact.len() <= LONG {
            return exact;
        }
        let size = amount.billionths().abs();
        // A fraction of a minute is no unit that people read: 90.25s, not 1.504m.
        let is_decimal =
            |suffix: &str| !matches!(suffix, "m" | "h" | "d") && !suffix.ends_with('i');
        let fits = |(suffix, of): &&(&str, i128)| {
            size >= *of && (self != Self::Seconds && self != Self::Bytes || is_decimal(suffix))
        };
        let (suffix, of) = self.suffixes().iter().find(fits).copied().unwrap_or(match self {
            Self::Ratio => ("%", ONE / 100),
            _ => (self.suffixes().last().map_or("", |(suffix, _)| *suffix), self.least()),
        });
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let number = amount.billionths() as f64 / of as f64;
        format!("{}{suffix}", four_digits(number))
    }

    fn least(self) -> i128 {
        self.suffixes().last().map_or(ONE, |(_, of)| *of)
    }

    fn in_base(self, amount: Amount) -> String {
        match self {
            Self::Ratio => {
                let percent = Amount::from_billionths(amount.billionths() * 100).unwrap_or(amount);
                format!("{percent}%")
            }
            Self::Bytes => format!("{amount}B"),
            Self::Seconds => format!("{amount}s"),
            Self::Cpu | Self::Count => amount.to_string(),
        }
    }
}

/// With four digits that count, and without zeros at the end.
fn four_digits(number: f64) -> String {
    let decimals = match number.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{number:.decimals$}");
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A text that is no quantity of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAQuantity {
    text: String,
    unit: Unit,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Shape,
    Negative,
    TooLarge,
    TooFine,
}

impl fmt::Display for NotAQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().take(40).collect();
        let dots = if shown.len() < self.text.len() { "…" } else { "" };
        let (unit, examples) = (self.unit, self.unit.examples());
        write!(f, "{shown:?}{dots} ")?;
        match self.why {
            Why::Shape => write!(f, "is no quantity in {unit}: give {examples}"),
            Why::Negative => write!(f, "is negative: give {examples}"),
            Why::TooLarge => write!(f, "is larger than any {unit} there are: give {examples}"),
            Why::TooFine => write!(f, "is finer than a billionth: give {examples}"),
        }
    }
}

impl std::error::Error for NotAQuantity {}

#[cfg(test)]
mod tests;
