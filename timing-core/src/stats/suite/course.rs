//! Many runs of one phase, each with what an oracle would say of it, and how much worse
//! [`estimate`](crate::stats::estimate) does.

use super::random::{Noise, Random};
use crate::stats::estimate::Estimate;

/// Runs of a course.
pub const RUNS: usize = 1000;

/// The level that courses begin with, in seconds.
const LEVEL: f64 = 300.0;

/// How the durations of a phase go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Course {
    /// No change, with noise of this standard deviation.
    Steady(Noise, f64),
    /// One step by this factor, between the 100th run and the 900th.
    Step(Noise, f64, f64),
    /// A step every 50 to 150 runs, up or down by 10 to 40 %.
    Restless,
    /// Up by a half from the first run to the last, with normal noise of 5 %.
    Drift,
}

/// The courses for which an estimate is held to be good.
pub const COURSES: [Course; 8] = [
    Course::Steady(Noise::Gaussian, 0.05),
    Course::Steady(Noise::Gaussian, 0.2),
    Course::Steady(Noise::Skewed, 0.2),
    Course::Step(Noise::Gaussian, 0.05, 1.25),
    Course::Step(Noise::Gaussian, 0.05, 1.1),
    Course::Step(Noise::Gaussian, 0.05, 0.8),
    Course::Step(Noise::Gaussian, 0.05, 2.0),
    Course::Step(Noise::Skewed, 0.2, 1.25),
];

/// What nobody promised.
pub const HARDER_COURSES: [Course; 2] = [Course::Restless, Course::Drift];

/// How estimates did, over any number of courses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Runs with an estimate before they started.
    pub estimated: usize,
    /// Absolute errors of those estimates, summed, in seconds.
    pub error: f64,
    /// What the errors of the true median of each of these runs add up to, in seconds.
    pub least_error: f64,
    /// Runs with a p90 before they started.
    pub bounded: usize,
    /// Those of them that took no longer.
    pub covered: usize,
}

impl Course {
    /// Durations of a seed in seconds, each with the median of the distribution that it is from.
    pub fn runs(self, seed: u64) -> Vec<(f64, f64)> {
        let mut random = Random::of(seed, &format!("{self:?}"));
        let (noise, deviation) = match self {
            Self::Steady(noise, deviation) | Self::Step(noise, deviation, _) => (noise, deviation),
            Self::Restless | Self::Drift => (Noise::Gaussian, 0.05),
        };
        let median = noise.median(deviation);
        let levels = self.levels(&mut random);
        let run = |level: f64| (level * random.factor(noise, deviation), level * median);
        levels.into_iter().map(run).collect()
    }

    fn levels(self, random: &mut Random) -> Vec<f64> {
        match self {
            Self::Steady(..) => vec![LEVEL; RUNS],
            Self::Step(_, _, factor) => {
                let place = random.between(RUNS / 10, RUNS - RUNS / 10);
                let level = |index| if index < place { LEVEL } else { LEVEL * factor };
                (0..RUNS).map(level).collect()
            }
            Self::Restless => restless(random),
            Self::Drift => {
                let climb = |index| 1.0 + 0.5 * super::share(index, RUNS);
                (0..RUNS).map(|index| LEVEL * climb(index)).collect()
            }
        }
    }

    /// What an estimate before each run comes to.
    pub fn score(self, seed: u64) -> Score {
        let runs = self.runs(seed);
        let durations: Vec<f64> = runs.iter().map(|(duration, _)| *duration).collect();
        let before = (0..runs.len()).map(|index| Estimate::of(&durations[..index]));
        let scores = runs.iter().zip(before).filter_map(|((duration, median), estimate)| {
            let estimate = estimate?;
            Some(Score {
                estimated: 1,
                error: (duration - estimate.typical).abs(),
                least_error: (duration - median).abs(),
                bounded: usize::from(estimate.bounds.is_some()),
                covered: usize::from(estimate.slow().is_some_and(|slow| *duration <= slow)),
            })
        });
        scores.sum()
    }
}

fn restless(random: &mut Random) -> Vec<f64> {
    let mut levels = Vec::new();
    let mut level = LEVEL;
    while levels.len() < RUNS {
        let length = random.between(50, 150);
        levels.extend(std::iter::repeat_n(level, length));
        let factor = 1.1 + 0.3 * random.unit();
        // Back towards where it began, so that it goes on around there.
        level = if level > LEVEL { level / factor } else { level * factor };
    }
    levels.truncate(RUNS);
    levels
}

impl Score {
    /// The mean absolute error by that of an oracle; 1 where neither has an error.
    pub fn error_ratio(&self) -> f64 {
        if self.least_error > 0.0 { self.error / self.least_error } else { 1.0 }
    }

    /// The share of the runs that took no longer than p90; `None` when there was none.
    pub fn coverage(&self) -> Option<f64> {
        (self.bounded > 0).then(|| super::share(self.covered, self.bounded))
    }
}

impl std::iter::Sum for Score {
    fn sum<I: Iterator<Item = Self>>(scores: I) -> Self {
        scores.fold(Self::default(), |sum, next| Self {
            estimated: sum.estimated + next.estimated,
            error: sum.error + next.error,
            least_error: sum.least_error + next.least_error,
            bounded: sum.bounded + next.bounded,
            covered: sum.covered + next.covered,
        })
    }
}
