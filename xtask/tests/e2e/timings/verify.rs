//! `timings verify`: rows of real runs against the logs of real runs.

use std::fs;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use crate::platform::{Platform, Way};
use crate::support::background::Background;
use crate::support::{BRANCH, Call, Scene};

fn verify(scene: &Scene, arguments: &[&str]) -> Call {
    let call = scene.calling(&["timings", "verify"]);
    arguments.iter().fold(call, |call, argument| call.argument(argument))
}

/// Everything that was found, as JSON.
fn findings(scene: &Scene, arguments: &[&str]) -> Vec<Value> {
    let run = verify(scene, arguments).argument("--format=json").run().exits(0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Phase and verdict of each, in the order of the answer.
fn verdicts(findings: &[Value]) -> Vec<(&str, &str)> {
    findings
        .iter()
        .map(|f| (f["phase"].as_str().unwrap_or("-"), f["verdict"].as_str().unwrap()))
        .collect()
}

/// Rewrites the file of rows of an environment on the branch, as a person with an editor would.
fn alter(scene: &Scene, directory: &str, edit: impl FnOnce(String) -> String) {
    let tree = scene.outside().join("registry");
    scene.git(&["worktree", "add", "-q", tree.to_str().unwrap(), BRANCH]);
    let file = tree.join(format!("environments/{directory}/latest/build_timings.csv"));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, edit(text)).unwrap();
    scene.git_in(&tree, &["commit", "-q", "-a", "-m", "By hand"]);
    scene.git(&["worktree", "remove", tree.to_str().unwrap()]);
}

/// The line of `phase` with its first field ten seconds later.
fn later(line: &str) -> String {
    let (start, rest) = line.split_once(',').unwrap();
    let start: timing_core::clock::UtcStamp = start.parse().unwrap();
    format!("{},{rest}", start.plus_seconds(10))
}

#[test]
fn what_was_altered_or_lost_after_real_deployments_is_found() {
    let platform = Platform::local();
    let scene = &platform.scene;
    let does = |target, variables: &[&str]| {
        platform.target(Way::Xtask, target, variables).run().exits(0);
    };
    does("deploy-persistent", &[]);
    does("deploy-persistent", &[]);
    does("teardown-persistent", &["CONFIRM_DESTROY=yes"]);
    let run = verify(scene, &["--strict"]).run().exits(0);
    assert_eq!(run.stdout.matches(" ok ").count(), 7, "{}", run.stdout);
    insta::assert_snapshot!(run.stderr, @"
    note: captured: 7 of 7 phases have a row (100.0 %)
    note: accurate: 7 of 7 rows agree with their logs within 5 s (100.0 %)
    ");

    // The first deployment's bootstrap started later, the second one's apply failed, its bootstrap
    // was never recorded, and the log of the teardown is gone.
    let rows = platform.local_rows();
    alter(scene, "local", |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[2] = later(&lines[2]);
        lines[4] = lines[4].replacen(
            &format!(",{},0,", rows[3].duration),
            &format!(",{},1,", rows[3].duration),
            1,
        );
        lines.remove(5);
        lines.join("\n") + "\n"
    });
    fs::remove_file(scene.root().join(&rows[6].log)).unwrap();
    let found = findings(scene, &[]);
    let of = |row: usize| found.iter().find(|f| f["log_path"] == rows[row].log).unwrap();
    let verdicts: Vec<&str> = (0..7).map(|row| of(row)["verdict"].as_str().unwrap()).collect();
    assert_eq!(
        verdicts,
        ["ok", "differs", "ok", "differs", "no row", "ok", "no log"],
        "{found:#?}"
    );
    assert_eq!(found.len(), 7);
    assert_eq!(of(1)["start_difference_seconds"], 10);
    assert_eq!((&of(3)["exit_code"], &of(3)["log_exit_code"]), (&1.into(), &0.into()));
    let last: Vec<&Value> = found[4..].iter().map(|finding| &finding["verdict"]).collect();
    assert!(last.iter().all(|verdict| **verdict != "ok"), "what deviates comes last: {last:?}");
    let run = verify(scene, &[]).run().exits(0);
    assert!(run.stdout.contains("start 10 s later"), "{}", run.stdout);
    assert!(run.stdout.contains("exit code 1, in the log 0"), "{}", run.stdout);
    let line = run.stdout.lines().find(|line| line.contains("no row")).unwrap();
    assert!(line.ends_with(&rows[4].log), "{line}");
    assert!(!run.stdout.contains("no log"), "counted and not listed: {}", run.stdout);
    insta::assert_snapshot!(run.stderr, @"
    note: captured: 5 of 6 phases have a row (83.3 %)
    note: accurate: 3 of 5 rows agree with their logs within 5 s (60.0 %)
    note: not judged: rows whose log is not here: 1
    ");
    verify(scene, &["--strict"]).run().exits(1);
    verify(scene, &["--strict", "--phase=deploy-persistent"]).run().exits(0);
    verify(scene, &["--strict", "--phase=bootstrap-persistent"]).run().exits(1);
}

/// Says that it is at work, and waits.
const LONG: &str = "touch ../ready; until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.02; done";

#[test]
fn a_run_that_goes_on_is_not_missing_and_one_that_was_killed_is_judged_by_its_start() {
    let scene = Scene::new().step("apply", &["bash", "-c", LONG]).committed();
    let mut run = Background::silent(&scene.calling(&["apply-persistent", "ENV=dev"]));
    scene.wait_for_mark("ready");
    assert_eq!(verdicts(&findings(&scene, &["--strict"])), [("apply-persistent", "goes on")]);

    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    scene.mark("stop");
    let of_journal = verify(&scene, &["--strict"]).run().exits(0);
    insta::assert_snapshot!(of_journal.stderr, @"
    note: the journal alone has the rows of 1 run that is gone: `cargo xtask registry sync` puts them onto the branch
    note: captured: 1 of 1 phases have a row (100.0 %)
    note: accurate: 1 of 1 rows agree with their logs within 5 s (100.0 %)
    ");
    assert!(of_journal.stdout.contains("the log has no end"), "{}", of_journal.stdout);

    scene.xtask(&["registry", "sync"]).exits(0);
    let found = findings(&scene, &["--strict"]);
    assert_eq!(verdicts(&found), [("apply-persistent", "ok")]);
    assert_eq!((&found[0]["exit_code"], &found[0]["log_exit_code"]), (&137.into(), &Value::Null));
    // Its row is lost: nothing but the log knows of it.
    scene.git(&["branch", "-q", "-D", BRANCH]);
    assert_eq!(verdicts(&findings(&scene, &[])), [("apply-persistent", "no row")]);
    verify(&scene, &["--strict"]).run().exits(1);
}

#[test]
fn logs_of_linked_work_trees_count_and_those_of_others_are_counted_apart() {
    let scene = Scene::new().step("apply", &["bash", "-c", "exit 7"]).committed();
    scene.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let linked = scene.outside().join("linked");
    scene.calling(&["apply-persistent", "ENV=dev"]).in_dir(&linked).run().exits(7);
    scene.xtask(&["apply-persistent", "ENV=dev"]).exits(7);
    scene.write("logs/build-timings/bootstrap-dev-1.log", "an old recorder's words\n");
    fs::create_dir(scene.root().join("logs/build-timings/directory.log")).unwrap();
    let run = verify(&scene, &[]).run().exits(0);
    insta::assert_snapshot!(run.stderr, @"
    note: captured: 2 of 2 phases have a row (100.0 %)
    note: accurate: 2 of 2 rows agree with their logs within 5 s (100.0 %)
    note: not judged: other recorders' logs: 1, unreadable logs: 1
    ");
    assert_eq!(
        verdicts(&findings(&scene, &[])),
        [
            ("-", "no frame"),
            ("apply-persistent", "ok"),
            ("apply-persistent", "ok"),
            ("-", "unreadable"),
        ]
    );
    // From there it is the same.
    let there = verify(&scene, &["--last=2"]).in_dir(&linked).run().exits(0);
    assert_eq!(there.stdout.matches(" ok ").count(), 2, "{}", there.stdout);
}

#[test]
fn rows_of_a_file_are_held_against_the_logs_that_are_here() {
    let scene = Scene::new().step("apply", &["true"]).committed();
    for _ in 0..2 {
        scene.xtask(&["apply-persistent", "ENV=dev"]).exits(0);
    }
    let text = String::from_utf8(scene.csv().unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let slow = lines[1].replacen(",0,0,", ",9,0,", 1);
    scene.write("rows.csv", &format!("{}\n{slow}\n", lines[0]));
    let found = findings(&scene, &["--file=rows.csv"]);
    let mut said = verdicts(&found);
    said.sort_unstable();
    assert_eq!(said, [("apply-persistent", "differs"), ("apply-persistent", "no row")]);
    let differs = found.iter().find(|finding| finding["verdict"] == "differs").unwrap();
    assert_eq!(differs["duration_difference_seconds"], 9);
    verify(&scene, &["--file=rows.csv", "--strict"]).run().exits(1);
    // Without a repository there are only the logs of the directory.
    let elsewhere = scene.outside().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let call = verify(&scene, &["--file=../repo/rows.csv"]).in_dir(Path::new(&elsewhere));
    let run = call.run().exits(0);
    assert!(run.stderr.contains("rows whose log is not here: 1"), "{}", run.stderr);
}
