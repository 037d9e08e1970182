//! Which candidates are change points: each is tested against its neighbours, the weakest goes,
//! and the rest is tested again.

use super::MIN_SEGMENT;
use super::search::strongest;
use super::series::{Series, Stretch};

/// What a segment's own scatter is weighed against: the scatter of all counts as this many points.
const PRIOR: f64 = 10.0;

/// The noise's memory is never believed to be longer.
const MOST_MEMORY: f64 = 0.9;

/// What is left of `places`, with the probability of each.
pub(super) fn kept(series: &Series, mut places: Vec<usize>, level: f64) -> Vec<(usize, f64)> {
    for _ in 0..SWEEPS {
        (0..places.len()).for_each(|index| settle(series, &mut places, index));
    }
    loop {
        let verdicts = verdicts(series, &places);
        if std::env::var("DBG").is_ok() { let mut b = vec![0]; b.extend(places.iter().copied()); b.push(series.len()); let st: Vec<_> = b.windows(2).map(|p| series.stretch(p[0], p[1])).collect(); let n = Noise::of(series, &st);
            eprintln!("{places:?} inflation {:.2} noise {:.4} sd {:.4} {:?} {:?}", n.inflation, series.noise, n.variance.sqrt(), verdicts.iter().map(|v| format!("{:.1e} {:.2}", v.probability, v.line)).collect::<Vec<_>>(), st.iter().map(|s| format!("{:.3} {:.3}", s.mean, (s.scatter / (s.length-1.0)).sqrt())).collect::<Vec<_>>()); }
        match weakest(&verdicts, level) {
            Some(index) => {
                places.remove(index);
                for near in index.saturating_sub(2)..=index + 1 {
                    settle(series, &mut places, near);
                }
            }
            None => {
                return places.into_iter().zip(verdicts.into_iter().map(|v| v.probability)).collect();
            }
        }
    }
}

struct Verdict {
    probability: f64,
    /// beside the line over beside the step
    line: f64,
}

fn weakest(verdicts: &[Verdict], level: f64) -> Option<usize> {
    let most = |part: fn(&Verdict) -> f64, limit: f64| {
        let parts = verdicts.iter().map(part).enumerate();
        parts.filter(|(_, part)| *part > limit).max_by(|(_, a), (_, b)| a.total_cmp(b))
    };
    most(|v| v.probability, level).or_else(|| most(|v| -v.line, -margin())).map(|(index, _)| index)
}

/// Moves a place to where its neighbours say it is.
fn settle(series: &Series, places: &mut [usize], index: usize) {
    let start = index.checked_sub(1).and_then(|before| places.get(before)).copied().unwrap_or(0);
    let end = places.get(index + 1).copied().unwrap_or(series.len());
    if let Some(place) = places.get_mut(index)
        && let Some((at, _)) = strongest(series, start, end)
    {
        *place = at;
    }
}

fn verdicts(series: &Series, places: &[usize]) -> Vec<Verdict> {
    let bounds: Vec<usize> =
        std::iter::once(0).chain(places.iter().copied()).chain([series.len()]).collect();
    let stretches: Vec<Stretch> =
        bounds.windows(2).map(|pair| series.stretch(pair[0], pair[1])).collect();
    let noise = Noise::of(series, &stretches);
    bounds
        .windows(3)
        .zip(stretches.windows(2))
        .map(|(bounds, pair)| {
            let union = series.stretch(bounds[0], bounds[2]);
            Verdict {
                probability: noise.probability(pair[0], pair[1]),
                line: (union.beside_line - pair[0].scatter - pair[1].scatter) / noise.variance,
            }
        })
        .collect()
}

/// Times that all candidates are settled before the first test.
fn margin() -> f64 { std::env::var("C").map_or(6.0, |c| c.parse().unwrap()) }
const SWEEPS: usize = 2;

struct Noise {
    variance: f64,
    /// How many times larger the variance of a mean is than it would be for independent noise.
    inflation: f64,
    points: f64,
    freedom: f64,
}

impl Noise {
    fn of(series: &Series, stretches: &[Stretch]) -> Self {
        let total = |part: fn(&Stretch) -> f64| stretches.iter().map(part).sum::<f64>();
        let (points, segments) = (total(|stretch| stretch.length), stretches.len() as f64);
        let scatter = total(|stretch| stretch.scatter);
        let freedom = (points - segments).max(1.0);
        let raw = if scatter > 0.0 { total(|stretch| stretch.echo) / scatter } else { 0.0 };
        let memory = (raw + (1.0 + 3.0 * raw.max(0.0)) * segments / points).clamp(0.0, MOST_MEMORY);
        Self {
            variance: (scatter / freedom).max(series.least_variance),
            inflation: (1.0 + memory) / (1.0 - memory),
            points,
            freedom,
        }
    }

    fn probability(&self, before: Stretch, after: Stretch) -> f64 {
        let own = |stretch: Stretch| {
            let shrunk = (stretch.scatter + PRIOR * self.variance) / (stretch.length - 1.0 + PRIOR);
            shrunk / stretch.length
        };
        let shared = (before.scatter + after.scatter + PRIOR * self.variance)
            / (before.length + after.length - 2.0 + PRIOR)
            * (1.0 / before.length + 1.0 / after.length);
        let variance = (own(before) + own(after)).max(shared) * self.inflation;
        let square = (after.mean - before.mean).powi(2) / variance;
        let freedom = self.freedom.min(before.length + after.length - 2.0 + PRIOR);
        (tail(square, freedom) * self.points).min(1.0)
    }
}

/// The probability that the square of a Student variable is larger: by Wallace's (1959) normal
/// deviate and Mills' bound.
fn tail(square: f64, freedom: f64) -> f64 {
    let shrink = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
    let deviate = shrink * (freedom * (square / freedom).ln_1p()).sqrt();
    let density = (-deviate * deviate / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (2.0 * density / deviate.max(1.0)).min(1.0)
}

const _: () = assert!(MIN_SEGMENT >= 3);
