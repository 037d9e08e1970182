use std::os::fd::OwnedFd;
use std::path::Path;

use super::super::{Command, Ended, Exit, Output, Tap, run};
use super::*;
use crate::clock::SystemClock;

#[derive(Default)]
struct Heard(Vec<u8>, Vec<Measure>);

impl Tap for Heard {
    fn bytes(&mut self, bytes: &[u8], _: Duration) {
        self.0.extend_from_slice(bytes);
    }

    fn left_behind(&mut self, _pipe: OwnedFd) {}

    fn unseen(&mut self, _error: &std::io::Error) {}

    fn out_of_time(&mut self, measure: Measure) {
        self.1.push(measure);
    }
}

const SHORT: Limit = Limit { after: Duration::from_millis(400), grace: Duration::from_millis(400) };

/// How `script` ends that has this long, and what was said of it.
fn limited(script: &str, output: Output, limit: Limit) -> (Ended, Heard) {
    let variables: Vec<_> = std::env::vars_os().collect();
    let command = Command {
        program: "bash",
        arguments: &["-c".to_owned(), script.to_owned()],
        environment: &variables,
        directory: Path::new("/"),
    };
    let mut heard = Heard::default();
    let ended = run(&command, output, Some(limit), &mut heard, &Signals::none(), &SystemClock);
    (ended, heard)
}

use Measure::{Interrupted, Killed, Terminated};

#[test]
fn what_ends_in_time_is_left_alone() {
    let long = Limit { after: Duration::from_secs(60), grace: Duration::from_secs(60) };
    for output in [Output::Hidden, Output::Untouched] {
        let (ended, heard) = limited("sleep 0.1; exit 3", output, long);
        assert_eq!((ended.exit, ended.measure, heard.1), (Exit::Code(3), None, vec![]));
        assert!(ended.duration < Duration::from_secs(30));
    }
}

#[test]
fn measures_get_harder_until_one_works() {
    let obeys = "trap 'echo stops; exit 5' INT; while :; do sleep 0.05; done";
    let deaf = "trap '' INT; trap 'echo told; exit 6' TERM; while :; do sleep 0.05; done";
    let stubborn = "trap '' INT TERM; while :; do sleep 0.05; done";
    for output in [Output::Hidden, Output::Untouched] {
        for (script, exit, measures) in [
            (obeys, Exit::Code(5), vec![Interrupted]),
            (deaf, Exit::Code(6), vec![Interrupted, Terminated]),
            (stubborn, Exit::Signal(9), vec![Interrupted, Terminated, Killed]),
        ] {
            let (ended, heard) = limited(script, output, SHORT);
            assert_eq!((ended.exit, heard.1.as_slice()), (exit, measures.as_slice()), "{script}");
            assert_eq!(ended.measure, measures.last().copied());
        }
    }
}

#[test]
fn what_outlives_the_command_is_ended_too() {
    // Background jobs of such a shell ignore SIGINT.
    let script = "sleep 300 & echo $!; wait";
    let (ended, heard) = limited(script, Output::Hidden, SHORT);
    assert_eq!((ended.exit, ended.measure), (Exit::Signal(2), Some(Terminated)));
    let sleeper = String::from_utf8(heard.0).unwrap().trim().parse().unwrap();
    let sleeper = Pid::from_raw(sleeper).unwrap();
    // A container may be without a process that reaps it.
    let is_gone = || match rustix::process::test_kill_process(sleeper) {
        Err(_) => true,
        Ok(()) => std::fs::read_to_string(format!("/proc/{sleeper}/stat"))
            .is_ok_and(|stat| stat.contains(") Z ")),
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_gone() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_child_that_has_ended_runs_no_more_though_nobody_has_reaped_it() {
    let child = duct::cmd!("sleep", "60").unchecked().start().unwrap();
    let pid = child.pids()[0];
    assert!(is_running(pid));
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while is_running(pid) {
        assert!(Instant::now() < deadline);
    }
    child.wait().unwrap();
    assert!(!is_running(pid));
}
