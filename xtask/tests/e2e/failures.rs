//! A step that fails: nothing of the rest runs, its code is what xtask exits with, and every phase
//! that had started has a row that says so.

use crate::support::{Row, Scene};

const APPLY: &str = "terraform -chdir=envs/dev apply";
const RDS_INIT: &str = "terraform -chdir=envs/dev-rds init";
const PREFLIGHT: &str = "bash scripts/rds_secrets_preflight.sh dev";
const RDS_APPLY: &str = "terraform -chdir=envs/dev-rds apply";
const PROVISION: &str = "make rds-provision-auto ENV=dev RDS_MODE=standalone";
const BOOTSTRAP: &str = "bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap";
const NODES: &str = "kubectl get nodes";
const APPLICATIONS: &str = "kubectl -n argocd get applications";
const SECRETS: &str = "bash scripts/preflight_secrets_check.sh dev";

const V3: [&str; 9] =
    [APPLY, RDS_INIT, PREFLIGHT, RDS_APPLY, PROVISION, BOOTSTRAP, NODES, APPLICATIONS, SECRETS];
const V4: [&str; 8] =
    [RDS_INIT, PREFLIGHT, RDS_APPLY, PROVISION, BOOTSTRAP, NODES, APPLICATIONS, SECRETS];

fn codes(rows: &[Row]) -> Vec<(&str, i32)> {
    rows.iter().map(|row| (row.phase.as_str(), row.exit_code)).collect()
}

/// Deploys with the step `failing` failing with 7; it is the last that runs.
#[track_caller]
fn stops_at(version: &str, order: &[&str], failing: &str, rows: &[(&str, i32)]) {
    let scene = Scene::new().recorders().failing(failing, 7);
    let run = scene.xtask(&["deploy-persistent", "--bootstrap-version", version]).exits(7);
    let place = order.iter().position(|call| *call == failing).unwrap();
    let ran = scene.commands();
    assert_eq!(ran.len(), place + 1, "{ran:#?}");
    for (ran, expected) in ran.iter().zip(order) {
        assert!(ran.starts_with(expected), "{ran} where {expected} was to run");
    }
    assert_eq!(codes(&scene.rows()), rows);
    assert_eq!(scene.recordings().len(), 1);
    assert!(run.stderr.contains("exited with 7"), "{}", run.stderr);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    assert!(scene.journal().is_empty());
}

#[test]
fn v3_stops_at_each_step() {
    let (apply, rds) = ("apply-persistent", "rds-apply");
    let (rds_deploy, bootstrap, deploy) =
        ("rds-deploy", "bootstrap-persistent", "deploy-persistent");
    let stops = |step, rows: &[(&str, i32)]| stops_at("v3", &V3, step, rows);
    stops(APPLY, &[(apply, 7), (deploy, 7)]);
    stops(RDS_INIT, &[(apply, 0), (rds_deploy, 7), (deploy, 7)]);
    stops(PREFLIGHT, &[(apply, 0), (rds_deploy, 7), (deploy, 7)]);
    stops(RDS_APPLY, &[(apply, 0), (rds, 7), (rds_deploy, 7), (deploy, 7)]);
    stops(BOOTSTRAP, &[(apply, 0), (rds, 0), (rds_deploy, 0), (bootstrap, 7), (deploy, 7)]);
}

#[test]
fn v4_stops_at_each_step() {
    let (rds, rds_deploy) = ("rds-apply", "rds-deploy");
    let (bootstrap, deploy) = ("bootstrap-persistent", "deploy-persistent");
    let stops = |step, rows: &[(&str, i32)]| stops_at("v4", &V4, step, rows);
    stops(RDS_INIT, &[(rds_deploy, 7), (deploy, 7)]);
    stops(PREFLIGHT, &[(rds_deploy, 7), (deploy, 7)]);
    stops(RDS_APPLY, &[(rds, 7), (rds_deploy, 7), (deploy, 7)]);
    stops(BOOTSTRAP, &[(rds, 0), (rds_deploy, 0), (bootstrap, 7), (deploy, 7)]);
}

#[test]
fn provisioning_and_verification_may_fail() {
    for (version, order) in [("v3", V3.as_slice()), ("v4", &V4)] {
        for soft in [PROVISION, NODES, APPLICATIONS, SECRETS] {
            let scene = Scene::new().recorders().failing(soft, 7);
            let run = scene.xtask(&["deploy-persistent", "--bootstrap-version", version]).exits(0);
            assert_eq!(scene.commands().len(), order.len(), "{soft}");
            assert!(scene.rows().iter().all(|row| row.exit_code == 0), "{soft}");
            let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
            assert!(warning.contains("exited with 7; this does not fail the run"), "{warning}");
        }
    }
}

#[test]
fn verification_alone_may_fail_too() {
    let scene = Scene::new().recorders().failing("", 7);
    let run = scene.xtask(&["verify"]).exits(0);
    assert_eq!(scene.commands(), [NODES, APPLICATIONS, SECRETS]);
    assert_eq!(run.warnings().len(), 3, "{}", run.stderr);
}

#[test]
fn a_program_that_does_not_exist_is_127() {
    let scene = Scene::new();
    let run = scene.xtask(&["apply-persistent", "TF_BIN=no-such-terraform"]).exits(127);
    let said = "apply could not be started (exit code 127): no-such-terraform: No such file";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let rows = scene.rows();
    assert_eq!(codes(&rows), [("apply-persistent", 127)]);
    let logged = "\napply could not be started: no-such-terraform: No such file";
    assert!(scene.read(&rows[0].log).contains(logged));
}

#[test]
fn a_program_that_cannot_be_executed_is_126() {
    let scene = Scene::new().file("tools/terraform", "not a program\n");
    let run = scene.xtask(&["deploy-persistent", "TF_BIN=./tools/terraform"]).exits(126);
    assert!(run.stderr.contains("could not be started"), "{}", run.stderr);
    assert_eq!(codes(&scene.rows()), [("apply-persistent", 126), ("deploy-persistent", 126)]);
}

#[test]
fn a_step_that_dies_of_a_signal_is_128_and_its_number() {
    let scene = Scene::new().step("apply", &["bash", "-c", "kill -KILL $$"]);
    scene.xtask(&["apply-persistent"]).exits(137);
    assert_eq!(codes(&scene.rows()), [("apply-persistent", 137)]);
}

#[test]
fn a_missing_database_directory_is_named_when_its_turn_comes() {
    let scene = Scene::new().recorders();
    std::fs::remove_dir_all(scene.root().join("envs/dev-rds")).unwrap();
    let run = scene.xtask(&["deploy-persistent"]).exits(1);
    let missing = scene.root().join("envs/dev-rds");
    assert!(run.stderr.contains(&missing.display().to_string()), "{}", run.stderr);
    assert!(run.stderr.contains("CREATE_RDS=false"), "{}", run.stderr);
    assert_eq!(scene.commands().len(), 1, "only the cluster was applied");
    let expected = [("apply-persistent", 0), ("rds-deploy", 1), ("deploy-persistent", 1)];
    assert_eq!(codes(&scene.rows()), expected);
    assert!(scene.read(&scene.rows()[1].log).contains("does not exist"));
    for target in ["rds-init", "rds-deploy"] {
        scene.commands();
        scene.xtask(&[target]).exits(1);
        assert_eq!(scene.commands(), [""; 0]);
    }
}
