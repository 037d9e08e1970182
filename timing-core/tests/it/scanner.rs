//! What the scanner makes of whole outputs.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use timing_core::scan::{Ending, Scanned, Scanner, StageKinds};
use timing_core::stages::{Kind, Outcome, Span};

use crate::terraform_log::{Colour, Log, Truth, run};

fn scanned(lines: &[(Duration, String)], end: Duration) -> Scanned {
    let mut scanner = Scanner::default();
    for (at, line) in lines {
        scanner.feed(format!("{line}\n").as_bytes(), *at);
    }
    scanner.finish(end, Ending::Failed)
}

fn at_once(text: &str, ending: Ending) -> Vec<Span> {
    let lines = text.lines().map(|line| (Duration::ZERO, line));
    let mut scanner = Scanner::default();
    for (number, (_, line)) in (0..).zip(lines) {
        scanner.feed(format!("{line}\n").as_bytes(), Duration::from_secs(number));
    }
    scanner.finish(Duration::from_secs(100), ending).spans
}

/// Each span on a line: `0-3 Stage "Stage 1: a" Complete`, indented below its parent.
fn shown(spans: &[Span]) -> String {
    let depth =
        |span: &Span| std::iter::successors(span.parent, |&parent| spans[parent].parent).count();
    let line = |span: &Span| {
        format!(
            "{:indent$}{}-{} {:?} {:?} {:?}",
            "",
            span.start.as_secs(),
            span.end().as_secs(),
            span.kind,
            span.name,
            span.outcome,
            indent = 2 * depth(span)
        )
    };
    spans.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_resource_of_a_long_run_is_missed_and_none_is_invented() {
    for colour in [Colour::Off, Colour::On] {
        for seed in 1..=3 {
            let Log { lines, mut truth, end } = run(1500, colour, seed);
            assert!(lines.len() >= 15_000 && truth.len() >= 1500, "{} lines", lines.len());
            let scanned = scanned(&lines, end);
            let told = |span: Span| Truth {
                end: span.end(),
                name: span.name,
                kind: span.kind,
                start: span.start,
                outcome: span.outcome,
            };
            let mut found: Vec<Truth> = scanned.spans.into_iter().map(told).collect();
            found.sort();
            truth.sort();
            assert_eq!(found.len(), truth.len());
            for (found, truth) in found.iter().zip(&truth) {
                assert_eq!(found, truth);
            }
            assert_eq!(scanned.left_out, 0);
        }
    }
}

#[test]
fn stages_of_the_three_scripts_hold_what_happens_in_them() {
    let spans = at_once(
        "[2026-01-24T14:43:27Z] === Stage 1: Terraform Apply ===\n\
         === Pass 1/2: Infrastructure ===\n\
         aws_x.y: Creating...\n\
         === Pass 2/2: Add-ons ===\n\
         aws_x.y: Creation complete after 1s [id=x]\n\
         [2026-01-24T14:43:27Z] === Stage 2: Helm ===\n\
         STAGE 5: METRICS SERVER\n\
         text\n\
         STAGE 5: METRICS SERVER COMPLETE\n\
         aws_x.z: Destroying... [id=x]\n\
         =============\n\
         STAGE 7: TERRAFORM DESTROY\n\
         =============\n\
         [STEP: DELETE_NODEGROUP] Deleting\n\
         [STEP: DELETE_NODEGROUP] deleted\n\
         [STEP: WAIT] for it\n\
         aws_x.z: Destruction complete after 1s\n\
         ------------- STAGE 7 COMPLETE: TERRAFORM DESTROY -------------\n\
         aws_x.w: Destroying... [id=x]\n\
         STAGE 8: LAST\n",
        Ending::Failed,
    );
    insta::assert_snapshot!(shown(&spans), @r#"
    0-5 Stage "Stage 1: Terraform Apply" Complete
      1-3 Pass "Pass 1/2: Infrastructure" Complete
        2-4 Resource(Create) "aws_x.y" Complete
      3-5 Pass "Pass 2/2: Add-ons" Complete
    5-6 Stage "Stage 2: Helm" Complete
    6-8 Stage "STAGE 5: METRICS SERVER" Complete
    9-16 Resource(Destroy) "aws_x.z" Complete
    11-17 Stage "STAGE 7: TERRAFORM DESTROY" Complete
      13-15 Step "DELETE_NODEGROUP" Complete
      15-17 Step "WAIT" Complete
    18-100 Resource(Destroy) "aws_x.w" Unfinished
    19-100 Stage "STAGE 8: LAST" Unfinished
    "#);
}

#[test]
fn a_stage_that_nothing_ended_is_complete_when_the_command_succeeded() {
    let text = "=== Stage 1: a ===\n[STEP: B]\naws_x.y: Creating...\n";
    insta::assert_snapshot!(shown(&at_once(text, Ending::Succeeded)), @r#"
    0-100 Stage "Stage 1: a" Complete
      1-100 Step "B" Complete
        2-100 Resource(Create) "aws_x.y" Unfinished
    "#);
}

#[test]
fn a_warning_that_names_a_resource_is_no_error() {
    let text =
        "aws_x.y: Creating...\n╷\n│ Error: x\n╵\n╷\n│ Warning: y\n│ \n│   with aws_x.y,\n╵\n";
    insta::assert_snapshot!(shown(&at_once(text, Ending::Failed)), @r#"0-100 Resource(Create) "aws_x.y" Unfinished"#);
}

#[test]
fn a_name_that_a_terminal_would_obey_is_not_taken_over() {
    let text = "aws_x.y[\"a\tb\"]: Creating...\n=== Stage 1: a\u{9b}31m ===\nSTAGE 2: A\u{8}B\n";
    assert_eq!(at_once(text, Ending::Succeeded), []);
}

#[test]
fn the_stage_it_is_in_is_known_while_it_runs() {
    let mut scanner = Scanner::default();
    let mut now_in = |text: &str| {
        scanner.feed(text.as_bytes(), Duration::ZERO);
        scanner.current().map(str::to_owned)
    };
    assert_eq!(now_in("text\n"), None);
    assert_eq!(now_in("STAGE 7: TERRAFORM "), None);
    assert_eq!(now_in("DESTROY\n").as_deref(), Some("STAGE 7: TERRAFORM DESTROY"));
    assert_eq!(now_in("[STEP: WAIT]\n").as_deref(), Some("WAIT"));
    assert_eq!(now_in("- STAGE 7 COMPLETE: TERRAFORM DESTROY -\n"), None);
}

#[test]
fn stages_of_the_users_own_are_found_whether_or_not_their_pattern_has_a_text() {
    let mut kinds = StageKinds::default();
    kinds.add("^==> (?<name>.+)$", Some("^==> done$")).unwrap();
    kinds.add("^(?<name>[A-Z]{3,})$", None).unwrap();
    let text =
        "==> \x1b[1mcharts\x1b[0m\n[STEP: A]\n==> done\nHELM\n+ ==> x\n==> done\nSTAGE 1: X\n";
    let spans = |pieces: usize| {
        let mut scanner = Scanner::new(kinds.clone());
        text.as_bytes().chunks(pieces).for_each(|piece| scanner.feed(piece, Duration::ZERO));
        scanner.finish(Duration::ZERO, Ending::Succeeded).spans
    };
    insta::assert_snapshot!(shown(&spans(1)), @r#"
    0-0 Stage "charts" Complete
      0-0 Step "A" Complete
    0-0 Stage "HELM" Complete
    0-0 Stage "STAGE 1: X" Complete
    "#);
    assert_eq!(spans(1), spans(text.len()));
    assert_eq!(spans(3), spans(text.len()));
}

#[test]
fn what_is_kept_is_bounded_and_what_is_not_is_counted() {
    let mut scanner = Scanner::default();
    for number in 0..30_000 {
        scanner.feed(format!("aws_x.y[{number}]: Creating...\n").as_bytes(), Duration::ZERO);
    }
    let scanned = scanner.finish(Duration::ZERO, Ending::Failed);
    assert_eq!((scanned.spans.len(), scanned.left_out), (20_000, 10_000));

    let mut scanner = Scanner::default();
    for number in 0..4000 {
        let line = format!("aws_x.y[\"{number}{}\"]: Creating...\n", "k".repeat(4000));
        scanner.feed(line.as_bytes(), Duration::ZERO);
    }
    let scanned = scanner.finish(Duration::ZERO, Ending::Failed);
    let bytes: usize = scanned.spans.iter().map(|span| span.name.len()).sum();
    assert!(bytes <= 8 << 20, "{bytes} bytes of names");
    assert_eq!(scanned.spans.len() as u64 + scanned.left_out, 4000);
}

/// Lines that say something, nearly do, or do not, few of them different.
fn lines() -> impl Strategy<Value = String> {
    let address = prop_oneof!["aws_x\\.[ab]", "module\\.m\\[\"a: [bc]\"\\]\\.aws_x\\.[ab]"];
    let said = prop::sample::select(vec![
        "Creating...",
        "Still creating... [10s elapsed]",
        "Creation complete after 1s [id=x]",
        "Destroying... [id=x]",
        "Destruction complete after 1s",
    ]);
    let other = prop::sample::select(vec![
        "=== Stage 1: a ===",
        "=== Stage 2: b ===",
        "=== Pass 1/2: c ===",
        "STAGE 3: D",
        "STAGE 3 COMPLETE",
        "[STEP: E] f",
        "[STEP: G] h",
        "╷",
        "│ Error: x",
        "\x1b[31m│\x1b[0m   with aws_x.a,",
        "│   with aws_x.b,",
        "╵",
        "",
    ]);
    prop_oneof![
        4 => (address, said).prop_map(|(address, said)| format!("{address}: {said}")),
        4 => other.prop_map(str::to_owned),
        1 => "[ -~│]{0,80}",
        1 => (4000_usize..4200).prop_map(|length| "x".repeat(length) + "=== Stage 1: a ==="),
    ]
}

fn in_pieces(text: &[u8], cuts: &[prop::sample::Index]) -> Vec<Span> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    cuts.sort_unstable();
    let mut scanner = Scanner::default();
    let mut from = 0;
    for cut in cuts.into_iter().chain([text.len()]) {
        scanner.feed(&text[from..cut], Duration::ZERO);
        from = cut;
    }
    scanner.finish(Duration::ZERO, Ending::Failed).spans
}

proptest! {
    #[test]
    fn the_spans_are_the_same_however_the_stream_is_cut(
        lines in vec(lines(), 0..60),
        cuts in vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let text = lines.join("\n");
        prop_assert_eq!(in_pieces(text.as_bytes(), &cuts), in_pieces(text.as_bytes(), &[]));
    }

    #[test]
    fn spans_lie_within_the_run_and_their_parents_come_before_them(lines in vec(lines(), 0..60)) {
        let timed: Vec<_> =
            (0..).zip(lines).map(|(ms, line)| (Duration::from_millis(ms), line)).collect();
        let end = Duration::from_millis(timed.len() as u64);
        let spans = scanned(&timed, end).spans;
        for (index, span) in spans.iter().enumerate() {
            prop_assert!(span.end() <= end);
            prop_assert!(index == 0 || spans[index - 1].start <= span.start);
            let Some(parent) = span.parent else { continue };
            prop_assert!(parent < index);
            let holds = |span: &Span| !matches!(span.kind, Kind::Resource(_));
            prop_assert!(holds(&spans[parent]) && spans[parent].kind < span.kind);
            // What a file's reader goes by.
            let named = |other: &Span| holds(other) && other.name == spans[parent].name;
            prop_assert_eq!(spans[..index].iter().rposition(named), Some(parent));
            if holds(span) && spans[parent].outcome == Outcome::Complete {
                prop_assert!(span.end() <= spans[parent].end());
            }
        }
    }

    #[test]
    fn no_bytes_make_it_fail(chunks in vec(vec(any::<u8>(), 0..200), 0..20)) {
        let mut scanner = Scanner::default();
        for chunk in chunks {
            scanner.feed(&chunk, Duration::ZERO);
        }
        prop_assert_eq!(scanner.finish(Duration::ZERO, Ending::Failed).spans, vec![]);
    }
}
