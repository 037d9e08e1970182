//! The user's repository is not ours: whatever state it is in, a recorded run leaves every byte of
//! it alone but for the registry's branch, new objects, and logs that ignore themselves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::support::{BRANCH, Scene};

/// What is ours, below the repository.
const OURS: [&str; 5] = [
    "logs/build-timings",
    ".git/objects",
    ".git/timing-journal",
    ".git/refs/heads/governance-registry",
    ".git/logs/refs/heads/governance-registry",
];

/// Every file of the scene's repositories with its bytes and the time it was last written, and what
/// git makes of them.
#[derive(Debug, PartialEq)]
struct Footprint {
    files: BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
    status: String,
    stash: String,
    head: String,
    refs: String,
}

fn footprint(scene: &Scene, work_tree: &Path) -> Footprint {
    let mut files = BTreeMap::new();
    let ours = OURS.map(|path| scene.root().join(path)).to_vec();
    for directory in [scene.root(), work_tree.to_path_buf(), scene.outside().join("home")] {
        collect(&directory, &ours, &mut files);
    }
    // git must not refresh the index that it is asked to look at.
    let ask = |arguments: &[&str]| {
        scene.call("git", arguments).in_dir(work_tree).env("GIT_OPTIONAL_LOCKS", "0").run().stdout
    };
    let refs = ask(&["for-each-ref", "--format=%(refname) %(objectname) %(symref)"]);
    let registry = format!("refs/heads/{BRANCH} ");
    Footprint {
        files,
        status: ask(&["status", "--porcelain=v2", "--branch", "--untracked-files=all"]),
        stash: ask(&["stash", "list"]),
        head: ask(&["rev-parse", "--symbolic-full-name", "HEAD"]) + &ask(&["rev-parse", "HEAD"]),
        refs: refs.lines().filter(|line| !line.starts_with(&registry)).collect(),
    }
}

fn collect(
    directory: &Path,
    without: &[PathBuf],
    files: &mut BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if without.contains(&path) {
            continue;
        }
        if path.symlink_metadata().unwrap().is_dir() {
            collect(&path, without, files);
        } else {
            let written = path.symlink_metadata().unwrap().modified().unwrap();
            files.insert(path.clone(), (fs::read(&path).unwrap(), written));
        }
    }
}

/// Records a run that succeeds and one that fails in `work_tree`, and compares before and after.
#[track_caller]
fn untouched(scene: &Scene, work_tree: &Path) {
    let before = footprint(scene, work_tree);
    for (code, exit) in [(0, "0"), (7, "7")] {
        let call = scene.calling(&["apply-persistent"]).in_dir(work_tree);
        let run = call.env("EXIT", exit).run().exits(code);
        assert!(run.warnings().is_empty(), "{}", run.stderr);
    }
    let codes: Vec<i32> = scene.rows().iter().map(|row| row.exit_code).collect();
    assert_eq!(codes, [0, 7]);
    let after = footprint(scene, work_tree);
    let names = |footprint: &Footprint| footprint.files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    for (path, file) in &before.files {
        assert!(after.files.get(path) == Some(file), "{} was written", path.display());
    }
    assert_eq!(before, after);
}

/// A repository with two branches that conflict, a stash, and some history of its refs.
fn scene() -> Scene {
    let scene = Scene::new()
        .config("")
        .step("apply", &["bash", "-c", "exit $EXIT"])
        .file("a.txt", "one\n")
        .file("b.txt", "one\n")
        .committed();
    scene.git(&["checkout", "-q", "-b", "other"]);
    scene.write("a.txt", "other\n");
    scene.git(&["commit", "-q", "-a", "-m", "Other"]);
    scene.git(&["checkout", "-q", "main"]);
    scene.write("a.txt", "main\n");
    scene.git(&["commit", "-q", "-a", "-m", "Main"]);
    scene.write("b.txt", "stashed\n");
    scene.git(&["stash", "-q"]);
    scene.git(&["tag", "v1"]);
    scene
}

#[test]
fn a_clean_tree_stays_clean_but_for_ignored_files() {
    let scene = scene();
    untouched(&scene, &scene.root());
    assert_eq!(scene.git(&["status", "--porcelain", "--untracked-files=all"]), "");
    let ignored = scene.git(&["status", "--porcelain", "--ignored"]);
    assert_eq!(ignored, "!! logs/");
    assert_eq!(scene.git(&["stash", "list"]).lines().count(), 1);
}

#[test]
fn a_dirty_tree_and_a_staged_index() {
    let scene = scene();
    scene.write("a.txt", "dirty\n");
    scene.write("b.txt", "staged\n");
    scene.git(&["add", "b.txt"]);
    scene.write("b.txt", "staged and dirty\n");
    scene.write("new.txt", "untracked\n");
    fs::remove_file(scene.root().join("Makefile")).unwrap();
    untouched(&scene, &scene.root());
}

#[test]
fn amid_a_merge() {
    let scene = scene();
    let merge = scene.call("git", &["merge", "other"]).run();
    assert_eq!(merge.code, 1, "{}", merge.stdout);
    assert!(scene.root().join(".git/MERGE_HEAD").exists());
    untouched(&scene, &scene.root());
}

#[test]
fn amid_a_rebase() {
    let scene = scene();
    assert_ne!(scene.call("git", &["rebase", "other"]).run().code, 0);
    assert!(scene.root().join(".git/rebase-merge").exists());
    untouched(&scene, &scene.root());
}

#[test]
fn a_detached_head() {
    let scene = scene();
    scene.git(&["checkout", "-q", "--detach", "other"]);
    untouched(&scene, &scene.root());
    let message = scene.git(&["log", "-1", "--format=%B", BRANCH]);
    assert!(!message.contains("Source-Branch"), "{message}");
    let sha = scene.git(&["rev-parse", "other"]);
    assert!(message.contains(&format!("Source-Sha: {sha}")), "{message}");
}

#[test]
fn a_linked_work_tree() {
    let scene = scene();
    scene.git(&["worktree", "add", "-q", "../linked", "other"]);
    let linked = scene.outside().join("linked");
    // Logs of a run belong to the work tree it ran in; nothing is tracked there yet.
    fs::create_dir_all(linked.join("logs/build-timings")).unwrap();
    fs::write(linked.join("logs/build-timings/.gitignore"), "*\n").unwrap();
    let before = footprint(&scene, &linked);
    scene.calling(&["apply-persistent"]).in_dir(&linked).env("EXIT", "0").run().exits(0);
    let mut after = footprint(&scene, &linked);
    after.files.retain(|path, _| path.extension().is_none_or(|extension| extension != "log"));
    assert_eq!(before, after);
    let rows = scene.rows();
    assert_eq!(rows.len(), 1);
    assert!(linked.join(&rows[0].log).is_file(), "the log is in the work tree it was run in");
    assert!(scene.git(&["log", "-1", "--format=%B", BRANCH]).contains("Source-Branch: other"));
}

#[test]
fn no_commit_yet() {
    let scene = Scene::without_commit().config("").step("apply", &["bash", "-c", "exit $EXIT"]);
    scene.git(&["add", "Makefile"]);
    untouched(&scene, &scene.root());
    assert_eq!(scene.rows()[0].flag("SHA"), None);
    let message = scene.git(&["log", "-1", "--format=%B", BRANCH]);
    assert!(!message.contains("Source-Sha"), "{message}");
}

#[test]
fn a_shallow_clone() {
    let origin = scene();
    origin.git(&["tag", "-d", "v1"]);
    let url = format!("file://{}", origin.root().display());
    let scene = Scene::without_repository();
    let clone = scene.outside().join("clone");
    scene.git(&["clone", "-q", "--depth=1", &url, clone.to_str().unwrap()]);
    fs::remove_dir_all(scene.root()).unwrap();
    fs::rename(&clone, scene.root()).unwrap();
    untouched(&scene, &scene.root());
}

/// Every hook that any of our calls could run.
const HOOKS: [&str; 12] = [
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "reference-transaction",
    "post-checkout",
    "post-index-change",
    "post-rewrite",
    "pre-auto-gc",
    "pre-push",
    "update",
    "fsmonitor-watchman",
];

#[test]
fn hooks_never_run() {
    for configured in [false, true] {
        let mut scene = scene();
        // Where the registry is checked out, git also looks at a work tree and writes its index.
        scene.calling(&["apply-persistent"]).env("EXIT", "0").run().exits(0);
        scene.git(&["worktree", "add", "-q", "../registry", BRANCH]);
        let hooks = if configured { "home/hooks" } else { "repo/.git/hooks" };
        let (hooks, ran) = (scene.outside().join(hooks), scene.outside().join("hook-ran"));
        fs::create_dir_all(&hooks).unwrap();
        for name in HOOKS {
            let script = format!("#!/bin/sh\necho {name} >>{}\nexit 1\n", ran.display());
            scene = scene.program(name, &script);
            fs::rename(scene.outside().join("bin").join(name), hooks.join(name)).unwrap();
        }
        if configured {
            scene.git(&["config", "core.hooksPath", hooks.to_str().unwrap()]);
            let fsmonitor = hooks.join("fsmonitor-watchman");
            scene.git(&["config", "core.fsmonitor", fsmonitor.to_str().unwrap()]);
        }
        let call = scene.calling(&["apply-persistent"]).env("EXIT", "0");
        let run = call.run().exits(0);
        assert!(run.warnings().is_empty(), "{}", run.stderr);
        assert_eq!(scene.rows().len(), 2);
        assert!(!ran.exists(), "ran: {}", fs::read_to_string(&ran).unwrap_or_default());
        // The trap was set: git as the user runs it falls into it.
        let update = scene.call("git", &["update-ref", "refs/heads/x", "HEAD"]).run();
        assert!(update.code != 0 && ran.exists(), "{}", update.stderr);
    }
}

#[test]
fn commits_are_not_signed_and_not_in_the_users_name() {
    let signer = "#!/bin/sh\ntouch \"$0-ran\"\nexit 1\n";
    let scene = scene().program("signer", signer);
    let program = scene.outside().join("bin/signer");
    scene.git(&["config", "commit.gpgsign", "true"]);
    scene.git(&["config", "gpg.program", program.to_str().unwrap()]);
    untouched(&scene, &scene.root());
    assert!(!scene.outside().join("bin/signer-ran").exists());
    let who = scene.git(&["log", "-1", "--format=%an <%ae> %cn <%ce>", BRANCH]);
    let ours = "xtask timing recorder <xtask@localhost>";
    assert_eq!(who, format!("{ours} {ours}"));
}

#[test]
fn what_points_git_elsewhere_reaches_the_step_and_not_our_git() {
    let hostile = [
        ("GIT_DIR", "/nowhere/git"),
        ("GIT_INDEX_FILE", "/nowhere/index"),
        ("GIT_OBJECT_DIRECTORY", "/nowhere/objects"),
        ("GIT_WORK_TREE", "/nowhere/tree"),
        ("GIT_AUTHOR_NAME", "Somebody Else"),
        ("GIT_TRACE", "1"),
    ];
    let script = "env | grep ^GIT_ | grep -v ^GIT_CONFIG_ | LC_ALL=C sort";
    let scene = Scene::new().step("apply", &["bash", "-c", script]);
    let mut call = scene.calling(&["apply-persistent"]);
    for (key, value) in hostile {
        call = call.env(key, value);
    }
    let run = call.run().exits(0);
    let mut expected: Vec<String> = hostile.iter().map(|(k, v)| format!("{k}={v}")).collect();
    expected.sort();
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), expected);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    assert!(!run.stderr.contains("trace"), "{}", run.stderr);
    assert_eq!(scene.rows().len(), 1);
    let author = scene.git(&["log", "-1", "--format=%an", BRANCH]);
    assert_eq!(author, "xtask timing recorder");
}
