//! Configuration, hooks, variables and half-present objects that would spoil an append.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use timing_core::git::Git;
use timing_core::registry::AppendError;

use crate::sandbox::{self, BRANCH, DEV_CSV, Sandbox, path};

fn hook(dir: &Path, name: &str, script: &str) {
    std::fs::create_dir_all(dir).unwrap();
    let file = dir.join(name);
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn no_hook_runs() {
    let sandbox = Sandbox::new();
    let ran = sandbox.path("ran");
    let script = format!("touch {}; sleep 30; exit 1", path(&ran));
    let names =
        ["reference-transaction", "pre-commit", "commit-msg", "post-commit", "post-index-change"];
    names.iter().for_each(|name| hook(&sandbox.repo.join(".git/hooks"), name, &script));
    // A directory of hooks that the user's own configuration names is no better.
    names.iter().for_each(|name| hook(&sandbox.path("hooks"), name, &script));
    let hooks = format!("[core]\n\thooksPath = {}\n", path(&sandbox.path("hooks")));
    std::fs::write(sandbox.path("home/gitconfig"), hooks).unwrap();
    let before = Instant::now();
    sandbox.append("apply-persistent", 1).unwrap();
    assert!(before.elapsed() < Duration::from_secs(10));
    assert!(!ran.exists());
}

#[test]
fn the_users_configuration_neither_signs_nor_watches_nor_collects() {
    let sandbox = Sandbox::new();
    let ran = sandbox.path("ran");
    hook(&sandbox.path("."), "program", &format!("touch {}; exit 1", path(&ran)));
    let program = sandbox.path("program");
    for (key, value) in [
        ("commit.gpgSign", "true"),
        ("gpg.program", path(&program)),
        ("core.fsmonitor", path(&program)),
        ("core.pager", path(&program)),
        ("core.editor", path(&program)),
        ("gc.auto", "1"),
        ("gc.autoDetach", "false"),
        ("core.autocrlf", "true"),
        ("core.safecrlf", "true"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("user.useConfigOnly", "true"),
        ("receive.fsckObjects", "true"),
        ("transfer.fsckObjects", "true"),
        ("color.ui", "always"),
        ("core.quotePath", "false"),
        ("column.ui", "always"),
        ("core.logAllRefUpdates", "always"),
    ] {
        sandbox.git(&["config", key, value]);
    }
    sandbox.seed(&[("100644", DEV_CSV, b"old\r\nline\r\n")]);
    let _ = std::fs::remove_file(&ran);
    sandbox.append("apply-persistent", 1).unwrap();
    assert!(!ran.exists());
    assert!(sandbox.show(DEV_CSV).starts_with(b"old\r\nline\r\n"));
    let commit = sandbox.git(&["cat-file", "commit", BRANCH]);
    assert!(!commit.contains("gpgsig"), "{commit}");
}

#[test]
fn hostile_variables_do_not_redirect_an_append() {
    let sandbox = Sandbox::new();
    let other = Sandbox::new();
    let mut environment = sandbox.environment();
    let index = sandbox.path("index");
    for (key, value) in [
        ("GIT_DIR", path(&other.repo.join(".git"))),
        ("GIT_INDEX_FILE", path(&index)),
        ("GIT_OBJECT_DIRECTORY", path(&other.repo.join(".git/objects"))),
        ("GIT_NAMESPACE", "elsewhere"),
        ("GIT_QUARANTINE_PATH", "/nowhere"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "true"),
        ("GIT_TRACE", "1"),
        ("LC_ALL", "de_DE.UTF-8"),
    ] {
        environment.push((key.into(), value.into()));
    }
    let registry = sandbox::registry(Git::new(&sandbox.repo, environment));
    sandbox::append(&registry, &[sandbox::record("apply-persistent", 1)]).unwrap();
    assert_eq!(sandbox::rows(&sandbox.csv()), 1);
    assert_eq!(other.git(&["branch", "--list", BRANCH]), "");
    assert!(!index.exists());
}

#[test]
fn replaced_objects_are_seen_through() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let forged = sandbox.git_bytes(&sandbox.repo, &["hash-object", "-w", "--stdin"], b"forged\n");
    let forged = String::from_utf8(forged).unwrap();
    sandbox.git(&["replace", &format!("{BRANCH}:{DEV_CSV}"), forged.trim()]);
    sandbox.append("apply-persistent", 2).unwrap();
    sandbox.git(&["replace", "-d", &sandbox.git(&["replace", "-l"])]);
    assert_eq!(sandbox::rows(&sandbox.csv()), 2);
}

/// A clone that has the branch's trees but not its files.
fn partial_clone(upstream: &Sandbox) -> Sandbox {
    upstream.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Sandbox::empty();
    let url = format!("file://{}", path(&upstream.repo));
    let to = path(&clone.repo);
    clone.git_in(&clone.path("."), &["clone", "-q", "--filter=blob:none", &url, to]);
    clone
}

#[test]
fn a_file_that_a_partial_clone_left_behind_is_no_empty_file() {
    let upstream = Sandbox::new();
    upstream.append("apply-persistent", 1).unwrap();
    let blob = upstream.git(&["rev-parse", &format!("{BRANCH}:{DEV_CSV}")]);
    let clone = partial_clone(&upstream);
    let error = clone.append("apply-persistent", 2).unwrap_err();
    assert!(
        matches!(&error, AppendError::ObjectMissing { path, id }
            if path == DEV_CSV && id.to_string() == blob),
        "{error}"
    );
    insta::assert_snapshot!(error.to_string().replace(&blob, "<id>"), @r#""environments/development/latest/build_timings.csv" on the registry's branch is object <id>, which is not in this clone; fetch it, for instance with `git cat-file -e <id>`"#);
    assert_eq!(clone.git(&["branch", "--list", BRANCH]), "");
    // What it advises helps.
    clone.git(&["cat-file", "-e", &blob]);
    assert_eq!(clone.append("apply-persistent", 2).unwrap().rows, 1);
    assert_eq!(sandbox::rows(&clone.csv()), 2);
}

#[test]
fn a_tree_that_is_missing_is_no_empty_directory() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let (tip, tree) =
        (sandbox.tip(), sandbox.git(&["rev-parse", &format!("{BRANCH}:environments")]));
    let object = sandbox.repo.join(".git/objects").join(&tree[..2]).join(&tree[2..]);
    std::fs::remove_file(object).unwrap();
    let error = sandbox.append("apply-persistent", 2).unwrap_err();
    assert!(
        matches!(&error, AppendError::ObjectMissing { path, .. } if path == "environments"),
        "{error}"
    );
    assert_eq!(sandbox.tip(), tip);
}

#[test]
fn a_repository_that_cannot_be_written_says_so() {
    let sandbox = Sandbox::new();
    // A file where git wants a directory stops even a superuser.
    std::fs::remove_dir_all(sandbox.repo.join(".git/refs/heads")).unwrap();
    std::fs::write(sandbox.repo.join(".git/refs/heads"), "").unwrap();
    let error = sandbox.append("apply-persistent", 1).unwrap_err().to_string();
    assert!(error.starts_with("moving the registry's branch: git failed with 128: "), "{error}");
    assert_eq!(error.lines().count(), 1);
}
