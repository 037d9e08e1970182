//! Rows, logs and commits say what happened.

use std::time::{SystemTime, UNIX_EPOCH};

use timing_core::clock::UtcStamp;

use crate::support::{BRANCH, Row, Scene};

/// The row of a step that prints `output` and exits with `code`.
#[track_caller]
fn row(output: &str, code: i32) -> Row {
    let script = format!("printf '%b' \"$0\"; exit {code}");
    let scene = Scene::new().step("apply", &["bash", "-c", &script, output]);
    scene.xtask(&["apply-persistent"]).exits(code);
    let [row] = &scene.rows()[..] else { panic!("{:?}", scene.rows()) };
    row.clone()
}

fn resources(row: &Row) -> (u64, u64, u64) {
    (row.added, row.changed, row.destroyed)
}

#[test]
fn two_passes_add_up() {
    let output = "Apply complete! Resources: 3 added, 1 changed, 0 destroyed.\n\
                  Apply complete! Resources: 2 added, 0 changed, 4 destroyed.\n";
    assert_eq!(resources(&row(output, 0)), (5, 1, 4));
}

#[test]
fn a_failed_apply_counts_what_completed_before_it() {
    let output = "aws_a.one: Creation complete after 9m32s [id=1]\n\
                  aws_a.two: Modifications complete after 3s [id=2]\n\
                  aws_a.three: Destruction complete after 1m2s\n\
                  module.m.aws_a.four[\"k\"]: Creation complete after 0s [id=4]\n\
                  aws_a.five: Still creating... [02m10s elapsed]\n\
                  Error: creating aws_a.five\n";
    assert_eq!(resources(&row(output, 1)), (2, 1, 1));
}

#[test]
fn a_second_pass_that_fails_counts_on_from_the_summary_of_the_first() {
    let output = "aws_a.one: Creation complete after 1s [id=1]\n\
                  Apply complete! Resources: 1 added, 0 changed, 0 destroyed.\n\
                  aws_a.two: Creation complete after 1s [id=2]\n\
                  Error: creating aws_a.three\n";
    assert_eq!(resources(&row(output, 1)), (2, 0, 0));
}

#[test]
fn imports_travel_in_flags() {
    let row = row("Apply complete! Resources: 2 imported, 3 added, 0 changed, 0 destroyed.\n", 0);
    assert_eq!((resources(&row), row.flag("IMPORTED")), ((3, 0, 0), Some("2")));
}

#[test]
fn colour_hides_nothing() {
    let output = "\\033[0m\\033[1m\\033[32mApply complete! Resources: 3 added, 1 changed, 2 \
                  destroyed.\\033[0m\\r\\n";
    assert_eq!(resources(&row(output, 0)), (3, 1, 2));
    let output = "\\033[0m\\033[1maws_a.one: Creation complete after 1s [id=1]\\033[0m\\n";
    assert_eq!(resources(&row(output, 1)), (1, 0, 0));
}

#[test]
fn the_word_error_in_the_output_is_no_exit_code() {
    let row = row("Error: not really\nexit_code 3\n", 0);
    assert_eq!(row.exit_code, 0);
}

#[test]
fn a_deployment_sums_its_steps() {
    let said =
        |n: u8| format!("echo 'Apply complete! Resources: {n} added, 0 changed, 0 destroyed.'");
    let scene = Scene::new()
        .step("apply", &["bash", "-c", &said(1)])
        .step("rds-init", &["true"])
        .step("rds-preflight", &["true"])
        .step("rds-apply", &["bash", "-c", &said(2)])
        .step("rds-provision", &["bash", "-c", &said(4)])
        .step("bootstrap", &["bash", "-c", &said(8)])
        .step("verify", &["true"]);
    scene.xtask(&["deploy-persistent"]).exits(0);
    let rows = scene.rows();
    let added: Vec<_> = rows.iter().map(|row| (row.phase.as_str(), row.added)).collect();
    let expected = [
        ("apply-persistent", 1),
        ("rds-apply", 2),
        ("rds-deploy", 6),
        ("bootstrap-persistent", 8),
        ("deploy-persistent", 15),
    ];
    assert_eq!(added, expected);
}

#[test]
fn times_are_those_of_the_run() {
    let scene = Scene::new()
        .step("apply", &["sleep", "1.6"])
        .step("bootstrap", &["true"])
        .step("verify", &["true"]);
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    let after = now();
    let rows = scene.rows();
    let seconds = |stamp: &str| stamp.parse::<UtcStamp>().unwrap().unix_seconds();
    for row in &rows {
        assert!((before..=after).contains(&seconds(&row.start)), "{row:?}");
        assert_eq!(seconds(&row.end), seconds(&row.start) + row.duration, "{row:?}");
        assert!(row.duration <= after - before + 1, "{row:?}");
    }
    // 1.6 s are 2 s to the nearest; a busy machine may make it more, and nothing makes it less.
    assert!(rows[0].duration >= 2, "{:?}", rows[0]);
    assert!(rows[2].duration >= rows[0].duration, "{rows:?}");
}

#[test]
fn flags_say_what_was_in_effect_and_where_it_came_from() {
    let scene = Scene::new().recorders();
    scene.xtask(&["deploy-persistent", "CREATE_RDS=false", "REGION=us-east-1"]).exits(0);
    let sha = scene.git(&["rev-parse", "HEAD"]);
    let rows = scene.rows();
    let run = rows[0].flag("RUN").unwrap().to_owned();
    assert!(run.len() == 16 && run.bytes().all(|b| b.is_ascii_hexdigit()), "{run}");
    let source = format!("SHA={} RUN={run}", &sha[..12]);
    let cluster = "CLUSTER=goldenpath-dev-eks";
    assert_eq!(rows[0].flags, format!("TF_AUTO_APPROVE=true {cluster} {source}"));
    assert_eq!(
        rows[1].flags,
        format!(
            "REGION=us-east-1 KONG_NAMESPACE=kong-system SKIP_ARGO_SYNC_WAIT=true \
             NODE_INSTANCE_TYPE=t3.small ENV_NAME=dev SKIP_CERT_MANAGER_VALIDATION=true \
             COMPACT_OUTPUT=false SCALE_DOWN_AFTER_BOOTSTRAP=false TF_DIR=envs/dev {cluster} \
             BOOTSTRAP_VERSION=v3 {source}"
        )
    );
    let shape = "REGION=us-east-1 CREATE_RDS=false";
    assert_eq!(rows[2].flags, format!("{shape} {cluster} BOOTSTRAP_VERSION=v3 {source}"));
}

#[test]
fn no_field_of_a_row_needs_quoting() {
    let scene = Scene::new().recorders();
    let name = "ENV_NAME=a,b \"c\"=d%é";
    scene.xtask(&["bootstrap-persistent", name, "SKIP_ARGO_SYNC_WAIT==1+1"]).exits(0);
    let csv = String::from_utf8(scene.csv().unwrap()).unwrap();
    let line = csv.lines().nth(1).unwrap();
    assert!(!line.contains(['"', '\'', '\t', '\r']) && line.is_ascii(), "{line}");
    let row = Row::parse(line);
    assert_eq!(row.flag("REGION"), Some("eu-west-2"));
    assert_eq!(row.flag("CLUSTER"), Some("goldenpath-dev-eks"));
}

#[test]
fn the_log_holds_the_output_byte_by_byte_between_two_lines_of_ours() {
    // Every byte but the one that the shell cannot hold in an argument comes through printf.
    let script = "for i in $(seq 0 255); do printf \"\\\\$(printf %o $i)\"; done; echo; exit 7";
    let scene = Scene::new().step("apply", &["bash", "-c", script]);
    let output = scene.calling(&["apply-persistent"]).command().output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let expected: Vec<u8> = (0..=255).chain([b'\n']).collect();
    assert_eq!(output.stdout, expected);
    let row = &scene.rows()[0];
    let log = std::fs::read(scene.root().join(&row.log)).unwrap();
    let place = log.windows(expected.len()).position(|window| window == expected).unwrap();
    let (before, rest) = log.split_at(place);
    let before: Vec<&str> = std::str::from_utf8(before).unwrap().lines().collect();
    let after: Vec<&str> = std::str::from_utf8(&rest[expected.len()..]).unwrap().lines().collect();
    let ([opening, step], [closing]) = (&before[..], &after[..]) else {
        panic!("{before:?} {after:?}")
    };
    let phase = "phase=apply-persistent env=dev build_id=persistent";
    let run = row.flag("RUN").unwrap();
    let start = format!("[{}] xtask begin {phase} run={run} command=bash -c ", row.start);
    assert!(opening.starts_with(&start), "{opening}");
    assert!(step.contains("] xtask step apply: bash -c "), "{step}");
    let end =
        format!("[{}] xtask end phase=apply-persistent exit_code=7 duration_seconds=", row.end);
    assert!(closing.starts_with(&end), "{closing}");
}

#[test]
fn a_log_is_named_as_its_readers_expect_and_nested_phases_write_to_every_open_one() {
    let scene = Scene::new()
        .step("apply", &["echo", "from apply"])
        .step("bootstrap", &["printf", "from bootstrap"])
        .step("verify", &["echo", "from verify"]);
    scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    let rows = scene.rows();
    let mut logs: Vec<String> = rows.iter().map(|row| row.log.clone()).collect();
    logs.sort();
    assert_eq!(logs, scene.logs());
    for row in &rows {
        let stamp = row.start.replace(['-', ':'], "");
        let cluster = if row.phase == "apply-persistent" { "-goldenpath-dev-eks" } else { "" };
        let run = row.flag("RUN").unwrap();
        let name = format!("{}-dev-persistent{cluster}-{stamp}-{run}.log", row.phase);
        assert_eq!(row.log, format!("logs/build-timings/{name}"));
    }
    let lines = |row: &Row| -> Vec<String> {
        let log = scene.read(&row.log);
        log.lines().filter(|line| line.starts_with("from")).map(str::to_owned).collect()
    };
    assert_eq!(lines(&rows[0]), ["from apply"]);
    assert_eq!(lines(&rows[1]), ["from bootstrap"]);
    assert_eq!(lines(&rows[2]), ["from apply", "from bootstrap", "from verify"]);
}

#[test]
fn one_commit_a_run_says_what_happened() {
    let scene = Scene::new()
        .step("apply", &["echo", "Apply complete! Resources: 3 added, 1 changed, 0 destroyed."])
        .step("bootstrap", &["bash", "-c", "exit 7"]);
    for _ in 0..2 {
        scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(7);
    }
    assert_eq!(scene.recordings().len(), 2);
    let rows = scene.rows();
    assert_eq!(rows.len(), 6);
    let run = rows[5].flag("RUN").unwrap();
    assert!(rows[..3].iter().all(|row| row.flag("RUN") != Some(run)));
    let sha = scene.git(&["rev-parse", "HEAD"]);
    let body = |row: &Row, resources: &str| {
        format!(
            "{} took {} s and ended with exit code {}.\nResources: {resources}\nLog: {}\n\n",
            row.phase, row.duration, row.exit_code, row.log
        )
    };
    let expected = format!(
        "chore(registry): record deploy-persistent for dev build persistent\n\n{}{}{}\
         Source-Sha: {sha}\nSource-Branch: main\nRun-Id: {run}\nRecorded-By: xtask {}",
        body(&rows[3], "+3 ~1 -0"),
        body(&rows[4], "+0 ~0 -0"),
        body(&rows[5], "+3 ~1 -0"),
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(scene.git(&["log", "-1", "--format=%B", BRANCH]).trim_end(), expected);
    let trailers = scene.git(&["log", "-1", "--format=%(trailers:key=Run-Id,valueonly)", BRANCH]);
    assert_eq!(trailers.trim(), run);
}

#[test]
fn secrets_on_a_command_line_are_shown_nowhere() {
    let secrets = ["hunter2", "s3cr3t", "t0k3n", "passw0rd"];
    let step = [
        "bash",
        "-c",
        "exit 7",
        "--password=hunter2",
        "--token",
        "t0k3n",
        "-var=db_password=s3cr3t",
        "https://user:passw0rd@example.org/x",
    ];
    let scene = Scene::new().step("apply", &step).step("bootstrap", &step);
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    let everything = [
        run.stdout + &run.stderr,
        scene.read(&scene.rows()[0].log),
        String::from_utf8(scene.csv().unwrap()).unwrap(),
        scene.git(&["log", "-p", BRANCH]),
    ];
    for text in everything {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let log = scene.read(&scene.rows()[0].log).replace('\'', "");
    assert!(log.contains("--password=*** --token *** -var=db_password=***"), "{log}");
}

#[test]
fn a_run_takes_nothing_away_from_the_rows_before_it() {
    let scene = Scene::new().step("apply", &["true"]);
    let mut before = Vec::new();
    for _ in 0..4 {
        scene.xtask(&["apply-persistent"]).exits(0);
        let csv = scene.csv().unwrap();
        assert!(csv.starts_with(&before) && csv.len() > before.len());
        before = csv;
    }
    assert_eq!(scene.rows().len(), 4);
    assert!(scene.journal().is_empty());
}
