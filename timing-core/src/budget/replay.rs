//! What the file as it stands would have flagged: each stored measurement is judged as if it were
//! the newest, by what had been measured before it.
//!
//! A flag is confirmed when the level of its stretch, the median of the measurements between the
//! change points around it, gets one too. One that its level does not get is a false alarm: noise
//! crossed the limit, the thing itself did not. The false-alarm rate is the share of false alarms
//! among the measurements whose level gets no flag. Series of fewer than
//! [`FEWEST_POINTS`](crate::stats::change::FEWEST_POINTS) measurements are taken as one stretch.

use std::ops::Range;

use super::amount::Amount;
use super::baseline::{History, Subject, baseline};
use super::judge::judge;
use super::measurement::Measurement;
use super::model::Budget;
use super::statistic::Statistic;
use super::verdict::{Judgement, Measured, Verdict};
use crate::clock::UtcStamp;
use crate::stats::change::{change_points, segments};

/// A measurement that would have been flagged.
#[derive(Debug, Clone, PartialEq)]
pub struct Flagged {
    /// When it was measured.
    pub time: UtcStamp,
    /// What would have been said.
    pub judgement: Judgement,
    /// Whether its level gets a flag too.
    pub is_confirmed: bool,
}

/// What would have become of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// How many measurements were judged.
    pub judged: usize,
    /// How many of these are of a level that gets no flag.
    pub quiet: usize,
    /// Those that would have been flagged, oldest first.
    pub flagged: Vec<Flagged>,
}

impl Replay {
    /// How many flags have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.flagged.iter().filter(|flag| flag.judgement.verdict == verdict).count()
    }

    /// How many flags are noise.
    #[must_use]
    pub fn false_alarms(&self) -> usize {
        self.flagged.iter().filter(|flag| !flag.is_confirmed).count()
    }

    /// The share of false alarms among the measurements that deserve no flag, 0 to 1; `None` where
    /// all deserve one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
    pub fn false_alarm_rate(&self) -> Option<f64> {
        (self.quiet > 0).then(|| self.false_alarms() as f64 / self.quiet as f64)
    }
}

/// Judges the last `count` measurements of `budget`'s metric.
#[must_use]
pub fn replay(budget: &Budget<'_>, history: &History, count: usize) -> Replay {
    let series = history.of(budget);
    let levels = levels(&series);
    let skipped = series.len().saturating_sub(count);
    let mut replay = Replay { judged: 0, quiet: 0, flagged: Vec::new() };
    for (place, (row, level)) in series.iter().zip(levels).enumerate().skip(skipped) {
        let earlier = series.get(..place).unwrap_or_default();
        let base = baseline(budget, earlier, Subject::of(row));
        let known = |value| Measured::Known { value, samples: row.samples };
        let of = |value| judge(budget, known(value), base, row.time.date());
        let deserves_a_flag = of(level).verdict != Verdict::Pass;
        let judgement = of(row.value);
        replay.judged += 1;
        replay.quiet += usize::from(!deserves_a_flag);
        if judgement.verdict != Verdict::Pass {
            let flag = Flagged { time: row.time, judgement, is_confirmed: deserves_a_flag };
            replay.flagged.push(flag);
        }
    }
    replay
}

/// The level of each measurement's stretch.
fn levels(series: &[&Measurement]) -> Vec<Amount> {
    let values: Vec<Amount> = series.iter().map(|row| row.value).collect();
    let median = |values: &[Amount]| Statistic::Permille(500).of(values).unwrap_or_default();
    let stretch = |range: Range<usize>| {
        let stretch = values.get(range).unwrap_or_default();
        std::iter::repeat_n(median(stretch), stretch.len())
    };
    stretches(&values).into_iter().flat_map(stretch).collect()
}

/// The stretches of `values`, oldest first, between which the level changed.
pub(super) fn stretches(values: &[Amount]) -> Vec<Range<usize>> {
    let Some(median) = Statistic::Permille(500).of(values) else { return Vec::new() };
    segments(values.len(), &change_points(&scaled(values, median)))
}

/// Change points are looked for in seconds, with ticks of a second: whatever the unit, the median
/// becomes an hour, so that a tick is a third of a per mille.
fn scaled(values: &[Amount], median: Amount) -> Vec<f64> {
    const HOUR: f64 = 3600.0;
    let factor = if median > Amount::ZERO { HOUR / median.as_f64() } else { 1.0 };
    values.iter().map(|value| value.as_f64() * factor).collect()
}
