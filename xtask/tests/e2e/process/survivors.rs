//! What a step leaves behind when it ends: processes that still hold its output.

use super::{applying, eventually, holds};
use crate::support::Scene;

/// Says something once it is told to, and then that it has survived that.
const SILENT: &str =
    "(until [ -e ../go ] || [ ! -e ../bin ]; do sleep 0.05; done; echo late words; touch ../survived) &
                      echo done; exit 7";

#[test]
fn a_silent_survivor_is_not_waited_for_and_not_killed() {
    let scene = applying(SILENT);
    // It ends at all only if it does not wait: the survivor says nothing before `go`.
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    assert_eq!(run.stdout, "done\n");
    assert_eq!(run.warnings(), Vec::<&str>::new());
    assert!(scene.row("apply-persistent").duration <= 5);
    scene.mark("go");
    scene.wait_for_mark("survived");
    eventually("late words in the log", || holds(&scene.log(), b"late words\n").then_some(()));
    is_drained(&scene);
}

#[test]
fn survivors_on_both_streams_are_not_killed() {
    let scene = applying(
        "(until [ -e ../go ] || [ ! -e ../bin ]; do sleep 0.05; done; echo late out; echo late err >&2; touch ../survived) &
         exit 0",
    );
    scene.xtask(&["apply-persistent"]).exits(0);
    scene.mark("go");
    scene.wait_for_mark("survived");
    eventually("late words in the log", || {
        let log = scene.log();
        (holds(&log, b"late out\n") && holds(&log, b"late err\n")).then_some(())
    });
    is_drained(&scene);
}

#[test]
fn a_chatty_survivor_does_not_hold_the_step_for_ever() {
    let scene = applying(
        "(until [ -e ../stop ] || [ ! -e ../bin ]; do echo chat; sleep 0.02; done; echo last words; touch ../survived) &
         exit 7",
    );
    scene.xtask(&["apply-persistent"]).exits(7);
    assert!(!scene.has_mark("survived"));
    // 5 s by the clock of the program; the rest is for a busy machine.
    let duration = scene.row("apply-persistent").duration;
    assert!(duration < 20, "{duration} s");
    scene.mark("stop");
    scene.wait_for_mark("survived");
    eventually("last words in the log", || holds(&scene.log(), b"last words\n").then_some(()));
    is_drained(&scene);
}

#[test]
fn a_survivor_without_our_output_holds_nothing() {
    let scene = applying(
        "(until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; done) >/dev/null 2>&1 & exit 7",
    );
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.mark("stop");
    is_drained(&scene);
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_may_be_replaced_while_a_step_runs() {
    let scene = applying(&format!("rm ../xtask; {SILENT}"));
    let copy = scene.outside().join("xtask");
    std::fs::copy(env!("CARGO_BIN_EXE_xtask"), &copy).unwrap();
    let run = scene.call(&copy, &["apply-persistent"]).run().exits(7);
    assert_eq!(run.warnings(), Vec::<&str>::new());
    scene.mark("go");
    scene.wait_for_mark("survived");
    eventually("late words in the log", || holds(&scene.log(), b"late words\n").then_some(()));
}

/// Nothing of ours is left in the scene.
#[cfg(target_os = "linux")]
#[track_caller]
fn is_drained(scene: &Scene) {
    let root = scene.root();
    eventually("the end of all that works in the scene", || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let mut left = processes.filter(|process| {
            std::fs::read_link(process.path().join("cwd")).is_ok_and(|d| d == root)
        });
        left.next().is_none().then_some(())
    });
}

#[cfg(not(target_os = "linux"))]
fn is_drained(_: &Scene) {}
