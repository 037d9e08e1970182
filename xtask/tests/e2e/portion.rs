//! `--from` and `--only`: a deployment is taken up where it failed, and its rows say so.

use crate::support::{Row, Scene};

/// What the rows say of a part, by phase.
fn said(rows: &[Row]) -> Vec<(&str, i32, Option<&str>, Option<&str>)> {
    rows.iter()
        .map(|row| (row.phase.as_str(), row.exit_code, row.flag("FROM"), row.flag("ONLY")))
        .collect()
}

/// The command that a run says at its end.
#[track_caller]
fn hint(stderr: &str) -> Vec<String> {
    let (_, hint) = stderr.split_once("to take it up where it ended:\n").unwrap_or_else(|| {
        panic!("no hint in\n{stderr}");
    });
    let words = hint.trim().split(' ').map(str::to_owned).collect();
    assert_eq!(hint.lines().count(), 1, "the last line of\n{stderr}");
    words
}

#[test]
fn a_failed_deployment_is_taken_up_with_the_command_that_it_says() {
    let scene = Scene::new().recorders().failing("bash bootstrap/", 7);
    let run = scene.xtask(&["deploy-persistent", "--env", "dev", "REGION=eu-west-1"]).exits(7);
    let command = hint(&run.stderr);
    let program = env!("CARGO_BIN_EXE_xtask");
    let words = [
        program,
        "deploy-persistent",
        "ENV=dev",
        "REGION=eu-west-1",
        "--from",
        "bootstrap-persistent",
    ];
    assert_eq!(command, words);
    scene.commands();
    std::fs::write(scene.outside().join("failures"), "").unwrap();
    scene.xtask(&words[1..]).exits(0);
    let ran = scene.commands();
    let programs: Vec<&str> = ran.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(programs, ["bash", "kubectl", "kubectl", "bash"], "{ran:?}");
    let rows = scene.rows();
    let bootstrap = Some("bootstrap-persistent");
    assert_eq!(
        said(&rows[3..]),
        [
            ("bootstrap-persistent", 7, None, None),
            ("deploy-persistent", 7, None, None),
            ("bootstrap-persistent", 0, bootstrap, None),
            ("deploy-persistent", 0, bootstrap, None)
        ]
    );
    // Without a row, and with the deployment cut short by its part, it is the same.
    scene.write("xtask.toml", "");
    let scene = scene.failing("kubectl", 1).failing("bash bootstrap/", 9);
    let run = scene.xtask(&["deploy-persistent", "--only=bootstrap-persistent", "--no-record"]);
    let command = hint(&run.exits(9).stderr);
    assert_eq!(
        command[1..],
        ["deploy-persistent", "--no-record", "--only", "bootstrap-persistent"]
    );
}

#[test]
fn what_only_the_environment_said_is_said_too() {
    // As make hands it over.
    let scene = Scene::new().recorders().failing("bash bootstrap/", 7);
    let call = scene.calling(&["deploy-persistent", "REGION=eu-west-1"]);
    let call = call.env("ENV", "dev").env("REGION", "us-east-1").env("CONFIRM_DESTROY", "yes");
    let command = hint(&call.run().exits(7).stderr);
    assert_eq!(
        command[1..],
        ["deploy-persistent", "ENV=dev", "REGION=eu-west-1", "--from", "bootstrap-persistent"]
    );
}

#[test]
fn a_phase_within_a_phase_can_be_chosen() {
    let scene = Scene::new().recorders();
    scene.xtask(&["deploy-persistent", "--only", "rds-apply"]).exits(0);
    assert_eq!(scene.commands(), ["terraform -chdir=envs/dev-rds apply -auto-approve"]);
    scene.xtask(&["deploy-persistent", "--from", "bootstrap-persistent", "BOOTSTRAP_VERSION=v4"]);
    let chosen = |name| (Some(name), None);
    let rows = scene.rows();
    assert_eq!(
        said(&rows)
            .iter()
            .map(|(phase, _, from, only)| (*phase, (*from, *only)))
            .collect::<Vec<_>>(),
        [
            ("rds-apply", (None, Some("rds-apply"))),
            ("rds-deploy", (None, Some("rds-apply"))),
            ("deploy-persistent", (None, Some("rds-apply"))),
            ("bootstrap-persistent", chosen("bootstrap-persistent")),
            ("deploy-persistent", chosen("bootstrap-persistent")),
        ]
    );
}

#[test]
fn a_dry_run_shows_what_is_left() {
    let scene = Scene::new();
    let shown = scene.xtask(&["deploy-persistent", "--dry-run", "--from=verify"]).exits(0).stdout;
    assert!(!shown.contains("terraform") && shown.contains("kubectl get nodes"), "{shown}");
    assert!(scene.rows().is_empty());
}

#[test]
fn a_phase_that_is_not_there_is_an_error_before_anything_runs() {
    let scene = Scene::new().recorders();
    let refused = |arguments: &[&str]| {
        let run = scene.xtask(&[&["deploy-persistent"], arguments].concat()).exits(2);
        run.stderr
    };
    insta::assert_snapshot!(refused(&["--from", "bootstrap", "CREATE_RDS=false"]), @r#"error: --from: this deploy-persistent has no phase "bootstrap"; did you mean bootstrap-persistent? It has apply-persistent, bootstrap-persistent, verify"#);
    insta::assert_snapshot!(refused(&["--only", "rds-apply", "CREATE_RDS=false"]), @r#"error: --only: this deploy-persistent has no phase "rds-apply". It has apply-persistent, bootstrap-persistent, verify"#);
    let both = refused(&["--from", "verify", "--only", "verify"]);
    assert!(both.contains("cannot be used with"), "{both}");
    let elsewhere = scene.xtask(&["apply-persistent", "--from", "verify"]).exits(2).stderr;
    assert!(elsewhere.contains("--from"), "{elsewhere}");
    assert!(scene.commands().is_empty() && scene.rows().is_empty());
}

/// Whole deployments of 1,000 s and more, and parts of one second after them.
fn mixed() -> String {
    let row = |day: u32, phase: &str, seconds: u32, flags: &str| {
        format!("2026-01-{day:02}T00:00:00Z,,{phase},dev,persistent,{seconds},0,{flags},0,0,0,a\n")
    };
    let mut text = "start_time_utc,end_time_utc,phase\n".to_owned();
    for day in 1..=9 {
        text += &row(day, "deploy-persistent", 1000 + day, "");
    }
    for day in 10..=18 {
        text += &row(day, "deploy-persistent", 1, "FROM=verify");
        text += &row(day, "rds-apply", 500, "ONLY=rds-apply");
    }
    text
}

#[test]
fn parts_are_compared_with_no_whole() {
    let scene = Scene::new().file("rows.csv", &mixed());
    let ask = |question: &str| {
        let words = ["timings", question, "--file", "rows.csv", "--format", "csv"];
        scene.xtask(&words).exits(0).stdout
    };
    let line = |text: &str, phase: &str| {
        text.lines().find(|line| line.contains(phase)).map(str::to_owned).unwrap()
    };
    let check = ask("check");
    assert!(line(&check, "deploy-persistent").contains("1009"), "{check}");
    let trend = ask("trend");
    assert_eq!(trend.lines().filter(|line| line.contains("deploy-persistent")).count(), 1);
    assert!(line(&trend, "deploy-persistent").contains("1005"), "{trend}");
    // The chosen phase itself was whole.
    assert!(line(&check, "rds-apply").contains("500"), "{check}");
}

#[test]
fn what_is_typical_is_that_of_whole_deployments_and_not_said_of_parts() {
    let scene = Scene::new().step("verify", &["true"]).committed().registry_file(&mixed());
    let run = scene.xtask(&["deploy-persistent", "--only=verify"]).exits(0);
    assert!(!run.stderr.contains("typical") && !run.stderr.contains("median"), "{}", run.stderr);
}
