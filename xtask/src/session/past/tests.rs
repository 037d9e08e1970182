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

fn nothing() -> PastStages {
    PastStages::Here(SpansOfRuns::new())
}

fn ended(ending: Ending, code: u8, seconds: u64) -> PhaseEnded {
    PhaseEnded {
        target: "apply-persistent",
        phase: "apply-persistent".parse().unwrap(),
        build_id: "persistent".parse().unwrap(),
        flags: Vec::new(),
        start: "2026-02-01T00:00:00Z".parse().unwrap(),
        offset: Duration::ZERO,
        depth: 0,
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
    assert_eq!(past.forecast("apply-persistent", &mut nothing()), None);
    assert_eq!(past.compare(&ended(Ending::Success, 0, 121)), None);
}

#[test]
fn what_never_comes_holds_nobody_up() {
    let (never, waiting) = mpsc::channel::<()>();
    let begun = Instant::now();
    let read = move || {
        let _ = waiting.recv();
        Some(past(&[1, 2, 3]))
    };
    let mut slow = Past::begin(read, || ());
    slow.wait();
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(slow.forecast("apply-persistent", &mut nothing()), None);
    // It may still be of use at the end of the run.
    drop(never);
    let deadline = Instant::now() + Duration::from_secs(60);
    while slow.forecast("apply-persistent", &mut nothing()).is_none() {
        assert!(Instant::now() < deadline, "it never came");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_reader_that_panics_is_one_that_found_nothing() {
    let mut broken = Past::begin(|| panic!("no history"), || ());
    broken.wait();
    assert_eq!(broken.forecast("apply-persistent", &mut nothing()), None);
    assert!(matches!(broken, Past::Nothing | Past::Arriving(..)));
}

#[test]
fn the_stages_of_earlier_runs_sharpen_what_is_expected_of_this_one() {
    let id = |n: u64| format!("{n:016x}");
    let row = |n: u64, seconds: u64| {
        let id = id(n);
        format!("2026-01-0{n}T00:00:00Z,,apply-persistent,dev,b,{seconds},0,RUN={id},0,0,0,x\n")
    };
    // The plan takes 10 s or 100 s, the rest always 20 s.
    let seconds = [30, 30, 30, 120, 120, 120];
    let bytes = (1..).zip(seconds).map(|(n, s)| row(n, s)).collect::<String>().into_bytes();
    let source = Source { name: "x".to_owned(), bytes };
    let rows = PastRuns::of(&[source], &"dev".parse().unwrap());
    let text = |seconds: u64| {
        format!(
            "phase,kind,name,action,start_ms,duration_ms,outcome,parent\n\
             apply-persistent,stage,plan,,0,{0},complete,\napply-persistent,stage,apply,,{0},20000,complete,\n",
            (seconds - 20) * 1000
        )
    };
    let stages = (1..).zip(seconds).map(|(n, seconds)| {
        let phases = timing_core::stages::read(text(seconds).as_bytes()).phases;
        (id(n).parse().unwrap(), phases)
    });
    let mut stages = PastStages::Here(stages.collect());
    let forecast = Past::Here(rows).forecast("apply-persistent", &mut stages).unwrap();
    let mark = |stage: &str, at| timing_core::stats::estimate::Mark { stage: stage.to_owned(), at };
    let marks = [mark("plan", 0.0), mark("apply", 50.0)];
    assert_eq!(forecast.outlook(55.0, &marks).remaining, Some(15.0));
    assert_eq!(forecast.outlook(55.0, &marks[..1]).remaining, Some(65.0));
}
