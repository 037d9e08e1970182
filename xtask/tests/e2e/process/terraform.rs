//! Real Terraform, stopped in the middle of an apply: its state and its lock are whole afterwards.

use rustix::process::Signal;

use super::background::{Background, Terminal};
use super::eventually;
use crate::support::{Call, Scene, require};

const MAIN: &str = r#"
resource "terraform_data" "before" {
  input = "done"
}
resource "terraform_data" "during" {
  depends_on = [terraform_data.before]
  provisioner "local-exec" {
    command = "touch ../../../applying; sleep 30"
  }
}
resource "terraform_data" "after" {
  depends_on = [terraform_data.during]
}
"#;

const DIRECT: &[&str] =
    &["terraform", "-chdir=envs/dev", "apply", "-auto-approve", "-no-color", "-input=false"];

/// A shell that goes before Terraform does.
const WRAPPED: &[&str] =
    &["bash", "-c", "terraform -chdir=envs/dev apply -auto-approve -no-color -input=false; true"];

fn scene(apply: &[&str]) -> Scene {
    scene_with("", apply)
}

fn scene_with(config: &str, apply: &[&str]) -> Scene {
    let scene =
        Scene::new().config(config).file("envs/dev/main.tf", MAIN).step("apply", apply).committed();
    terraform(&scene, &["init", "-input=false", "-no-color"]).run().exits(0);
    scene
}

fn terraform(scene: &Scene, arguments: &[&str]) -> Call {
    let arguments = [&["-chdir=envs/dev"], arguments].concat();
    scene.call("terraform", &arguments).env("CHECKPOINT_DISABLE", "1")
}

fn apply(scene: &Scene) -> Call {
    super::background::apply(scene).env("CHECKPOINT_DISABLE", "1")
}

/// What Terraform left behind is whole: state, lock, and a plan that goes on from there.
#[track_caller]
fn is_whole(scene: &Scene) {
    let directory = scene.root().join("envs/dev");
    // A Terraform that outlived its shell may still be at it.
    eventually("the end of the lock", || {
        (!directory.join(".terraform.tfstate.lock.info").exists()).then_some(())
    });
    let state = scene.read("envs/dev/terraform.tfstate");
    let resources = terraform(scene, &["state", "list"]).run().exits(0).stdout;
    assert!(resources.contains("terraform_data.before"), "{resources}\n{state}");
    assert!(!resources.contains("terraform_data.after"), "{resources}");
    // 2 is a plan with changes.
    terraform(scene, &["plan", "-input=false", "-no-color", "-detailed-exitcode"]).run().exits(2);
}

/// Stops an apply by `stop` in its middle; the code of xtask.
#[track_caller]
fn stopped(scene: &Scene, stop: impl FnOnce(&Background)) -> i32 {
    let mut run = Background::silent(&apply(scene));
    scene.wait_for_mark("applying");
    stop(&run);
    let code = run.code();
    is_whole(scene);
    let row = scene.row("apply-persistent");
    assert_eq!(row.flag("OUTCOME"), Some("cancelled"), "{row:?}");
    assert_eq!(row.added, 1, "{row:?}");
    code
}

#[test]
fn sigterm_to_xtask_alone() {
    if !require("sigterm_to_xtask_alone", "terraform") {
        return;
    }
    // Terraform exits 1 after an orderly end, its shell dies of the signal.
    assert_eq!(stopped(&scene(DIRECT), |run| run.signal(Signal::TERM)), 1);
    assert_eq!(stopped(&scene(WRAPPED), |run| run.signal(Signal::TERM)), 143);
}

#[test]
fn sigterm_to_the_group() {
    if !require("sigterm_to_the_group", "terraform") {
        return;
    }
    assert_eq!(stopped(&scene(DIRECT), |run| run.signal_group(Signal::TERM)), 1);
    assert_eq!(stopped(&scene(WRAPPED), |run| run.signal_group(Signal::TERM)), 143);
}

#[test]
fn ctrl_c_on_a_terminal() {
    if !require("ctrl_c_on_a_terminal", "terraform") {
        return;
    }
    for (step, code, of_row) in [(DIRECT, 1, 1), (WRAPPED, 130, 0)] {
        let scene = scene(step);
        let mut terminal = Terminal::start(&apply(&scene));
        scene.wait_for_mark("applying");
        terminal.ctrl_c();
        let (shown, ended) = terminal.end();
        assert_eq!(ended, code, "{shown}");
        // A second signal would have made it give up.
        assert!(!shown.contains("Two interrupts received"), "{shown}");
        is_whole(&scene);
        let row = scene.row("apply-persistent");
        assert_eq!((row.exit_code, row.flag("OUTCOME")), (of_row, Some("cancelled")));
    }
}

#[test]
fn a_timeout() {
    if !require("a_timeout", "terraform") {
        return;
    }
    let graces = "[timeouts]\ngrace = \"30s\"\n";
    for step in [DIRECT, WRAPPED] {
        let scene = scene_with(graces, step);
        let run = apply(&scene).argument("--timeout=10s").run().exits(124);
        assert!(scene.has_mark("applying"), "{}", run.stderr);
        let warnings = run.warnings();
        let [asked] = warnings[..] else { panic!("{warnings:#?}") };
        assert!(asked.contains("asked it to stop (SIGINT)"), "{asked}");
        assert!(run.stdout.contains("Interrupt received"), "{}", run.stdout);
        assert!(!run.stdout.contains("Two interrupts received"), "{}", run.stdout);
        is_whole(&scene);
        let row = scene.row("apply-persistent");
        assert_eq!((row.exit_code, row.flag("OUTCOME")), (124, Some("timeout")), "{row:?}");
        assert_eq!(row.added, 1, "{row:?}");
    }
}
