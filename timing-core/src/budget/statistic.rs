//! Which of many values is the one that counts.

use std::fmt;
use std::str::FromStr;

use super::amount::Amount;

/// One number for many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statistic {
    /// What so many thousandths of the values do not exceed: 500 is the median. 0 to 1000.
    Permille(u16),
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// The arithmetic mean, rounded down to a billionth.
    Mean,
    /// The newest.
    Last,
}

impl Statistic {
    /// Of `values`, oldest first; `None` of none. Quantiles are Hyndman and Fan's definition 7, as
    /// in [`quantile`](crate::stats::quantile), rounded down to a billionth.
    #[must_use]
    pub fn of(self, values: &[Amount]) -> Option<Amount> {
        match self {
            Self::Max => values.iter().copied().max(),
            Self::Min => values.iter().copied().min(),
            Self::Last => values.last().copied(),
            Self::Mean => {
                let sum = values
                    .iter()
                    .try_fold(0_i128, |sum, value| sum.checked_add(value.billionths()));
                let count = i128::try_from(values.len()).ok().filter(|count| *count > 0)?;
                Amount::from_billionths(sum?.div_euclid(count))
            }
            Self::Permille(permille) => {
                let mut sorted = values.to_vec();
                sorted.sort_unstable();
                quantile(&sorted, permille)
            }
        }
    }
}

fn quantile(sorted: &[Amount], permille: u16) -> Option<Amount> {
    let last = sorted.len().checked_sub(1)?;
    let place = last.checked_mul(usize::from(permille.min(1000)))?;
    let (below, rest) = (place / 1000, i128::try_from(place % 1000).ok()?);
    let low = sorted.get(below)?.billionths();
    let high = sorted.get((below + 1).min(last))?.billionths();
    Amount::from_billionths(low + (high - low) * rest / 1000)
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permille(500) => f.pad("median"),
            Self::Permille(permille) if permille % 10 == 0 => f.pad(&format!("p{}", permille / 10)),
            Self::Permille(permille) => f.pad(&format!("p{}.{}", permille / 10, permille % 10)),
            Self::Max => f.pad("max"),
            Self::Min => f.pad("min"),
            Self::Mean => f.pad("mean"),
            Self::Last => f.pad("last"),
        }
    }
}

/// A text that is no statistic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAStatistic(String);

impl fmt::Display for NotAStatistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(40).collect();
        write!(f, "{shown:?} is no statistic: give median, mean, min, max, last, or p95 or p99.9")
    }
}

impl std::error::Error for NotAStatistic {}

impl FromStr for Statistic {
    type Err = NotAStatistic;

    fn from_str(text: &str) -> Result<Self, NotAStatistic> {
        Ok(match text {
            "median" => Self::Permille(500),
            "max" => Self::Max,
            "min" => Self::Min,
            "mean" => Self::Mean,
            "last" => Self::Last,
            _ => Self::Permille(permille(text).ok_or_else(|| NotAStatistic(text.to_owned()))?),
        })
    }
}

/// Of `p95` or `p99.9`: more than nothing, and less than all.
fn permille(text: &str) -> Option<u16> {
    let percent = Amount::from_decimal(text.strip_prefix('p')?)?.billionths();
    let permille = (percent % 100_000_000 == 0).then_some(percent / 100_000_000)?;
    u16::try_from(permille).ok().filter(|permille| (1..1000).contains(permille))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statistic_has_one_spelling_and_reads_back() {
        for text in ["median", "p95", "p99", "p99.9", "p5", "max", "min", "mean", "last"] {
            assert_eq!(text.parse::<Statistic>().unwrap().to_string(), text);
        }
        assert_eq!("p50".parse(), Ok(Statistic::Permille(500)));
        for text in ["", "p", "p0", "p100", "p-5", "p99.99", "95", "avg", "P95"] {
            assert!(text.parse::<Statistic>().is_err(), "{text}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_rest_of_the_program() {
        let seconds = [10, 20, 30, 40, 50, 60, 70, 80, 90, 1000];
        let values = seconds.map(Amount::whole);
        for (permille, share) in [(250, 0.25), (500, 0.5), (900, 0.9), (950, 0.95)] {
            let expected = crate::stats::quantile(&seconds, share).unwrap();
            let found = Statistic::Permille(permille).of(&values).unwrap().as_f64();
            assert!((found - expected).abs() < 1e-6, "{permille}: {found}");
        }
        let of = |statistic: Statistic| statistic.of(&values).unwrap().to_string();
        let found = [Statistic::Max, Statistic::Min, Statistic::Mean, Statistic::Last].map(of);
        assert_eq!(found, ["1000", "10", "145", "1000"]);
        assert_eq!(Statistic::Mean.of(&[]), None);
        assert_eq!(Statistic::Permille(950).of(&[]), None);
    }
}
