//! How many of the true changes are found, and how much else.

use super::kind::Kind;
use super::random::{Noise, Random};
use super::scene::Scene;
use super::{SERIES, share};
use crate::stats::change::change_points;

/// A found point belongs to a true change that is at most this many points away.
const REACH: usize = 5;
/// It is near when it is at most this many away.
const NEAR: usize = 3;

/// Counts over any number of series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// True changes.
    pub truths: usize,
    /// True changes to which a found point belongs: at most 5 points away, and each found point
    /// belongs to one true change at most, the first of them.
    pub found: usize,
    /// Those of them that are at most 3 points away.
    pub near: usize,
    /// Found points that belong to no true change; a second one beside a true change is one.
    pub spurious: usize,
}

/// The suite that everybody's seed must pass, for one distribution of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basic {
    /// Of 40 series of 100 points with one step of +25 %.
    pub steps: Tally,
    /// Of 40 series of 100 points without a change.
    pub flat: Tally,
}

impl Tally {
    fn of(scene: &Scene) -> Self {
        let mut open = scene.truths.clone();
        let mut tally = Self { truths: open.len(), ..Self::default() };
        for change in change_points(&scene.values) {
            match open.iter().position(|truth| truth.distance(change.index) <= REACH) {
                Some(index) => {
                    tally.found += 1;
                    let distance = open.remove(index).distance(change.index);
                    tally.near += usize::from(distance <= NEAR);
                }
                None => tally.spurious += 1,
            }
        }
        tally
    }

    /// The share of the found points that belong to a true change; `None` when none was found.
    pub fn precision(&self) -> Option<f64> {
        let points = self.found + self.spurious;
        (points > 0).then(|| share(self.found, points))
    }

    /// The share of the true changes that was found; `None` when there are none.
    pub fn recall(&self) -> Option<f64> {
        (self.truths > 0).then(|| share(self.found, self.truths))
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, next| Self {
            truths: sum.truths + next.truths,
            found: sum.found + next.found,
            near: sum.near + next.near,
            spurious: sum.spurious + next.spurious,
        })
    }
}

impl Basic {
    /// The suite of this seed.
    pub fn of(seed: u64, noise: Noise) -> Self {
        Self { steps: tally(seed, Kind::Step(noise)), flat: tally(seed, Kind::Flat(noise)) }
    }

    /// All steps are found, 38 of 40 of them near, with at most 2 spurious points; there is at
    /// most 1 in the flat series.
    pub fn holds(&self) -> bool {
        self.steps.found == SERIES
            && self.steps.near >= SERIES - 2
            && self.steps.spurious <= 2
            && self.flat.spurious <= 1
    }
}

/// What is found in 40 series of one kind.
pub fn tally(seed: u64, kind: Kind) -> Tally {
    let mut random = Random::of(seed, &format!("{kind:?}"));
    (0..SERIES).map(|_| Tally::of(&kind.scene(&mut random))).sum()
}
