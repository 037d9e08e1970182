//! `timings dora`: the figures of deployments.

use crate::support::Scene;

const HEADER: &str = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,\
                      flags,resources_added,resources_changed,resources_destroyed,log_path\n";

/// A row of a deployment of 100 seconds.
fn row(start: &str, phase: &str, env: &str, code: i32, flags: &str) -> String {
    format!("{start},,{phase},{env},persistent,100,{code},{flags},0,0,0,\n")
}

/// Ten days of `dev`: 5 deployments that succeeded, 3 that failed in two incidents, one that was
/// cancelled; before them a failure, after them one that is not made good. `test` was left alone.
fn scene() -> Scene {
    let deploy = |start: &str, code, flags| row(start, "deploy-persistent", "dev", code, flags);
    let rows = [
        deploy("2026-01-10T10:00:00Z", 1, "RUN=r1"),
        deploy("2026-01-11T10:00:00Z", 0, "RUN=r2"),
        deploy("2026-01-12T10:00:00Z", 1, "RUN=r3"),
        deploy("2026-01-12T10:20:00Z", 130, "RUN=r4 OUTCOME=cancelled"),
        deploy("2026-01-12T11:00:00Z", 137, "RUN=r5 OUTCOME=interrupted"),
        row("2026-01-12T11:10:00Z", "apply-persistent", "dev", 0, "RUN=r6"),
        deploy("2026-01-12T12:00:00Z", 0, "RUN=r7"),
        deploy("2026-01-14T10:00:00Z", 0, "RUN=r8"),
        deploy("2026-01-15T10:00:00Z", 2, "RUN=r9"),
        deploy("2026-01-15T10:10:00Z", 0, "RUN=ra"),
        deploy("2026-01-20T10:00:00Z", 0, "RUN=rb"),
        deploy("2026-01-21T10:00:00Z", 1, "RUN=rc"),
        row("2026-01-02T10:00:00Z", "apply-persistent", "test", 0, "RUN=rd"),
    ];
    Scene::new().file("rows.csv", &format!("{HEADER}{}", rows.concat()))
}

const WINDOW: [&str; 6] =
    ["timings", "dora", "--file=rows.csv", "--since=2026-01-11", "--until=2026-01-20", "--format"];

#[test]
fn frequency_failures_and_recovery_of_a_window() {
    let run = scene().calling(&WINDOW).argument("table").run().exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env   deployments  failed  cancelled  ok per day  ok per week  failure rate  recovered  median recovery  open for
    dev             8       3          1        0.50         3.50        37.5 %          2       1h 05m 00s  -
    test            0       0          0        0.00         0.00             -          0                -  -
    ");
    insta::assert_snapshot!(run.stderr, @"note: deployments are rows of deploy-persistent that started from 2026-01-11T00:00:00Z on and before 2026-01-21T00:00:00Z");
}

#[test]
fn programs_get_numbers_and_nulls() {
    let run = scene().calling(&WINDOW).argument("json").argument("--env=test").run().exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    [
      {
        "env": "test",
        "window_start_time_utc": "2026-01-11T00:00:00Z",
        "window_end_time_utc": "2026-01-21T00:00:00Z",
        "deployments": 0,
        "succeeded": 0,
        "failed": 0,
        "cancelled": 0,
        "deployments_per_day": 0,
        "deployments_per_week": 0,
        "change_failure_rate": null,
        "recoveries": 0,
        "median_recovery_seconds": null,
        "open_since_utc": null,
        "open_seconds": null
      }
    ]
    "#);
}

#[test]
fn an_incident_that_is_not_over_is_shown_with_its_age() {
    let scene = scene();
    let call = scene.xtask(&["timings", "dora", "--file=rows.csv", "--env=dev", "--format=json"]);
    let answer: serde_json::Value = serde_json::from_str(&call.exits(0).stdout).unwrap();
    // It is far longer ago than the window of 30 days.
    assert_eq!(answer[0]["deployments"], 0);
    assert_eq!(answer[0]["change_failure_rate"], serde_json::Value::Null);
    assert_eq!(answer[0]["open_since_utc"], "2026-01-21T10:01:40Z");
    assert!(answer[0]["open_seconds"].as_u64().unwrap() > 86_400);
}

#[test]
fn the_newest_deployments_have_no_frequency_and_other_phases_can_be_deployments() {
    let scene = scene();
    let figures = |arguments: &[&str]| {
        let call = scene.calling(&WINDOW).argument("json").argument("--env=dev");
        let call = arguments.iter().fold(call, |call, argument| call.argument(argument));
        let answer: serde_json::Value = serde_json::from_str(&call.run().exits(0).stdout).unwrap();
        ["deployments", "failed", "recoveries", "deployments_per_day"]
            .map(|key| answer[0][key].to_string())
            .join(" ")
    };
    assert_eq!(figures(&[]), "8 3 2 0.5");
    assert_eq!(figures(&["--last=3"]), "3 1 1 null");
    assert_eq!(figures(&["--last=100"]), "8 3 2 0.5");
    assert_eq!(figures(&["--phase=apply-persistent"]), "1 0 0 0.1");
}

#[test]
fn what_was_deployed_a_moment_ago_counts() {
    let scene = Scene::new().step("apply", &["true"]).committed();
    scene.xtask(&["apply-persistent", "ENV=dev"]).exits(0);
    let run = scene.xtask(&["timings", "dora", "--phase=apply-persistent", "--format=csv"]);
    let answer = run.exits(0).stdout;
    let line = answer.lines().nth(1).unwrap();
    assert_eq!(line.split(',').nth(3), Some("1"), "{answer}");
    assert!(line.starts_with("dev,"), "as its rows call it: {line}");
}
