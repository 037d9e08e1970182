//! Workflow commands.

use std::process::Stdio;

use super::{DEPLOY, deployment};
use crate::support::Scene;

/// The lines that the runner takes for commands.
fn commands(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("::")).collect()
}

#[test]
fn a_failure_is_an_error_on_a_line_of_its_own() {
    let scene = deployment(3);
    let usual = scene.xtask(&DEPLOY).exits(3);
    let run = scene.calling(&DEPLOY).env("GITHUB_ACTIONS", "true").run().exits(3);
    assert_eq!(run.stdout, usual.stdout, "the steps' own");
    insta::assert_snapshot!(commands(&run.stderr).join("\n"), @"::error title=bootstrap-persistent of dev::bootstrap exited with 3");
    // And where both streams are one, behind a line that a step left unfinished.
    let mut call = scene.calling(&DEPLOY).env("GITHUB_ACTIONS", "true").command();
    let both = scene.outside().join("both");
    let file = std::fs::File::create(&both).unwrap();
    call.stdout(Stdio::from(file.try_clone().unwrap())).stderr(Stdio::from(file));
    assert_eq!(call.status().unwrap().code(), Some(3));
    let both = std::fs::read_to_string(&both).unwrap();
    assert_eq!(commands(&both), commands(&run.stderr), "{both}");
}

#[test]
fn what_does_not_fail_the_run_is_a_warning_and_ten_are_enough() {
    let scene = Scene::new().step("apply", &["true"]).committed();
    // Each damaged entry of the journal is a warning of its own.
    let journal = scene.root().join(".git/timing-journal");
    std::fs::create_dir_all(&journal).unwrap();
    for n in 0..12 {
        std::fs::write(journal.join(format!("6974da8f000000{n:02}.jsonl")), "100 %, broken\n")
            .unwrap();
    }
    let run = scene.calling(&["apply-persistent"]).env("GITHUB_ACTIONS", "true").run().exits(0);
    assert_eq!(run.warnings().len(), 12, "{}", run.stderr);
    let commands = commands(&run.stderr);
    assert_eq!(commands.len(), 10, "{}", run.stderr);
    assert!(commands[0].starts_with("::warning title=xtask%2C dev::"), "{}", commands[0]);
}

#[test]
fn elsewhere_there_are_none() {
    let scene = deployment(3);
    for value in ["", "false"] {
        let run = scene.calling(&DEPLOY).env("GITHUB_ACTIONS", value).run().exits(3);
        assert_eq!(commands(&run.stderr), [""; 0]);
    }
}
