//! Measurements of one level, and what they say of limits.

use super::{Evidence, MAY_FIRE};
use crate::budget::amount::Amount;
use crate::budget::limit::{Allowed, Direction};
use crate::budget::statistic::Statistic;
use crate::clock::UtcStamp;

/// Whether `fires` of so many are more than may be.
pub(super) fn is_too_often(fires: usize, of: usize) -> bool {
    fires as u128 * 100_000 > of as u128 * u128::from(MAY_FIRE.thousandths())
}

/// Measurements of one level, as how bad they are: larger is worse.
pub(super) struct Level<'a> {
    pub(super) values: &'a [Amount],
    direction: Direction,
    sorted: Vec<i128>,
    median: i128,
    mad: i128,
}

impl<'a> Level<'a> {
    pub(super) fn of(values: &'a [Amount], direction: Direction) -> Self {
        let median_of = |values: &[Amount]| {
            Statistic::Permille(500).of(values).unwrap_or_default().billionths()
        };
        let middle = median_of(values);
        let apart = |value: &Amount| Amount::from_billionths((value.billionths() - middle).abs());
        let deviations: Vec<Amount> = values.iter().filter_map(apart).collect();
        let mut sorted: Vec<i128> = values.iter().map(|value| badness(*value, direction)).collect();
        sorted.sort_unstable();
        let median = if direction == Direction::Higher { -middle } else { middle };
        Self { values, direction, sorted, median, mad: median_of(&deviations) }
    }

    /// What all but `percent` of a hundred do not exceed.
    pub(super) fn all_but(&self, percent: usize) -> i128 {
        let may = self.sorted.len() * percent / 100;
        self.sorted.iter().rev().nth(may).copied().unwrap_or(self.median)
    }

    /// So many deviations from the median, and at least so many per cent.
    pub(super) fn apart(&self, deviations: i128, percent: i128) -> i128 {
        let robust = self.mad * deviations * 14_826 / 10_000;
        self.median + robust.max(self.median.abs() * percent / 100)
    }

    pub(super) fn fires(&self, allowed: Option<Allowed>) -> usize {
        allowed
            .map_or(0, |allowed| self.values.iter().filter(|value| !allowed.holds(**value)).count())
    }

    pub(super) fn evidence(&self, of: usize, since: UtcStamp) -> Evidence {
        let amount = |badness: i128| {
            let value = if self.direction == Direction::Higher { -badness } else { badness };
            Amount::from_billionths(value).unwrap_or_default()
        };
        Evidence {
            samples: self.values.len(),
            of,
            since,
            median: amount(self.median),
            mad: Amount::from_billionths(self.mad).unwrap_or_default(),
            best: amount(self.sorted.first().copied().unwrap_or_default()),
            worst: amount(self.sorted.last().copied().unwrap_or_default()),
        }
    }
}

pub(super) fn badness(value: Amount, direction: Direction) -> i128 {
    match direction {
        Direction::Higher => -value.billionths(),
        Direction::Lower | Direction::Exact => value.billionths(),
    }
}
