//! `timings stats`.

use super::{DAMAGED, FOUR_GENERATIONS, recorded};
use crate::support::{BRANCH, CSV, Scene};

#[test]
fn one_line_for_each_environment_and_phase() {
    let scene = recorded(FOUR_GENERATIONS);
    let run = scene.xtask(&["timings", "stats"]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env   phase             runs  success  failed      p50      p95      max     last  recent
    dev   -                    1  100.0 %  0        5m 00s   5m 00s   5m 00s   5m 00s  ▄
    dev   apply-persistent     3   66.7 %  1 (3s)  15m 06s  15m 33s  15m 36s  15m 36s  ▁█
    dev   build                3   66.7 %  1 (0s)   1m 01s   1m 01s   1m 01s   1m 00s  █▁
    test  apply-persistent     1  100.0 %  0       21m 40s  21m 40s  21m 40s  21m 40s  ▄
    ");
    assert_eq!(run.stderr, "");
    let run = scene.xtask(&["timings", "stats", "--format", "markdown", "--env", "dev"]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    | env | phase            | runs | success | failed |     p50 |     p95 |     max |    last | recent |
    |-----|------------------|------|---------|--------|---------|---------|---------|---------|--------|
    | dev | -                |    1 | 100.0 % | 0      |  5m 00s |  5m 00s |  5m 00s |  5m 00s | ▄      |
    | dev | apply-persistent |    3 |  66.7 % | 1 (3s) | 15m 06s | 15m 33s | 15m 36s | 15m 36s | ▁█     |
    | dev | build            |    3 |  66.7 % | 1 (0s) |  1m 01s |  1m 01s |  1m 01s |  1m 00s | █▁     |
    ");
}

#[test]
fn programs_get_every_figure() {
    let scene = recorded(FOUR_GENERATIONS);
    let apply = ["timings", "stats", "--env", "dev", "--phase", "apply-persistent", "--format"];
    let run = scene.calling(&apply).argument("json").run().exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    [
      {
        "env": "dev",
        "phase": "apply-persistent",
        "count": 3,
        "success": 2,
        "failure": 1,
        "success_rate": 0.6666666666666666,
        "mean_seconds": 906,
        "p50_seconds": 906,
        "p90_seconds": 930,
        "p95_seconds": 933,
        "min_seconds": 876,
        "max_seconds": 936,
        "last_seconds": 936,
        "failed_mean_seconds": 3,
        "failed_p50_seconds": 3,
        "failed_p90_seconds": 3,
        "failed_p95_seconds": 3,
        "failed_min_seconds": 3,
        "failed_max_seconds": 3,
        "failed_last_seconds": 3,
        "recent_seconds": [
          876,
          936
        ],
        "last_start_time_utc": "2026-01-26T14:43:27Z"
      }
    ]
    "#);
    let run = scene.calling(&apply).argument("csv").run().exits(0);
    insta::assert_snapshot!(run.stdout, @"
    env,phase,count,success,failure,success_rate,mean_seconds,p50_seconds,p90_seconds,p95_seconds,min_seconds,max_seconds,last_seconds,failed_mean_seconds,failed_p50_seconds,failed_p90_seconds,failed_p95_seconds,failed_min_seconds,failed_max_seconds,failed_last_seconds,recent_seconds,last_start_time_utc
    dev,apply-persistent,3,2,1,0.6666666666666666,906,906,930,933,876,936,936,3,3,3,3,3,3,3,876 936,2026-01-26T14:43:27Z
    ");
}

#[test]
fn a_file_and_stdin_say_what_the_registry_says() {
    let scene = recorded(FOUR_GENERATIONS);
    scene.write("rows.csv", FOUR_GENERATIONS);
    let stats = ["timings", "stats", "--format", "json"];
    for more in [&[][..], &["--last", "1"], &["--since", "2026-01-01", "--env", "dev"]] {
        let asked = |file: &[&str]| {
            let words: Vec<&str> = stats.iter().chain(more).chain(file).copied().collect();
            scene.calling(&words).stdin(FOUR_GENERATIONS).run().exits(0)
        };
        let registry = asked(&[]);
        assert!(registry.stdout.len() > 100, "{}", registry.stdout);
        assert_eq!(asked(&["--file", "rows.csv"]), registry, "{more:?}");
        assert_eq!(asked(&["--file", "-"]), registry, "{more:?}");
    }
}

#[test]
fn only_the_newest_of_each_series() {
    let scene = recorded(FOUR_GENERATIONS);
    let run = scene.xtask(&["timings", "stats", "--last", "1", "--format", "csv"]).exits(0);
    let shown: Vec<String> = run
        .stdout
        .lines()
        .map(|line| line.split(',').take(5).collect::<Vec<&str>>().join(","))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    env,phase,count,success,failure
    dev,,1,1,0
    dev,apply-persistent,1,1,0
    dev,build,1,1,0
    test,apply-persistent,1,1,0
    ");
}

#[test]
fn real_runs_are_counted() {
    let scene = Scene::new().step("apply", &["bash", "-c", "exit 7"]).committed();
    scene.xtask(&["apply-persistent"]).exits(7);
    let scene = scene.step("apply", &["true"]).committed();
    scene.xtask(&["apply-persistent"]).exits(0);
    let run = scene.xtask(&["timings", "stats", "--format", "csv"]).exits(0);
    let row = run.stdout.lines().nth(1).unwrap();
    assert!(row.starts_with("dev,apply-persistent,2,1,1,0.5,"), "{row}");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_counts() {
    let scene = Scene::new();
    scene.write("rows.csv", &format!("{DAMAGED}{FOUR_GENERATIONS}"));
    scene.write("good.csv", FOUR_GENERATIONS);
    let stats = ["timings", "stats", "--file", "rows.csv"];
    let run = scene.xtask(&stats).exits(0);
    insta::assert_snapshot!(run.stderr, @r#"
    warning: rows.csv:1:1: 1 field where a row has 7, 9, 11 or 12
    warning: rows.csv:2:1: column 1 (start_time_utc): "2025-02-30T10:00:00Z" is not a time
    "#);
    let strict = scene.calling(&stats).argument("--strict").run().exits(1);
    assert_eq!((&strict.stdout, &strict.stderr), (&run.stdout, &run.stderr));
    let good = scene.xtask(&["timings", "stats", "--file", "good.csv", "--strict"]).exits(0);
    assert_eq!(good.stdout, run.stdout);
    scene.write("bad.csv", &DAMAGED.repeat(50));
    let bad = scene.xtask(&["timings", "stats", "--file", "bad.csv"]).exits(0);
    let last: Vec<&str> = bad.stderr.lines().rev().take(1).collect();
    assert_eq!(last, ["warning: and 80 more lines that could not be read"]);
}

#[test]
fn reliability_is_what_the_shell_reader_prints_of_the_file() {
    let scene = recorded(FOUR_GENERATIONS);
    let file = scene.git(&["cat-file", "blob", &format!("{BRANCH}:{CSV}")]);
    let stats = ["timings", "stats", "--format", "reliability"];
    let run = scene.xtask(&stats).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    phase,count,success,fail,avg_duration_seconds,min_duration_seconds,max_duration_seconds
    build,3,2,1,40,0,61
    bootstrap,0,0,0,0,0,0
    terraform-apply,0,0,0,0,0,0
    apply-persistent,4,3,1,779,3,1300
    bootstrap-persistent,0,0,0,0,0,0
    teardown,0,0,0,0,0,0
    teardown-persistent,0,0,0,0,0,0
    rds-apply,0,0,0,0,0,0
    ");
    let of_file =
        scene.calling(&stats).argument("--file").argument("-").stdin(&file).run().exits(0);
    assert_eq!(of_file, run);
}

#[test]
fn reliability_reads_lines_of_a_file_and_rows_that_match() {
    let scene = Scene::new();
    // Counted by who splits at commas, and no row.
    let line = "yesterday,,build,dev,b,100,0,,x\n";
    scene.write("rows.csv", &format!("{FOUR_GENERATIONS}\n{line}"));
    let build = |more: &[&str]| {
        let stats = ["timings", "stats", "--format", "reliability", "--file", "rows.csv"];
        let words: Vec<&str> = stats.iter().chain(more).copied().collect();
        let run = scene.xtask(&words);
        let build = run.stdout.lines().nth(1).unwrap().to_owned();
        (build, run.code, run.warnings().len())
    };
    let all = ("build,4,3,1,55,0,100".to_owned(), 0, 1);
    assert_eq!(build(&[]), all);
    assert_eq!(build(&["--strict"]), ("build,4,3,1,55,0,100".to_owned(), 1, 1));
    assert_eq!(build(&["--env", "dev"]), ("build,3,2,1,40,0,61".to_owned(), 0, 1));
    assert_eq!(build(&["--last", "1"]), ("build,1,1,0,60,60,60".to_owned(), 0, 1));
    assert_eq!(build(&["--until", "2025-03-15"]), ("build,2,1,1,30,0,61".to_owned(), 0, 1));
}

#[test]
fn reliability_without_its_columns_counts_nothing_and_says_so() {
    let scene = Scene::new();
    let stats = ["timings", "stats", "--format", "reliability", "--file", "-"];
    let run = scene.calling(&stats).stdin("phase,exit_code\nbuild,0\n").run().exits(1);
    assert!(run.stdout.contains("\nbuild,0,0,0,0,0,0\n"), "{}", run.stdout);
    insta::assert_snapshot!(run.stderr, @"
    note: there are no rows
    note: the first line has no duration_seconds: this reader takes columns by their names there, and counts nothing
    warning: stdin:1:1: 2 fields where a row has 7, 9, 11 or 12
    warning: stdin:2:1: 2 fields where a row has 7, 9, 11 or 12
    ");
}
