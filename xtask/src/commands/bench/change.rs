//! Change points: how many are found of those that are there, how many that are not, and how long
//! that takes.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

use timing_core::stats::change::change_points;
use timing_core::stats::suite::{Basic, HARDER, Kind, Noise, Random, SERIES, Tally, tally};

use super::pairs::{Bar, Measured};

const SEEDS: u64 = 20;
const NOISES: [Noise; 3] = [Noise::Gaussian, Noise::Uniform, Noise::Lognormal];

/// Points of the long series, and the seconds that they may take.
const POINTS: u32 = 10_000;
const SECONDS: f64 = 1.0;

fn seeds(first: u64) -> Range<u64> {
    first..first.saturating_add(SEEDS)
}

/// The basic suite over all seeds and kinds of noise: the figures of the worst.
pub(super) fn basic(first: u64) -> Vec<Measured> {
    let suites: Vec<Basic> =
        seeds(first).flat_map(|seed| NOISES.map(|noise| Basic::of(seed, noise))).collect();
    let of_all = |part: fn(&Basic) -> usize| suites.iter().map(part);
    let least = |part| share(of_all(part).min());
    let most = |part| share(of_all(part).max());
    vec![
        Measured::single(
            "steps of +25 % found in series with 5 % noise, by the worst of 20 seeds × 3 noises",
            least(|suite| suite.steps.found),
            Bar::AtLeast(1.0),
        ),
        Measured::single(
            "… found within 3 points",
            least(|suite| suite.steps.near),
            Bar::AtLeast(0.95),
        ),
        Measured::single(
            "… change points beside them that are none, per series",
            most(|suite| suite.steps.spurious),
            Bar::AtMost(0.05),
        ),
        Measured::single(
            "… change points in flat series, per series",
            most(|suite| suite.flat.spurious),
            Bar::AtMost(0.025),
        ),
    ]
}

/// Of a suite's series.
#[expect(clippy::cast_precision_loss, reason = "counts of series")]
fn share(count: Option<usize>) -> f64 {
    count.unwrap_or(0) as f64 / SERIES as f64
}

/// Precision and recall of each kind of the harder suite, and of all, over all seeds.
pub(super) fn harder(first: u64) -> String {
    let sum = |kind| seeds(first).map(|seed| tally(seed, kind)).sum::<Tally>();
    let tallies: Vec<(Kind, Tally)> = HARDER.into_iter().map(|kind| (kind, sum(kind))).collect();
    table(first, &tallies)
}

fn table(first: u64, tallies: &[(Kind, Tally)]) -> String {
    let mut text = format!(
        "change points of the harder suite, seeds {first} to {}; found means within 5 points\n  \
        {:<32} true  found  spurious  recall  precision",
        seeds(first).end - 1,
        format!("{} series of each kind", SEEDS as usize * SERIES),
    );
    let mut line = |name: &str, tally: Tally| {
        let _ = write!(
            text,
            "\n  {name:<32} {:>4}  {:>5}  {:>8}  {:>6}  {:>9}",
            tally.truths,
            tally.found,
            tally.spurious,
            percent(tally.recall()),
            // Where nothing is true, what is found says it all.
            percent(tally.precision().filter(|_| tally.truths > 0)),
        );
    };
    for (kind, tally) in tallies {
        line(name(*kind), *tally);
    }
    line("all", tallies.iter().map(|(_, tally)| *tally).sum());
    text
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Flat(_) => "no change",
        Kind::Step(Noise::Skewed) => "+25 %, skewed noise",
        Kind::Step(_) => "+25 %",
        Kind::SmallStep => "+10 %",
        Kind::Ramp => "+25 % over 20 points",
        Kind::Drift => "+25 % over all points: no step",
        Kind::Outliers => "+25 %, 3 % outliers of 10 ×",
        Kind::Variance => "noise from 5 % to 15 %: no step",
        Kind::Memory => "autocorrelation 0.6: no step",
        Kind::StepMemory => "+25 %, autocorrelation 0.6",
        Kind::Bump => "+25 % for 15 points",
        Kind::Stairs => "four steps up and down",
        Kind::Ticks => "3 to 5 s, whole seconds: no step",
    }
}

/// The time for 10,000 points: the longest of some series that are as different as can be.
pub(super) fn time(seed: u64) -> Measured {
    let mut random = Random::of(seed, "long");
    let mut noise = || 300.0 * random.factor(Noise::Gaussian, 0.05);
    let series: [Vec<f64>; 5] = [
        (0..POINTS).map(|_| noise()).collect(),
        (0..POINTS).map(|index| if index % 4000 == 7 { 1e300 } else { noise() }).collect(),
        (0..POINTS).map(|index| f64::from(3 + index % 2)).collect(),
        (0..POINTS).map(f64::from).collect(),
        // As many candidates as there can be.
        (0..POINTS).map(|index| if index / 5 % 2 == 0 { 100.0 } else { 150.0 }).collect(),
    ];
    let longest = series.iter().map(|seconds| timed(seconds)).max().unwrap_or_default();
    let seconds = longest.as_secs_f64();
    Measured {
        times: Some((seconds, SECONDS)),
        ..Measured::single(
            "time to find the change points of 10,000 points, the longest of 5 series, against 1 s",
            seconds / SECONDS,
            Bar::AtMost(1.0),
        )
    }
}

fn timed(seconds: &[f64]) -> Duration {
    let start = Instant::now();
    std::hint::black_box(change_points(seconds));
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harder_suite_is_a_table() {
        let tally = Tally { truths: 800, found: 600, near: 590, spurious: 200 };
        let none = Tally { spurious: 3, ..Tally::default() };
        insta::assert_snapshot!(table(7, &[(Kind::SmallStep, tally), (Kind::Drift, none)]), @r"
        change points of the harder suite, seeds 7 to 26; found means within 5 points
          800 series of each kind          true  found  spurious  recall  precision
          +10 %                             800    600       200  75.0 %     75.0 %
          +25 % over all points: no step      0      0         3       –          –
          all                               800    600       203  75.0 %     74.7 %
        ");
    }
}
