//! A person at a terminal: questions, Ctrl-C, compact output.

use super::applying;
use super::background::{Terminal, apply};
use crate::support::Scene;

/// On the terminal until somebody presses Ctrl-C, which ends it as `trap` says.
fn interrupted(trap: &str) -> Scene {
    applying(&format!("trap '{trap}' INT; echo ready; while [ -e ../bin ]; do sleep 0.05; done"))
}

fn outcome(scene: &Scene, phase: &str) -> (i32, Option<String>) {
    let row = scene.row(phase);
    (row.exit_code, row.flag("OUTCOME").map(str::to_owned))
}

fn cancelled(code: i32) -> (i32, Option<String>) {
    (code, Some("cancelled".to_owned()))
}

#[test]
fn a_question_is_answered_and_the_exit_code_is_as_typed() {
    let scene = applying("[ -t 0 ] && read -r -p 'Which code? ' code; exit \"$code\"");
    let mut terminal = Terminal::start(&apply(&scene));
    terminal.shows("Which code? ");
    terminal.types("7");
    let (rest, code) = terminal.end();
    assert_eq!(code, 7, "{rest}");
    assert_eq!(scene.row("apply-persistent").exit_code, 7);
}

#[test]
fn ctrl_c_to_a_step_that_exits_1() {
    let scene = interrupted("exit 1");
    let mut terminal = Terminal::start(&apply(&scene));
    terminal.shows("ready\r\n");
    terminal.ctrl_c();
    assert_eq!(terminal.end().1, 1);
    assert_eq!(outcome(&scene, "apply-persistent"), cancelled(1));
}

#[test]
fn ctrl_c_to_a_step_that_dies_of_it() {
    let scene = applying("echo ready; exec sleep 600");
    let mut terminal = Terminal::start(&apply(&scene));
    terminal.shows("ready\r\n");
    terminal.ctrl_c();
    assert_eq!(terminal.end().1, 130);
    assert_eq!(outcome(&scene, "apply-persistent"), cancelled(130));
}

#[test]
fn ctrl_c_to_a_step_that_exits_0_starts_nothing_further() {
    let scene = interrupted("exit 0").step("bootstrap", &["touch", "../bootstrapped"]);
    let call = scene.calling(&["deploy-persistent", "ENV=dev", "CREATE_RDS=false"]);
    let mut terminal = Terminal::start(&call);
    terminal.shows("ready\r\n");
    terminal.ctrl_c();
    assert_eq!(terminal.end().1, 130);
    assert_eq!(outcome(&scene, "apply-persistent"), cancelled(0));
    assert_eq!(outcome(&scene, "deploy-persistent"), cancelled(130));
    assert_eq!(scene.rows().len(), 2);
    assert!(!scene.has_mark("bootstrapped"));
}

#[test]
fn ctrl_c_is_pressed_once_and_arrives_once() {
    let scene = applying(
        "trap 'echo INT >>../got' INT; touch ../ready
         until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; done; exit 5",
    );
    let mut terminal = Terminal::start(&apply(&scene));
    scene.wait_for_mark("ready");
    terminal.ctrl_c();
    scene.wait_for_mark("got");
    // Longer than xtask takes to find out whom a signal reached.
    std::thread::sleep(std::time::Duration::from_millis(300));
    scene.mark("stop");
    assert_eq!(terminal.end().1, 5);
    assert_eq!(scene.marks("got"), ["INT"]);
}

#[test]
fn a_second_ctrl_c_reaches_the_step_and_loses_no_row() {
    let scene = interrupted("echo again; trap \"exit 6\" INT");
    let mut terminal = Terminal::start(&apply(&scene));
    terminal.shows("ready\r\n");
    terminal.ctrl_c();
    terminal.shows("again\r\n");
    terminal.ctrl_c();
    assert_eq!(terminal.end().1, 6);
    assert_eq!(outcome(&scene, "apply-persistent"), cancelled(6));
}

#[test]
fn ctrl_c_during_the_recording_loses_no_row() {
    // git says when it is called after the step has ended, and takes its time.
    let slow_git = "#!/bin/sh\nPATH=${PATH#*:}\nif [ -e ../ended ]; then\n\
        touch ../recording; until [ -e ../go ] || [ ! -e ../bin ]; do sleep 0.05; done\nfi\nexec git \"$@\"\n";
    let scene = interrupted("touch ../ended; exit 1").program("git", slow_git);
    let mut terminal = Terminal::start(&apply(&scene));
    terminal.shows("ready\r\n");
    terminal.ctrl_c();
    scene.wait_for_mark("recording");
    terminal.ctrl_c();
    terminal.ctrl_c();
    scene.mark("go");
    let (rest, code) = terminal.end();
    assert_eq!(code, 1, "{rest}");
    std::fs::remove_file(scene.outside().join("bin/git")).unwrap();
    assert_eq!(outcome(&scene, "apply-persistent"), cancelled(1));
}

#[test]
fn compact_output_is_a_line_that_shows_the_latest() {
    let scene = applying(
        "echo working on 42; until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; echo now $((42 + 1)); done",
    );
    let call = apply(&scene).env("COMPACT_OUTPUT", "true").env("TERM", "xterm");
    let mut terminal = Terminal::start(&call);
    terminal.shows("now 43");
    scene.mark("stop");
    let (rest, code) = terminal.end();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("succeeded"), "{rest}");
    let log = String::from_utf8(scene.log()).unwrap();
    assert!(log.contains("\nworking on 42\nnow 43\n"), "{log}");
}

#[test]
fn compact_output_shows_a_prompt_that_follows_something_else_at_once() {
    // The command is shown too: the prompt is not in it as it is printed.
    let scene = applying(
        "sleep 0.3; echo working; sleep 0.02; printf '%s name? ' Your; read -r name; exit 7",
    );
    let call = apply(&scene).env("COMPACT_OUTPUT", "true").env("TERM", "xterm");
    let mut terminal = Terminal::start(&call);
    terminal.shows("Your name?");
    terminal.types("Ada");
    assert_eq!(terminal.end().1, 7);
}

#[test]
fn a_target_that_is_not_recorded_keeps_its_terminal() {
    let scene = Scene::new().step("verify", &["bash", "-c", "[ -t 1 ] && echo on a terminal"]);
    let (shown, code) = Terminal::start(&scene.calling(&["verify"])).end();
    assert_eq!(code, 0);
    assert!(shown.contains("\non a terminal\r\n"), "{shown}");
}

#[test]
fn compact_output_ends_with_the_last_lines_of_a_step_that_fails() {
    let scene = applying("for i in {1..100}; do echo line $i; echo err $i >&2; done; exit 5");
    let run = apply(&scene).env("COMPACT_OUTPUT", "true").run().exits(5);
    assert_eq!(run.stdout, "");
    let shown: Vec<&str> =
        run.stderr.lines().filter(|l| l.starts_with("line ") || l.starts_with("err ")).collect();
    let last: Vec<String> =
        (81..=100).flat_map(|n| [format!("line {n}"), format!("err {n}")]).collect();
    assert_eq!(shown, last);
    let log = String::from_utf8(scene.log()).unwrap();
    assert!(log.contains("\nline 1\nerr 1\nline 2\n"), "{log}");
}

#[test]
fn compact_output_shows_nothing_of_a_step_that_succeeds() {
    let scene = applying("echo out; echo err >&2");
    let run = apply(&scene).env("COMPACT_OUTPUT", "true").run().exits(0);
    assert_eq!(run.stdout, "");
    assert!(!run.stderr.lines().any(|line| line == "out" || line == "err"), "{}", run.stderr);
}

#[test]
fn a_step_that_asks_is_shown_in_compact_output_too() {
    // The step that asks is the contract's own: an argv of the user's is taken to know what it does.
    let scene = Scene::new().program(
        "terraform",
        "#!/bin/bash\nread -r -p 'Enter a value: ' value\necho \"got $value\"\n",
    );
    let call = apply(&scene).env("COMPACT_OUTPUT", "true").env("TF_AUTO_APPROVE", "false");
    let mut terminal = Terminal::start(&call);
    terminal.shows("Enter a value: ");
    terminal.types("yes");
    terminal.shows("got yes");
    assert_eq!(terminal.end().1, 0);
}
