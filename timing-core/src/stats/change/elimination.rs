//! Which candidates are change points: the weakest is dropped until all stand their test.

use super::noise::Noise;
use super::search::strongest;
use super::series::{Series, Stretch, float};
use super::{SIGNIFICANCE, bounds, ranks};
use crate::stats::median::median;

/// How much less a step has to leave unexplained than a straight line, in variances of the noise:
/// a likelihood ratio of e³, about 20 to 1.
const LEAST_GAIN: f64 = 6.0;

/// A step of the medians has to be at least this share of the step of the means.
const LEAST_AGREEMENT: f64 = 0.5;

/// What the rank-sum test may say at most, again times the number of points: less strict than the
/// t-test, since few points have only so many ranks.
const RANK_SIGNIFICANCE: f64 = 0.02;

/// The places on each side of one that went that are placed anew.
const NEIGHBOURS: usize = 2;

/// How often all candidates are placed anew before the first test.
const SWEEPS: usize = 2;

/// The places that are change points, with their p-values.
pub(super) fn kept(series: &Series, mut places: Vec<usize>) -> Vec<(usize, f64)> {
    for _ in 0..SWEEPS {
        (0..places.len()).for_each(|index| settle(series, &mut places, index));
    }
    // So many places, from the first, are known not to be deceptive.
    let mut sound = 0;
    loop {
        let cut = Cut::at(series, &places);
        let p_values = cut.p_values();
        let mut deceptive = || {
            let found = (sound..places.len()).find(|index| cut.is_deceptive(*index));
            sound = found.unwrap_or(places.len());
            found
        };
        // Lines come after the test: in a few points around a misplaced step anything looks like
        // one. What takes the longest comes last.
        let worst =
            least_significant(&p_values).or_else(|| cut.straightest()).or_else(&mut deceptive);
        let Some(index) = worst else {
            return places.into_iter().zip(p_values).collect();
        };
        places.remove(index);
        // Those before stay where they are.
        let first = index.saturating_sub(NEIGHBOURS);
        (first..index + NEIGHBOURS).for_each(|near| settle(series, &mut places, near));
        sound = sound.min(first.saturating_sub(1));
    }
}

/// Moves a place to where the series between its neighbours says it is.
fn settle(series: &Series, places: &mut [usize], index: usize) {
    let before = index.checked_sub(1).and_then(|before| places.get(before));
    let start = before.copied().unwrap_or(0);
    let end = places.get(index + 1).copied().unwrap_or(series.len());
    if let Some(place) = places.get_mut(index)
        && let Some((strongest, _)) = strongest(series, start, end)
    {
        *place = strongest;
    }
}

fn least_significant(p_values: &[f64]) -> Option<usize> {
    let doubtful = p_values.iter().enumerate().filter(|(_, p_value)| **p_value > SIGNIFICANCE);
    doubtful.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
}

/// A series, cut into segments.
#[derive(Debug)]
struct Cut<'a> {
    series: &'a Series,
    /// The ends of the series, and the places between.
    bounds: Vec<usize>,
    segments: Vec<Stretch>,
    noise: Noise,
}

impl<'a> Cut<'a> {
    fn at(series: &'a Series, places: &[usize]) -> Self {
        let bounds = bounds(series.len(), places.iter().copied());
        let segments: Vec<Stretch> =
            bounds.windows(2).map(|pair| series.stretch(pair[0], pair[1])).collect();
        let noise = Noise::of(series, &segments);
        Self { series, bounds, segments, noise }
    }

    fn p_values(&self) -> Vec<f64> {
        self.segments.windows(2).map(|pair| self.noise.p_value(pair[0], pair[1])).collect()
    }

    /// The place at which a straight line does best, if it does about as well as the step.
    fn straightest(&self) -> Option<usize> {
        let gain = |(bounds, segments): (&[usize], &[Stretch])| {
            let line = self.series.stretch(bounds[0], bounds[2]).beside_line;
            (line - segments[0].scatter - segments[1].scatter) / self.noise.variance
        };
        let gains = self.bounds.windows(3).zip(self.segments.windows(2)).map(gain).enumerate();
        let straight = gains.filter(|(_, gain)| *gain < LEAST_GAIN);
        straight.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
    }

    /// Whether the t-test was deceived at this place: the medians hardly step, because there were
    /// too many outliers to be replaced, or the ranks are nothing special.
    fn is_deceptive(&self, index: usize) -> bool {
        let side = |index: usize| self.series.logs(self.bounds[index], self.bounds[index + 1]);
        let (before, after) = (side(index), side(index + 1));
        let means = self.segments[index + 1].mean - self.segments[index].mean;
        let medians = median(&mut after.to_vec()) - median(&mut before.to_vec());
        let ranks = ranks::p_value(before, after) * float(before.len() + after.len());
        medians * means.signum() <= LEAST_AGREEMENT * means.abs() || ranks > RANK_SIGNIFICANCE
    }
}
