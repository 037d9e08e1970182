//! `timings cost`: durations beside costs.

use crate::support::{Call, Scene};

const HEADER: &str = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,\
                      flags,resources_added,resources_changed,resources_destroyed,log_path\n";

/// A deployment of two phases on each of six days, each longer than the one before; the third
/// failed.
fn rows() -> String {
    let day = |day: u64| {
        let row = |phase: &str, second: u64, duration: u64, added: u64| {
            let code = u8::from(day == 3);
            format!(
                "2026-01-0{day}T10:00:{second:02}Z,,{phase},dev,persistent,{duration},{code},\
                 RUN=r{day},{added},0,0,\n"
            )
        };
        row("apply-persistent", 0, day * 10, day)
            + &row("bootstrap-persistent", day, 5, 0)
            + &row("deploy-persistent", 0, day * 10 + 5, day)
    };
    format!("{HEADER}{}", (1..=6).map(day).collect::<String>())
}

/// Costs that rise with the days but for the last two, and nothing for the fourth.
const COSTS: &str = "date,service,cost,currency\n\
    2026-01-01,EKS,1.25,USD\n2026-01-01,RDS,0.25,USD\n2026-01-02,EKS,2,USD\n\
    2026-01-03,EKS,3,USD\n2026-01-05,EKS,6,USD\n2026-01-06,EKS,5,USD\n2026-01-07,EKS,1,USD\n";

fn scene() -> Scene {
    Scene::new().file("rows.csv", &rows()).file("costs.csv", COSTS)
}

fn cost(scene: &Scene, arguments: &[&str]) -> Call {
    let call = scene.calling(&["timings", "cost"]);
    arguments.iter().fold(call, |call, argument| call.argument(argument))
}

#[test]
fn a_period_has_its_runs_once_and_its_costs() {
    let run = cost(&scene(), &["--file=rows.csv", "--costs=costs.csv", "--by=day"]).run().exits(0);
    insta::assert_snapshot!(run.stdout, @"
    period      runs  ok   total  median ok  added  destroyed  cost  days with costs
    2026-01-01     1   1     15s        15s      1          0  1.50                1
    2026-01-02     1   1     25s        25s      2          0  2.00                1
    2026-01-03     1   0     35s          -      3          0  3.00                1
    2026-01-04     1   1     45s        45s      4          0     -                0
    2026-01-05     1   1     55s        55s      5          0  6.00                1
    2026-01-06     1   1  1m 05s     1m 05s      6          0  5.00                1
    2026-01-07     0   0       -          -      -          -  1.00                1
    ");
    insta::assert_snapshot!(run.stderr, @"
    note: costs are in USD
    note: cost and total duration: rank correlation +0.90 over 5 periods
    note: cost and resources added: rank correlation +0.90 over 5 periods
    note: cost and resources destroyed: no rank correlation; one of them is the same in all 5 periods
    note: a rank correlation (Spearman) says whether two things rise together, not that one causes the other
    ");
}

#[test]
fn weeks_are_too_few_for_a_correlation() {
    let run = cost(&scene(), &["--file=rows.csv", "--costs=costs.csv"]).run().exits(0);
    insta::assert_snapshot!(run.stdout, @"
    period    runs  ok   total  median ok  added  destroyed   cost  days with costs
    2026-W01     4   3  2m 00s        25s     10          0   6.50                3
    2026-W02     2   2  2m 00s     1m 00s     11          0  12.00                3
    ");
    insta::assert_snapshot!(run.stderr, @"
    note: costs are in USD
    note: no rank correlation of costs with anything: 5 periods with runs and the costs of all their days are needed, and there are 0
    ");
}

#[test]
fn programs_see_the_absent_as_null() {
    let scene = scene();
    let call = cost(&scene, &["--file=rows.csv", "--costs=-", "--by=day", "--format=json"]);
    let run = call.argument("--since=2026-01-06").stdin(COSTS).run().exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    [
      {
        "period": "2026-01-06",
        "runs": 1,
        "successes": 1,
        "total_duration_seconds": 65,
        "median_duration_seconds": 65,
        "resources_added": 6,
        "resources_changed": 0,
        "resources_destroyed": 0,
        "cost": 5,
        "currency": "USD",
        "cost_days": 1
      },
      {
        "period": "2026-01-07",
        "runs": 0,
        "successes": 0,
        "total_duration_seconds": null,
        "median_duration_seconds": null,
        "resources_added": null,
        "resources_changed": null,
        "resources_destroyed": null,
        "cost": 1,
        "currency": "USD",
        "cost_days": 1
      }
    ]
    "#);
}

#[test]
fn the_window_and_the_number_of_periods_are_for_both_sides() {
    let scene = scene();
    let periods = |arguments: &[&str]| {
        let call = cost(&scene, &["--file=rows.csv", "--costs=costs.csv", "--format=json"]);
        let call = arguments.iter().fold(call, |call, argument| call.argument(argument));
        let answer: Vec<serde_json::Value> =
            serde_json::from_str(&call.run().exits(0).stdout).unwrap();
        let shown = |period: &serde_json::Value| {
            format!("{} {} {}", period["period"], period["runs"], period["cost"]).replace('"', "")
        };
        answer.iter().map(shown).collect::<Vec<String>>()
    };
    let until = ["--by=month", "--until=2026-01-02"];
    assert_eq!(periods(&until), ["2026-01 2 3.5"], "a day is meant to its end");
    let noon = ["--by=month", "--until=2026-01-02T12:00:00Z", "--since=2026-01-02T09:00:00Z"];
    assert_eq!(periods(&noon), ["2026-01 1 2"], "a day of which a part is asked about");
    assert_eq!(periods(&["--by=day", "--since=2026-01-07"]), ["2026-01-07 0 1"]);
    assert_eq!(periods(&["--by=week", "--last=1"]), ["2026-W02 2 12"]);
}

#[test]
fn a_phase_that_is_asked_for_counts_by_itself() {
    let scene = scene();
    let call = cost(&scene, &["--file=rows.csv", "--costs=costs.csv", "--by=month"]);
    let call = call.argument("--format=csv").argument("--phase=bootstrap-persistent");
    insta::assert_snapshot!(call.run().exits(0).stdout, @"
    period,runs,successes,total_duration_seconds,median_duration_seconds,resources_added,resources_changed,resources_destroyed,cost,currency,cost_days
    2026-01,6,5,30,5,0,0,0,18.5,USD,6
    ");
}

#[test]
fn what_is_no_file_of_costs_is_refused_with_line_and_column() {
    let scene = scene().file("bad.csv", "date,cost\n2026-01-01,1\n2026-01-02,\"1,5\"\n");
    let refused = [
        cost(&scene, &["--file=rows.csv", "--costs=bad.csv"]),
        cost(&scene, &["--file=rows.csv", "--costs=none.csv"]),
        cost(&scene, &["--file=-", "--costs=-"]),
    ]
    .map(|call| {
        let run = call.run().exits(1);
        assert_eq!(run.stdout, "");
        run.stderr
    });
    insta::assert_snapshot!(refused.concat(), @r#"
    error: bad.csv:3:2: "1,5" is no amount: digits, and a point before decimals
    error: none.csv cannot be read: No such file or directory (os error 2); give --costs a CSV with date and cost
    error: --costs and --file cannot both be stdin: give one of them a file
    "#);
    let missing = cost(&scene, &["--file=rows.csv"]).run().exits(2);
    assert!(missing.stderr.contains("--costs <FILE>"), "{}", missing.stderr);
}
