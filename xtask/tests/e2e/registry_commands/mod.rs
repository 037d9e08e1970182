//! `registry …`: what each command says and exits with.

mod audit;
mod doctor;

use crate::support::{BRANCH, Run, Scene};

/// What it said on both streams, with all that differs from run to run replaced.
fn said(scene: &Scene, run: &Run) -> String {
    let outside = scene.outside().to_str().unwrap();
    let text = format!("{}{}", run.stdout, run.stderr).replace(outside, "<scene>");
    let masked: Vec<String> = text.lines().map(masked).collect();
    masked.join("\n")
}

/// Ids of commits and runs, moments, and how much room there is.
fn masked(line: &str) -> String {
    if line.contains(" MiB free") {
        return "ok         disk: <n> MiB free".to_owned();
    }
    line.split(' ').map(masked_word).collect::<Vec<String>>().join(" ")
}

fn masked_word(word: &str) -> String {
    let is_end = |c: char| c.is_ascii_punctuation();
    let bare = word.trim_matches(is_end);
    let is_id = [12, 16, 40].contains(&bare.len()) && bare.chars().all(|c| c.is_ascii_hexdigit());
    let is_moment = bare.len() == 20 && bare.ends_with('Z') && bare.contains('T');
    match (is_id, is_moment) {
        (true, _) => word.replace(bare, "<id>"),
        (_, true) => word.replace(bare, "<moment>"),
        _ => word.to_owned(),
    }
}

fn scene() -> Scene {
    Scene::new().step("apply", &["bash", "-c", "exit 7"]).committed()
}

#[test]
fn init_makes_the_branch_once() {
    let scene = scene();
    let run = scene.xtask(&["registry", "init"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @"governance-registry was created anew, at <id>");
    assert_eq!(scene.recordings().len(), 1);
    let run = scene.xtask(&["registry", "init"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @"governance-registry is there already, at <id>");
    assert_eq!((scene.recordings().len(), scene.rows().len()), (1, 0));
    scene.xtask(&["apply-persistent"]).exits(7);
    assert_eq!((scene.recordings().len(), scene.rows().len()), (2, 1));
}

#[test]
fn init_starts_from_the_remotes_branch() {
    let scene = scene().with_origin();
    let other = scene.clone_of_origin("other");
    scene.in_ci(&["apply-persistent"]).in_dir(&other).run().exits(7);
    scene.git(&["fetch", "-q", "origin"]);
    let run = scene.xtask(&["registry", "init"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @"governance-registry was created from origin/governance-registry, at <id>");
    assert_eq!(scene.rows(), scene.rows_at_origin());
}

#[test]
fn status_before_the_first_run() {
    let scene = scene();
    let run = scene.xtask(&["registry", "status"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @r#"
    branch   governance-registry
    remote   none
    policy   registry.push = "ci" (workstation)
    local    no such branch
    fetched  no such branch
    journal  0 running, 0 left by runs that are gone, 0 rows waiting for the remote
    "#);
    assert!(scene.recordings().is_empty() && scene.journal().is_empty(), "it only looks");
}

#[test]
fn status_of_rows_that_wait() {
    let scene = scene().with_origin();
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    scene.xtask(&["apply-persistent"]).exits(7);
    let run = scene.xtask(&["registry", "status"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @r#"
    branch   governance-registry
    remote   origin
    policy   registry.push = "ci" (workstation)
    local    2 rows at <id> (development 2)
    fetched  1 row at <id> (development 1)
    journal  0 running, 0 left by runs that are gone, 1 row waiting for the remote
    unseen   1 row of the local branch
    1 row of this clone can be seen by nobody else: registry.push = "ci" sends from CI only; "inbox" or "always" in xtask.toml sends from here
    "#);
}

#[test]
fn status_of_synchronisations_that_failed() {
    let scene = scene().config("[registry]\npush = \"always\"").with_origin_at("/nonexistent/x");
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.wait_for_syncs(1);
    let run = scene.xtask(&["registry", "status"]).exits(0);
    let text = said(&scene, &run);
    // What git says is its own.
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| !line.starts_with("sync     warning: "));
    insta::assert_snapshot!(ours.join("\n"), @r#"
    branch   governance-registry
    remote   origin
    policy   registry.push = "always" (workstation)
    local    1 row at <id> (development 1)
    fetched  no such branch
    journal  0 running, 0 left by runs that are gone, 1 row waiting for the remote
    unseen   1 row of the local branch
    sync     [<moment>] registry sync
    sync     nothing was left to record on governance-registry
    1 row of this clone can be seen by nobody else: `cargo xtask registry sync` sends them
    "#);
    let [warning] = theirs[..] else { panic!("{text}") };
    assert!(warning.contains("/nonexistent/x") && warning.contains("1 row waits"), "{warning}");
}

#[test]
fn sync_with_nothing_to_do() {
    let scene = scene();
    let run = scene.xtask(&["registry", "sync"]).exits(0);
    insta::assert_snapshot!(said(&scene, &run), @"nothing was left to record on governance-registry");
    assert!(scene.recordings().is_empty());
}

#[test]
fn sync_with_a_remote_that_is_gone() {
    let scene = scene().with_origin_at("/nonexistent/platform.git");
    scene.xtask(&["apply-persistent"]).exits(7);
    let run = scene.in_ci(&["registry", "sync"]).run().exits(1);
    assert_eq!(run.stdout, format!("nothing was left to record on {BRANCH}\n"));
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.ends_with("; 1 row waits in the journal"), "{warning}");
    assert_eq!(scene.waiting().len(), 1);
}

#[test]
fn drain_without_a_remote() {
    let scene = scene();
    let run = scene.xtask(&["registry", "drain"]).exits(1);
    insta::assert_snapshot!(said(&scene, &run), @r#"error: the registry cannot be synchronised: the repository has no remote "origin"; add it with `git remote add`, or name another one in registry.remote"#);
}

#[test]
fn in_no_repository_and_in_a_bare_one() {
    let scene = scene().with_origin();
    let nowhere = Scene::without_repository();
    for command in ["init", "status", "sync", "drain", "audit", "recover"] {
        let run = nowhere.xtask(&["registry", command]).exits(1);
        assert_eq!(
            said(&nowhere, &run),
            "error: <scene>/repo is in no git repository; run xtask in a clone, or name one with \
             --repo",
            "{command}"
        );
        let bare = scene.calling(&["registry", command, "--repo"]);
        let bare = bare.argument(scene.origin()).run();
        assert_eq!(bare.code, 2, "{command}: {}", bare.stderr);
        assert_eq!(
            said(&scene, &bare),
            "error: <scene>/origin.git is a bare repository or a git directory and has no work \
             tree to deploy from: give --repo a clone of it",
            "{command}"
        );
    }
    let run = nowhere.xtask(&["registry", "doctor"]).exits(1);
    assert!(run.stdout.contains("ATTENTION  repository: "), "{}", run.stdout);
}

#[test]
fn a_command_that_is_none() {
    let scene = scene();
    let run = scene.xtask(&["registry", "snyc"]).exits(2);
    assert!(run.stderr.contains("sync"), "{}", run.stderr);
    scene.xtask(&["registry"]).exits(2);
}
