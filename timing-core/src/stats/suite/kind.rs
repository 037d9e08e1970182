//! What the series of a suite are like.

use super::random::{Noise, Random};
use super::scene::{Scene, Truth};
use super::{MARGIN, share};

/// Points of a series, but for [`Kind::Stairs`], which has twice as many.
const POINTS: usize = 100;
/// The standard deviation of the noise.
const NOISE: f64 = 0.05;
/// A step, as a ratio.
const STEP: f64 = 1.25;
/// Points of a ramp.
const RAMP: usize = 20;
/// Points of a bump.
const BUMP: usize = 15;
/// The probability of an outlier, and how many times as long it takes.
const OUTLIERS: (f64, f64) = (0.03, 10.0);
/// The autocorrelation of noise that remembers.
const MEMORY: f64 = 0.6;

/// A kind of series. All have 5 % noise around 300 s, normal unless said otherwise, and steps are
/// by +25 % at a random place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No change.
    Flat(Noise),
    /// One step.
    Step(Noise),
    /// One step of +10 %.
    SmallStep,
    /// Up by 25 % within 20 points.
    Ramp,
    /// Up by 25 % from the first point to the last: no change of level.
    Drift,
    /// One step; 3 % of the points take ten times as long.
    Outliers,
    /// No change of level; the noise goes from 5 to 15 %, or back.
    Variance,
    /// No change; first-order autocorrelation of 0.6.
    Memory,
    /// One step; first-order autocorrelation of 0.6.
    StepMemory,
    /// Up for 15 points.
    Bump,
    /// Four steps, up and down, of 20 to 33 %.
    Stairs,
    /// No change; between 2.5 and 5.5 s, rounded to whole seconds.
    Ticks,
}

/// The kinds of the harder suite.
pub const HARDER: [Kind; 11] = [
    Kind::Step(Noise::Skewed),
    Kind::SmallStep,
    Kind::Ramp,
    Kind::Drift,
    Kind::Outliers,
    Kind::Variance,
    Kind::Memory,
    Kind::StepMemory,
    Kind::Bump,
    Kind::Stairs,
    Kind::Ticks,
];

impl Kind {
    /// The next series of this kind.
    pub fn scene(self, random: &mut Random) -> Scene {
        match self {
            Self::Flat(noise) => flat(|_| random.factor(noise, NOISE)),
            Self::Step(noise) => {
                let place = random.between(MARGIN, POINTS - MARGIN);
                step(place, STEP, |_| random.factor(noise, NOISE))
            }
            Self::SmallStep => {
                let place = random.between(MARGIN, POINTS - MARGIN);
                step(place, 1.1, |_| gaussian(random))
            }
            Self::Ramp => ramp(random),
            Self::Drift => {
                let level = |index| 1.0 + (STEP - 1.0) * share(index, POINTS - 1);
                Scene::of(POINTS, &[], level, |_| gaussian(random))
            }
            Self::Outliers => {
                let place = random.between(MARGIN, POINTS - MARGIN);
                let (probability, factor) = OUTLIERS;
                step(place, STEP, |_| {
                    gaussian(random) * if random.chance(probability) { factor } else { 1.0 }
                })
            }
            Self::Variance => variance(random),
            Self::Memory => flat(remembering(random)),
            Self::StepMemory => {
                let place = random.between(MARGIN, POINTS - MARGIN);
                step(place, STEP, remembering(random))
            }
            Self::Bump => {
                let place = random.between(MARGIN, POINTS - MARGIN - BUMP);
                let bump = place..place + BUMP;
                let level = |index| if bump.contains(&index) { STEP } else { 1.0 };
                Scene::of(POINTS, &[bump.start, bump.end], level, |_| gaussian(random))
            }
            Self::Stairs => stairs(random),
            Self::Ticks => ticks(random),
        }
    }
}

fn gaussian(random: &mut Random) -> f64 {
    random.factor(Noise::Gaussian, NOISE)
}

fn flat(noise: impl FnMut(usize) -> f64) -> Scene {
    Scene::of(POINTS, &[], |_| 1.0, noise)
}

fn step(place: usize, ratio: f64, noise: impl FnMut(usize) -> f64) -> Scene {
    Scene::of(POINTS, &[place], |index| if index < place { 1.0 } else { ratio }, noise)
}

fn ramp(random: &mut Random) -> Scene {
    let first = random.between(MARGIN, POINTS - MARGIN - RAMP);
    let climbed = |index: usize| share(index.saturating_sub(first).min(RAMP), RAMP);
    let level = |index| 1.0 + (STEP - 1.0) * climbed(index);
    let truths = vec![Truth { first, last: first + RAMP }];
    Scene { truths, ..Scene::of(POINTS, &[], level, |_| gaussian(random)) }
}

fn variance(random: &mut Random) -> Scene {
    let place = random.between(POINTS / 5, POINTS - POINTS / 5);
    let is_calm_first = random.chance(0.5);
    flat(|index| {
        let is_calm = (index < place) == is_calm_first;
        random.factor(Noise::Gaussian, if is_calm { NOISE } else { 3.0 * NOISE })
    })
}

/// Normal noise of first-order autocorrelation, as wide as any other.
fn remembering(random: &mut Random) -> impl FnMut(usize) -> f64 {
    let mut state = random.normal();
    move |_| {
        let current = state;
        state = MEMORY * state + (1.0 - MEMORY * MEMORY).sqrt() * random.normal();
        1.0 + NOISE * current
    }
}

fn stairs(random: &mut Random) -> Scene {
    const LEVELS: [f64; 5] = [1.0, 1.25, 1.6, 1.2, 0.9];
    let mut last = 0;
    let places = [(); LEVELS.len() - 1].map(|()| {
        last += random.between(BUMP, 3 * BUMP);
        last
    });
    let level = |index| LEVELS[places.iter().filter(|place| **place <= index).count()];
    Scene::of(2 * POINTS, &places, level, |_| gaussian(random))
}

fn ticks(random: &mut Random) -> Scene {
    let seconds = 2.5 + 3.0 * random.unit();
    let values = (0..POINTS).map(|_| (seconds * gaussian(random)).round()).collect();
    Scene { values, truths: Vec::new() }
}
