//! What is refused before anything runs, what runs without being recorded, and what is only shown.

use crate::support::Scene;

/// Nothing ran and nothing was left.
#[track_caller]
fn nothing_happened(scene: &Scene) {
    assert_eq!(scene.commands(), [""; 0]);
    assert!(scene.recordings().is_empty());
    assert!(scene.logs().is_empty() && scene.journal().is_empty());
    assert!(!scene.root().join("logs").exists());
}

/// What a value that reaches a path or an argument may not be.
const HOSTILE: [&str; 8] =
    ["../../etc", "dev; rm -rf /", "a\nb", "", "-rf", "$(touch x)", "a,b", "\u{1b}[2J"];
/// A path of the repository may hold blanks and more; no shell reads it.
const HOSTILE_PATHS: [&str; 5] = ["../../etc", "/etc", "envs/../../etc", "a\nb", "\u{1b}[2J"];

#[test]
fn hostile_values() {
    let scene = Scene::new().recorders();
    let names = ["ENV", "REGION"].map(|name| (name, HOSTILE.as_slice()));
    // An empty one has a meaning of its own.
    let cluster = [("PERSISTENT_CLUSTER", HOSTILE.as_slice())];
    let paths = [("TF_DIR", HOSTILE_PATHS.as_slice())];
    for (variable, values) in names.into_iter().chain(cluster).chain(paths) {
        for value in values {
            if value.is_empty() && variable == "PERSISTENT_CLUSTER" {
                continue;
            }
            refused(&scene, variable, value);
        }
    }
    nothing_happened(&scene);
}

#[track_caller]
fn refused(scene: &Scene, variable: &str, value: &str) {
    let assignment = format!("{variable}={value}");
    let flag = format!("--{}={value}", variable.to_ascii_lowercase().replace('_', "-"));
    let calls = [
        scene.calling(&["deploy-persistent", &assignment]),
        scene.calling(&["deploy-persistent", &flag]),
        scene.calling(&["deploy-persistent"]).env(variable, value),
    ];
    for call in calls {
        let run = call.run();
        assert_eq!(run.code, 2, "{assignment:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(run.stderr.lines().count(), 1, "{assignment:?}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    }
}

#[test]
fn unknown_values_and_names() {
    let scene = Scene::new().recorders();
    for (argument, hint) in [
        ("BOOTSTRAP_VERSION=v5", "v4"),
        ("TF_AUTO_APPROVE=yes", "true"),
        ("REGIN=eu-west-2", "REGION"),
        ("nonsense", "KEY=VALUE"),
    ] {
        let run = scene.xtask(&["deploy-persistent", argument]).exits(2);
        assert!(run.stderr.contains(hint), "{argument}: {}", run.stderr);
    }
    let run = scene.xtask(&["deploy-persitent"]).exits(2);
    assert!(run.stderr.contains("deploy-persistent"), "{}", run.stderr);
    let scene = scene.config("default_envv = \"dev\"");
    let run = scene.xtask(&["deploy-persistent"]).exits(2);
    assert!(run.stderr.contains("xtask.toml line 1"), "{}", run.stderr);
    assert!(run.stderr.contains("default_env"), "{}", run.stderr);
    nothing_happened(&scene);
}

#[test]
fn a_teardown_that_is_not_confirmed() {
    let scene = Scene::new().recorders();
    for arguments in [
        ["teardown-persistent", "ENV=dev"].as_slice(),
        &["teardown-persistent", "CONFIRM_DESTROY=no"],
        &["teardown-persistent", "CONFIRM_DESTROY=YES"],
        &["teardown-persistent", "CONFIRM_DESTROY="],
        &["teardown-persistent", "CONFIRM_DESTROY=yes "],
    ] {
        let run = scene.xtask(arguments).exits(1);
        assert_eq!(run.stdout, "");
        for expected in ["goldenpath-dev-eks", "eu-west-2", "envs/dev", "CONFIRM_DESTROY=yes"] {
            assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
        }
    }
    nothing_happened(&scene);
}

#[test]
fn the_command_that_the_refusal_prints_confirms() {
    let scene = Scene::new().recorders();
    let run = scene.xtask(&["teardown-persistent", "PERSISTENT_CLUSTER=mine"]).exits(1);
    let command = run.stderr.lines().last().unwrap().trim();
    let arguments =
        command.strip_prefix(env!("CARGO_BIN_EXE_xtask")).unwrap().trim_start().replace('\'', "");
    scene.xtask(&arguments.split(' ').collect::<Vec<_>>()).exits(0);
    let script = "bash bootstrap/60_tear_down_clean_up/goldenpath-idp-teardown-v4.sh";
    assert_eq!(scene.commands(), [format!("{script} mine eu-west-2")]);
    assert_eq!(scene.rows()[0].phase, "teardown-persistent");
}

#[test]
fn a_confirmed_teardown_destroys_and_records() {
    let destroyed = "echo 'Destroy complete! Resources: 12 destroyed.'";
    let scene = Scene::new().step("teardown", &["bash", "-c", destroyed]);
    scene.calling(&["teardown-persistent"]).env("CONFIRM_DESTROY", "yes").run().exits(0);
    let rows = scene.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].added, rows[0].changed, rows[0].destroyed), (0, 0, 12));
}

#[test]
fn a_bare_repository() {
    let scene = Scene::new().recorders();
    let bare = scene.outside().join("bare.git");
    scene.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let run = scene.xtask(&["deploy-persistent", "--repo", bare.to_str().unwrap()]).exits(2);
    assert!(run.stderr.contains("bare"), "{}", run.stderr);
    assert!(run.stderr.contains(bare.to_str().unwrap()), "{}", run.stderr);
    nothing_happened(&scene);
    assert_eq!(scene.git_in(&bare, &["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
}

#[test]
fn another_repository_that_knows_nothing_of_this_one() {
    let here = Scene::new().recorders();
    let there = Scene::new();
    let root = there.root().display().to_string();
    here.xtask(&["bootstrap-persistent", "--repo", &root, "ENV=dev"]).exits(0);
    assert_eq!(here.commands().len(), 1);
    assert!(here.recordings().is_empty() && here.logs().is_empty());
    assert_eq!((there.rows().len(), there.logs().len()), (1, 1));
    let sha = there.git(&["rev-parse", "--short=12", "HEAD"]);
    assert_eq!(there.rows()[0].flag("SHA"), Some(sha.as_str()));
    assert_eq!(there.git(&["status", "--porcelain"]), "");
    // A relative path, from a directory below.
    let run = here.calling(&["apply-persistent", "--repo", "../.."]);
    run.in_dir(there.root().join("envs/dev")).run().exits(0);
    assert_eq!(there.rows().len(), 2);
}

/// What a step prints when nobody watches it.
const UNWATCHED: [&str; 3] = ["bash", "-c", "echo out; echo err >&2; [ -t 1 ] || exit 7"];

#[test]
fn without_recording_nothing_is_left() {
    let scene = Scene::new().config("").step("apply", &UNWATCHED).committed();
    let runs = [
        scene.calling(&["apply-persistent", "--no-record"]),
        scene.calling(&["apply-persistent"]).env("XTASK_RECORD", "off"),
    ];
    for call in runs {
        let run = call.run().exits(7);
        assert_eq!(run.stdout, "out\n");
        assert!(run.stderr.contains("\nerr\n"), "{}", run.stderr);
        nothing_happened_but_the_step(&scene);
    }
}

fn nothing_happened_but_the_step(scene: &Scene) {
    assert!(scene.recordings().is_empty() && scene.journal().is_empty());
    assert!(!scene.root().join("logs").exists());
    assert!(!scene.root().join(".git/timing-journal").exists());
    assert_eq!(scene.git(&["status", "--porcelain", "--ignored"]), "");
}

#[test]
fn without_recording_no_git_is_needed() {
    let ran = "#!/bin/sh\ntouch \"$0-ran\"\nexit 1\n";
    let scene = Scene::new().step("apply", &UNWATCHED);
    let scene = scene.program("git", ran);
    scene.xtask(&["apply-persistent", "--no-record"]).exits(7);
    assert!(!scene.outside().join("bin/git-ran").exists());
}

#[test]
fn a_dry_run_prints_the_plan_and_nothing_else() {
    let scene = Scene::new().recorders();
    for target in ["deploy-persistent", "rds-deploy", "verify"] {
        let run = scene.xtask(&[target, "--dry-run"]).exits(0);
        assert_eq!(run.stderr, "");
        let title = run.stdout.lines().nth(2).unwrap();
        assert!(title.starts_with(&format!("# {target}")), "{}", run.stdout);
    }
    let run = scene.xtask(&["teardown-persistent", "--dry-run"]).exits(1);
    assert_eq!(run.stdout, "");
    nothing_happened(&scene);
}

#[test]
fn a_dry_run_can_be_pasted_into_a_shell() {
    let scene = Scene::new().recorders();
    let given = ["deploy-persistent", "PERSISTENT_CLUSTER=mine", "ENV_NAME=it's \"$HOME\" `x` \\"];
    let shown = scene.xtask(&[&given[..], &["--dry-run"]].concat()).exits(0).stdout;
    nothing_happened(&scene);
    scene.call("sh", &["-e", "-c", &shown]).in_dir("/").run().exits(0);
    let pasted = scene.calls();
    scene.xtask(&given).exits(0);
    assert_eq!(pasted, scene.calls());
}
