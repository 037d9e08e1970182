//! `timings slo`: what is attained, what is left, and what a missed objective means.

use crate::support::{Run, Scene};

const BOTH: &str = "[[slo]]\nphase = \"deploy-persistent\"\nwindow = \"30d\"\n\
                    success_rate = \"90%\"\nduration = \"20m\"\npercentile = 75";

/// A run of the deployment on `day` of January.
fn row(day: u32, env: &str, seconds: u32, exit: u8) -> String {
    let start = format!("2026-01-{day:02}T10:00:00Z");
    format!("{start},{start},deploy-persistent,{env},persistent,{seconds},{exit},,3,0,0,x.log\n")
}

/// Of each day in order what it took, and whether it failed: a minus sign says so.
fn runs(env: &str, seconds: &[i32]) -> String {
    let row =
        |(day, seconds): (u32, &i32)| row(day, env, seconds.unsigned_abs(), u8::from(*seconds < 0));
    (1..).zip(seconds).map(row).collect()
}

fn slo(scene: &Scene, rows: &str, arguments: &[&str]) -> Run {
    slo_until("2026-01-30", scene, rows, arguments)
}

fn slo_until(until: &str, scene: &Scene, rows: &str, arguments: &[&str]) -> Run {
    let arguments = [&["timings", "slo", "--file", "-", "--until", until], arguments].concat();
    scene.calling(&arguments).stdin(rows).run()
}

/// The values of `column` for programs.
#[track_caller]
fn column(run: Run, column: &str) -> Vec<String> {
    let run = run.exits(0);
    let mut lines = run.stdout.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = header.iter().position(|name| *name == column).unwrap();
    lines.map(|values| values[place].to_owned()).collect()
}

#[test]
fn each_environment_is_judged_apart_by_rate_and_by_duration() {
    let scene = Scene::new().config(BOTH);
    let dev = runs("dev", &[-60, 1000, 1100, 1200, 1300, 1000, 1000, 1000, 1000, 1000]);
    let staging = runs("staging", &[-60, -60, 1201, 1200]);
    let run = slo(&scene, &(dev + &staging), &[]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env      phase              objective    window  runs  attained    value  bad  budget left  burn  recent  verdict
    dev      deploy-persistent  90% succeed  30d       10    90.0 %        -    1        0.0 %  1.00  -       attained
    staging  deploy-persistent  90% succeed  30d        4    50.0 %        -    2     -400.0 %  5.00  -       missed
    dev      deploy-persistent  75% in 20m   30d        9    88.9 %  18m 20s    1       55.6 %  0.44  -       attained
    staging  deploy-persistent  75% in 20m   30d        2    50.0 %  20m 01s    1     -100.0 %  2.00  -       missed
    ");
    assert_eq!(run.stderr, "");
}

#[test]
fn programs_get_units_in_the_names() {
    let scene = Scene::new().config(BOTH);
    let run = slo(&scene, &runs("dev", &[-60, 1000]), &["--format", "json"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    [
      {
        "env": "dev",
        "phase": "deploy-persistent",
        "objective": "success_rate",
        "target_ratio": 0.9,
        "duration_limit_seconds": null,
        "window_start_time_utc": "2026-01-01T00:00:00Z",
        "window_end_time_utc": "2026-01-30T23:59:59Z",
        "window_seconds": 2592000,
        "runs": 2,
        "attained_ratio": 0.5,
        "duration_at_percentile_seconds": null,
        "allowed_bad_runs": 0.2,
        "bad_runs": 1,
        "budget_left_ratio": -4,
        "burn_rate": 5,
        "recent_burn_rate": null,
        "recent_runs": 0,
        "recent_window_seconds": 216000,
        "verdict": "missed"
      },
      {
        "env": "dev",
        "phase": "deploy-persistent",
        "objective": "duration",
        "target_ratio": 0.75,
        "duration_limit_seconds": 1200,
        "window_start_time_utc": "2026-01-01T00:00:00Z",
        "window_end_time_utc": "2026-01-30T23:59:59Z",
        "window_seconds": 2592000,
        "runs": 1,
        "attained_ratio": 1,
        "duration_at_percentile_seconds": 1000,
        "allowed_bad_runs": 0.25,
        "bad_runs": 0,
        "budget_left_ratio": 1,
        "burn_rate": 0,
        "recent_burn_rate": null,
        "recent_runs": 0,
        "recent_window_seconds": 216000,
        "verdict": "attained"
      }
    ]
    "#);
}

#[test]
fn only_the_mode_error_makes_a_missed_objective_the_exit_code() {
    let scene = Scene::new().config(BOTH);
    let missed = runs("dev", &[-60]);
    for (mode, code) in [("warn", 0), ("error", 1), ("off", 0)] {
        slo(&scene, &missed, &["--mode", mode]).exits(code);
    }
    slo(&scene, &runs("dev", &[1000]), &["--mode", "error"]).exits(0);
    let run = slo(&scene, &missed, &["--mode", "off", "--format", "json"]).exits(0);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("[]\n", "note: the mode is off: nothing was judged\n")
    );
}

#[test]
fn an_objective_without_runs_is_unknown_and_not_attained() {
    let scene = Scene::new().config(BOTH);
    let other = runs("dev", &[100]).replace("deploy", "apply");
    for rows in ["", other.as_str()] {
        assert_eq!(column(slo(&scene, rows, &["--format", "csv"]), "verdict"), ["unknown"; 2]);
    }
    let failures = slo(&scene, &runs("dev", &[-60]), &["--format", "csv"]);
    assert_eq!(column(failures, "verdict"), ["missed", "unknown"], "no run that has a duration");
}

#[test]
fn the_window_is_counted_back_from_its_end_and_holds_nothing_else() {
    let scene = Scene::new().config(&BOTH.replace("30d", "2d"));
    let rows = runs("dev", &[-60, 100, 100, 100, -60, -60]);
    let at = |until: &str| {
        let run = slo_until(until, &scene, &rows, &["--format", "csv"]);
        let [runs, bad] = ["runs", "bad_runs"].map(|name| column(run.clone(), name).remove(0));
        format!("{runs}/{bad}")
    };
    assert_eq!(at("2026-01-04"), "2/0", "the 3rd and the 4th");
    assert_eq!(at("2026-01-02T23:00:00Z"), "2/1");
    assert_eq!(at("2026-01-03T10:00:00Z"), "2/0", "a run at the first second is out by then");
    assert_eq!(at("2026-01-03T09:59:59Z"), "2/1", "and one second earlier it is in");
    assert_eq!(at("2026-01-20"), "0/0");
}

#[test]
fn since_begins_the_window_elsewhere() {
    let scene = Scene::new().config(&BOTH.replace("30d", "2d"));
    let rows = runs("dev", &[-60, 100, 100, 100]);
    let arguments = ["--since", "2026-01-01", "--format", "csv"];
    assert_eq!(column(slo(&scene, &rows, &arguments), "runs"), ["4", "3"]);
    assert_eq!(column(slo(&scene, &rows, &arguments), "window_seconds"), ["2592000"; 2]);
}

#[test]
fn a_filter_leaves_out_the_objectives_that_are_about_something_else() {
    let scene = Scene::new().config(
        "[[slo]]\nphase = \"deploy-persistent\"\nenv = \"dev\"\nwindow = \"30d\"\n\
         success_rate = \"90%\"\n[[slo]]\nphase = \"rds-apply\"\nwindow = \"30d\"\n\
         success_rate = \"90%\"",
    );
    let rows = runs("dev", &[100]) + &runs("staging", &[100]);
    let phases = |arguments: &[&str]| {
        column(slo(&scene, &rows, &[arguments, &["--format", "csv"]].concat()), "phase")
    };
    assert_eq!(phases(&[]), ["deploy-persistent", "rds-apply"]);
    assert_eq!(phases(&["--phase", "rds-apply"]), ["rds-apply"]);
    assert_eq!(phases(&["--env", "staging"]), ["rds-apply"]);
    assert_eq!(phases(&["--env", "development"]), ["deploy-persistent", "rds-apply"]);
    let run = slo(&scene, &rows, &["--phase", "build"]).exits(0);
    assert!(run.stderr.contains("no objective"), "{}", run.stderr);
}

#[test]
fn without_objectives_it_says_how_to_have_one() {
    let run = slo(&Scene::new(), &runs("dev", &[100]), &[]).exits(0);
    insta::assert_snapshot!(run.stderr, @r#"note: xtask.toml has no objectives: give it a [[slo]] with phase = "deploy-persistent", window = "30d" and success_rate = "95%""#);
}

#[test]
fn the_table_fits_a_terminal_of_120_columns() {
    let scene = Scene::new().config(BOTH);
    let rows = runs("staging", &[-60, -60, -60, 1201, 1200, 12_000]);
    let run = slo(&scene, &rows, &[]).exits(0);
    let widest = run.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 120, "{widest}:\n{}", run.stdout);
}
