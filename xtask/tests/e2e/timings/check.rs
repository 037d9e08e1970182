//! `timings check`: verdicts, their exit codes, and how a regression is accepted.

use crate::support::{Run, Scene};

/// A row of the first day of 2026 and `day` days more, which changed resources.
fn row(day: u32, phase: &str, seconds: u32) -> String {
    row_with(day, phase, "dev", seconds, 0, "BOOTSTRAP_VERSION=v3")
}

fn row_with(day: u32, phase: &str, env: &str, seconds: u32, exit: u8, flags: &str) -> String {
    let start = format!("2026-01-{:02}T10:00:00Z", day + 1);
    format!("{start},{start},{phase},{env},persistent,{seconds},{exit},{flags},3,0,0,logs/x.log\n")
}

/// Runs of `apply-persistent`, one each day.
fn runs(seconds: &[u32]) -> String {
    (0..).zip(seconds).map(|(day, &seconds)| row(day, "apply-persistent", seconds)).collect()
}

/// Five runs of about 100 s and one of 126 s, which is 26 % and 26 s more.
fn slower() -> String {
    runs(&[100, 98, 102, 99, 101, 126])
}

fn check(scene: &Scene, rows: &str, arguments: &[&str]) -> Run {
    let arguments = [&["timings", "check", "--file", "-"], arguments].concat();
    scene.calling(&arguments).stdin(rows).run()
}

/// The verdict for programs of the only series.
#[track_caller]
fn verdict(scene: &Scene, rows: &str, arguments: &[&str]) -> String {
    let run = check(scene, rows, &[arguments, &["--format", "csv"]].concat()).exits(0);
    let mut lines = run.stdout.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = header.iter().position(|name| *name == "verdict").unwrap();
    let values = lines.next().unwrap();
    assert!(lines.next().is_none(), "one series: {}", run.stdout);
    values[place].to_owned()
}

#[test]
fn a_regression_is_shown_with_its_figures_and_the_way_to_accept_it() {
    let scene = Scene::new();
    let rows = slower() + &runs(&[5]).replace("apply", "bootstrap");
    let run = check(&scene, &rows, &[]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env  phase                 latest  when        baseline  runs  MAD   change  MADs  verdict
    dev  apply-persistent      2m 06s  2026-01-06    1m 40s     5   1s  +26.0 %  26.0  regression
    dev  bootstrap-persistent      5s  2026-01-01         -     0    -        -     -  too few (0 of 5)
    ");
    insta::assert_snapshot!(run.stderr, @r#"
    note: apply-persistent in dev: 2m 06s at 2026-01-06T10:00:00Z, 26s more than the median of 5 runs before it. If that is accepted, say so in epochs.toml:

    [[epoch]]
    since = "2026-01-06T10:00:00Z"
    why = "" # say what changed
    env = "dev"
    phase = "apply-persistent"
    "#);
}

#[test]
fn a_row_of_a_clock_that_was_wrong_does_not_blind_the_gate() {
    let ahead = row(0, "apply-persistent", 100).replace("2026-", "2962-");
    let run = check(&Scene::new(), &(slower() + &ahead), &["--mode", "error"]).exits(1);
    assert!(run.stdout.contains("+26.0 %"), "{}", run.stdout);
    assert!(
        run.stderr.starts_with("note: left out: 1 row of a time that has not come\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn programs_get_units_in_the_names_and_null_for_what_is_not_known() {
    let scene = Scene::new();
    let rows = row_with(3, "rds-apply", "dev", 7, 1, "") + &slower();
    let run = check(&scene, &rows, &["--format", "json"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    [
      {
        "env": "dev",
        "phase": "apply-persistent",
        "latest_duration_seconds": 126,
        "latest_start_time_utc": "2026-01-06T10:00:00Z",
        "baseline_median_seconds": 100,
        "baseline_runs": 5,
        "baseline_mad_seconds": 1,
        "excess_seconds": 26,
        "change_ratio": 0.26,
        "excess_mads": 26,
        "resource_effect": "changed",
        "epoch_since_utc": null,
        "epoch_why": null,
        "minimum_runs": 5,
        "verdict": "regression",
        "unknown_because": null
      },
      {
        "env": "dev",
        "phase": "rds-apply",
        "latest_duration_seconds": null,
        "latest_start_time_utc": null,
        "baseline_median_seconds": null,
        "baseline_runs": null,
        "baseline_mad_seconds": null,
        "excess_seconds": null,
        "change_ratio": null,
        "excess_mads": null,
        "resource_effect": null,
        "epoch_since_utc": null,
        "epoch_why": null,
        "minimum_runs": 5,
        "verdict": "unknown",
        "unknown_because": "no_successful_run"
      }
    ]
    "#);
}

#[test]
fn only_the_mode_error_makes_a_regression_the_exit_code() {
    let scene = Scene::new();
    for (mode, code) in [("warn", 0), ("error", 1), ("off", 0)] {
        check(&scene, &slower(), &["--mode", mode]).exits(code);
    }
    for harmless in [runs(&[100; 6]), runs(&[100, 900]), runs(&[100, 100, 100, 100, 100, 50])] {
        check(&scene, &harmless, &["--mode", "error"]).exits(0);
    }
    check(&scene, &slower(), &["--mode", "fail"]).exits(2);
}

#[test]
fn what_is_off_reads_nothing_and_says_so() {
    let scene = Scene::new();
    let arguments = ["timings", "check", "--file", "nowhere.csv", "--strict"];
    scene.xtask(&[&arguments[..], &["--mode", "error"]].concat()).exits(1);
    let run = scene.xtask(&[&arguments[..], &["--mode", "off", "--format", "json"]].concat());
    let run = run.exits(0);
    assert_eq!(run.stdout, "[]\n");
    assert_eq!(run.stderr, "note: the mode is off: nothing was judged\n");
}

#[test]
fn each_threshold_can_be_set_in_the_file_and_by_a_flag_which_wins() {
    let usual = Scene::new();
    let (near, short, few) =
        (runs(&[100, 100, 100, 100, 100, 120]), runs(&[4, 4, 4, 4, 4, 9]), runs(&[100, 100, 200]));
    for rows in [&near, &short] {
        assert_eq!(verdict(&usual, rows, &[]), "ok");
    }
    assert_eq!(verdict(&usual, &few, &[]), "unknown");
    assert_eq!(verdict(&usual, &near, &["--relative", "19.9%"]), "regression");
    assert_eq!(verdict(&usual, &near, &["--relative", "20%"]), "ok");
    assert_eq!(verdict(&usual, &short, &["--absolute", "4s"]), "regression");
    assert_eq!(verdict(&usual, &few, &["--minimum-samples", "2"]), "regression");
    assert_eq!(verdict(&usual, &slower(), &["--baseline", "4"]), "unknown");
    let set = Scene::new().config(
        "[check]\nrelative = \"10%\"\nabsolute = \"1s\"\nminimum_samples = 2\nbaseline = 5\n\
         mode = \"error\"",
    );
    for rows in [&near, &short, &few] {
        check(&set, rows, &[]).exits(1);
        assert_eq!(verdict(&set, rows, &["--mode", "warn"]), "regression");
    }
    assert_eq!(verdict(&set, &near, &["--relative", "25%"]), "ok");
    assert_eq!(verdict(&set, &short, &["--absolute", "5s"]), "ok");
    check(&set, &few, &["--minimum-samples", "3"]).exits(0);
}

#[test]
fn too_few_runs_are_no_pass() {
    let scene = Scene::new();
    let run = check(&scene, &runs(&[100, 100, 100, 100]), &[]).exits(0);
    assert!(run.stdout.contains("too few (3 of 5)"), "{}", run.stdout);
    let failed = row_with(0, "rds-apply", "dev", 7, 1, "");
    let run = check(&scene, &failed, &[]).exits(0);
    assert!(run.stdout.contains("no success"), "{}", run.stdout);
}

/// The lines to paste that a regression's remark holds.
fn lines_to_paste(run: &Run) -> String {
    let from = run.stderr.find("[[epoch]]").unwrap();
    run.stderr[from..].to_owned()
}

#[test]
fn a_regression_is_accepted_by_the_lines_that_are_printed_once_they_say_why() {
    let scene = Scene::new();
    let lines = lines_to_paste(&check(&scene, &slower(), &["--mode", "error"]).exits(1));
    scene.write("epochs.toml", &lines);
    let run = check(&scene, &slower(), &["--mode", "error"]).exits(2);
    assert!(run.stderr.contains("epochs.toml line 3: "), "{}", run.stderr);
    scene.write("epochs.toml", &lines.replace("\"\"", "\"encryption on\""));
    let run = check(&scene, &slower(), &["--mode", "error"]).exits(0);
    assert!(run.stdout.contains("too few (0 of 5)"), "{}", run.stdout);
    insta::assert_snapshot!(run.stderr, @"note: apply-persistent in dev: the baseline starts with the epoch of 2026-01-06T10:00:00Z (encryption on)");
    let later =
        slower() + &(6..12).map(|day| row(day, "apply-persistent", 126)).collect::<String>();
    let run = check(&scene, &later, &["--mode", "error"]).exits(0);
    assert!(run.stdout.contains(" ok"), "{}", run.stdout);
}

#[test]
fn an_epoch_of_another_environment_or_phase_accepts_nothing() {
    for other in ["env = \"prod\"", "phase = \"rds-apply\""] {
        let epoch = format!("[[epoch]]\nsince = \"2026-01-06\"\nwhy = \"x\"\n{other}\n");
        let scene = Scene::new().file("epochs.toml", &epoch);
        check(&scene, &slower(), &["--mode", "error"]).exits(1);
    }
}

#[test]
fn before_the_first_run_of_an_epoch_nothing_is_known() {
    let epoch = "[[epoch]]\nsince = \"2026-01-07\"\nwhy = \"encryption on\"\n";
    let scene = Scene::new().file("epochs.toml", epoch);
    let run = check(&scene, &slower(), &["--mode", "error"]).exits(0);
    assert!(run.stdout.contains("none since epoch"), "{}", run.stdout);
    insta::assert_snapshot!(run.stderr, @"note: apply-persistent in dev: no successful run since the epoch of 2026-01-07T00:00:00Z (encryption on)");
    let before = ["--mode", "error", "--until", "2026-01-06"];
    let run = check(&scene, &slower(), &before).exits(1);
    assert!(run.stderr.contains("has not begun"), "{}", run.stderr);
}

#[test]
fn an_epoch_that_has_not_begun_accepts_nothing() {
    let epoch = "[[epoch]]\nsince = \"2999-01-01\"\nwhy = \"a typing error\"\n";
    let scene = Scene::new().file("epochs.toml", epoch);
    let run = check(&scene, &slower(), &["--mode", "error"]).exits(1);
    let first = run.stderr.lines().next().unwrap();
    insta::assert_snapshot!(first, @"note: the epoch of 2999-01-01T00:00:00Z (a typing error) has not begun and does not count");
}

#[test]
fn an_epoch_with_a_mistake_is_named_with_its_line() {
    let scene = Scene::new().file("epochs.toml", "[[epoch]]\nsinc = \"2026-01-01\"\n");
    let run = check(&scene, &slower(), &[]).exits(2);
    assert!(
        run.stderr.ends_with("epochs.toml line 2: unknown key \"sinc\"; did you mean since?\n")
    );
}

#[test]
fn another_bootstrap_version_is_remarked_upon_and_stays_comparable() {
    let scene = Scene::new();
    let rows = runs(&[100; 4])
        + &row_with(4, "apply-persistent", "dev", 100, 0, "BOOTSTRAP_VERSION=v2")
        + &row_with(5, "apply-persistent", "dev", 100, 0, "")
        + &row_with(6, "apply-persistent", "dev", 100, 0, "BOOTSTRAP_VERSION=v4");
    let run = check(&scene, &rows, &[]).exits(0);
    assert!(run.stdout.contains(" 6 "), "{}", run.stdout);
    insta::assert_snapshot!(run.stderr, @"note: apply-persistent in dev: BOOTSTRAP_VERSION of the latest run is v4, and in its baseline: 1 run v2, 4 runs v3");
    let same = check(&scene, &runs(&[100; 6]), &[]).exits(0);
    assert_eq!(same.stderr, "");
}

#[test]
fn rows_that_do_not_say_their_phase_are_left_out_aloud() {
    let scene = Scene::new();
    let old = "2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev,b1,300,0,a.log\n";
    let run = check(&scene, &format!("{old}{}", runs(&[1])), &[]).exits(0);
    assert_eq!(run.stdout.lines().count(), 2);
    assert_eq!(run.stderr, "note: 1 row without a phase cannot be compared with anything\n");
}

#[test]
fn the_runs_of_the_registry_are_what_is_judged_otherwise() {
    let scene = Scene::new().step("apply", &["bash", "-c", "true"]).committed();
    for _ in 0..2 {
        scene.xtask(&["apply-persistent"]).exits(0);
    }
    let run = scene.xtask(&["timings", "check"]).exits(0);
    assert!(run.stdout.contains("too few (1 of 5)"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn the_table_fits_a_terminal_of_120_columns() {
    let scene =
        Scene::new().file("epochs.toml", "[[epoch]]\nsince = \"2026-01-01\"\nwhy = \"x\"\n");
    let slow: String = (0..)
        .zip([6000, 6003, 6010, 6000, 6007, 16_126])
        .map(|(day, seconds)| row_with(day, "bootstrap-persistent", "staging", seconds, 0, ""))
        .collect();
    let few = row_with(0, "teardown-persistent", "staging", 60, 0, "");
    let run = check(&scene, &(slow + &few), &[]).exits(0);
    let widest = run.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 120, "{widest}:\n{}", run.stdout);
}
