//! Estimates: how far off they are, beside those of an oracle that knows the distribution of each
//! run, how many runs stay below p90, and how long an estimate takes.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::Instant;

use timing_core::stats::estimate::Estimate;
use timing_core::stats::suite::{COURSES, Course, HARDER_COURSES, Noise, RUNS, Score};

use super::pairs::{Bar, Measured};

const SEEDS: u64 = 20;

/// The seconds that an estimate may take.
const SECONDS: f64 = 0.005;

/// How often the time is taken.
const TIMES: u32 = 100;

/// How estimates did on one course, seed by seed.
type Scores = Vec<Score>;

fn seeds(first: u64) -> Range<u64> {
    first..first.saturating_add(SEEDS)
}

fn scores(first: u64, course: Course) -> Scores {
    seeds(first).map(|seed| course.score(seed)).collect()
}

/// The figures of the worst course and seed. Every run counts that has an estimate before it
/// starts, from the 4th, and for p90 every run that has one, from the 10th.
pub(super) fn promised(first: u64) -> Vec<Measured> {
    let all: Scores = COURSES.into_iter().flat_map(|course| scores(first, course)).collect();
    let (least, most) = coverage(&all);
    vec![
        Measured::single(
            "mean absolute error of estimates before the start, against an oracle's, on the worst \
             of 8 courses × 20 seeds of 1,000 runs",
            worst_error(&all),
            Bar::AtMost(1.1),
        ),
        Measured::single("… share of runs below p90, where it is least", least, Bar::AtLeast(0.87)),
        Measured::single("… share of runs below p90, where it is most", most, Bar::AtMost(0.93)),
        Measured::single(
            "… runs with an estimate but no p90, where they are most",
            all.iter().map(unbounded).fold(0.0, f64::max),
            Bar::AtMost(0.02),
        ),
    ]
}

fn worst_error(scores: &[Score]) -> f64 {
    scores.iter().map(Score::error_ratio).fold(0.0, f64::max)
}

/// The least and the most.
fn coverage(scores: &[Score]) -> (f64, f64) {
    let shares = scores.iter().filter_map(Score::coverage);
    shares.fold((1.0, 0.0), |(least, most), share| (least.min(share), most.max(share)))
}

/// The share of the estimates that come without a p90.
#[expect(clippy::cast_precision_loss, reason = "counts of runs")]
fn unbounded(score: &Score) -> f64 {
    1.0 - score.bounded as f64 / score.estimated.max(1) as f64
}

/// Each course, and those for which nothing is promised.
pub(super) fn courses(first: u64) -> String {
    let courses = COURSES.into_iter().chain(HARDER_COURSES);
    let rows: Vec<(Course, Scores)> =
        courses.map(|course| (course, scores(first, course))).collect();
    table(first, &rows)
}

fn table(first: u64, rows: &[(Course, Scores)]) -> String {
    let mut text = format!(
        "estimates, seeds {first} to {}; error beside an oracle's, runs below p90\n  \
         {:<36} error  worst  below p90   least    most  no p90",
        seeds(first).end - 1,
        format!("{RUNS} runs of each course"),
    );
    for (course, scores) in rows {
        let all: Score = scores.iter().copied().sum();
        let (least, most) = coverage(scores);
        let _ = write!(
            text,
            "\n  {:<36} {:>5.3}  {:>5.3}  {:>9}  {:>6}  {:>6}  {:>6}",
            name(*course),
            all.error_ratio(),
            worst_error(scores),
            percent(all.coverage().unwrap_or(0.0)),
            percent(least),
            percent(most),
            percent(unbounded(&all)),
        );
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn name(course: Course) -> String {
    let noise = |noise, deviation: f64| {
        let shape = if noise == Noise::Skewed { "skewed" } else { "normal" };
        format!("{shape} noise of {:.0} %", 100.0 * deviation)
    };
    match course {
        Course::Steady(kind, deviation) => noise(kind, deviation),
        Course::Step(kind, deviation, factor) => {
            format!("{:+.0} %, {}", 100.0 * (factor - 1.0), noise(kind, deviation))
        }
        Course::Restless => "a step every 50 to 150 runs".to_owned(),
        Course::Drift => "+50 % from the first to the last".to_owned(),
    }
}

/// The time for an estimate from 1,000 runs: the mean on the course where it is longest.
pub(super) fn time(seed: u64) -> Measured {
    let courses = COURSES.into_iter().chain(HARDER_COURSES);
    let seconds = courses.map(|course| timed(course, seed)).fold(0.0, f64::max);
    Measured {
        times: Some((seconds, SECONDS)),
        ..Measured::single(
            "time for an estimate from 1,000 runs, the longest of 10 courses, against 5 ms",
            seconds / SECONDS,
            Bar::AtMost(1.0),
        )
    }
}

fn timed(course: Course, seed: u64) -> f64 {
    let durations: Vec<f64> = course.runs(seed).into_iter().map(|(duration, _)| duration).collect();
    let start = Instant::now();
    for _ in 0..TIMES {
        std::hint::black_box(Estimate::of(std::hint::black_box(&durations)));
    }
    start.elapsed().as_secs_f64() / f64::from(TIMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_courses_are_a_table() {
        let score = |error, covered| Score {
            estimated: 1000,
            error,
            least_error: 100.0,
            bounded: 980,
            covered,
        };
        let skewed = Course::Step(Noise::Skewed, 0.2, 0.8);
        let rows = [
            (skewed, vec![score(104.0, 882), score(108.0, 860)]),
            (Course::Drift, vec![score(120.0, 700)]),
        ];
        insta::assert_snapshot!(table(7, &rows), @r"
        estimates, seeds 7 to 26; error beside an oracle's, runs below p90
          1000 runs of each course             error  worst  below p90   least    most  no p90
          -20 %, skewed noise of 20 %          1.060  1.080     88.9 %  87.8 %  90.0 %   2.0 %
          +50 % from the first to the last     1.200  1.200     71.4 %  71.4 %  71.4 %   2.0 %
        ");
    }
}
