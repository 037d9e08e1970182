//! Which candidates are change points: the weakest is dropped until all stand their test.

use super::search::strongest;
use super::series::{Series, Stretch, float};
use super::{SIGNIFICANCE, bounds, ranks};
use crate::stats::median::median;

/// A segment's own scatter is weighed against that of all: this many points of theirs count.
const PRIOR_POINTS: f64 = 10.0;

/// The autocorrelation is never believed to be larger.
const MOST_MEMORY: f64 = 0.9;

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

/// What the test of one place says.
#[derive(Debug, Clone, Copy)]
struct Verdict {
    p_value: f64,
    /// How much less the step leaves unexplained than a straight line, in variances of the noise.
    gain: f64,
}

/// The places that are change points, with their p-values.
pub(super) fn kept(series: &Series, mut places: Vec<usize>) -> Vec<(usize, f64)> {
    for _ in 0..SWEEPS {
        (0..places.len()).for_each(|index| settle(series, &mut places, index));
    }
    // So many places, from the first, are known not to be deceptive.
    let mut sound = 0;
    loop {
        let verdicts = verdicts(series, &places);
        let weakest = weakest(&verdicts);
        let deceptive = || {
            let found = deceptive(series, &places, sound);
            sound = found.unwrap_or(places.len());
            found
        };
        let Some(index) = weakest.or_else(deceptive) else {
            return places
                .into_iter()
                .zip(verdicts.iter().map(|verdict| verdict.p_value))
                .collect();
        };
        places.remove(index);
        // Those before are where they were, and so are their neighbours.
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

/// The least significant place; when all are significant, the one that a line explains best.
/// Lines come second: in a few points around a misplaced step anything looks like one.
fn weakest(verdicts: &[Verdict]) -> Option<usize> {
    let worst = |doubts: &dyn Fn(&Verdict) -> f64, most: f64| {
        let doubts = verdicts.iter().map(doubts).enumerate().filter(|(_, doubt)| *doubt > most);
        doubts.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
    };
    worst(&|verdict| verdict.p_value, SIGNIFICANCE)
        .or_else(|| worst(&|verdict| -verdict.gain, -LEAST_GAIN))
}

/// The first place from `sound` on at which the t-test was deceived: the medians hardly step, because there were
/// too many outliers to be replaced, or the ranks are nothing special.
fn deceptive(series: &Series, places: &[usize], sound: usize) -> Option<usize> {
    let bounds = bounds(series.len(), places.iter().copied());
    (sound..places.len()).find(|place| {
        let bounds = &bounds[*place..place + 3];
        let step = |level: &dyn Fn(usize, usize) -> f64| {
            level(bounds[1], bounds[2]) - level(bounds[0], bounds[1])
        };
        let means = step(&|start, end| series.stretch(start, end).mean);
        let medians = step(&|start, end| median(&mut series.logs(start, end).to_vec()));
        let (before, after) =
            (series.logs(bounds[0], bounds[1]), series.logs(bounds[1], bounds[2]));
        medians * means.signum() <= LEAST_AGREEMENT * means.abs()
            || ranks::p_value(before, after) * float(before.len() + after.len()) > RANK_SIGNIFICANCE
    })
}

fn verdicts(series: &Series, places: &[usize]) -> Vec<Verdict> {
    let bounds = bounds(series.len(), places.iter().copied());
    let stretches: Vec<Stretch> =
        bounds.windows(2).map(|pair| series.stretch(pair[0], pair[1])).collect();
    let noise = Noise::of(series, &stretches);
    let judge = |(bounds, pair): (&[usize], &[Stretch])| {
        let both = series.stretch(bounds[0], bounds[2]);
        let beside_step = pair[0].scatter + pair[1].scatter;
        Verdict {
            p_value: noise.p_value(pair[0], pair[1]),
            gain: (both.beside_line - beside_step) / noise.variance,
        }
    };
    bounds.windows(3).zip(stretches.windows(2)).map(judge).collect()
}

/// What is left of a series when the levels of its segments are taken away.
#[derive(Debug, Clone, Copy)]
struct Noise {
    variance: f64,
    /// How many times larger the variance of a mean is than that of independent values.
    inflation: f64,
    points: f64,
    freedom: f64,
}

impl Noise {
    fn of(series: &Series, stretches: &[Stretch]) -> Self {
        let total = |part: fn(&Stretch) -> f64| stretches.iter().map(part).sum::<f64>();
        let (points, segments) = (float(series.len()), float(stretches.len()));
        let (scatter, echo) = (total(|stretch| stretch.scatter), total(|stretch| stretch.echo));
        let freedom = points - segments;
        let raw = if scatter > 0.0 { echo / scatter } else { 0.0 };
        // Each mean that is taken away lowers the estimate by about (1 + 3φ) / n (Kendall 1954).
        let bias = (1.0 + 3.0 * raw.max(0.0)) * segments / points;
        let memory = (raw + bias).clamp(0.0, MOST_MEMORY);
        Self {
            variance: (scatter / freedom).max(series.least_noise.powi(2)),
            inflation: (1.0 + memory) / (1.0 - memory),
            points,
            freedom,
        }
    }

    /// See [`ChangePoint::p_value`](super::ChangePoint::p_value).
    fn p_value(&self, before: Stretch, after: Stretch) -> f64 {
        let shrunk = |scatter: f64, freedom: f64| {
            (scatter + PRIOR_POINTS * self.variance) / (freedom + PRIOR_POINTS)
        };
        let of_mean =
            |stretch: Stretch| shrunk(stretch.scatter, stretch.length - 1.0) / stretch.length;
        let freedom = before.length + after.length - 2.0;
        let student = shrunk(before.scatter + after.scatter, freedom)
            * (before.length.recip() + after.length.recip());
        let welch = of_mean(before) + of_mean(after);
        let square = (after.mean - before.mean).powi(2) / (student.max(welch) * self.inflation);
        (tail(square, self.freedom.min(freedom + PRIOR_POINTS)) * self.points).min(1.0)
    }
}

/// The probability, from both sides, that the square of a variable with Student's distribution is
/// larger: Wallace's (1959) normal deviate, and Mills' bound on the normal tail.
fn tail(square: f64, freedom: f64) -> f64 {
    let shrink = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
    let deviate = shrink * (freedom * (square / freedom).ln_1p()).sqrt();
    let density = (-deviate * deviate / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (2.0 * density / deviate).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn tails_are_those_of_the_tables() {
        // Two-sided 0.1 % points of Student's distribution.
        for (point, freedom) in [(4.587, 10.0), (3.850, 20.0), (3.460, 60.0)] {
            let ratio = tail(f64::powi(point, 2), freedom) / 0.001;
            assert!((0.95..1.15).contains(&ratio), "{freedom}: {ratio}");
        }
        assert_eq!(tail(0.0, 10.0), 1.0);
    }
}
