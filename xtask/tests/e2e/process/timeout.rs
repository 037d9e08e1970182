//! Steps that hang: they are ended, by what they heed, and the row says that their time was up.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::background::{Background, Terminal, apply};
use super::{applying, eventually, holds};
use crate::support::{Row, Run, Scene};

/// An apply of one second, with one second for each measure.
fn hanging(script: &str) -> Scene {
    Scene::new()
        .config("[timeouts]\ngrace = \"1s\"\napply = \"1s\"")
        .step("apply", &["bash", "-c", script])
        .committed()
}

#[track_caller]
fn is_timeout(row: &Row) {
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (124, Some("timeout")), "{row:?}");
}

/// What was said of time, without the shell's own words.
fn of_time(run: &Run) -> String {
    let speaks = |line: &&str| {
        ["did not", "timed out", "timeout"].iter().any(|word| line.contains(word))
            && !line.contains("log:")
    };
    let line = |line: &str| {
        // Durations are the machine's.
        let cut = line.split(" after ").next().unwrap_or_default();
        cut.split("  ").take(2).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    run.stderr.lines().filter(speaks).map(line).collect::<Vec<_>>().join("\n")
}

const STUBBORN: &str = "trap '' INT TERM; while [ -e ../bin ]; do sleep 0.05; done";

#[test]
fn one_that_ends_when_it_is_asked_to() {
    let scene =
        hanging("trap 'echo orderly; exit 0' INT; while [ -e ../bin ]; do sleep 0.05; done");
    let run = apply(&scene).run().exits(124);
    insta::assert_snapshot!(of_time(&run), @"
    warning: apply did not end within 1s; asked it to stop (SIGINT), for which it has 1 s
    error: apply did not end within 1s; asked to stop, it exited with 0
    == apply-persistent timed out
    apply-persistent timeout
    ");
    assert!(run.stdout.contains("orderly"), "{}", run.stdout);
    is_timeout(&scene.row("apply-persistent"));
    assert!(holds(&scene.log(), b"did not end within 1s; asked it to stop"));
}

#[test]
fn one_that_heeds_nothing() {
    let scene = hanging(STUBBORN);
    let run = apply(&scene).run().exits(124);
    insta::assert_snapshot!(of_time(&run), @"
    warning: apply did not end within 1s; asked it to stop (SIGINT), for which it has 1 s
    warning: apply, or what it started, did not stop within 1 s; told it to (SIGTERM), for which it has 1 s
    warning: apply, or what it started, did not stop within another 1 s; killed it (SIGKILL)
    error: apply did not end within 1s; killed at last, it died of signal 9
    == apply-persistent timed out
    apply-persistent timeout
    ");
    is_timeout(&scene.row("apply-persistent"));
    assert!(holds(&scene.log(), b"killed it (SIGKILL)"));
}

#[test]
fn each_measure_is_taken_once() {
    let scene = hanging(
        "for signal in INT TERM; do trap \"echo $signal >>../got\" $signal; done; \
         while [ -e ../bin ]; do sleep 0.05; done",
    );
    apply(&scene).run().exits(124);
    assert_eq!(scene.marks("got"), ["INT", "TERM"]);
}

#[test]
fn without_a_recording_it_is_the_same() {
    let scene = hanging(STUBBORN);
    let run = apply(&scene).argument("--no-record").run().exits(124);
    assert!(run.stderr.contains("killed at last, it died of signal 9"), "{}", run.stderr);
    assert!(scene.rows().is_empty());
}

#[test]
fn grandchildren_end_with_it() {
    // One that a shell waits for, which ignores SIGINT as its background does, and one whose parent
    // ends at once.
    let script = "(trap '' TERM; while [ -e ../bin ]; do sleep 0.05; done) & echo $! >../pids; \
                  bash -c 'sleep 300 & echo $! >>../pids; wait' ; wait";
    let scene = hanging(script);
    let run = apply(&scene).run().exits(124);
    is_timeout(&scene.row("apply-persistent"));
    let pids = scene.marks("pids");
    assert_eq!(pids.len(), 2, "{}", run.stderr);
    for pid in pids {
        eventually("the end of a grandchild", || {
            let state = super::status_line(pid.parse().unwrap(), "State");
            state.is_none_or(|state| state.starts_with('Z')).then_some(())
        });
    }
}

#[test]
fn the_rest_of_the_plan_does_not_run() {
    let scene = hanging(STUBBORN);
    let run = scene.xtask(&["deploy-persistent", "ENV=dev", "CREATE_RDS=false"]).exits(124);
    let rows = scene.rows();
    let phases: Vec<&str> = rows.iter().map(|row| row.phase.as_str()).collect();
    assert_eq!(phases, ["apply-persistent", "deploy-persistent"]);
    rows.iter().for_each(is_timeout);
    assert!(
        run.stderr
            .ends_with("deploy-persistent ENV=dev CREATE_RDS=false --from apply-persistent\n")
    );
}

#[test]
fn a_limit_of_a_step_is_its_own_and_one_of_the_run_is_shared() {
    let scene = || {
        Scene::new()
            .config("[timeouts]\napply = \"30s\"\ngrace = \"1s\"")
            .step("apply", &["sleep", "1.2"])
            .step("bootstrap", &["sleep", "1.2"])
            .step("verify", &["sleep", "60"])
            .committed()
    };
    let deploy = ["deploy-persistent", "ENV=dev", "CREATE_RDS=false"];
    let first = scene();
    first
        .write("xtask.toml", &(first.read("xtask.toml") + "[env.dev.timeouts]\nverify = \"1s\"\n"));
    let run = first.xtask(&deploy).exits(0);
    assert!(run.stderr.contains("verify did not end within 1s"), "{}", run.stderr);
    assert!(run.stderr.contains("does not fail the run"), "{}", run.stderr);
    // Two steps of 1.2 s do not fit, though each of them does.
    let second = scene();
    let run = second.calling(&deploy).argument("--timeout=2s").run().exits(124);
    assert!(run.stderr.contains("the run did not end within 2s, in bootstrap"), "{}", run.stderr);
    let rows = second.rows();
    let codes: Vec<i32> = rows.iter().map(|row| row.exit_code).collect();
    assert_eq!(codes, [0, 124, 124], "{rows:#?}");
    // Also one whose failure would be a warning.
    let third = scene();
    third.calling(&deploy).argument("--timeout=4s").run().exits(124);
    let rows = third.rows();
    assert_eq!(rows.iter().map(|row| row.exit_code).collect::<Vec<_>>(), [0, 0, 124]);
    is_timeout(&rows[2]);
}

#[test]
fn what_ends_in_time_has_its_own_code() {
    let scene = applying("sleep 0.3; exit 7");
    apply(&scene).argument("--timeout=30s").run().exits(7);
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (7, None));
}

#[test]
fn a_command_of_the_users_has_a_limit_too() {
    let scene = Scene::new().config("[timeouts]\ngrace = \"1s\"");
    let words = ["exec", "--phase=x", "--env=dev", "--timeout=1s", "--", "sleep", "60"];
    let began = Instant::now();
    scene.xtask(&words).exits(124);
    assert!(began.elapsed() < Duration::from_secs(30));
    is_timeout(&scene.row("x"));
}

#[test]
fn ctrl_c_in_the_grace_is_a_cancellation() {
    let scene = Scene::new()
        .config("[timeouts]\ngrace = \"60s\"\napply = \"1s\"")
        .step(
            "apply",
            &[
                "bash",
                "-c",
                "trap 'touch ../asked; n=$((n+1)); [ $n -lt 2 ] || exit 5' INT; \
              while [ -e ../bin ]; do sleep 0.05; done",
            ],
        )
        .committed();
    let mut terminal = Terminal::start(&apply(&scene));
    scene.wait_for_mark("asked");
    terminal.ctrl_c();
    let (shown, code) = terminal.end();
    assert_eq!(code, 5, "{shown}");
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (5, Some("cancelled")));
}

#[test]
fn a_step_that_was_asked_to_stop_is_not_asked_twice() {
    let scene = Scene::new()
        .config("[timeouts]\ngrace = \"1s\"\napply = \"2s\"")
        .step(
            "apply",
            &[
                "bash",
                "-c",
                "trap 'echo TERM >>../got' TERM; trap 'echo INT >>../got' INT; \
              touch ../ready; while [ -e ../bin ]; do sleep 0.05; done",
            ],
        )
        .committed();
    let mut run = Background::silent(&apply(&scene));
    scene.wait_for_mark("ready");
    std::thread::sleep(Duration::from_millis(300));
    run.signal(Signal::TERM);
    // Killed when the grace is over.
    assert_eq!(run.code(), 137);
    assert_eq!(scene.marks("got"), ["TERM", "TERM"]);
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (137, Some("cancelled")));
}

#[test]
fn a_reader_that_stalls_does_not_keep_a_step_alive() {
    let scene = hanging("exec yes");
    let mut run = Background::start(&apply(&scene), |command| {
        command.stderr(std::process::Stdio::null());
    });
    // Its stdout is a pipe that nobody reads until it has ended.
    std::thread::sleep(Duration::from_secs(4));
    let stdout = run.child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        std::io::copy(&mut std::io::BufReader::new(stdout), &mut std::io::sink()).unwrap()
    });
    assert_eq!(run.code(), 124);
    reader.join().unwrap();
    is_timeout(&scene.row("apply-persistent"));
}

#[test]
fn limits_that_make_no_sense_are_refused_before_anything_runs() {
    let scene = applying("touch ../ran");
    for text in ["0s", "-5m", "45", "soon", "99999w", ""] {
        let run = apply(&scene).argument(format!("--timeout={text}")).run().exits(2);
        assert!(run.stderr.starts_with("error: --timeout: "), "{text}: {}", run.stderr);
    }
    assert!(!scene.has_mark("ran"));
}
