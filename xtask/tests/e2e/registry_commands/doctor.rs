//! `registry doctor`: one thing wrong at a time, each with what to do.

use std::fs;
use std::net::TcpListener;

use super::{said, scene};
use crate::support::{BRANCH, CSV, Run, Scene};

/// The findings that need attention.
fn attention(run: &Run) -> Vec<&str> {
    run.stdout.lines().filter_map(|line| line.strip_prefix("ATTENTION  ")).collect()
}

/// The only finding that needs attention.
#[track_caller]
fn only_attention(scene: &Scene) -> String {
    let run = scene.xtask(&["registry", "doctor"]).exits(1);
    let [finding] = attention(&run)[..] else { panic!("{}", run.stdout) };
    assert!(run.stdout.ends_with("\n1 finding needs attention\n"), "{}", run.stdout);
    finding.to_owned()
}

#[test]
fn all_is_well() {
    let scene = scene().with_origin();
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    let run = scene.xtask(&["registry", "doctor"]).exits(0);
    let text = said(&scene, &run);
    let (version, rest) = text.split_once('\n').unwrap();
    assert!(version.starts_with("ok         git: "), "{version}");
    insta::assert_snapshot!(rest, @r#"
    ok         logs: <scene>/repo/logs/build-timings can be written to
    ok         disk: <n> MiB free
    ok         repository: <scene>/repo
    ok         branch: governance-registry has 1 row
    ok         remote: origin answers
    ok         policy: registry.push = "ci", this is no CI: rows stay here; "inbox" or "always" would send them
    ok         journal: 0 living, 0 left by runs that are gone, 0 rows waiting for the remote
    all is well
    "#);
    assert_eq!(scene.git(&["status", "--porcelain"]), "", "it leaves nothing");
}

#[test]
fn without_a_remote_or_a_branch_all_is_well_too() {
    let scene = scene();
    let run = scene.xtask(&["registry", "doctor"]).exits(0);
    let text = said(&scene, &run);
    insta::assert_snapshot!(text.split_once('\n').unwrap().1, @r#"
    ok         logs: <scene>/repo/logs/build-timings can be written to
    ok         disk: <n> MiB free
    ok         repository: <scene>/repo
    ok         branch: there is no governance-registry yet; the first row makes it
    ok         remote: there is no origin; rows stay in this clone
    ok         policy: registry.push = "ci", this is no CI: rows stay here; "inbox" or "always" would send them
    ok         journal: 0 living, 0 left by runs that are gone, 0 rows waiting for the remote
    all is well
    "#);
}

#[test]
fn an_old_git() {
    let machine = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&machine).map(|dir| dir.join("git")).find(|git| git.is_file());
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' --version '*|*' version '*) echo 'git version 2.20.1' ;;\n\
         *) exec {} \"$@\" ;; esac\n",
        real.unwrap().display()
    );
    let scene = scene().program("git", &script);
    insta::assert_snapshot!(only_attention(&scene), @"git: 2.20.1 is older than 2.31; install a newer one");
}

#[test]
fn no_git() {
    let scene = scene();
    let bin = scene.outside().join("bin");
    let run = scene.calling(&["registry", "doctor"]).env("PATH", bin).run().exits(1);
    assert!(attention(&run)[0].starts_with("git: "), "{}", run.stdout);
}

#[test]
fn a_log_directory_that_cannot_be_written() {
    let scene = scene().file("logs", "in the way\n");
    let finding = only_attention(&scene);
    let place = scene.root().join("logs/build-timings");
    assert!(finding.starts_with(&format!("logs: {} ", place.display())), "{finding}");
    assert!(finding.ends_with("Make it a directory of yours"), "{finding}");
}

#[test]
fn a_remote_that_refuses() {
    // A port at which nobody listens any more.
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let scene = scene().with_origin_at(&format!("git://127.0.0.1:{port}/platform"));
    let finding = only_attention(&scene);
    assert!(finding.starts_with("remote: ") && finding.contains("origin"), "{finding}");
    assert!(finding.contains("refused"), "{finding}");
}

#[test]
fn a_remote_that_is_not_there() {
    let scene = scene().with_origin_at("/nonexistent/platform.git");
    let finding = only_attention(&scene);
    assert!(finding.starts_with("remote: "), "{finding}");
    assert!(finding.contains("/nonexistent/platform.git"), "{finding}");
}

#[test]
fn a_journal_with_a_damaged_entry() {
    let scene = scene();
    scene.write(".git/timing-journal/0000000000000000.jsonl", "garbage\n");
    let finding = only_attention(&scene);
    assert!(finding.contains("1 left by runs that are gone"), "{finding}");
    assert!(finding.contains("registry sync"), "{finding}");
    // That moves it aside.
    scene.xtask(&["registry", "sync"]).exits(0);
    let finding = only_attention(&scene);
    assert!(finding.starts_with("journal: 1 damaged"), "{finding}");
    let aside = scene.root().join(".git/timing-journal/damaged");
    assert!(finding.contains(aside.to_str().unwrap()), "{finding}");
    fs::remove_dir_all(aside).unwrap();
    scene.xtask(&["registry", "doctor"]).exits(0);
}

#[test]
fn a_journal_that_is_a_file() {
    let scene = scene();
    scene.write(".git/timing-journal", "in the way\n");
    let finding = only_attention(&scene);
    assert!(finding.starts_with("journal: "), "{finding}");
}

#[test]
fn lines_that_are_no_rows() {
    let scene = scene();
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.git(&["worktree", "add", "-q", "../registry", BRANCH]);
    let registry = scene.outside().join("registry");
    let path = registry.join(CSV);
    let text = fs::read_to_string(&path).unwrap() + "garbage\n<<<<<<< HEAD\n";
    fs::write(&path, text).unwrap();
    scene.git_in(&registry, &["commit", "-q", "-a", "-m", "Garbage"]);
    let run = scene.xtask(&["registry", "doctor"]).exits(1);
    insta::assert_snapshot!(attention(&run).join("\n"), @"
    rows: environments/development/latest/build_timings.csv line 3: 1 field where a row has 7, 9, 11 or 12; readers pass it over
    rows: environments/development/latest/build_timings.csv line 4: 1 field where a row has 7, 9, 11 or 12; readers pass it over
    ");
}
