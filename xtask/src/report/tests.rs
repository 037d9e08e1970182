//! What stands for many points keeps what must not be lost.

use proptest::prelude::*;
use timing_core::clock::UtcStamp;

use super::*;

fn point((start, seconds, failed): (u64, u64, bool)) -> Point {
    Point {
        start: UtcStamp::from_unix_seconds(start),
        seconds,
        ending: if failed { Ending::Failure } else { Ending::Success },
        exit_code: i32::from(failed),
        commit: None,
    }
}

fn extremes<'p>(points: impl Iterator<Item = &'p Point>) -> Option<(usize, u64, u64)> {
    let seconds: Vec<u64> = points.map(|point| point.seconds).collect();
    Some((seconds.len(), *seconds.iter().min()?, *seconds.iter().max()?))
}

/// The same of buckets.
fn kept<'b>(ranges: impl Iterator<Item = &'b Range>) -> Option<(usize, u64, u64)> {
    let ranges: Vec<&Range> = ranges.collect();
    let shortest = ranges.iter().map(|range| range.shortest).min()?;
    let longest = ranges.iter().map(|range| range.longest).max()?;
    Some((ranges.iter().map(|range| range.count).sum(), shortest, longest))
}

proptest! {
    #[test]
    fn buckets_keep_extremes_failures_first_and_last(
        runs in prop::collection::vec((0..4_000_000_000_u64, 0..100_000_u64, any::<bool>()), 1..400),
        most in 1..60_usize,
    ) {
        let mut points: Vec<Point> = runs.into_iter().map(point).collect();
        points.sort_by_key(|point| point.start);
        match course(points.clone(), most) {
            Course::Each(kept) => {
                prop_assert!(points.len() <= most);
                prop_assert_eq!(kept, points);
            }
            Course::Buckets { runs, buckets } => {
                prop_assert!(points.len() > most && buckets.len() <= most);
                prop_assert_eq!(runs, points.len());
                prop_assert_eq!(buckets.iter().map(|bucket| bucket.runs).sum::<usize>(), runs);
                let failed = |point: &&Point| point.ending == Ending::Failure;
                prop_assert_eq!(
                    kept(buckets.iter().filter_map(|bucket| bucket.failures.as_ref())),
                    extremes(points.iter().filter(failed))
                );
                prop_assert_eq!(
                    kept(buckets.iter().filter_map(|bucket| bucket.successes.as_ref())),
                    extremes(points.iter().filter(|point| !failed(point)))
                );
                let (first, last) = (points.first().unwrap(), points.last().unwrap());
                prop_assert_eq!(buckets.first().map(|of| (of.time.0, of.ends.0)), Some((first.start, first.seconds)));
                prop_assert_eq!(buckets.last().map(|of| (of.time.1, of.ends.1)), Some((last.start, last.seconds)));
            }
        }
    }

    #[test]
    fn periods_count_every_run_once(
        mut runs in prop::collection::vec((0..4_000_000_000_u64, any::<bool>()), 0..200),
    ) {
        runs.sort_unstable();
        let runs: Vec<_> =
            runs.into_iter().map(|(at, failed)| (UtcStamp::from_unix_seconds(at), failed)).collect();
        let periods = periods(&runs);
        prop_assert!(periods.len() <= 27, "{}", periods.len());
        prop_assert_eq!(periods.iter().map(|of| of.runs).sum::<usize>(), runs.len());
        let failed = runs.iter().filter(|(_, failed)| *failed).count();
        prop_assert_eq!(periods.iter().map(|of| of.failures).sum::<usize>(), failed);
        for period in &periods {
            let within = |at: &UtcStamp| period.from <= *at && *at < period.to;
            prop_assert_eq!(runs.iter().filter(|(at, _)| within(at)).count(), period.runs);
        }
    }
}

#[test]
fn periods_of_weeks_begin_on_mondays() {
    let at = |text: &str| (text.parse::<UtcStamp>().unwrap(), false);
    let periods = periods(&[at("2026-01-07T10:00:00Z"), at("2026-03-01T23:59:59Z")]);
    let shown: Vec<String> =
        periods.iter().map(|of| format!("{} to {}: {}", of.from, of.to, of.runs)).collect();
    assert_eq!(
        shown,
        [
            "2026-01-05T00:00:00Z to 2026-01-12T00:00:00Z: 1",
            "2026-02-23T00:00:00Z to 2026-03-02T00:00:00Z: 1"
        ]
    );
}
