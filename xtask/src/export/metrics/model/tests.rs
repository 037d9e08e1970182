//! Rows become figures.

use super::*;
use timing_core::history::{Source, gather_file};

pub(in crate::export::metrics) fn rows(text: &str) -> Vec<Row<'static>> {
    gather_file(&Source { name: "x".to_owned(), bytes: text.into() }).rows
}

pub(in crate::export::metrics) fn row(
    day: u32,
    names: (&str, &str),
    ran: (u64, u8),
    flags: &str,
) -> String {
    let ((environment, phase), (seconds, code)) = (names, ran);
    let (month, day) = (1 + day / 28, 1 + day % 28);
    format!(
        "2026-{month:02}-{day:02}T00:00:00Z,,{phase},{environment},persistent,{seconds},{code},\
         {flags},3,1,0,a\n"
    )
}

#[test]
fn a_run_is_in_the_first_bucket_that_is_long_enough() {
    let mut histogram = Histogram::default();
    for seconds in [0, 1, 2, 3600, 3601, u64::MAX] {
        histogram.add(seconds);
    }
    assert_eq!(histogram.buckets, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!((histogram.count(), histogram.sum), (6, u64::MAX));
}

#[test]
fn the_newest_run_is_the_one_that_started_last_in_whatever_order_rows_are() {
    let build = ("dev", "build");
    let text = [
        row(3, build, (30, 1), "OUTCOME=timeout"),
        row(1, build, (10, 0), ""),
        row(2, build, (20, 0), "OUTCOME=cancelled"),
        row(0, build, (5, 137), "OUTCOME=interrupted"),
        row(0, build, (6, 130), "OUTCOME=cancelled"),
        row(0, build, (7, 2), ""),
    ];
    let rows = rows(&text.concat());
    let metrics = Metrics::of(&rows);
    let [task] = &metrics.tasks[..] else { panic!("{metrics:?}") };
    let start = |seconds: u64| {
        let row = rows.iter().find(|row| row.duration_seconds == seconds).unwrap();
        row.start.unix_seconds()
    };
    assert_eq!((task.last.duration_seconds, task.last.exit_code), (30, 1));
    assert_eq!((task.last.start, task.last_success), (start(30), Some(start(20))));
    let runs: Vec<(&str, u64, u64)> = task
        .runs
        .iter()
        .map(|(ending, histogram)| (ending.word(), histogram.count(), histogram.sum))
        .collect();
    assert_eq!(
        runs,
        [
            ("success", 2, 30),
            ("failure", 1, 7),
            ("error", 1, 5),
            ("timeout", 1, 30),
            ("cancellation", 1, 6)
        ]
    );
}

#[test]
fn what_ran_longest_ago_is_left_out_when_there_are_too_many() {
    let names: Vec<String> = (0..250).map(|n| format!("phase-{n:03}")).collect();
    let text = (0..).zip(&names).map(|(day, name)| row(day, ("dev", name), (1, 0), ""));
    let rows = rows(&text.collect::<String>());
    assert_eq!(rows.len(), 250);
    let metrics = Metrics::of(&rows);
    assert_eq!((metrics.tasks.len(), metrics.left_out), (MOST_TASKS, 50));
    let told: Vec<&str> = metrics.tasks.iter().map(|task| task.phase.as_str()).collect();
    assert_eq!(told, names[50..], "by name, and the newest");
}

#[test]
fn names_without_an_end_are_one() {
    let long = "x".repeat(10_000);
    let text = [
        row(0, ("dev", &format!("{long}a")), (1, 0), ""),
        row(1, ("dev", &format!("{long}b")), (1, 0), ""),
    ];
    let metrics = Metrics::of(&rows(&text.concat()));
    assert_eq!(metrics.tasks.len(), 1);
    assert_eq!(metrics.tasks[0].phase.len(), LONGEST_NAME);
}

/// The same rows, asked in both ways.
#[test]
fn counts_and_sums_are_those_of_timings_stats() {
    use timing_core::stats::Summary;
    let text: String = (0..40)
        .map(|n| row(n, ("dev", "build"), (u64::from(n * 97 % 4000), u8::from(n % 7 == 0)), ""))
        .collect();
    let rows = rows(&text);
    let samples: Vec<_> = rows.iter().map(Row::sample).collect();
    let summary = Summary::of(&samples);
    let metrics = Metrics::of(&rows);
    let runs = &metrics.tasks[0].runs;
    for (ending, durations) in
        [(PipelineResult::Success, summary.successes), (PipelineResult::Failure, summary.failures)]
    {
        let (histogram, durations) = (&runs[&ending], durations.unwrap());
        assert_eq!(histogram.count(), durations.count as u64);
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let mean = histogram.sum as f64 / histogram.count() as f64;
        assert!((mean - durations.mean).abs() < 1e-9, "{mean} {}", durations.mean);
    }
    let newest = rows.iter().max_by_key(|row| row.start).unwrap();
    assert_eq!(metrics.tasks[0].last.duration_seconds, newest.duration_seconds);
}

#[test]
fn a_run_that_no_branch_has_counts_and_counts_once() {
    use crate::export::run::tests::deployment;
    let mut run = deployment();
    for phase in &mut run.phases {
        phase.record.flags.set("RUN", run.run.as_str());
    }
    let alone = Metrics::of_record(&[], [&run]);
    let records: Vec<_> = run.phases.iter().map(|phase| phase.record.clone()).collect();
    let text = String::from_utf8(table::rows(&records)).unwrap();
    let rows = rows(&text);
    assert_eq!(rows.len(), run.phases.len());
    assert_eq!(Metrics::of_record(&rows, [&run]), alone);
    assert_eq!(alone.tasks.len(), rows.len());
}
