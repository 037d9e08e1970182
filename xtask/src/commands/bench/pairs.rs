//! Two things timed in turn, and what their ratios come to.

use std::time::{Duration, Instant};

use super::Failure;

/// What a ratio has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bar {
    AtLeast(f64),
    AtMost(f64),
}

/// What came of a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Figure {
    Measured(Measured),
    /// It could not be measured here, and neither holds nor fails.
    Skipped {
        name: &'static str,
        reason: &'static str,
    },
}

impl From<Measured> for Figure {
    fn from(measured: Measured) -> Self {
        Self::Measured(measured)
    }
}

impl Figure {
    /// Whether it misses its bar.
    pub(super) fn fails(&self) -> bool {
        matches!(self, Self::Measured(measured) if !measured.holds())
    }
}

/// A benchmark that ran.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// What was compared with what.
    pub(super) name: &'static str,
    /// Our median time in seconds, and theirs; `None` where no time was measured.
    pub(super) times: Option<(f64, f64)>,
    /// The ratios, pair by pair.
    pub(super) pairs: Ratios,
    /// What their median has to be.
    pub(super) bar: Bar,
}

impl Measured {
    /// A ratio that was not measured in pairs.
    pub(super) fn single(name: &'static str, ratio: f64, bar: Bar) -> Self {
        let pairs = Ratios { count: 1, median: ratio, least: ratio, most: ratio };
        Self { name, times: None, pairs, bar }
    }

    pub(super) fn holds(&self) -> bool {
        match self.bar {
            Bar::AtLeast(bar) => self.pairs.median >= bar,
            Bar::AtMost(bar) => self.pairs.median <= bar,
        }
    }
}

/// Ratios, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratios {
    pub(super) count: usize,
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Ratios {
    /// `None` of none.
    pub(super) fn of(ratios: &[f64]) -> Option<Self> {
        let sorted = sorted(ratios);
        Some(Self {
            count: sorted.len(),
            median: median(&sorted)?,
            least: *sorted.first()?,
            most: *sorted.last()?,
        })
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The middle of sorted values; the mean of the two in the middle of an even number.
fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// Which way a ratio is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ratio {
    /// Our time by theirs: less is better.
    Time,
    /// Their time by ours: more is better.
    Throughput,
}

/// Runs the two in turn, once to warm up and then `pairs` times.
pub(super) fn interleave(
    pairs: usize,
    mut ours: impl FnMut() -> Result<(), Failure>,
    mut theirs: impl FnMut() -> Result<(), Failure>,
) -> Result<Vec<(f64, f64)>, Failure> {
    ours()?;
    theirs()?;
    (0..pairs).map(|_| Ok((timed(&mut ours)?, timed(&mut theirs)?))).collect()
}

/// What the pairs of seconds come to.
pub(super) fn measured(
    name: &'static str,
    seconds: &[(f64, f64)],
    ratio: Ratio,
    bar: Bar,
) -> Result<Measured, Failure> {
    let ratios: Vec<f64> = seconds
        .iter()
        .map(|(ours, theirs)| match ratio {
            Ratio::Time => ours / theirs,
            Ratio::Throughput => theirs / ours,
        })
        .collect();
    let (ours, theirs): (Vec<f64>, Vec<f64>) = seconds.iter().copied().unzip();
    let of = |values: &[f64]| median(&sorted(values)).ok_or("no pairs were measured");
    Ok(Measured {
        name,
        times: Some((of(&ours)?, of(&theirs)?)),
        pairs: Ratios::of(&ratios).ok_or("no pairs were measured")?,
        bar,
    })
}

fn timed(run: &mut impl FnMut() -> Result<(), Failure>) -> Result<f64, Failure> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed().max(Duration::from_nanos(1)).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_throughput_is_the_other_way_round() {
        let seconds = [(1.0, 2.0), (1.0, 2.0)];
        let figure = |ratio, bar| measured("x", &seconds, ratio, bar).unwrap();
        assert_eq!(figure(Ratio::Time, Bar::AtMost(0.5)).pairs.median, 0.5);
        assert!(figure(Ratio::Time, Bar::AtMost(0.5)).holds());
        assert!(figure(Ratio::Throughput, Bar::AtLeast(2.0)).holds());
        assert!(!figure(Ratio::Throughput, Bar::AtLeast(2.1)).holds());
    }
}
