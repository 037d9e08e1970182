//! `registry audit` and `registry recover`, over a history in which somebody copied a stale file
//! over the rows.

use std::fs;

use super::said;
use crate::support::{BRANCH, CSV, Scene};

/// Three runs, of which a commit of somebody else's dropped two; one more run follows.
fn overwritten() -> Scene {
    let scene = super::scene();
    scene.xtask(&["apply-persistent"]).exits(7);
    let stale = scene.csv().unwrap();
    for _ in 0..2 {
        scene.xtask(&["apply-persistent"]).exits(7);
    }
    scene.git(&["worktree", "add", "-q", "../registry", BRANCH]);
    let registry = scene.outside().join("registry");
    fs::write(registry.join(CSV), stale).unwrap();
    let who = "--author=Some Workflow <workflow@example.org>";
    let commit = ["commit", "-q", "-a", "--date=2026-02-03T04:05:06Z", who, "-m", "Update state"];
    scene.git_in(&registry, &commit);
    scene.git(&["worktree", "remove", "../registry"]);
    scene.xtask(&["apply-persistent"]).exits(7);
    assert_eq!(scene.rows().len(), 2);
    scene
}

/// The lines of the rows that were dropped, as they were.
fn dropped(scene: &Scene) -> Vec<String> {
    let before = scene.git(&["show", &format!("{BRANCH}~2:{CSV}")]);
    before.lines().skip(2).map(str::to_owned).collect()
}

#[test]
fn a_history_that_only_appends() {
    let scene = super::scene();
    for _ in 0..3 {
        scene.xtask(&["apply-persistent"]).exits(7);
    }
    let run = scene.xtask(&["registry", "audit"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @"3 commits on refs/heads/governance-registry: every one only appended");
    let run = scene.xtask(&["registry", "recover"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @"there is nothing to recover");
    assert_eq!(scene.recordings().len(), 3);
}

#[test]
fn without_a_branch() {
    let scene = super::scene();
    let run = scene.xtask(&["registry", "audit"]);
    insta::assert_snapshot!(format!("{}\n{}", run.code, said(&scene, &run)), @"
    1
    error: there is no branch governance-registry to audit, neither here nor as it was last fetched from origin; run `git fetch origin governance-registry`, or record a first run
    ");
}

#[test]
fn a_stale_file_that_was_copied_over_the_rows_is_named() {
    let scene = overwritten();
    let dropped = dropped(&scene);
    assert_eq!(dropped.len(), 2);
    let run = scene.xtask(&["registry", "audit"]).exits(1);
    let lines: Vec<&str> = run.stdout.lines().collect();
    let [commit, what, first, second, verdict, lost] = lines[..] else { panic!("{lines:#?}") };
    let id = scene.git(&["rev-parse", "--short=12", &format!("{BRANCH}~1")]);
    assert!(commit.starts_with(&format!("{id} 2026-02-03")), "{commit}");
    assert!(commit.contains("Some Workflow") && commit.ends_with(": Update state"), "{commit}");
    assert_eq!(what, format!("  {CSV}: 2 rows removed (the file was cut short)"));
    assert_eq!(first, format!("    line 3: {}", dropped[0]));
    assert_eq!(second, format!("    line 4: {}", dropped[1]));
    assert_eq!(verdict, format!("5 commits on refs/heads/{BRANCH}: not every one only appended"));
    assert!(lost.starts_with("2 rows lost; "), "{lost}");
}

#[test]
fn recover_shows_and_then_brings_them_back_once() {
    let scene = overwritten();
    let (dropped, before) = (dropped(&scene), scene.csv().unwrap());
    let listed: String = dropped.iter().map(|row| format!("  {CSV}: {row}\n")).collect();
    let run = scene.xtask(&["registry", "recover", "--dry-run"]).exits(0);
    assert_eq!(run.stdout, format!("would append again 2 rows\n{listed}"));
    assert_eq!(scene.csv().unwrap(), before);
    let run = scene.xtask(&["registry", "recover"]).exits(0);
    let tip = scene.git(&["rev-parse", "--short=12", BRANCH]);
    assert_eq!(run.stdout, format!("appended again 2 rows, at {tip}\n{listed}"));
    let after = scene.csv().unwrap();
    let added = after.strip_prefix(before.as_slice()).unwrap();
    assert_eq!(String::from_utf8_lossy(added), format!("{}\n", dropped.join("\n")));
    let run = scene.xtask(&["registry", "recover"]).exits(0);
    assert_eq!(run.stdout, "there is nothing to recover\n");
    assert_eq!(scene.csv().unwrap(), after);
    // What happened stays in the history; nothing of it is lost any more.
    let run = scene.xtask(&["registry", "audit"]).exits(1);
    assert!(!run.stdout.contains(" lost; "), "{}", run.stdout);
}

#[test]
fn rows_that_were_only_respelled_are_not_lost() {
    let scene = super::scene();
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.git(&["worktree", "add", "-q", "../registry", BRANCH]);
    let path = scene.outside().join("registry").join(CSV);
    let quoted = fs::read_to_string(&path).unwrap().replace(",dev,", ", \"dev\",");
    fs::write(&path, quoted).unwrap();
    scene.git_in(&scene.outside().join("registry"), &["commit", "-q", "-a", "-m", "Tidy up"]);
    let run = scene.xtask(&["registry", "audit"]);
    assert!(!run.stdout.contains(" lost; "), "{}", run.stdout);
    assert!(run.stdout.contains(": 1 row respelled\n"), "{}", run.stdout);
    let run = scene.xtask(&["registry", "recover"]).exits(0);
    assert_eq!(run.stdout, "there is nothing to recover\n");
}
