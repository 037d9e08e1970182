//! What a directory is to git, and git when it misbehaves.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use timing_core::git::{Discovery, Git, GitError, ObjectFormat, Repository, TimeOuts};

use crate::sandbox::{self, Sandbox, path};

fn repository(git: &Git) -> Repository {
    match git.discover().unwrap() {
        Discovery::Repository(repository) => repository,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_work_tree_is_found_from_below() {
    let sandbox = Sandbox::new();
    sandbox.write("deep/er/file", "");
    let found = repository(&sandbox.library_git().in_dir(sandbox.repo.join("deep/er")));
    assert_eq!(
        found,
        Repository {
            work_tree: sandbox.repo.clone(),
            git_dir: sandbox.repo.join(".git"),
            common_dir: sandbox.repo.join(".git"),
            object_format: ObjectFormat::Sha1,
            head: Some(sandbox.git(&["rev-parse", "HEAD"]).parse().unwrap()),
            branch: Some("main".to_owned()),
        }
    );
}

#[test]
fn head_may_be_detached_unborn_or_of_a_linked_work_tree() {
    let sandbox = Sandbox::with_format("sha256");
    let linked = sandbox.path("linked");
    sandbox.git(&["worktree", "add", "-q", "-b", "side/ways", path(&linked)]);
    let found = repository(&sandbox.library_git().in_dir(&linked));
    assert_eq!(found.branch.as_deref(), Some("side/ways"));
    assert_eq!(found.object_format, ObjectFormat::Sha256);
    assert_eq!(found.common_dir, sandbox.repo.join(".git"));
    assert_eq!(found.git_dir, sandbox.repo.join(".git/worktrees/linked"));

    sandbox.git(&["checkout", "-q", "--detach"]);
    // A file of this name must not be taken for the revision.
    sandbox.write("HEAD", "");
    let found = repository(&sandbox.library_git());
    assert_eq!((found.branch, found.head.is_some()), (None, true));

    sandbox.git(&["checkout", "-q", "--orphan", "fresh"]);
    let found = repository(&sandbox.library_git());
    assert_eq!((found.branch.as_deref(), found.head), (Some("fresh"), None));
}

#[test]
fn without_a_work_tree_there_is_no_repository_to_record_in() {
    let sandbox = Sandbox::new();
    let bare = sandbox.path("bare.git");
    sandbox.git(&["clone", "-q", "--bare", ".", path(&bare)]);
    let discover = |dir| sandbox.library_git().in_dir(dir).discover().unwrap();
    assert_eq!(discover(bare.clone()), Discovery::Bare { git_dir: bare });
    let git_dir = sandbox.repo.join(".git");
    assert_eq!(discover(git_dir.clone()), Discovery::Bare { git_dir });
    assert_eq!(discover(sandbox.path("home")), Discovery::NotARepository);
}

#[test]
fn a_setting_that_moves_or_denies_the_work_tree_is_named() {
    let sandbox = Sandbox::new();
    let refused = || {
        let found = sandbox.library_git().discover().unwrap();
        let said = found.into_repository().unwrap_err();
        said.replace(path(&sandbox.path(".")).trim_end_matches('.'), "<scratch>/")
    };
    let elsewhere = sandbox.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    sandbox.git(&["config", "core.worktree", path(&elsewhere)]);
    insta::assert_snapshot!(refused(), @"core.worktree of <scratch>/repo/.git names another work tree than this directory, <scratch>/elsewhere; run xtask there, or unset core.worktree");
    sandbox.git_in(
        &elsewhere,
        &["--git-dir", path(&sandbox.repo.join(".git")), "update-ref", "-d", "HEAD"],
    );
    assert!(refused().starts_with("core.worktree of <scratch>/repo/.git"));
    sandbox.git(&["config", "--unset", "core.worktree"]);
    sandbox.git(&["config", "core.bare", "true"]);
    insta::assert_snapshot!(refused(), @"git takes <scratch>/repo/.git for bare; run xtask in a clone that has a work tree, or, if this one has, set core.bare to false");
}

#[test]
fn a_directory_that_the_environment_calls_safe_is() {
    let sandbox = Sandbox::new();
    let mut environment = sandbox.environment();
    // git's own tests use it: every repository seems to be somebody else's.
    environment.push(("GIT_TEST_ASSUME_DIFFERENT_OWNER".into(), "1".into()));
    let refused = Git::new(&sandbox.repo, environment.clone()).discover().unwrap_err().to_string();
    assert!(refused.contains("dubious ownership"), "{refused}");
    for (key, value) in [
        ("GIT_CONFIG_COUNT", "2"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "true"),
        ("GIT_CONFIG_KEY_1", "safe.directory"),
        ("GIT_CONFIG_VALUE_1", "*"),
    ] {
        environment.push((key.into(), value.into()));
    }
    assert_eq!(repository(&Git::new(&sandbox.repo, environment)).work_tree, sandbox.repo);
}

#[test]
fn a_line_end_in_a_path_is_refused_and_confuses_nobody() {
    let sandbox = Sandbox::empty();
    let odd = sandbox.path("a\nb");
    std::fs::create_dir(&odd).unwrap();
    for kind in ["--bare", "-q"] {
        let repo = odd.join(kind);
        sandbox.git_in(&odd, &["init", "-q", kind, path(&repo)]);
        let git = Git::new(&repo, sandbox.environment());
        assert!(git.discover().is_err(), "{kind}: {:?}", git.discover());
    }
    let repo = odd.join("-q");
    sandbox.git_in(&repo, &["commit", "-q", "--allow-empty", "-m", "x"]);
    let error = Git::new(&repo, sandbox.environment()).discover().unwrap_err();
    insta::assert_snapshot!(error, @"looking for the repository: git answered in a way that makes no sense: 11 lines where 8 were asked for; is git older than 2.31, or is there a line end in the repository's path?");
}

#[test]
fn hostile_variables_lead_git_nowhere_else() {
    let sandbox = Sandbox::new();
    let other = Sandbox::new();
    let mut environment = sandbox.environment();
    for (key, value) in [
        ("GIT_DIR", path(&other.repo.join(".git"))),
        ("GIT_WORK_TREE", path(&other.repo)),
        ("GIT_COMMON_DIR", path(&other.repo.join(".git"))),
        ("GIT_CEILING_DIRECTORIES", "/nowhere"),
        ("GIT_TRACE", "1"),
        ("GIT_CONFIG_PARAMETERS", "'core.bare'='true'"),
    ] {
        environment.push((key.into(), value.into()));
    }
    assert_eq!(repository(&Git::new(&sandbox.repo, environment)).work_tree, sandbox.repo);
}

fn stub(sandbox: &Sandbox, script: &str) -> Git {
    let program = sandbox.path("stub-git");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.library_git().with_program(program)
}

/// Whether the process whose id is in `pid_file` runs; one that nobody has buried does not.
fn is_running(pid_file: &std::path::Path) -> bool {
    let pid = std::fs::read_to_string(pid_file).unwrap();
    let state = if cfg!(target_os = "linux") {
        // A small installation has no `ps`.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        stat.unwrap_or_default().rsplit(')').next().unwrap().trim().to_owned()
    } else {
        duct::cmd("ps", ["-o", "stat=", "-p", pid.trim()]).unchecked().read().unwrap()
    };
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn a_git_that_hangs_is_stopped_with_all_it_started() {
    let sandbox = Sandbox::new();
    let pid_file = sandbox.path("pid");
    let time_outs = TimeOuts { local: Duration::from_millis(150) };
    // One that heeds a signal and one that does not.
    for trap in ["", "trap '' TERM;"] {
        let script = format!("{trap} sleep 30 & echo $! > {}; wait; sleep 30", path(&pid_file));
        let git = stub(&sandbox, &script).with_time_outs(time_outs);
        let before = Instant::now();
        let error = git.discover().unwrap_err();
        assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
        assert!(matches!(error, GitError::TimedOut { .. }), "{error}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"looking for the repository: git did not end within 150ms and was stopped");
        }
        std::thread::sleep(Duration::from_millis(100));
        assert!(!is_running(&pid_file), "a child of git survived");
    }
}

#[test]
fn a_git_that_does_not_read_is_stopped_too() {
    let sandbox = Sandbox::new();
    // The branch's file is far longer than a pipe holds.
    sandbox.seed(&[("100644", sandbox::DEV_CSV, "x,y\n".repeat(100_000).as_bytes())]);
    let tip = sandbox.tip();
    let script = "for a; do case $a in unpack-objects) exec sleep 30;; esac; done; exec git \"$@\"";
    let git = stub(&sandbox, script).with_time_outs(TimeOuts { local: Duration::from_secs(3) });
    let before = Instant::now();
    let records = [sandbox::record("apply-persistent", 1)];
    let error = sandbox::append(&sandbox::registry(git), &records).unwrap_err();
    assert!(before.elapsed() < Duration::from_secs(9), "{:?}", before.elapsed());
    insta::assert_snapshot!(error, @"storing the rows in the repository: git did not end within 3s and was stopped");
    assert_eq!(sandbox.tip(), tip);
}

#[test]
fn a_git_that_is_missing_or_fails_says_so_in_one_line() {
    let sandbox = Sandbox::new();
    let missing = sandbox.library_git().with_program("/nowhere/git").discover().unwrap_err();
    insta::assert_snapshot!(missing, @r#"looking for the repository: there is no program "/nowhere/git"; is git installed and on PATH?"#);
    let failing = stub(&sandbox, "echo 'fatal: first' >&2; echo >&2; echo second >&2; exit 3");
    insta::assert_snapshot!(failing.discover().unwrap_err(), @"looking for the repository: git failed with 3: fatal: first; second");
    let killed = stub(&sandbox, "kill -9 $$");
    insta::assert_snapshot!(killed.discover().unwrap_err(), @"looking for the repository: git was killed: it did not say why");
    let gone = sandbox.library_git().in_dir("/nowhere/at/all").discover().unwrap_err();
    insta::assert_snapshot!(gone, @"looking for the repository: git failed with 128: fatal: cannot change to '/nowhere/at/all': No such file or directory");
}
