use super::*;
use crate::log::{Closed, Opened};
use crate::record::ExitCode;
use crate::table::{Reading as Line, read_line};

const START: u64 = 1_769_265_807;
const RUN: &str = "6974d98fdeadbeef";

/// A row that started `late` seconds after its log did.
fn row(run: &str, late: i64, duration: u64, code: i32, log: &str) -> Row<'static> {
    let start = UtcStamp::from_unix_seconds(START.checked_add_signed(late).unwrap());
    let flags = if run.is_empty() { String::new() } else { format!("A=1 RUN={run}") };
    let line =
        format!("{start},,apply-persistent,dev,persistent,{duration},{code},{flags},0,0,0,{log}");
    match read_line(line.as_bytes()) {
        Line::Row(row) => row.into_owned(),
        other => panic!("{line}: {other:?}"),
    }
}

/// A log whose phase took `closed.0` seconds and ended with `closed.1`.
fn log(run: &str, closed: Option<(u64, u8)>) -> SeenLog {
    let start = UtcStamp::from_unix_seconds(START);
    let frame = Frame {
        opened: Opened {
            start,
            phase: "apply-persistent".parse().unwrap(),
            environment: "dev".parse().unwrap(),
            build_id: "persistent".parse().unwrap(),
            run: run.parse().unwrap(),
        },
        closed: closed.map(|(after, code)| Closed {
            end: start.plus_seconds(after),
            exit_code: ExitCode(code),
        }),
    };
    SeenLog { path: format!("logs/build-timings/{run}.log"), reading: Reading::Framed(frame) }
}

fn other_log(name: &str) -> SeenLog {
    SeenLog { path: format!("logs/build-timings/{name}"), reading: Reading::Unframed }
}

fn started(run: &str, life: Life) -> Started {
    Started {
        run: run.parse().unwrap(),
        phase: "apply-persistent".parse().unwrap(),
        environment: "dev".parse().unwrap(),
        build_id: "persistent".parse().unwrap(),
        start: UtcStamp::from_unix_seconds(START),
        life,
    }
}

/// Whether start, duration and exit code agree.
fn agreement(late: i64, duration: u64, code: i32, closed: Option<(u64, u8)>) -> [bool; 3] {
    let (rows, logs) = ([row(RUN, late, duration, code, "")], [log(RUN, closed)]);
    let findings = verify(&rows, &logs, &[]);
    let [Finding { verdict: Verdict::Compared(comparison), .. }] = findings[..] else {
        panic!("{findings:?}")
    };
    let parts =
        [comparison.start_agrees(), comparison.duration_agrees(), comparison.exit_code_agrees()];
    assert_eq!(comparison.agrees(), parts == [true; 3]);
    parts
}

#[test]
fn five_seconds_are_within_the_tolerance_and_six_are_not() {
    for (seconds, agrees) in [(0, true), (5, true), (-5, true), (6, false), (-6, false)] {
        assert_eq!(agreement(seconds, 100, 1, Some((100, 1)))[0], agrees, "start {seconds}");
        let duration = 100u64.checked_add_signed(seconds).unwrap();
        assert_eq!(agreement(0, duration, 1, Some((100, 1)))[1], agrees, "duration {seconds}");
    }
}

#[test]
fn exit_codes_are_equal_or_not() {
    assert_eq!(agreement(0, 100, 0, Some((100, 0))), [true; 3]);
    assert_eq!(agreement(0, 100, 0, Some((100, 1))), [true, true, false]);
    assert_eq!(agreement(0, 100, 256, Some((100, 0))), [true, true, false]);
}

#[test]
fn a_log_without_an_end_is_judged_by_its_start() {
    assert_eq!(agreement(0, 7, 137, None), [true; 3]);
    assert_eq!(agreement(10, 7, 137, None), [false, true, true]);
}

/// What is said of each, as text.
fn told(rows: &[Row<'_>], logs: &[SeenLog], journal: &[Started]) -> (Vec<String>, Summary) {
    let findings = verify(rows, logs, journal);
    let word = |finding: &Finding<'_>| {
        let verdict = match finding.verdict {
            Verdict::Compared(comparison) if comparison.agrees() => "agrees".to_owned(),
            Verdict::Compared(_) => "differs".to_owned(),
            other => format!("{other:?}"),
        };
        format!("{:?} {} {verdict}", finding.witness, finding.subject.run.unwrap_or("-"))
    };
    (findings.iter().map(word).collect(), summary(&findings))
}

const A: &str = "00000000aaaaaaaa";
const B: &str = "00000000bbbbbbbb";
const C: &str = "00000000cccccccc";
const D: &str = "00000000dddddddd";

#[test]
fn every_log_and_every_row_is_accounted_for() {
    let rows = [
        row(A, 0, 100, 0, "logs/build-timings/elsewhere.log"),
        row("", 0, 60, 0, "logs/build-timings/old.log"),
        row(C, 0, 60, 0, "logs/build-timings/gone.log"),
    ];
    let unreadable = SeenLog {
        path: "logs/build-timings/x.log".to_owned(),
        reading: Reading::Unreadable("denied".to_owned()),
    };
    let logs = [
        log(A, Some((100, 0))),
        log(B, Some((100, 0))),
        log(D, None),
        other_log("old.log"),
        other_log("older.log"),
        unreadable,
    ];
    let (told, summary) = told(&rows, &logs, &[started(D, Life::Living)]);
    assert_eq!(
        told,
        [
            "Log 00000000aaaaaaaa agrees",
            "Log 00000000bbbbbbbb NoRow",
            "Log 00000000dddddddd GoesOn",
            "Log - NoFrame",
            "Log - NoFrame",
            "Log - Unreadable",
            "Row 00000000cccccccc NoLog",
        ]
    );
    let expected = Summary {
        started: 2,
        captured: 1,
        compared: 1,
        agreeing: 1,
        going_on: 1,
        no_frame: 2,
        unreadable: 1,
        no_log: 1,
    };
    assert_eq!(summary, expected);
    assert_eq!((summary.capture_rate(), summary.accuracy()), (Some(0.5), Some(1.0)));
}

#[test]
fn a_row_that_lost_its_run_is_known_by_its_log() {
    let rows = [row("", 0, 100, 0, &log(A, None).path)];
    let (told, _) = told(&rows, &[log(A, Some((100, 0)))], &[]);
    assert_eq!(told, ["Log 00000000aaaaaaaa agrees"]);
}

#[test]
fn a_phase_of_the_journal_counts_without_a_log() {
    let rows = [row(A, 0, 100, 0, "")];
    let journal = [started(A, Life::Gone), started(B, Life::Gone), started(C, Life::Living)];
    let (told, summary) = told(&rows, &[], &journal);
    assert_eq!(
        told,
        [
            "Journal 00000000aaaaaaaa NoLog",
            "Journal 00000000bbbbbbbb NoRow",
            "Journal 00000000cccccccc GoesOn"
        ]
    );
    assert_eq!((summary.started, summary.captured, summary.going_on), (2, 1, 1));
}

#[test]
fn a_phase_whose_log_and_journal_are_there_is_one_phase() {
    let (told, summary) =
        told(&[], &[log(A, None)], &[started(A, Life::Gone), started(A, Life::Gone)]);
    assert_eq!(told, ["Log 00000000aaaaaaaa NoRow"]);
    assert_eq!((summary.started, summary.captured), (1, 0));
}

#[test]
fn two_rows_of_one_phase_are_both_held_against_its_log() {
    let rows = [row(A, 0, 100, 0, ""), row(A, 10, 100, 0, "")];
    let (told, summary) = told(&rows, &[log(A, Some((100, 0)))], &[]);
    assert_eq!(told, ["Log 00000000aaaaaaaa agrees", "Log 00000000aaaaaaaa differs"]);
    assert_eq!((summary.started, summary.captured), (1, 1));
    assert_eq!((summary.compared, summary.agreeing), (2, 1));
}

#[test]
fn where_nothing_is_known_there_is_no_rate() {
    let (_, summary) = told(&[], &[], &[]);
    assert_eq!((summary.capture_rate(), summary.accuracy()), (None, None));
}
