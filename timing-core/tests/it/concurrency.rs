//! Many recorders at once.

use std::time::{Duration, Instant};

use timing_core::registry::{AppendError, RetryPolicy};

use crate::sandbox::{self, BRANCH, Sandbox, path, record, run};

/// Enough patience for a slow machine with two processors; the default gives up and leaves the row
/// to the journal.
const PATIENT: RetryPolicy = RetryPolicy {
    total: Duration::from_secs(60),
    first_pause: Duration::from_millis(2),
    longest_pause: Duration::from_millis(60),
};

/// `writers` threads append `each` rows; every row is there once afterwards.
fn race(sandbox: &Sandbox, writers: u32, each: u32) {
    let registry = sandbox.registry().with_retry(PATIENT);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let registry = &registry;
            scope.spawn(move || {
                for row in 0..each {
                    let n = 1000 + writer * each + row;
                    let appended = sandbox::append(registry, &[record("apply-persistent", n)]);
                    assert_eq!(appended.unwrap().rows, 1);
                }
            });
        }
    });
    let csv = sandbox.csv();
    for n in 1000..1000 + writers * each {
        assert_eq!(csv.matches(run(n).as_str()).count(), 1, "row {n}");
    }
    sandbox.fsck();
}

#[test]
fn every_row_of_every_recorder_is_there_once() {
    let sandbox = Sandbox::new();
    race(&sandbox, 8, 5);
    assert_eq!(sandbox::rows(&sandbox.csv()), 40);
    // One commit a row, one after the other: none replaced another.
    assert_eq!(sandbox.git(&["rev-list", "--count", "--first-parent", BRANCH]), "40");
}

#[test]
fn a_work_tree_follows_all_recorders() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let linked = sandbox.path("registry");
    sandbox.git(&["worktree", "add", "-q", path(&linked), BRANCH]);
    race(&sandbox, 4, 4);
    assert_eq!(sandbox.git_in(&linked, &["status", "--porcelain"]), "");
}

#[test]
fn the_same_run_recorded_twice_at_once_is_there_once() {
    let sandbox = Sandbox::new();
    let registry = sandbox.registry().with_retry(PATIENT);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| sandbox::append(&registry, &[record("apply-persistent", 1)]).unwrap());
        }
    });
    assert_eq!(sandbox::rows(&sandbox.csv()), 1);
}

#[test]
fn a_lock_that_stays_ends_in_an_error_soon() {
    for format in ["files", "reftable"] {
        let sandbox = Sandbox::empty();
        let format_option = format!("--ref-format={format}");
        sandbox.git_in(&sandbox.path("."), &["init", "-q", &format_option, path(&sandbox.repo)]);
        sandbox.append("apply-persistent", 1).unwrap();
        let lock = match format {
            "files" => format!(".git/refs/heads/{BRANCH}.lock"),
            _ => ".git/reftable/tables.list.lock".to_owned(),
        };
        let tip = sandbox.tip();
        std::fs::write(sandbox.repo.join(lock), "").unwrap();
        let before = Instant::now();
        let error = sandbox.append("apply-persistent", 2).unwrap_err();
        assert!(matches!(error, AppendError::Contended { .. }), "{error}");
        // Far above what it takes, far below what a person would notice as a hang.
        assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
        insta::allow_duplicates! {
            let shown = error.to_string().replace(|c: char| c.is_ascii_digit(), "");
            insta::assert_snapshot!(shown, @"the registry's branch was moved or locked by others in each of  attempts; if no other git is running, look for stale .lock files in .git");
        }
        assert_eq!(sandbox.tip(), tip);
    }
}

#[test]
fn a_lock_that_a_killed_git_left_is_removed_once_it_is_old() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let path = sandbox.repo.join(format!(".git/refs/heads/{BRANCH}.lock"));
    let lock = std::fs::File::create(&path).unwrap();
    assert!(sandbox.append("apply-persistent", 2).is_err(), "its owner may live");
    assert!(path.is_file());
    let an_hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    lock.set_modified(an_hour_ago).unwrap();
    sandbox.append("apply-persistent", 3).unwrap();
    assert!(!path.exists());
}
