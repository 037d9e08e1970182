//! Commands that end well, badly, late, never, and leave others behind.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

fn environment() -> Vec<(OsString, OsString)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    vec![("PATH".into(), path), ("OWN".into(), "value".into())]
}

/// What becomes of a shell script that may take so long.
fn with<T>(script: &str, timeout: Duration, use_it: impl FnOnce(&Run<'_>) -> T) -> T {
    let arguments = ["-c".to_owned(), script.to_owned()];
    let environment = environment();
    let directory = Path::new("/");
    let command =
        Command { program: "sh", arguments: &arguments, environment: &environment, directory };
    use_it(&Run { command: &command, timeout })
}

fn times(script: &str, timeout: Duration, repeat: Repeat) -> Result<Vec<Amount>, String> {
    with(script, timeout, |run| {
        wall_times(run, repeat, &Signals::none()).map_err(|unknown| unknown.to_string())
    })
}

fn number(script: &str, printed: &Printed, unit: Unit) -> Result<String, String> {
    with(script, LONG, |run| {
        let numbers = numbers(run, Repeat::ONCE, printed, unit, &Signals::none());
        numbers.map(|numbers| numbers[0].to_string()).map_err(|unknown| unknown.to_string())
    })
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn each_counted_run_has_its_wall_time() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("runs");
    let script = format!("echo run >>'{}'; sleep 0.1", log.display());
    let repeat = Repeat { warm_up: 2, repetitions: NonZeroU32::new(3).unwrap() };
    let taken = times(&script, LONG, repeat).unwrap();
    assert_eq!(std::fs::read_to_string(&log).unwrap().lines().count(), 5);
    assert_eq!(taken.len(), 3);
    for time in taken {
        // A busy machine takes longer, none takes less.
        assert!((0.1..10.0).contains(&time.as_f64()), "{time}");
    }
}

#[test]
fn a_command_gets_the_environment_that_it_is_handed_and_nothing_to_read() {
    let script = "test \"$(env | grep -c -e ^OWN=value -e ^HOME=)\" = 1 && test -z \"$(cat)\"";
    assert!(times(script, LONG, Repeat::ONCE).is_ok());
}

#[test]
fn a_command_that_does_not_end_well_is_not_measured_and_says_why() {
    let second = Duration::from_millis(300);
    let cases = [
        times("echo first; echo 'no such chart' >&2; echo >&2; exit 3", LONG, Repeat::ONCE),
        times("echo only this; exit 1", LONG, Repeat::ONCE),
        times("kill -9 $$", LONG, Repeat::ONCE),
        times("echo began; sleep 60", second, Repeat::ONCE),
    ];
    let mut said: Vec<String> = cases.into_iter().map(Result::unwrap_err).collect();
    let (environment, none) = (environment(), Signals::none());
    let started = |program, directory: &str| {
        let directory = Path::new(directory);
        let command = Command { program, arguments: &[], environment: &environment, directory };
        let run = Run { command: &command, timeout: LONG };
        wall_times(&run, Repeat::ONCE, &none).unwrap_err().to_string()
    };
    said.push(started("no-such-program-here", "/"));
    said.push(started("sh", "/no such directory"));
    said.push(started("/etc/passwd", "/"));
    insta::assert_snapshot!(said.join("\n"), @"
    sh: exit status: 3: no such chart
    sh: exit status: 1: only this
    sh: signal: 9 (SIGKILL)
    sh was stopped after 300ms: began
    no-such-program-here is not installed (not found)
    sh was to run in /no such directory, which is no directory
    starting passwd: Permission denied (os error 13)
    ");
}

#[test]
fn a_failure_in_a_later_run_counts() {
    let directory = tempfile::tempdir().unwrap();
    let script = format!("cd '{}' && mkdir once", directory.path().display());
    let repeat = Repeat { warm_up: 0, repetitions: NonZeroU32::new(2).unwrap() };
    let said = times(&script, LONG, repeat).unwrap_err();
    assert!(said.contains("File exists"), "{said}");
}

/// Whether process `pid` runs: one that nobody has waited for yet does not.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Runs a script until its time is up; whether what it named in `pids` runs on.
fn survivors(script: &str) -> (Vec<bool>, Duration) {
    let directory = tempfile::tempdir().unwrap();
    let script = format!("cd '{}'; {script}", directory.path().display());
    let began = Instant::now();
    times(&script, Duration::from_millis(500), Repeat::ONCE).unwrap_err();
    let took = began.elapsed();
    let pids = std::fs::read_to_string(directory.path().join("pids")).unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while pids.lines().any(runs) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    (pids.lines().map(runs).collect(), took)
}

#[cfg(target_os = "linux")]
#[test]
fn time_is_up_for_all_that_it_started() {
    let plain = "sleep 60 & echo $! >>pids; echo $$ >>pids; wait";
    let deaf = "trap '' TERM; sh -c \"trap '' TERM; while :; do sleep 0.1; done\" & echo $! >>pids; echo $$ >>pids; while :; do sleep 0.1; done";
    let strayed = "setsid sh -c 'echo $$ >>pids; exec sleep 60' & while :; do sleep 0.1; done";
    let orphaned = "(sleep 60 & echo $! >>pids); sleep 60";
    for (script, processes) in [(plain, 2), (deaf, 2), (strayed, 1), (orphaned, 1)] {
        let (alive, took) = survivors(script);
        assert_eq!(alive, vec![false; processes], "{script}");
        assert!(took < Duration::from_secs(10), "{took:?} {script}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn it_may_clean_up_when_its_time_is_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().display();
    let script =
        format!("trap 'echo cleaned >\"{path}/cleaned\"; exit' TERM; while :; do sleep 0.05; done");
    times(&script, Duration::from_millis(300), Repeat::ONCE).unwrap_err();
    assert!(directory.path().join("cleaned").exists());
}

#[test]
fn who_is_left_behind_is_not_waited_for() {
    let began = Instant::now();
    let taken = times("sleep 20 & exit 0", LONG, Repeat::ONCE).unwrap();
    assert!(taken[0].as_f64() < 5.0 && began.elapsed() < Duration::from_secs(10));
}

#[test]
fn endless_output_is_kept_at_bounded_length() {
    let said = times("yes endless", Duration::from_millis(500), Repeat::ONCE).unwrap_err();
    assert!(said.len() < 400 && said.contains("endless"), "{said}");
    let most = with("head -c 5000 /dev/zero", LONG, |run| {
        (output(run, 5000, &Signals::none()), output(run, 4999, &Signals::none()))
    });
    assert_eq!(most.0.unwrap(), vec![0; 5000]);
    assert_eq!(most.1.unwrap_err().to_string(), "sh: it prints more than 4999 bytes");
}

#[test]
fn a_printed_number_is_found_where_it_is_said_to_be() {
    let last = Printed::LastLine;
    let pattern = |text: &str| Printed::Pattern(regex_lite::Regex::new(text).unwrap());
    let pointer = |text: &str| Printed::Pointer(text.to_owned());
    let ok = |script: &str, printed: &Printed, unit| number(script, printed, unit).unwrap();
    assert_eq!(ok("echo 1s; echo took 12.5s today; echo", &last, Unit::Seconds), "12.5");
    assert_eq!(ok("echo 1432584", &last, Unit::Bytes), "1432584");
    assert_eq!(ok("yes | head -n 1000000; echo 150MB", &last, Unit::Bytes), "150000000");
    assert_eq!(ok("echo a=1 b=2Ki", &pattern("b=([0-9A-Za-z]+)"), Unit::Bytes), "2048");
    assert_eq!(ok("echo 7 of 9", &pattern("[0-9]+"), Unit::Count), "7");
    let json = r#"echo '{"a":[{"n":12.5,"t":"64Mi","big":1e30,"x":-3}]}'"#;
    assert_eq!(ok(json, &pointer("/a/0/n"), Unit::Seconds), "12.5");
    assert_eq!(ok(json, &pointer("/a/0/t"), Unit::Bytes), "67108864");
    assert_eq!(ok(json, &pointer("/a/0/x"), Unit::Count), "-3");
    let errors = [
        number("true", &last, Unit::Bytes),
        number("echo none at all", &last, Unit::Bytes),
        number("echo a", &pattern("b"), Unit::Bytes),
        number("echo b1e99", &pattern("b(.*)"), Unit::Bytes),
        number("echo '{'", &pointer("/a"), Unit::Bytes),
        number(json, &pointer("/b"), Unit::Bytes),
        number(json, &pointer("/a"), Unit::Bytes),
        number(json, &pointer("/a/0/big"), Unit::Bytes),
        number("yes | head -n 1000000", &pointer("/a"), Unit::Bytes),
    ];
    let said: Vec<String> = errors.into_iter().map(Result::unwrap_err).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    sh: it printed nothing
    sh: no quantity in bytes in its last line "none at all"
    sh: nothing in its output matches "b"
    sh: "1e99" is larger than any bytes there are: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    sh: its output is no JSON: EOF while parsing an object at line 2 column 0
    sh: its JSON has nothing at "/b"
    sh: what its JSON has at "/a" is no number
    sh: 1e+30 at /a/0/big is too large
    sh: it prints more than 1048576 bytes
    "#);
}
