//! Many at once: every row is there once, in one linear history that only appends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use crate::support::{Row, Scene, eventually};

/// What each run's step writes into the ledger beside the repository, which no code of ours reads.
const LEDGER: &str = "echo run >>\"$LEDGER\"";

fn runs(rows: &[Row]) -> BTreeSet<&str> {
    rows.iter().map(|row| row.flag("RUN").unwrap()).collect()
}

/// Starts `processes` at once, each of which makes `runs` runs in its directory, one after the
/// other.
fn at_once(scene: &Scene, directories: &[PathBuf], processes: usize, runs: usize) {
    let ledger = scene.outside().join("ledger");
    thread::scope(|scope| {
        for directory in directories.iter().cycle().take(processes) {
            let ledger = &ledger;
            scope.spawn(move || {
                for _ in 0..runs {
                    let call = scene.calling(&["apply-persistent"]).in_dir(directory);
                    let run = call.env("LEDGER", ledger).run().exits(0);
                    only_kept(&run.warnings());
                }
            });
        }
    });
    assert_eq!(scene.marks("ledger").len(), processes * runs);
}

/// Nothing went wrong but that others had the turn, or the branch; then the row is in the journal.
#[track_caller]
fn only_kept(warnings: &[&str]) {
    for warning in warnings {
        assert!(warning.starts_with("warning: 1 row not recorded: "), "{warning}");
        let (_, kept) = warning.rsplit_once("kept in ").unwrap_or_else(|| panic!("{warning}"));
        assert!(kept.contains("/.git/timing-journal/"), "{warning}");
    }
}

#[track_caller]
fn all_there_once(scene: &Scene, repository: &Path, number: usize) {
    let rows = scene.rows_in(repository);
    assert_eq!((rows.len(), runs(&rows).len()), (number, number));
    scene.only_appended_in(repository);
    scene.git_in(repository, &["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn sixteen_processes_in_one_clone() {
    let scene = Scene::new().step("apply", &["bash", "-c", LEDGER]).committed();
    at_once(&scene, &[scene.root()], 16, 5);
    scene.xtask(&["registry", "sync"]).exits(0);
    all_there_once(&scene, &scene.root(), 80);
    assert!(scene.journal().is_empty(), "{:?}", scene.journal());
    assert_eq!(scene.logs().len(), 80);
}

#[test]
fn three_clones_and_one_remote() {
    let scene = Scene::new()
        .config("[registry]\npush = \"always\"")
        .step("apply", &["bash", "-c", LEDGER])
        .committed()
        .with_origin();
    let clones = ["a", "b", "c"].map(|name| scene.clone_of_origin(name));
    at_once(&scene, &clones, 6, 2);
    for clone in &clones {
        // Those in the background may still be at it, and have the turn.
        eventually("a synchronisation", || {
            let sync = scene.calling(&["registry", "sync"]).in_dir(clone).run();
            (sync.code == 0).then_some(())
        });
    }
    all_there_once(&scene, &scene.origin(), 12);
    for clone in &clones {
        let waiting = clone.join(".git/timing-journal/outbox.csv");
        eventually("an empty outbox", || (!waiting.exists()).then_some(()));
    }
}
