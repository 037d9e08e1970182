//! From a workstation's inbox through a drain in CI to the registry.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::scene;
use crate::support::background::Background;
use crate::support::{BRANCH, Call, Row, Scene};

/// A workstation that has sent two runs to inboxes, and a clone in CI.
fn two_runs() -> (Scene, PathBuf) {
    let scene = scene("inbox");
    for sent in 1..=2 {
        scene.xtask(&["apply-persistent"]).exits(7);
        scene.wait_for_syncs(sent);
    }
    assert_eq!((scene.waiting().len(), scene.rows_at_origin().len()), (0, 0));
    let clone = scene.clone_of_origin("ci");
    (scene, clone)
}

fn drain(scene: &Scene, clone: &Path) -> Call {
    scene.in_ci(&["registry", "drain"]).in_dir(clone)
}

#[track_caller]
fn all_merged(scene: &Scene) {
    let origin = scene.origin();
    assert_eq!(scene.branches_in(&origin), [BRANCH, "main"], "no inbox is left");
    // In the order of the inboxes' names, which chance decides within a second.
    let runs = |rows: Vec<Row>| {
        let runs = rows.iter().filter_map(|row| row.flag("RUN").map(str::to_owned));
        runs.collect::<BTreeSet<String>>()
    };
    assert_eq!(runs(scene.rows_at_origin()), runs(scene.rows()));
    assert_eq!(scene.rows_at_origin().len(), 2);
    scene.only_appended_in(&origin);
}

#[test]
fn a_drain_moves_them_to_the_registry() {
    let (scene, clone) = two_runs();
    let run = drain(&scene, &clone).run().exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("merged 2 rows of 2 inboxes\n", ""));
    all_merged(&scene);
    let run = drain(&scene, &clone).run().exits(0);
    assert_eq!(run.stdout, "merged 0 rows of 0 inboxes\n");
    all_merged(&scene);
}

#[test]
fn two_drains_at_once() {
    let (scene, clone) = two_runs();
    let other = scene.clone_of_origin("other");
    let mut drains = [clone, other].map(|clone| Background::silent(&drain(&scene, &clone)));
    for drain in &mut drains {
        assert_eq!(drain.code(), 0);
    }
    all_merged(&scene);
}

#[test]
fn a_drain_that_died_before_it_deleted_them() {
    let (scene, clone) = two_runs();
    let inboxes = scene.git_in(&scene.origin(), &["for-each-ref", "refs/heads/timing-inbox"]);
    drain(&scene, &clone).run().exits(0);
    for line in inboxes.lines() {
        let (commit, name) = line.split_once(" commit\t").unwrap();
        scene.git_in(&scene.origin(), &["update-ref", name, commit]);
    }
    let run = drain(&scene, &clone).run().exits(0);
    assert_eq!(run.stdout, "merged 0 rows of 2 inboxes\n");
    all_merged(&scene);
}

#[test]
fn the_workstation_goes_on_from_what_was_drained() {
    let (scene, clone) = two_runs();
    drain(&scene, &clone).run().exits(0);
    scene.git(&["fetch", "-q", "origin"]);
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.wait_for_syncs(3);
    drain(&scene, &clone).run().exits(0);
    assert_eq!(scene.rows_at_origin().len(), 3);
    scene.only_appended_in(&scene.origin());
}
