//! What survives a remote or a local branch that somebody changed.

use std::path::Path;

use super::scene;
use crate::support::{BRANCH, Scene};

/// Two rows that wait on a workstation, and one more at the remote before them.
fn two_waiting() -> Scene {
    let scene = scene("ci");
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    for _ in 0..2 {
        scene.xtask(&["apply-persistent"]).exits(7);
    }
    assert_eq!((scene.rows().len(), scene.waiting().len()), (3, 2));
    scene
}

/// The three rows of [`two_waiting`] are at the remote, and here.
#[track_caller]
fn all_arrive(scene: &Scene) {
    let run = scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    assert_eq!(scene.rows_at_origin().len(), 3);
    scene.only_appended_in(&scene.origin());
    assert_eq!((scene.rows(), scene.waiting()), (scene.rows_at_origin(), vec![]));
    let again = scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert!(again.stdout.ends_with("origin lacked 0 rows\n"), "{}", again.stdout);
}

#[test]
fn a_local_branch_that_was_reset() {
    let scene = two_waiting();
    scene.git(&["branch", "-f", BRANCH, &format!("{BRANCH}~2")]);
    assert_eq!(scene.rows().len(), 1);
    all_arrive(&scene);
}

#[test]
fn a_local_branch_that_was_deleted() {
    let scene = two_waiting();
    scene.git(&["branch", "-q", "-D", BRANCH]);
    all_arrive(&scene);
}

#[test]
fn a_local_branch_that_was_deleted_with_all_that_was_fetched() {
    let scene = two_waiting();
    scene.git(&["branch", "-q", "-D", BRANCH]);
    scene.git(&["update-ref", "-d", &format!("refs/remotes/origin/{BRANCH}")]);
    all_arrive(&scene);
}

#[test]
fn the_next_run_brings_back_what_a_reset_took() {
    let scene = two_waiting();
    scene.git(&["branch", "-f", BRANCH, &format!("{BRANCH}~2")]);
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    assert!(run.stderr.contains("took along 2 rows"), "{}", run.stderr);
    assert_eq!((scene.rows().len(), scene.waiting().len()), (4, 3));
    scene.only_appended_in(&scene.root());
}

/// Has somebody else push a registry of his own over that of the remote.
fn push_over(scene: &Scene, directory: &Path) {
    scene.git_in(directory, &["checkout", "-q", "--orphan", BRANCH]);
    scene.git_in(directory, &["commit", "-q", "--allow-empty", "-m", "Mine"]);
    scene.git_in(directory, &["push", "-q", "--force", "origin", BRANCH]);
}

#[test]
fn a_remote_that_was_pushed_over() {
    let scene = two_waiting();
    let other = scene.clone_of_origin("other");
    push_over(&scene, &other);
    assert_eq!(scene.rows_at_origin(), []);
    all_arrive(&scene);
    let theirs = scene.git_in(&other, &["rev-parse", BRANCH]);
    let root = ["rev-list", "--max-parents=0", BRANCH];
    assert_eq!(scene.git_in(&scene.origin(), &root), theirs, "nothing is pushed over in turn");
}

#[test]
fn a_remote_branch_that_was_deleted() {
    let scene = two_waiting();
    scene.git_in(&scene.origin(), &["branch", "-q", "-D", BRANCH]);
    all_arrive(&scene);
}

#[test]
fn a_remote_that_has_moved_on() {
    let scene = two_waiting();
    let other = scene.clone_of_origin("other");
    let other = scene.in_ci(&["apply-persistent"]).in_dir(other);
    other.run().exits(7);
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert_eq!((scene.rows_at_origin().len(), scene.waiting().len()), (4, 0));
    scene.only_appended_in(&scene.origin());
}

#[test]
fn a_remote_that_is_not_there() {
    let scene = super::without_origin("ci").with_origin_at("/nonexistent/platform.git");
    let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.contains("1 row waits in the journal"), "{warning}");
    assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 1));
    scene.git(&["remote", "remove", "origin"]);
    let scene = scene.with_origin();
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert_eq!((scene.rows_at_origin(), scene.waiting()), (scene.rows(), vec![]));
}
