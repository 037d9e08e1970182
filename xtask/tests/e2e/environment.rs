//! What a step inherits: the environment and the stdin that the user had, whatever launched xtask.

use crate::support::{Call, Scene};

/// The crate's own directory: by it xtask knows that `cargo run` launched it.
const MANIFEST_DIR: &str = env!("CARGO_MANIFEST_DIR");

/// A step that prints its environment.
fn scene() -> Scene {
    Scene::new().step("apply", &["env"])
}

/// As `cargo run` under rustup starts it.
fn launched(scene: &Scene) -> Call {
    let home = scene.outside().join("home");
    let workspace = std::path::Path::new(MANIFEST_DIR).parent().unwrap();
    let toolchain = home.join(".rustup/toolchains/stable-x86_64-unknown-linux-gnu");
    let libraries = [workspace.join("target/debug/deps"), toolchain.join("lib"), "/opt/lib".into()];
    scene
        .calling(&["apply-persistent"])
        .env("CARGO", toolchain.join("bin/cargo"))
        .env("CARGO_HOME", home.join(".cargo"))
        .env("CARGO_MANIFEST_DIR", MANIFEST_DIR)
        .env("CARGO_MANIFEST_PATH", format!("{MANIFEST_DIR}/Cargo.toml"))
        .env("CARGO_PKG_NAME", "xtask")
        .env("CARGO_PKG_VERSION_MAJOR", "0")
        .env("RUSTUP_HOME", home.join(".rustup"))
        .env("RUSTUP_TOOLCHAIN", "stable-x86_64-unknown-linux-gnu")
        .env("RUST_RECURSION_COUNT", "1")
        .env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap())
}

/// What the step saw, sorted.
fn seen(call: Call) -> Vec<String> {
    let mut seen: Vec<String> = call.run().exits(0).stdout.lines().map(str::to_owned).collect();
    seen.sort();
    seen
}

fn expected(scene: &Scene, more: &[&str]) -> Vec<String> {
    let own = scene.variables().into_iter();
    let own = own.map(|(k, v)| format!("{}={}", k.to_str().unwrap(), v.to_str().unwrap()));
    let mut expected: Vec<String> = own.chain(more.iter().map(|&pair| pair.to_owned())).collect();
    expected.sort();
    expected
}

#[test]
fn nothing_that_the_launch_added_reaches_the_step() {
    let scene = scene();
    assert_eq!(seen(launched(&scene)), expected(&scene, &["LD_LIBRARY_PATH=/opt/lib"]));
}

#[test]
fn what_the_user_set_reaches_the_step() {
    let scene = scene();
    let call = launched(&scene)
        .env("CARGO_HOME", "/elsewhere/cargo")
        .env("CARGO_TARGET_DIR", "/elsewhere/target")
        .env("CARGO_TERM_COLOR", "never")
        .env("RUSTUP_TOOLCHAIN", "nightly")
        .env("RUSTUP_TOOLCHAIN_SOURCE", "env")
        .env("LD_LIBRARY_PATH", "/opt/mine")
        .env("EMPTY", "")
        .env("AWS_PROFILE", "a profile");
    let more = [
        "AWS_PROFILE=a profile",
        "CARGO_HOME=/elsewhere/cargo",
        "CARGO_TARGET_DIR=/elsewhere/target",
        "CARGO_TERM_COLOR=never",
        "EMPTY=",
        "LD_LIBRARY_PATH=/opt/mine",
        "RUSTUP_TOOLCHAIN=nightly",
    ];
    assert_eq!(seen(call), expected(&scene, &more));
}

#[test]
fn a_launch_that_was_not_cargos_changes_nothing() {
    let scene = scene();
    let call = scene.calling(&["apply-persistent"]);
    let call = call.env("CARGO_MANIFEST_DIR", "/some/crate").env("RUSTUP_TOOLCHAIN", "nightly");
    let more = ["CARGO_MANIFEST_DIR=/some/crate", "RUSTUP_TOOLCHAIN=nightly"];
    assert_eq!(seen(call), expected(&scene, &more));
}

#[test]
fn it_is_the_same_without_recording() {
    let scene = scene();
    let call = launched(&scene).env("XTASK_RECORD", "off");
    assert_eq!(seen(call), expected(&scene, &["LD_LIBRARY_PATH=/opt/lib", "XTASK_RECORD=off"]));
}

#[test]
fn steps_run_in_the_platform_root_wherever_xtask_was_started() {
    let scene = Scene::new().step("apply", &["pwd"]);
    let run = scene.calling(&["apply-persistent"]).in_dir(scene.root().join("envs/dev")).run();
    assert_eq!(run.exits(0).stdout.trim_end(), scene.root().to_str().unwrap());
    let scene = Scene::new().config("platform_root = \"envs/dev\"").step("apply", &["pwd"]);
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!(run.stdout.trim_end(), scene.root().join("envs/dev").to_str().unwrap());
}

#[test]
fn the_command_line_beats_the_environment_beats_the_file_beats_the_default() {
    let scene = Scene::new().recorders().config(
        "default_env = \"dev\"\n[variables]\nREGION = \"of-file\"\nKONG_NAMESPACE = \"of-file\"\n\
         PERSISTENT_CLUSTER = \"of-file\"",
    );
    let call = scene.calling(&["bootstrap-persistent", "REGION=typed"]);
    call.env("REGION", "of-environment").env("KONG_NAMESPACE", "of-environment").run().exits(0);
    let script = "bash bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh";
    assert_eq!(scene.commands(), [format!("{script} of-file typed of-environment")]);
}

#[test]
fn a_step_sees_no_value_that_the_command_line_overruled() {
    let scene = scene();
    let call = scene
        .calling(&["apply-persistent", "--region=eu-west-2", "KONG_NAMESPACE=typed"])
        .env("REGION", "us-east-1")
        .env("TF_DIR", "mine");
    // What was not in the environment is not added to it.
    assert_eq!(seen(call), expected(&scene, &["REGION=eu-west-2", "TF_DIR=mine"]));
}

#[test]
fn stdin_is_the_users_recorded_or_not() {
    let script = "printf 'Enter a value: '; read -r answer; echo \"said $answer\"; wc -l";
    let scene = Scene::new().step("apply", &["bash", "-c", script]);
    for record in ["on", "off"] {
        let call = scene.calling(&["apply-persistent", "TF_AUTO_APPROVE=false"]);
        let run = call.env("XTASK_RECORD", record).stdin("yes\nand\nmore\n").run().exits(0);
        let words: Vec<&str> = run.stdout.split_whitespace().collect();
        assert_eq!(words, ["Enter", "a", "value:", "said", "yes", "2"]);
    }
    assert_eq!(scene.rows().len(), 1);
}
