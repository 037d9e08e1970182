//! Bytes go where they would have gone, as they come, in their order; and to the log.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::Duration;

use super::background::{Background, apply};
use super::{applying, eventually, holds};

/// Every byte there is, with no newline at the end.
const ALL_BYTES: &str = r#"for i in {0..255}; do printf "\\x$(printf %x $i)"; done"#;

fn all_bytes() -> Vec<u8> {
    (0..=255).collect()
}

/// The lines of `text` that the step wrote: a stream's letter and a number.
fn numbered(text: &[u8]) -> Vec<String> {
    let lines = text.split(|&byte| byte == b'\n').map(String::from_utf8_lossy);
    let of_step = lines.filter(|line| {
        let number = line.strip_prefix("out ").or_else(|| line.strip_prefix("err "));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    });
    of_step.map(|line| line.into_owned()).collect()
}

const ALTERNATING: &str = "for ((i = 0; i < 5000; i++)); do echo out $i; echo err $i >&2; done";

fn alternating() -> Vec<String> {
    (0..5000).flat_map(|n| [format!("out {n}"), format!("err {n}")]).collect()
}

#[test]
fn every_byte_reaches_stdout_and_the_log() {
    let scene = applying(ALL_BYTES);
    let output = apply(&scene).command().output().unwrap();
    assert_eq!(output.stdout, all_bytes());
    assert!(output.status.success());
    let log = scene.log();
    assert!(holds(&log, &all_bytes()), "{}", String::from_utf8_lossy(&log));
}

#[test]
fn every_byte_reaches_stderr_and_the_log() {
    let scene = applying(&format!("{{ {ALL_BYTES}; }} >&2"));
    let output = apply(&scene).command().output().unwrap();
    assert_eq!(output.stdout, b"");
    assert!(holds(&output.stderr, &all_bytes()));
    assert!(holds(&scene.log(), &all_bytes()));
}

#[test]
fn streams_into_one_file_keep_their_order() {
    let scene = applying(ALTERNATING);
    let path = scene.outside().join("both");
    let file = File::create(&path).unwrap();
    let mut run = Background::start(&apply(&scene), |command| {
        command.stdout(file.try_clone().unwrap()).stderr(file);
    });
    assert_eq!(run.code(), 0);
    assert_eq!(numbered(&std::fs::read(&path).unwrap()), alternating());
    assert_eq!(numbered(&scene.log()), alternating());
}

#[test]
fn a_stream_that_was_sent_elsewhere_stays_apart() {
    let scene = applying(ALTERNATING);
    let output = apply(&scene).command().output().unwrap();
    let of = |stream: &str| -> Vec<String> {
        alternating().into_iter().filter(|line| line.starts_with(stream)).collect()
    };
    assert_eq!(numbered(&output.stdout), of("out"));
    assert_eq!(numbered(&output.stderr), of("err"));
    // Both are in the log; in which order, only the kernel knows.
    let (mut logged, mut all) = (numbered(&scene.log()), alternating());
    logged.sort();
    all.sort();
    assert_eq!(logged, all);
}

/// Half a mebibyte: more than the pipe of the reader holds, less than that of the step.
const MUCH: &str = "yes out | head -c 500000";

#[test]
fn a_stdout_that_nobody_reads_does_not_hold_up_stderr() {
    let scene = applying(&format!("{MUCH}; echo err >&2; touch ../done; exit 7"));
    let path = scene.outside().join("err");
    let mut run = Background::start(&apply(&scene), |command| {
        command.stderr(File::create(&path).unwrap());
    });
    scene.wait_for_mark("done");
    eventually("stderr", || holds(&std::fs::read(&path).unwrap(), b"\nerr\n").then_some(()));
    assert_eq!(run.child.try_wait().unwrap(), None);
    let mut read = Vec::new();
    run.child.stdout.take().unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(run.code(), 7);
    assert_eq!(read, b"out\n".repeat(125_000));
    let log = scene.log();
    assert!(holds(&log, b"out\nout\nerr\n"), "the order of arrival");
}

#[test]
fn a_reader_that_takes_its_time_loses_nothing_of_a_step_that_is_gone() {
    for merged in [true, false] {
        let scene = applying(&format!("{MUCH}; touch ../done; exit 7"));
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut run = Background::start(&apply(&scene), |command| {
            let other = writer.try_clone().unwrap().into();
            let stderr = if merged { other } else { Stdio::null() };
            command.stdout(writer).stderr(stderr);
        });
        scene.wait_for_mark("done");
        // Longer than xtask stays for a process that the step left behind.
        std::thread::sleep(Duration::from_millis(5500));
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(run.code(), 7);
        let count = read.windows(4).filter(|window| window == b"out\n").count();
        assert_eq!(count, 125_000, "merged: {merged}");
        assert!(scene.row("apply-persistent").duration <= 5);
    }
}

#[test]
fn what_goes_elsewhere_leaves_no_mark_on_stderr() {
    let scene = applying("printf 'no newline'");
    let run = apply(&scene).run().exits(0);
    assert_eq!(run.stdout, "no newline");
    let (before, _) = run.stderr.split_once("== apply-persistent succeeded").unwrap();
    assert!(!before.contains("\n\n"), "{before}");
}

#[test]
fn a_prompt_without_a_newline_appears_at_once_and_is_answered_on_stdin() {
    let scene = applying("printf 'Your name? '; read -r name; echo \"Hello $name.\"; exit 7");
    let mut run = Background::start(&apply(&scene), |command| {
        command.stdin(Stdio::piped()).stderr(Stdio::null());
    });
    let (mut stdin, mut stdout) =
        (run.child.stdin.take().unwrap(), run.child.stdout.take().unwrap());
    let mut prompt = [0; 11];
    stdout.read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"Your name? ");
    stdin.write_all(b"Ada\n").unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "Hello Ada.\n");
    assert_eq!(run.code(), 7);
    assert!(holds(&scene.log(), b"Your name? Hello Ada.\n"));
}

#[test]
fn a_reader_that_leaves_ends_the_step_by_sigpipe() {
    let scene = applying("exec yes");
    let mut run = Background::start(&apply(&scene), |command| {
        command.stderr(Stdio::null());
    });
    let mut stdout = run.child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 2]).unwrap();
    drop(stdout);
    assert_eq!(run.code(), 141);
    assert_eq!(scene.row("apply-persistent").exit_code, 141);
}

#[test]
fn a_stdout_that_does_not_block_loses_nothing() {
    let scene = applying("yes | head -c 3000000; exit 7");
    let (mut reader, writer) = std::io::pipe().unwrap();
    rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut run = Background::start(&apply(&scene), |command| {
        command.stdout(writer).stderr(Stdio::null());
    });
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap();
    assert_eq!(run.code(), 7);
    assert_eq!(read, b"y\n".repeat(1_500_000));
}

#[cfg(target_os = "linux")]
#[test]
fn a_stdout_that_is_full_costs_one_warning() {
    let scene = applying("for i in 1 2 3; do echo line $i; sleep 0.1; done; echo err >&2; exit 7");
    let mut command = apply(&scene).command();
    command.stdout(File::options().write(true).open("/dev/full").unwrap());
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(7), "{stderr}");
    let warnings: Vec<&str> = stderr.lines().filter(|line| line.starts_with("warning:")).collect();
    insta::assert_snapshot!(warnings.join("\n"), @"warning: what the step prints can no longer be shown (No space left on device (os error 28)); it goes on, and its log has it");
    assert!(stderr.contains("\nerr\n"), "{stderr}");
    assert!(holds(&scene.log(), b"line 1\nline 2\nline 3\n"));
    assert_eq!(scene.row("apply-persistent").exit_code, 7);
}

#[test]
fn without_recording_the_step_runs_as_if_there_were_none() {
    let scene = applying(&format!("{ALL_BYTES}; echo err >&2; exit 7"));
    for call in [
        scene.calling(&["apply-persistent", "--no-record"]),
        scene.calling(&["apply-persistent"]).env("XTASK_RECORD", "off"),
    ] {
        let output = call.command().output().unwrap();
        assert_eq!(output.stdout, all_bytes());
        assert!(holds(&output.stderr, b"\nerr\n"));
        assert_eq!(output.status.code(), Some(7));
    }
    assert_eq!((scene.csv(), scene.logs()), (None, Vec::new()));
    assert_eq!(scene.git(&["status", "--porcelain", "--ignored"]), "");
}

#[test]
fn few_files_may_be_open_and_the_step_runs_all_the_same() {
    let scene = applying("echo ran; exit 7");
    let program = env!("CARGO_BIN_EXE_xtask");
    // From where capture cannot work to where everything does.
    for limit in 12..36 {
        let script = format!("ulimit -n {limit}; exec {program} apply-persistent");
        let run = scene.call("bash", &["-c", &script]).run();
        assert_eq!((run.stdout.as_str(), run.code), ("ran\n", 7), "{limit}: {}", run.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_starter_that_ignores_its_children_hinders_nothing() {
    let scene = applying("sleep 0.01; exit 7");
    // bash hands an ignored SIGCHLD down.
    let script = format!("trap '' CHLD; exec {} apply-persistent", env!("CARGO_BIN_EXE_xtask"));
    let run = scene.call("bash", &["-c", &script]).run().exits(7);
    assert_eq!(run.warnings(), Vec::<&str>::new());
    assert_eq!(scene.row("apply-persistent").exit_code, 7);
}
