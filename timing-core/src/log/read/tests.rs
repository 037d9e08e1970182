use std::io::Cursor;
use std::time::Duration;

use proptest::prelude::*;

use super::super::{Closing, Opening};
use super::*;
use crate::record::ResourceCounts;

const START: u64 = 1_769_265_807;

fn opening(command: &str) -> String {
    let opening = Opening {
        start: UtcStamp::from_unix_seconds(START),
        phase: &"apply-persistent".parse().unwrap(),
        environment: &"dev".parse().unwrap(),
        build_id: &"persistent".parse().unwrap(),
        run: &"6974d98fdeadbeef".parse().unwrap(),
        command,
    };
    format!("{opening}\n")
}

fn closing(phase: &str, after: u64, code: u8) -> String {
    let closing = Closing {
        end: UtcStamp::from_unix_seconds(START + after),
        phase: &phase.parse().unwrap(),
        exit_code: ExitCode(code),
        duration: Duration::from_secs(after),
        resources: ResourceCounts::default(),
    };
    format!("{closing}\n")
}

fn frame_of(text: impl AsRef<[u8]>) -> Option<Frame> {
    frame(&mut Cursor::new(text.as_ref())).unwrap()
}

/// Duration and exit code of what is closed.
fn end(text: impl AsRef<[u8]>) -> Option<(i64, u8)> {
    let frame = frame_of(text).unwrap();
    Some((frame.duration_seconds()?, frame.closed?.exit_code.0))
}

#[test]
fn what_is_written_is_read() {
    let text = opening("terraform apply exit_code=9 phase=x")
        + "words\n"
        + &closing("apply-persistent", 936, 1);
    let frame = frame_of(&text).unwrap();
    assert_eq!(
        frame.opened,
        Opened {
            start: UtcStamp::from_unix_seconds(START),
            phase: "apply-persistent".parse().unwrap(),
            environment: "dev".parse().unwrap(),
            build_id: "persistent".parse().unwrap(),
            run: "6974d98fdeadbeef".parse().unwrap(),
        }
    );
    assert_eq!(end(&text), Some((936, 1)));
}

#[test]
fn a_command_longer_than_what_is_read_hides_nothing() {
    let text = opening(&"ü".repeat(10_000)) + &closing("apply-persistent", 7, 0);
    assert_eq!(end(&text), Some((7, 0)));
}

#[test]
fn a_run_that_was_killed_has_no_end() {
    assert_eq!(end(opening("x") + "some words"), None);
    let cut = closing("apply-persistent", 7, 0);
    assert_eq!(end(opening("x") + cut.trim_end()), None, "a line without its newline");
}

#[test]
fn the_last_line_of_the_same_phase_counts_and_words_behind_it_do_not() {
    let printed = closing("apply-persistent", 3, 3) + &closing("deploy-persistent", 5, 5);
    let text = opening("x") + &printed + &closing("apply-persistent", 9, 0) + "a survivor speaks\n";
    assert_eq!(end(&text), Some((9, 0)));
    let inner = opening("x") + &closing("deploy-persistent", 5, 5);
    assert_eq!(end(inner), None, "another phase has ended");
}

#[test]
fn only_so_much_is_read_of_the_end() {
    let ended = opening("x") + &closing("apply-persistent", 9, 0);
    let behind = |bytes: usize| ended.clone() + &"x".repeat(bytes) + "\n";
    assert_eq!(end(behind(900 * 1024)), Some((9, 0)));
    assert_eq!(end(behind(2 * 1024 * 1024)), None);
}

#[test]
fn what_others_wrote_has_no_frame() {
    let almost = opening("x");
    for text in [
        "",
        "Apply complete!\n",
        "[2026-01-24T14:43:27Z] starting\n",
        &almost.replace("[2026", "[20x6"),
        &almost.replace("env=dev ", ""),
        &almost.replace("run=6974d98fdeadbeef", "run=x"),
        &format!("\n{almost}"),
    ] {
        assert_eq!(frame_of(text), None, "{text:?}");
    }
    assert_eq!(frame_of(b"]\xff\xfe"), None);
}

#[test]
fn logs_are_what_ends_in_log() {
    let repository = tempfile::tempdir().unwrap();
    assert!(logs(repository.path()).unwrap().is_empty());
    let directory = super::super::directory(repository.path()).unwrap();
    for name in ["b.log", "a.log", "notes.txt"] {
        std::fs::write(directory.join(name), "").unwrap();
    }
    assert_eq!(
        logs(repository.path()).unwrap(),
        [directory.join("a.log"), directory.join("b.log")]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_command_and_output_are_the_frame_is_read(
        command in any::<String>(),
        output in proptest::collection::vec(any::<u8>(), 0..200),
        after in 0u64..1_000_000,
        code in any::<u8>(),
    ) {
        let mut text = opening(&command).into_bytes();
        text.extend(output);
        text.push(b'\n');
        text.extend(closing("apply-persistent", after, code).into_bytes());
        prop_assert_eq!(end(text), Some((i64::try_from(after).unwrap(), code)));
    }

    #[test]
    fn no_bytes_are_too_strange(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(frame_of(text), None);
    }
}
