//! Signals that are sent to xtask alone or to its whole process group.

use rustix::process::Signal;

use super::background::{Background, apply};
use super::{eventually, status_line};
use crate::support::{Call, Scene};

/// Notes each signal that it gets, until it is told to stop.
const COUNTER: &str = "\
for signal in INT TERM HUP; do trap \"echo $1 $signal >>../got\" $signal; done
echo \"$1\" >>../ready
until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; done
";

/// A step with a descendant in its own process group and one in a group apart from it. The one
/// apart is older: whoever goes through them in their order comes to it first.
const FAMILY: &str = "\
for signal in INT TERM HUP; do trap \"echo step $signal >>../got\" $signal; done
set -m
bash counter.sh apart &
set +m
until [ -e ../ready ] || [ ! -e ../bin ]; do sleep 0.01; done
bash counter.sh inside
until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; done
wait
exit 0
";

fn family() -> Scene {
    Scene::new()
        .file("counter.sh", COUNTER)
        .file("family.sh", FAMILY)
        .step("apply", &["bash", "family.sh"])
        .committed()
}

/// How the family fares when `send` sends what it sends: what each of them got, and the exit code
/// of a deployment that consists of more.
#[track_caller]
fn got(scene: &Scene, send: impl FnOnce(&Background)) -> (Vec<String>, i32) {
    let call = scene.calling(&["deploy-persistent", "ENV=dev", "CREATE_RDS=false"]);
    got_by(scene, &call, send)
}

#[track_caller]
fn got_by(scene: &Scene, call: &Call, send: impl FnOnce(&Background)) -> (Vec<String>, i32) {
    let mut run = Background::silent(call);
    eventually("both descendants", || (scene.marks("ready").len() == 2).then_some(()));
    wait_for_canary(run.child.id());
    send(&run);
    // The one apart gets it from xtask in any case: then it has been passed on.
    eventually("the signal", || {
        scene.marks("got").iter().any(|line| line.starts_with("apart")).then_some(())
    });
    scene.mark("stop");
    let code = run.code();
    (scene.marks("got"), code)
}

/// Waits until xtask has the process by which it finds out whom a signal reached.
fn wait_for_canary(xtask: u32) {
    if cfg!(not(target_os = "linux")) {
        std::thread::sleep(std::time::Duration::from_millis(500));
        return;
    }
    let parent = xtask.to_string();
    let is_canary = |pid: u32| {
        status_line(pid, "PPid").is_some_and(|of| of == parent)
            && status_line(pid, "Name").is_some_and(|name| name == "cat")
    };
    eventually("the canary", || {
        let names = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.file_name());
        let mut pids = names.filter_map(|name| name.to_str()?.parse().ok());
        pids.any(is_canary).then_some(())
    });
}

#[test]
fn sigterm_to_xtask_alone_reaches_every_descendant_once() {
    let scene = family();
    let (got, code) = got(&scene, |run| run.signal(Signal::TERM));
    assert_eq!(got, ["apart TERM", "inside TERM", "step TERM"]);
    assert_eq!(code, 143);
}

#[test]
fn sigterm_to_the_group_reaches_every_descendant_once() {
    let scene = family();
    let (got, code) = got(&scene, |run| run.signal_group(Signal::TERM));
    assert_eq!(got, ["apart TERM", "inside TERM", "step TERM"]);
    assert_eq!(code, 143);
}

#[test]
fn what_timeout_sends_twice_is_passed_on_once() {
    let scene = family();
    // First the process, then its group, of which it is a part.
    let (got, code) = got(&scene, |run| {
        run.signal(Signal::TERM);
        run.signal_group(Signal::TERM);
    });
    assert_eq!(got, ["apart TERM", "inside TERM", "step TERM"]);
    assert_eq!(code, 143);
}

#[test]
fn sighup_to_xtask_alone_reaches_every_descendant_once() {
    let scene = family();
    let (got, code) = got(&scene, |run| run.signal(Signal::HUP));
    assert_eq!(got, ["apart HUP", "inside HUP", "step HUP"]);
    assert_eq!(code, 129);
}

#[test]
fn sighup_to_the_group_reaches_every_descendant_once() {
    let scene = family();
    let (got, code) = got(&scene, |run| run.signal_group(Signal::HUP));
    assert_eq!(got, ["apart HUP", "inside HUP", "step HUP"]);
    assert_eq!(code, 129);
}

#[test]
fn without_recording_signals_are_passed_on_all_the_same() {
    for send in [Background::signal, Background::signal_group] {
        let scene = family();
        let call = scene.calling(&["deploy-persistent", "--no-record"]);
        let (got, code) = got_by(&scene, &call, |run| send(run, Signal::TERM));
        assert_eq!(got, ["apart TERM", "inside TERM", "step TERM"]);
        assert_eq!(code, 143);
    }
}

#[test]
fn a_step_that_ends_well_keeps_its_0_and_nothing_more_starts() {
    let scene = family().step("bootstrap", &["touch", "../bootstrapped"]);
    let (_, code) = got(&scene, |run| run.signal(Signal::TERM));
    assert_eq!(code, 143);
    assert!(!scene.has_mark("bootstrapped"));
    let rows: Vec<_> = scene
        .rows()
        .into_iter()
        .map(|row| (row.phase.clone(), row.exit_code, row.flag("OUTCOME").map(str::to_owned)))
        .collect();
    let cancelled = Some("cancelled".to_owned());
    assert_eq!(
        rows,
        [
            ("apply-persistent".to_owned(), 0, cancelled.clone()),
            ("deploy-persistent".to_owned(), 143, cancelled),
        ]
    );
}

#[test]
fn a_step_that_dies_of_the_signal_says_so() {
    let scene =
        Scene::new().step("apply", &["bash", "-c", "touch ../ready; exec sleep 600"]).committed();
    let mut run = Background::silent(&apply(&scene));
    scene.wait_for_mark("ready");
    run.signal(Signal::TERM);
    assert_eq!(run.code(), 143);
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (143, Some("cancelled")));
}

#[test]
fn a_signal_while_the_step_is_starting_is_not_lost() {
    // Nobody knows where in the start each of these arrives; none of them may be without effect.
    for (delay, record) in (0..20).zip(["on", "off"].into_iter().cycle()) {
        let scene = Scene::new().step("apply", &["sleep", "600"]).committed();
        let mut run = Background::silent(&apply(&scene).env("XTASK_RECORD", record));
        // From here on handlers are installed, so that a signal does not simply end it.
        eventually("the handlers", || {
            let caught = status_line(run.child.id(), "SigCgt")?;
            (u64::from_str_radix(&caught, 16).ok()? & (1 << 14) != 0).then_some(())
        });
        std::thread::sleep(std::time::Duration::from_micros(delay * 500));
        run.signal(Signal::TERM);
        assert_eq!(run.code(), 143);
    }
}

#[test]
fn what_was_ignored_at_the_start_stays_ignored() {
    let script =
        "touch ../ready; until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; done; exit 0";
    let scene = super::applying(script);
    let nohup = format!("trap '' INT HUP; exec {} apply-persistent", env!("CARGO_BIN_EXE_xtask"));
    let mut run = Background::silent(&scene.call("bash", &["-c", &nohup]));
    scene.wait_for_mark("ready");
    run.signal_group(Signal::HUP);
    run.signal_group(Signal::INT);
    run.signal(Signal::HUP);
    scene.mark("stop");
    assert_eq!(run.code(), 0);
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (0, None));
}

#[test]
fn a_blocked_stdout_does_not_keep_a_signal() {
    use std::io::Read;
    let scene = super::applying(
        "trap 'touch ../got; kill $yes; exit 3' TERM; yes & yes=$!; touch ../ready; wait",
    );
    let mut run = Background::start(&apply(&scene), |command| {
        command.stderr(std::process::Stdio::null());
    });
    scene.wait_for_mark("ready");
    // Nobody has read a byte yet.
    run.signal(Signal::TERM);
    scene.wait_for_mark("got");
    run.child.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(run.code(), 3);
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (3, Some("cancelled")));
}

#[test]
fn what_a_trap_starts_is_left_alone() {
    let scene = super::applying(
        "trap 'for i in 1 2 3 4 5; do sleep 0.1 || echo hit >>../hit; done; exit 4' TERM
         touch ../ready; until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.05; done",
    );
    let mut run = Background::silent(&apply(&scene));
    scene.wait_for_mark("ready");
    run.signal(Signal::TERM);
    assert_eq!(run.code(), 4);
    assert_eq!(scene.marks("hit"), Vec::<String>::new());
}

#[test]
fn a_signal_before_the_first_phase_leaves_nothing_behind_and_says_so() {
    let slow_git = "#!/bin/sh\nPATH=${PATH#*:}\ntouch ../opening\n\
        until [ -e ../go ] || [ ! -e ../bin ]; do sleep 0.01; done\nexec git \"$@\"\n";
    let scene = super::applying("touch ../applied").program("git", slow_git);
    let said = scene.outside().join("said");
    let call = scene.calling(&["deploy-persistent", "CREATE_RDS=false"]);
    let mut run = Background::start(&call, |command| {
        command.stdout(std::process::Stdio::null()).stderr(std::fs::File::create(&said).unwrap());
    });
    scene.wait_for_mark("opening");
    run.signal(Signal::TERM);
    scene.mark("go");
    assert_eq!(run.code(), 143);
    let said = std::fs::read_to_string(said).unwrap();
    assert_eq!(said, "cancelled before anything was started\n");
    assert_eq!(scene.journal(), Vec::<std::path::PathBuf>::new());
    assert_eq!((scene.csv(), scene.logs()), (None, Vec::new()));
    assert!(!scene.has_mark("applied"));
}

/// In a container whose first process was put into its group from outside, that group has no number
/// inside, and the kernel says 0.
#[test]
fn a_process_group_from_outside_the_container_is_no_obstacle() {
    const TEST: &str = "a_process_group_from_outside_the_container_is_no_obstacle";
    let container = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
    // The super-user needs no user namespace, and may be forbidden to make one.
    let container = if rustix::process::geteuid().is_root() { &container[2..] } else { &container };
    let can = std::process::Command::new("unshare").args(container).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        return crate::support::skipped(TEST, "unshare", "makes no namespace here");
    }
    let scene = super::applying(
        // Half a second in, xtask has the process by which it finds out whom a signal reached.
        "trap 'echo TERM >>../got' TERM; sleep 0.5; kill -TERM 0; sleep 0.5; exit 3",
    );
    let mut arguments = container.to_vec();
    arguments.extend([env!("CARGO_BIN_EXE_xtask"), "apply-persistent"]);
    let mut run = Background::silent(&scene.call("unshare", &arguments));
    assert_eq!(run.code(), 3);
    assert_eq!(scene.marks("got"), ["TERM"], "it had the signal already");
    let row = scene.row("apply-persistent");
    assert_eq!((row.exit_code, row.flag("OUTCOME")), (3, Some("cancelled")));
}
