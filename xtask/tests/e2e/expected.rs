//! What a deployment says of itself beside those before it.

use std::time::{Duration, Instant};

use crate::support::{BRANCH, Run, Scene};

const APPLY: [&str; 3] = ["apply-persistent", "ENV=dev", "CREATE_RDS=false"];

/// A git that hangs the first time that it is asked for references, which is when the history is
/// read, until it is stopped or the scene is gone.
const HANGING: &str = "#!/bin/sh\nPATH=${PATH#*:}\ncase \"$*\" in *for-each-ref*)\n\
    if [ ! -e ../hangs ]; then touch ../hangs; trap 'touch ../stopped; exit 1' TERM\n\
    while [ -e ../bin ]; do sleep 0.02; done; exit 1; fi;; esac\nexec git \"$@\"\n";

/// A repository in which `seconds` were recorded of the phase apply-persistent, a day after another.
fn recorded(seconds: &[u32]) -> Scene {
    let row = |(day, seconds): (usize, &u32)| {
        format!(
            "2026-01-{day:02}T00:00:00Z,,apply-persistent,dev,persistent,{seconds},0,,0,0,0,a.log\n"
        )
    };
    let header = "start_time_utc,end_time_utc,phase\n".to_owned();
    let rows = (1..).zip(seconds).map(row).fold(header, |rows, row| rows + &row);
    Scene::new().step("apply", &["touch", "../applied"]).committed().registry_file(&rows)
}

/// Deploys until the history was there in time. No run waits for it longer than 20 ms, which a busy
/// machine may exceed; then the run is undone, and another may be luckier.
fn expecting(scene: &Scene, code: i32) -> Run {
    let branch = format!("refs/heads/{BRANCH}");
    let before = scene.git(&["rev-parse", &branch]);
    for _ in 0..100 {
        let run = scene.xtask(&APPLY).exits(code);
        if run.stderr.contains("typical") {
            return run;
        }
        scene.git(&["update-ref", &branch, &before]);
    }
    panic!("the history never came in time")
}

/// The lines that speak of earlier runs.
fn compared(run: &Run) -> Vec<&str> {
    let speaks = |line: &&str| {
        ["typical", " p50", " p90", "median", "▄", "█"].iter().any(|word| line.contains(word))
    };
    run.stderr.lines().filter(speaks).collect()
}

#[test]
fn a_phase_begins_with_what_is_typical_and_ends_with_how_it_compares() {
    let scene = recorded(&[1000, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800]);
    let run = expecting(&scene, 0);
    insta::assert_snapshot!(compared(&run).join("\n"), @"
      typical 23m 20s (p50 of 9), slow 30m 00s (p90)
    apply-persistent  -100 % against the median of 9, faster than p10  ▅▅▆▆▆▇▇██▁
    ");
}

#[test]
fn the_runs_of_xtask_itself_are_history() {
    let scene = recorded(&[]);
    for earlier in 0..3 {
        let run = scene.xtask(&APPLY).exits(0);
        assert!(compared(&run).is_empty(), "after {earlier} runs: {}", run.stderr);
    }
    // A row of a busy machine may say 1 s.
    let run = expecting(&scene, 0);
    let [typical, verdict] = compared(&run)[..] else { panic!("{}", run.stderr) };
    assert!(typical.ends_with("s (p50 of 3)"), "{typical}");
    assert!(verdict.contains("against the median of 3"), "{verdict}");
}

#[test]
fn runs_of_another_environment_or_phase_and_failures_are_no_history() {
    let rows: String = (1..=9)
        .map(|day| {
            let row = |phase: &str, environment: &str, code: u8| {
                format!("2026-01-0{day}T00:00:00Z,,{phase},{environment},b,5,{code},,0,0,0,a.log\n")
            };
            row("apply-persistent", "test", 0)
                + &row("build", "dev", 0)
                + &row("apply-persistent", "dev", 1)
        })
        .collect();
    let scene = Scene::new().step("apply", &["true"]).committed().registry_file(&rows);
    let run = scene.xtask(&APPLY).exits(0);
    assert!(compared(&run).is_empty(), "{}", run.stderr);
}

#[test]
fn a_phase_that_fails_is_compared_with_nothing() {
    let scene = recorded(&[10, 11, 12]).step("apply", &["false"]);
    let run = expecting(&scene, 1);
    assert_eq!(compared(&run), ["  typical 11s (p50 of 3)"]);
}

#[test]
fn without_a_recording_nothing_is_read() {
    let scene = recorded(&[10, 11, 12]);
    let scene = scene.program("git", "#!/bin/sh\ntouch ../asked\nexit 3\n");
    let run = scene.calling(&APPLY).argument("--no-record").run().exits(0);
    assert!(compared(&run).is_empty(), "{}", run.stderr);
    assert!(!scene.has_mark("asked"));
}

#[test]
fn a_git_that_hangs_while_it_reads_holds_up_neither_the_step_nor_the_end() {
    let scene = recorded(&[10, 11, 12]).program("git", HANGING);
    let step = "[ ! -e ../stopped ] || touch ../late; until [ -e ../hangs ]; do sleep 0.01; done";
    let scene = scene.step("apply", &["bash", "-c", step]);
    let begun = Instant::now();
    let run = scene.xtask(&APPLY).exits(0);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(!scene.has_mark("late"), "the step waited until git was stopped");
    assert_eq!(scene.rows().len(), 4, "{}", run.stderr);
    assert!(compared(&run).is_empty() && run.warnings().is_empty(), "{}", run.stderr);
}
