//! Phases that someone else timed: what was said or found of them is in the row, once.

use crate::support::{Call, Row, Run, Scene};

const SAID: [&str; 8] = [
    "record",
    "--phase=build",
    "--build-id=24-01-26-03",
    "--env=dev",
    "--start=2026-01-24T14:43:27Z",
    "--exit-code=3",
    "--added=4",
    "--destroyed=1",
];

fn said(scene: &Scene, more: &str) -> Call {
    scene.calling(&SAID).argument(more)
}

fn of_log(scene: &Scene, more: &[&str]) -> Run {
    scene.xtask(&[&["record", "dev", "persistent", "apply-persistent"], more].concat())
}

#[track_caller]
fn only_row(scene: &Scene) -> Row {
    let rows = scene.rows();
    let [row] = rows.as_slice() else { panic!("one row expected: {rows:#?}") };
    row.clone()
}

const FOREIGN: &str = "logs/build-timings/apply-persistent-dev-persistent-20260124.log";

#[test]
fn what_was_said_is_in_the_row() {
    let scene = Scene::new();
    let url = "--workflow-url=https://me:hunter2@example.org/runs/1?a=b";
    said(&scene, "--duration=90s").argument(url).run().exits(0);
    let row = only_row(&scene);
    assert_eq!((row.phase.as_str(), row.build_id.as_str()), ("build", "24-01-26-03"));
    assert_eq!(
        (row.start.as_str(), row.end.as_str()),
        ("2026-01-24T14:43:27Z", "2026-01-24T14:44:57Z")
    );
    assert_eq!((row.duration, row.exit_code), (90, 3));
    assert_eq!((row.added, row.changed, row.destroyed), (4, 0, 1));
    assert_eq!(row.flag("WORKFLOW_URL"), Some("https://***@example.org/runs/1?a=b"));
    assert_eq!(row.log, "");
    assert!(scene.journal().is_empty());
}

#[test]
fn the_same_said_twice_is_one_row() {
    let scene = Scene::new();
    said(&scene, "--duration=90s").run().exits(0);
    let again = said(&scene, "--end=2026-01-24T14:44:57Z").run().exits(0);
    assert!(again.stderr.contains("is on governance-registry already"), "{}", again.stderr);
    assert_eq!(scene.rows().len(), 1);
    said(&scene, "--duration=90s").argument("--start=2026-01-24T14:43:28Z").run().exits(2);
    let other = [
        "record",
        "--phase=build",
        "--start=2026-01-24T14:43:28Z",
        "--duration=90s",
        "--exit-code=0",
    ];
    scene.xtask(&other).exits(0);
    assert_eq!(scene.rows().len(), 2);
}

#[test]
fn a_row_that_was_lost_comes_back_from_the_frame_of_its_log() {
    let script = "echo 'Apply complete! Resources: 3 added, 1 changed, 2 destroyed.'; exit 7";
    let scene = Scene::new().step("apply", &["bash", "-c", script]);
    scene.xtask(&["apply-persistent"]).exits(7);
    let before = only_row(&scene);
    let known = of_log(&scene, &[]).exits(0);
    assert!(known.stderr.contains("is on governance-registry already"), "{}", known.stderr);
    assert_eq!(scene.rows().len(), 1);
    scene.git(&["branch", "-q", "-D", "governance-registry"]);
    let run = of_log(&scene, &[]).exits(0);
    assert!(!run.stderr.contains("inferred"), "{}", run.stderr);
    let row = only_row(&scene);
    assert_eq!(
        Row { flags: String::new(), ..row.clone() },
        Row { flags: String::new(), ..before.clone() }
    );
    assert_eq!(row.flag("RUN"), before.flag("RUN"));
}

#[test]
fn a_log_without_a_frame_is_inferred_from_and_that_is_said() {
    let text = "starting\n[2026-01-24T14:43:27Z] apply\nApply complete! Resources: 2 added, 0 changed, 0 destroyed.\n";
    let scene = Scene::new().file(FOREIGN, text);
    let refused = of_log(&scene, &[]).exits(1);
    assert!(
        refused.stderr.contains("its exit code is not known; give --exit-code N"),
        "{}",
        refused.stderr
    );
    assert!(scene.rows().is_empty());
    let run = of_log(&scene, &["--exit-code=0"]).exits(0);
    assert!(
        run.stderr.contains("has no frame; the start is the first time in it"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("taken to be its last change"), "{}", run.stderr);
    let row = only_row(&scene);
    assert_eq!(
        (row.start.as_str(), row.added, row.log.as_str()),
        ("2026-01-24T14:43:27Z", 2, FOREIGN)
    );
    of_log(&scene, &["--exit-code=0"]).exits(0);
    assert_eq!(scene.rows().len(), 1);
}

#[test]
fn the_newest_log_of_that_phase_environment_and_build_is_taken() {
    let scene = Scene::new();
    let exec = |env: &str, build: &str, phase: &str, code: i32| {
        let script = format!("exit {code}");
        let words = [
            "exec",
            "--env",
            env,
            "--build-id",
            build,
            "--phase",
            phase,
            "--",
            "bash",
            "-c",
            &script,
        ];
        scene.xtask(&words).exits(code);
    };
    exec("dev", "persistent", "apply", 1);
    exec("dev", "persistent", "apply", 2);
    exec("staging", "persistent", "apply", 3);
    exec("dev", "persistent", "apply-persistent", 4);
    exec("dev", "persistent-2", "apply", 5);
    scene.git(&["branch", "-q", "-D", "governance-registry"]);
    scene.xtask(&["record", "dev", "persistent", "apply"]).exits(0);
    assert_eq!(only_row(&scene).exit_code, 2);
}

#[test]
fn what_is_missing_or_contradictory_is_refused_and_leaves_nothing() {
    let scene = Scene::new();
    let missing: [(&[&str], &str); 4] = [
        (&["record", "--phase=x"], "its start is not known; give --start TIME"),
        (&SAID, "its end is not known; give --end TIME or --duration SPAN"),
        (&["record", "dev", "none", "x"], "no log in logs/build-timings is named *x*none*.log"),
        (&["record", "--phase=x", "--log=no.log"], "cannot be read"),
    ];
    for (words, reason) in missing {
        let run = scene.xtask(words).exits(1);
        assert!(run.stderr.contains(reason), "{words:?}: {}", run.stderr);
    }
    said(&scene, "--end=2026-01-24T14:43:26Z").run().exits(1);
    for wrong in ["--duration=ages", "--end=yesterday", "--changed=-1", "--workflow=x", "dev"] {
        said(&scene, wrong).run().exits(2);
    }
    assert!(scene.recordings().is_empty());
}

#[test]
fn outside_a_repository_the_row_is_kept_and_the_call_fails() {
    let scene = Scene::without_repository();
    let run = said(&scene, "--duration=90s").run().exits(1);
    assert!(run.stderr.contains("kept in "), "{}", run.stderr);
}
