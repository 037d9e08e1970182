use std::time::Instant;

use super::*;
use timing_core::history::Source;
use timing_core::record::{ExitCode, ResourceCounts};

fn past(seconds: &[u64]) -> PastRuns {
    let row = |(day, seconds): (usize, &u64)| {
        format!("2026-01-{day:02}T00:00:00Z,,apply-persistent,dev,b,{seconds},0,,0,0,0,x\n")
    };
    let bytes = (1..).zip(seconds).map(row).collect::<String>().into_bytes();
    PastRuns::of(&[Source { name: "x".to_owned(), bytes }], &"dev".parse().unwrap())
}

fn ended(ending: Ending, code: u8, seconds: u64) -> PhaseEnded {
    PhaseEnded {
        target: "apply-persistent",
        phase: "apply-persistent".parse().unwrap(),
        build_id: "persistent".parse().unwrap(),
        flags: Vec::new(),
        start: "2026-02-01T00:00:00Z".parse().unwrap(),
        duration: Duration::from_secs(seconds),
        exit_code: ExitCode(code),
        ending,
        resources: ResourceCounts::default(),
        spans: Vec::new(),
        log: None,
    }
}

#[test]
fn a_success_is_compared_and_a_failure_is_not() {
    let mut past = Past::Here(past(&[100, 110, 120]));
    let compared = past.compare(&ended(Ending::Success, 0, 121)).unwrap();
    assert_eq!(compared.verdict.to_string(), "+10 % against the median of 3");
    assert_eq!(compared.recent, [100.0, 110.0, 120.0, 121.0]);
    assert_eq!(past.compare(&ended(Ending::Failure, 1, 121)), None);
    assert_eq!(past.compare(&ended(Ending::Cancelled, 0, 121)), None);
}

#[test]
fn a_run_that_did_something_else_is_compared_with_nothing() {
    let mut past = Past::Here(past(&[100, 110, 120]));
    let resources = ResourceCounts { added: 1, ..ResourceCounts::default() };
    let changed = PhaseEnded { resources, ..ended(Ending::Success, 0, 121) };
    assert_eq!(past.compare(&changed), None);
}

#[test]
fn two_runs_are_no_history() {
    let mut past = Past::Here(past(&[100, 110]));
    assert_eq!(past.forecast("apply-persistent"), None);
    assert_eq!(past.compare(&ended(Ending::Success, 0, 121)), None);
}

#[test]
fn what_never_comes_holds_nobody_up() {
    let (never, waiting) = mpsc::channel::<()>();
    let begun = Instant::now();
    let mut slow = Past::begin(move || {
        let _ = waiting.recv();
        Some(past(&[1, 2, 3]))
    });
    slow.wait();
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(slow.forecast("apply-persistent"), None);
    // It may still be of use at the end of the run.
    drop(never);
    let deadline = Instant::now() + Duration::from_secs(60);
    while slow.forecast("apply-persistent").is_none() {
        assert!(Instant::now() < deadline, "it never came");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_reader_that_panics_is_one_that_found_nothing() {
    let mut broken = Past::begin(|| panic!("no history"));
    broken.wait();
    assert_eq!(broken.forecast("apply-persistent"), None);
    assert!(matches!(broken, Past::Nothing | Past::Arriving(..)));
}
