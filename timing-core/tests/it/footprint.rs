//! An append leaves the user's repository as it was, whatever state it is in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sandbox::{self, BRANCH, Sandbox, path};

/// Every file of the repository but objects and the registry's own branch, and what git says of
/// them. Asking git for its status may rewrite the index: the files are read first and last.
fn footprint(sandbox: &Sandbox, dir: &Path) -> (BTreeMap<PathBuf, Vec<u8>>, [String; 3]) {
    let mut files = BTreeMap::new();
    read_below(&sandbox.repo, &mut files);
    read_below(dir, &mut files);
    let ask = |args: &[&str]| sandbox.git_in(dir, args);
    let said = [
        ask(&["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--ignored"]),
        ask(&["stash", "list"]),
        ask(&["for-each-ref", "--exclude", &format!("refs/heads/{BRANCH}")]),
    ];
    (files, said)
}

fn read_below(dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let text = path.to_string_lossy().into_owned();
        if text.contains("/.git/objects") || text.ends_with(BRANCH) {
            continue;
        }
        if path.is_dir() {
            read_below(&path, files);
        } else {
            let content = std::fs::read(&path).unwrap();
            files.insert(path, content);
        }
    }
}

/// Appends twice in `dir` and checks that nothing else happened there.
fn assert_untouched(sandbox: &Sandbox, dir: &Path) {
    let before = footprint(sandbox, dir);
    let registry = sandbox::registry(sandbox.library_git().in_dir(dir));
    for n in 0..2 {
        let records = [sandbox::record("apply-persistent", n)];
        assert_eq!(sandbox::append(&registry, &records).unwrap().rows, 1);
    }
    assert_eq!(sandbox::rows(&sandbox.csv()), 2);
    let after = footprint(sandbox, dir);
    assert_eq!(before.1, after.1);
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before.0), names(&after.0));
    for (name, content) in before.0 {
        assert!(after.0[&name] == content, "{name:?} changed");
    }
}

fn dirty(sandbox: &Sandbox) {
    sandbox.write("staged.txt", "staged\n");
    sandbox.git(&["add", "staged.txt"]);
    sandbox.write("staged.txt", "and changed since\n");
    sandbox.write("file.txt", "changed\n");
    sandbox.write("untracked.txt", "?\n");
    sandbox.write("environments/development/latest/build_timings.csv", "the user's own\n");
}

#[test]
fn a_dirty_index_and_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.write("file.txt", "stashed\n");
    sandbox.git(&["stash", "-q"]);
    dirty(&sandbox);
    assert_untouched(&sandbox, &sandbox.repo);
}

#[test]
fn a_detached_head() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "--detach"]);
    dirty(&sandbox);
    assert_untouched(&sandbox, &sandbox.repo);
}

#[test]
fn a_repository_without_a_commit() {
    let sandbox = Sandbox::empty();
    sandbox.git_in(&sandbox.path("."), &["init", "-q", path(&sandbox.repo)]);
    sandbox.write("file.txt", "one\n");
    sandbox.git(&["add", "."]);
    assert_untouched(&sandbox, &sandbox.repo);
}

#[test]
fn the_middle_of_a_merge() {
    let sandbox = Sandbox::new();
    sandbox.git(&["checkout", "-q", "-b", "theirs"]);
    sandbox.write("file.txt", "theirs\n");
    sandbox.git(&["commit", "-q", "-am", "theirs"]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("file.txt", "ours\n");
    sandbox.git(&["commit", "-q", "-am", "ours"]);
    let merge = duct::cmd("git", ["merge", "-q", "theirs"])
        .dir(&sandbox.repo)
        .full_env(sandbox.environment());
    assert!(!merge.stdout_null().stderr_null().unchecked().run().unwrap().status.success());
    assert!(sandbox.repo.join(".git/MERGE_HEAD").exists());
    assert_untouched(&sandbox, &sandbox.repo);
}

#[test]
fn a_linked_work_tree() {
    let sandbox = Sandbox::new();
    let linked = sandbox.path("linked");
    sandbox.git(&["worktree", "add", "-q", path(&linked)]);
    std::fs::write(linked.join("file.txt"), "changed\n").unwrap();
    assert_untouched(&sandbox, &linked);
}

#[test]
fn a_shallow_clone() {
    let upstream = Sandbox::new();
    upstream.append("teardown-persistent", 7).unwrap();
    upstream.append("teardown-persistent", 8).unwrap();
    upstream.git(&["commit", "-q", "--allow-empty", "-m", "second"]);
    let clone = Sandbox::empty();
    let url = format!("file://{}", path(&upstream.repo));
    let to = path(&clone.repo);
    clone.git_in(&clone.path("."), &["clone", "-q", "--depth=1", "--no-single-branch", &url, to]);
    let registry = clone.registry();
    let before = footprint(&clone, &clone.repo);
    let records = [sandbox::record("apply-persistent", 1)];
    assert_eq!(sandbox::append(&registry, &records).unwrap().rows, 1);
    assert_eq!(footprint(&clone, &clone.repo), before);
    assert_eq!(sandbox::rows(&clone.csv()), 3);
    assert_eq!(clone.git(&["rev-list", "--count", BRANCH]), "2");
    clone.fsck();
}
