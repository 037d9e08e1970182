//! The registry's branch checked out somewhere.

use std::path::{Path, PathBuf};

use timing_core::registry::AppendError;

use crate::sandbox::{self, BRANCH, DEV_CSV, Sandbox, path};

/// A sandbox whose branch has a row and is checked out in a linked work tree.
fn checked_out() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let linked = sandbox.path("registry");
    sandbox.git(&["worktree", "add", "-q", path(&linked), BRANCH]);
    (sandbox, linked)
}

fn assert_clean(sandbox: &Sandbox, dir: &Path) {
    assert_eq!(sandbox.git_in(dir, &["status", "--porcelain"]), "");
    let shown = std::fs::read_to_string(dir.join(DEV_CSV)).unwrap();
    assert_eq!(shown, sandbox.csv());
}

#[test]
fn a_clean_linked_work_tree_comes_along() {
    let (sandbox, linked) = checked_out();
    std::fs::write(linked.join("notes.txt"), "untracked\n").unwrap();
    sandbox.append("apply-persistent", 2).unwrap();
    assert_eq!(std::fs::read_to_string(linked.join("notes.txt")).unwrap(), "untracked\n");
    std::fs::remove_file(linked.join("notes.txt")).unwrap();
    assert_clean(&sandbox, &linked);
    assert_eq!(sandbox::rows(&sandbox.csv()), 2);
    // From within it, too.
    let registry = sandbox::registry(sandbox.library_git().in_dir(&linked));
    sandbox::append(&registry, &[sandbox::record("apply-persistent", 3)]).unwrap();
    assert_clean(&sandbox, &linked);
    assert_eq!(sandbox.git_in(&linked, &["symbolic-ref", "HEAD"]), format!("refs/heads/{BRANCH}"));
}

#[test]
fn the_main_work_tree_comes_along() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    sandbox.git(&["checkout", "-q", BRANCH]);
    sandbox.append("apply-persistent", 2).unwrap();
    assert_clean(&sandbox, &sandbox.repo);
    assert_eq!(sandbox::rows(&sandbox.csv()), 2);
}

#[test]
fn a_file_that_was_only_touched_is_no_change() {
    let (sandbox, linked) = checked_out();
    let csv = linked.join(DEV_CSV);
    let content = std::fs::read(&csv).unwrap();
    std::fs::remove_file(&csv).unwrap();
    std::fs::write(&csv, content).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::options().append(true).open(&csv).unwrap().set_modified(old).unwrap();
    sandbox.append("apply-persistent", 2).unwrap();
    assert_clean(&sandbox, &linked);
}

#[test]
fn a_dirty_work_tree_refuses_and_keeps_its_changes() {
    for stage in [false, true] {
        let (sandbox, linked) = checked_out();
        let tip = sandbox.tip();
        std::fs::write(linked.join("README.md"), "mine\n").unwrap();
        if stage {
            sandbox.git_in(&linked, &["add", "."]);
        }
        let status = sandbox.git_in(&linked, &["status", "--porcelain"]);
        let error = sandbox.append("apply-persistent", 2).unwrap_err();
        assert!(
            matches!(&error, AppendError::WorktreeDirty { path } if *path == linked),
            "{error}"
        );
        let shown = error.to_string().replace(path(&linked), "<worktree>");
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown, @r#"the registry's branch is checked out in "<worktree>" with changes that are not committed; commit or discard them there"#);
        }
        assert_eq!(sandbox.tip(), tip);
        assert_eq!(sandbox.git_in(&linked, &["status", "--porcelain"]), status);
        assert_eq!(std::fs::read_to_string(linked.join("README.md")).unwrap(), "mine\n");
    }
}

#[test]
fn rows_that_are_there_already_need_no_clean_work_tree() {
    let (sandbox, linked) = checked_out();
    std::fs::write(linked.join("README.md"), "mine\n").unwrap();
    assert_eq!(sandbox.append("apply-persistent", 1).unwrap().rows, 0);
}

#[test]
fn an_untracked_file_in_the_way_refuses() {
    let (sandbox, linked) = checked_out();
    let tip = sandbox.tip();
    let other = linked.join("environments/staging/latest/build_timings.csv");
    std::fs::create_dir_all(other.parent().unwrap()).unwrap();
    std::fs::write(&other, "mine\n").unwrap();
    let records = [sandbox::record_in("staging", "apply-persistent", 2)];
    let error = sandbox::append(&sandbox.registry(), &records).unwrap_err();
    let shown = error.to_string().replace(path(&linked), "<worktree>");
    insta::assert_snapshot!(shown, @r#"the registry's branch is checked out in "<worktree>" and its files cannot be brought along: updating the work tree of the registry's branch: git failed with 128: error: Untracked working tree file 'environments/staging/latest/build_timings.csv' would be overwritten by merge.; clear the way there"#);
    assert_eq!(sandbox.tip(), tip);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine\n");
    assert_eq!(sandbox.git_in(&linked, &["status", "--porcelain"]), "?? environments/staging/");
}

#[test]
fn an_unborn_checkout_of_the_branch_refuses() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "--orphan", BRANCH]);
    let status = sandbox.git(&["status", "--porcelain"]);
    let error = sandbox.append("apply-persistent", 1).unwrap_err();
    let shown = error.to_string().replace(path(&sandbox.repo), "<worktree>");
    insta::assert_snapshot!(shown, @r#"the registry's branch is checked out in "<worktree>" and has no commit yet; commit there, or switch to another branch"#);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), status);
    assert_eq!(sandbox.git(&["branch", "--list", BRANCH]), "");
}

#[test]
fn a_work_tree_whose_directory_is_gone_is_none() {
    let (sandbox, linked) = checked_out();
    std::fs::remove_dir_all(&linked).unwrap();
    assert_eq!(sandbox.append("apply-persistent", 2).unwrap().rows, 1);
}

#[test]
fn a_lost_race_takes_the_work_tree_back() {
    let (sandbox, linked) = checked_out();
    let tip = sandbox.tip();
    // Held for good: every attempt loses after the work tree was brought along.
    let lock = sandbox.repo.join(format!(".git/refs/heads/{BRANCH}.lock"));
    std::fs::write(&lock, "").unwrap();
    let error = sandbox.append("apply-persistent", 2).unwrap_err();
    assert!(matches!(error, AppendError::Contended { .. }), "{error}");
    std::fs::remove_file(lock).unwrap();
    assert_eq!(sandbox.tip(), tip);
    assert_clean(&sandbox, &linked);
}

#[test]
fn another_git_at_work_in_the_work_tree_is_waited_for_and_not_for_long() {
    let (sandbox, linked) = checked_out();
    let tip = sandbox.tip();
    let lock = sandbox.repo.join(".git/worktrees/registry/index.lock");
    std::fs::write(&lock, "").unwrap();
    let error = sandbox.append("apply-persistent", 2).unwrap_err();
    assert!(matches!(error, AppendError::Contended { .. }), "{error}");
    std::fs::remove_file(lock).unwrap();
    assert_eq!(sandbox.tip(), tip);
    assert_clean(&sandbox, &linked);
    assert_eq!(sandbox.append("apply-persistent", 2).unwrap().rows, 1);
}
