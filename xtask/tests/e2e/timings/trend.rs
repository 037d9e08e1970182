//! `timings trend`: changes, and what lies between them.

use crate::support::{Run, Scene};

/// Noise of a few per cent that is the same each time.
const NOISE: [i32; 10] = [12, -25, 7, 31, -14, -30, 22, 3, -8, 17];

/// A run each day from 2026-01-01 on, of about 600 s and, from the 21st on, a quarter more; every
/// seventh fails after 3 s. The commit is the number of the day.
fn rows() -> String {
    let row = |day: usize| {
        let start = format!("2026-{:02}-{:02}T10:00:00Z", 1 + day / 28, 1 + day % 28);
        let level = if day < 20 { 600 } else { 750 };
        let (seconds, exit) =
            if day % 7 == 6 { (3, 1) } else { (level + NOISE[day % NOISE.len()], 0) };
        format!(
            "{start},{start},deploy-persistent,dev,persistent,{seconds},{exit},SHA={day:012x},3,0,0,\
             logs/x.log\n"
        )
    };
    (0..40).map(row).collect()
}

fn trend(rows: &str, arguments: &[&str]) -> Run {
    let arguments = [&["timings", "trend", "--file", "-"], arguments].concat();
    Scene::new().calling(&arguments).stdin(rows).run()
}

#[test]
fn a_change_has_a_date_a_size_a_chance_and_a_commit() {
    let run = trend(&rows(), &[]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env  phase              since                 runs    level  per day  direction   change      by      p  commit        durations
    dev  deploy-persistent  2026-01-01T10:00:00Z    18  10m 03s    0.0 %  -                -       -      -  -             ▆▂▅█▃▁▅▄▆▆▂▅▃▁▇▅▄▆
    dev  deploy-persistent  2026-01-22T10:00:00Z    17  12m 37s   +0.1 %  slower     +25.5 %  2m 34s  5e-20  000000000015  ▂▅█▃▁▇▄▆▆▂▅█▁▇▅▄▆
    ");
    assert_eq!(run.stderr, "");
}

#[test]
fn programs_get_units_in_the_names_and_null_where_nothing_changed() {
    let run = trend(&rows(), &["--format", "json"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    [
      {
        "env": "dev",
        "phase": "deploy-persistent",
        "since_time_utc": "2026-01-01T10:00:00Z",
        "until_time_utc": "2026-01-20T10:00:00Z",
        "runs": 18,
        "level_seconds": 603,
        "slope_seconds_per_run": 0,
        "slope_seconds_per_day": 0,
        "slope_ratio_per_day": 0,
        "direction": null,
        "change_ratio": null,
        "change_seconds": null,
        "p_value": null,
        "commit": null,
        "commit_before": null,
        "build_id": null
      },
      {
        "env": "dev",
        "phase": "deploy-persistent",
        "since_time_utc": "2026-01-22T10:00:00Z",
        "until_time_utc": "2026-02-12T10:00:00Z",
        "runs": 17,
        "level_seconds": 757,
        "slope_seconds_per_run": 0.5625,
        "slope_seconds_per_day": 0.40374331550802145,
        "slope_ratio_per_day": 0.0005333465198256558,
        "direction": "slower",
        "change_ratio": 0.2553897180762852,
        "change_seconds": 154,
        "p_value": 4.91211347285781e-20,
        "commit": "000000000015",
        "commit_before": "000000000013",
        "build_id": "persistent"
      }
    ]
    "#);
}

#[test]
fn a_phase_with_few_runs_has_a_level_and_no_changes() {
    let few: String = rows().lines().take(3).map(|line| format!("{line}\n")).collect();
    let run = trend(&few, &[]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env  phase              since                 runs    level  per day  direction  change  by  p  commit  durations
    dev  deploy-persistent  2026-01-01T10:00:00Z     3  10m 07s  -        -          -       -   -  -       █▁▇
    ");
    insta::assert_snapshot!(run.stderr, @"note: fewer than 12 successful runs, from which on a change is found, in 1 of the 1 lines of history");
}

#[test]
fn only_the_newest_runs_are_looked_at_when_somebody_says_so() {
    let run = trend(&rows(), &["--last", "12", "--format", "csv"]).exits(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "the change is older: {}", run.stdout);
    assert!(lines[1].starts_with("dev,deploy-persistent,2026-02-01T10:00:00Z,"), "{}", lines[1]);
}

#[test]
fn without_a_successful_run_there_is_no_line() {
    let failed = "2026-01-01T10:00:00Z,,build,dev,1,3,1,,\n";
    let run = trend(failed, &["--format", "json"]).exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("[]\n", ""));
}
