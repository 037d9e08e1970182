//! `timings list`.

use super::{DAMAGED, FOUR_GENERATIONS, recorded};
use crate::support::Scene;

#[test]
fn rows_of_every_generation_newest_last() {
    let scene = recorded(FOUR_GENERATIONS);
    let run = scene.xtask(&["timings", "list"]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    start                 phase             env   build                            duration  exit  resources
    2025-01-15T10:00:00Z  -                 dev   20250115-06#####NEEDTOUPDATE###    5m 00s     0  -
    2025-02-15T10:00:00Z  build             dev   15-02-25-01                            0s   255  -
    2025-03-15T10:00:00Z  build             dev   15-03-25-01                        1m 01s     0  +1 ~2 -3
    2025-03-16T10:00:00Z  build             dev   16-03-25-01                        1m 00s     0  +1 ~2 -3
    2026-01-24T14:43:27Z  apply-persistent  dev   persistent                        14m 36s     0  +3 ~1 -0
    2026-01-25T14:43:27Z  apply-persistent  dev   persistent                             3s     1  +0 ~0 -0
    2026-01-26T14:43:27Z  apply-persistent  dev   persistent                        15m 36s     0  +3 ~1 -0
    2026-01-27T14:43:27Z  apply-persistent  test  persistent                        21m 40s     0  +3 ~1 -0
    ");
    assert_eq!(run.stderr, "");
}

#[test]
fn programs_get_the_columns_of_the_file() {
    let scene = recorded(FOUR_GENERATIONS);
    let run = scene.xtask(&["timings", "list", "--format", "csv", "--last", "2"]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,resources_added,resources_changed,resources_destroyed,log_path
    2026-01-26T14:43:27Z,2026-01-26T14:59:03Z,apply-persistent,dev,persistent,936,0,RUN=r3,3,1,0,logs/e.log
    2026-01-27T14:43:27Z,2026-01-27T15:05:07Z,apply-persistent,test,persistent,1300,0,RUN=r4,3,1,0,logs/f.log
    ");
    let run = scene.xtask(&[
        "timings",
        "list",
        "--format",
        "json",
        "--phase",
        "build",
        "--until",
        "2025-02-15",
    ]);
    insta::assert_snapshot!(run.exits(0).stdout, @r#"
    [
      {
        "start_time_utc": "2025-02-15T10:00:00Z",
        "end_time_utc": "2025-02-15T10:00:00Z",
        "phase": "build",
        "env": "dev",
        "build_id": "15-02-25-01",
        "duration_seconds": 0,
        "exit_code": 255,
        "flags": "A=1 B=2",
        "resources_added": null,
        "resources_changed": null,
        "resources_destroyed": null,
        "log_path": "b.log"
      }
    ]
    "#);
    let run = scene.xtask(&["timings", "list", "--format", "markdown", "--env", "test"]);
    insta::assert_snapshot!(run.exits(0).stdout, @"
    | start                | phase            | env  | build      | duration | exit | resources |
    |----------------------|------------------|------|------------|----------|------|-----------|
    | 2026-01-27T14:43:27Z | apply-persistent | test | persistent |  21m 40s |    0 | +3 ~1 -0  |
    ");
}

#[test]
fn a_row_is_listed_as_soon_as_its_phase_has_ended() {
    let scene = Scene::new().step("apply", &["bash", "-c", "exit 7"]).committed();
    scene.xtask(&["apply-persistent"]).exits(7);
    let run = scene.xtask(&["timings", "list", "--format", "csv"]).exits(0);
    assert_eq!(run.stdout.as_bytes(), scene.csv().unwrap());
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_shown() {
    let scene = Scene::new();
    scene.write("rows.csv", &format!("{DAMAGED}{FOUR_GENERATIONS}"));
    let list = ["timings", "list", "--file", "rows.csv", "--last", "1", "--format", "csv"];
    let run = scene.xtask(&list).exits(0);
    insta::assert_snapshot!(run.stderr, @r#"
    warning: rows.csv:1:1: 1 field where a row has 7, 9, 11 or 12
    warning: rows.csv:2:1: column 1 (start_time_utc): "2025-02-30T10:00:00Z" is not a time
    "#);
    let strict = scene.calling(&list).argument("--strict").run().exits(1);
    assert_eq!((&strict.stdout, &strict.stderr), (&run.stdout, &run.stderr));
    assert_eq!(run.stdout.lines().count(), 2);
}

#[test]
fn nothing_to_list_is_no_failure_and_is_said() {
    let scene = Scene::new();
    let run = scene.xtask(&["timings", "list"]).exits(0);
    assert_eq!(run.stderr, "note: there are no rows\n");
    let scene = recorded(FOUR_GENERATIONS);
    let run = scene.xtask(&["timings", "list", "--env", "prod"]).exits(0);
    assert_eq!(run.stderr, "note: none of the 8 rows match\n");
}

#[test]
fn a_question_that_cannot_be_understood_is_a_usage_error() {
    let scene = Scene::new();
    let run = scene.xtask(&["timings", "list", "--since", "yesterday"]).exits(2);
    insta::assert_snapshot!(run.stderr, @r#"error: --since: "yesterday" is no time: give a day (2026-01-24), a time (2026-01-24T14:43:27Z) or how long ago (90m, 12h, 30d, 8w)"#);
    let run = scene.xtask(&["timings", "list", "--file", "missing.csv"]).exits(1);
    insta::assert_snapshot!(run.stderr, @"error: missing.csv cannot be read: No such file or directory (os error 2); give --file a CSV of rows, or - for stdin");
    // The format that only stats has.
    scene.xtask(&["timings", "list", "--format", "reliability"]).exits(2);
}
