//! Any command, timed and recorded as the targets are, and otherwise as if xtask were not there.

use std::fs::File;
use std::process::Stdio;

use crate::support::background::{Background, Terminal};
use crate::support::{Call, Row, Scene};

/// `exec` with the phase `x` and a bash script for its command.
fn bash(scene: &Scene, script: &str) -> Call {
    scene.calling(&["exec", "--phase", "x", "--", "bash", "-c", script])
}

#[track_caller]
fn only_row(scene: &Scene) -> Row {
    let rows = scene.rows();
    let [row] = rows.as_slice() else { panic!("one row expected: {rows:#?}") };
    row.clone()
}

/// Bytes that repeat no pattern (xorshift, Marsaglia 2003), every value among them.
fn noise(mut state: u64, length: usize) -> Vec<u8> {
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[4]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn a_command_leaves_a_row_and_a_log_with_a_frame() {
    let scene = Scene::new();
    let words = ["exec", "--phase=docker-build", "--build-id=24-01-26-03", "--env=dev", "--"];
    let run = scene.calling(&words).argument("echo").argument("two words").run().exits(0);
    assert_eq!(run.stdout, "two words\n");
    let row = only_row(&scene);
    assert_eq!((row.phase.as_str(), row.build_id.as_str()), ("docker-build", "24-01-26-03"));
    assert_eq!((row.env.as_str(), row.exit_code), ("dev", 0));
    assert!(row.flag("RUN").is_some() && row.flag("SHA").is_some(), "{}", row.flags);
    let log = scene.read(&row.log);
    let lines: Vec<&str> = log.lines().collect();
    let [begin, step, said, end] = lines[..] else { panic!("{log}") };
    assert!(begin.ends_with("command=echo 'two words'"), "{begin}");
    assert!(step.ends_with("xtask step command: echo 'two words'"), "{step}");
    assert_eq!(said, "two words");
    assert!(end.contains("xtask end phase=docker-build exit_code=0 "), "{end}");
    assert!(scene.journal().is_empty());
    assert_eq!(scene.git(&["status", "--porcelain"]), "");
}

#[test]
fn who_names_no_build_and_no_environment_gets_the_neutral_one_and_the_usual_one() {
    let scene = Scene::new();
    bash(&scene, "true").run().exits(0);
    let row = only_row(&scene);
    assert_eq!((row.build_id.as_str(), row.env.as_str()), ("ad-hoc", "dev"));
    bash(&scene, "true").env("ENV", "staging").run().exits(0);
    let csv = "governance-registry:environments/staging/latest/build_timings.csv";
    assert!(scene.git(&["cat-file", "blob", csv]).contains(",x,staging,ad-hoc,"));
}

#[test]
fn the_command_runs_where_the_user_is_in_the_users_environment() {
    let scene = Scene::new().config("platform_root = \"envs\"").committed();
    let here = scene.root().join("scripts");
    let script = "pwd; echo $ENV $COMPACT_OUTPUT";
    let words = ["exec", "--phase", "x", "--env", "dev", "--", "bash", "-c", script];
    let call = scene.calling(&words).env("ENV", "mine").env("COMPACT_OUTPUT", "true");
    let run = call.in_dir(&here).run().exits(0);
    assert_eq!(run.stdout, format!("{}\nmine true\n", here.display()));
    assert_eq!(only_row(&scene).env, "dev");
    assert!(!here.join("logs").exists());
}

#[test]
fn every_byte_of_both_streams_goes_where_it_would_have_gone() {
    let scene = Scene::new();
    let (out, err) = (noise(42, 3_000_001), noise(7, 1_000_003));
    std::fs::write(scene.outside().join("out"), &out).unwrap();
    std::fs::write(scene.outside().join("err"), &err).unwrap();
    let call = bash(&scene, "cat ../out; cat ../err >&2; exit 3");
    let (said, noted) = (scene.outside().join("said"), scene.outside().join("noted"));
    let mut run = Background::start(&call, |command| {
        command.stdout(File::create(&said).unwrap()).stderr(File::create(&noted).unwrap());
    });
    assert_eq!(run.code(), 3);
    assert!(std::fs::read(said).unwrap() == out, "stdout differs");
    let noted = std::fs::read(noted).unwrap();
    let start = noted.windows(32).position(|window| *window == err[..32]).unwrap();
    assert!(noted[start..].starts_with(&err), "stderr differs");
}

#[test]
fn stdin_reaches_the_command_byte_for_byte() {
    let scene = Scene::new();
    let input = noise(11, 1_000_001);
    std::fs::write(scene.outside().join("in"), &input).unwrap();
    let output = scene.outside().join("copied");
    let mut run = Background::start(&bash(&scene, "exec cat"), |command| {
        command
            .stdin(File::open(scene.outside().join("in")).unwrap())
            .stdout(File::create(&output).unwrap())
            .stderr(Stdio::null());
    });
    assert_eq!(run.code(), 0);
    assert!(std::fs::read(output).unwrap() == input, "what was read differs");
}

#[test]
fn a_pipeline_ends_as_it_would_without_xtask() {
    let scene = Scene::new();
    let program = env!("CARGO_BIN_EXE_xtask");
    let codes = "2>/dev/null; echo ${PIPESTATUS[@]}";
    for (pipeline, printed) in [
        (format!("yes | {program} exec --phase x -- head -1 {codes}"), "y\n141 0\n"),
        (format!("{program} exec --phase x -- yes 2>/dev/null | head -1 {codes}"), "y\n141 0\n"),
    ] {
        let run = scene.call("bash", &["-c", &pipeline]).run().exits(0);
        assert_eq!(run.stdout, printed, "{pipeline}");
    }
    let mut codes: Vec<i32> = scene.rows().iter().map(|row| row.exit_code).collect();
    codes.sort();
    assert_eq!(codes, [0, 141]);
}

#[test]
fn a_question_at_the_terminal_is_answered_and_the_exit_code_is_as_typed() {
    let scene = Scene::new();
    let call = bash(&scene, "read -p \"ok? \" a; exit $a").env("COMPACT_OUTPUT", "true");
    let mut terminal = Terminal::start(&call);
    // The command is shown too, with the question in it.
    terminal.shows("exit $a'\r\n");
    terminal.shows("ok? ");
    terminal.types("42");
    let (rest, code) = terminal.end();
    assert_eq!(code, 42, "{rest}");
    assert_eq!(only_row(&scene).exit_code, 42);
}

#[test]
fn the_exit_code_is_the_commands_own() {
    let scene = Scene::new();
    for code in [0, 1, 2, 7, 64, 100, 124, 126, 127, 128, 130, 137, 143, 254, 255] {
        bash(&scene, &format!("exit {code}")).run().exits(code);
        assert_eq!(scene.rows().last().unwrap().exit_code, code);
    }
    for (signal, code) in [("HUP", 129), ("KILL", 137), ("TERM", 143), ("USR1", 138)] {
        bash(&scene, &format!("kill -{signal} $$")).run().exits(code);
        assert_eq!(scene.rows().last().unwrap().exit_code, code);
    }
}

#[test]
fn a_command_that_cannot_be_started_leaves_its_row() {
    let scene = Scene::new();
    let words = |program| ["exec", "--phase", "x", "--", program];
    for (program, code) in [("no-such-program", 127), ("./envs", 126), ("./Makefile", 126)] {
        let run = scene.xtask(&words(program)).exits(code);
        assert!(
            run.stderr.contains(&format!("could not be started (exit code {code}): {program}"))
        );
        assert_eq!(scene.rows().last().unwrap().exit_code, code);
    }
}

#[test]
fn an_assignment_behind_the_dashes_is_a_program_like_any_other() {
    let scene = Scene::new();
    let run =
        scene.xtask(&["exec", "--phase", "x", "--", "DB_PASSWORD=hunter2", "true"]).exits(127);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    assert_eq!(only_row(&scene).exit_code, 127);
}

#[test]
fn secrets_are_shown_and_stored_nowhere() {
    let scene = Scene::new();
    let words = [
        "me",
        "--password=hunter2",
        "--token",
        "hunter2",
        "API_KEY=hunter2",
        "https://me:hunter2@host/?a=b",
    ];
    let masked = "me '--password=***' --token '***' 'API_KEY=***' 'https://***@host/?a=b'";
    let with = |script| words.iter().fold(bash(&scene, script), |call, word| call.argument(word));
    // It takes xtask along, so that there is a journal's entry to look at.
    let killed = with("kill -KILL $PPID").run().exits(137);
    let journal = scene.journal();
    let [entry] = journal.as_slice() else { panic!("{journal:?}") };
    let entry = std::fs::read_to_string(entry).unwrap();
    let ended = with("exit 3").run().exits(3);
    assert_eq!(scene.rows().len(), 2);
    let logs: Vec<String> = scene.logs().iter().map(|log| scene.read(log)).collect();
    for log in &logs {
        let frame = log.lines().next().unwrap();
        assert!(frame.ends_with(masked), "{frame}");
    }
    let rows = String::from_utf8(scene.csv().unwrap()).unwrap();
    let messages = scene.git(&["log", "--format=%B", "governance-registry"]);
    for text in [killed.stderr, ended.stderr, entry, rows, messages, logs.concat()] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_cannot_be_recorded_is_refused_before_anything_runs() {
    let scene = Scene::new();
    let touch = ["--", "touch", "../ran"];
    let refused: [&[&str]; 6] = [
        &["--phase", "A Phase"],
        &["--phase", ""],
        &["--phase", "x", "--build-id", "a,b"],
        &["--phase", "x", "--build-id", ""],
        &["--phase", "x", "--env", "../etc"],
        &["--phase", "x", "--no-such-flag"],
    ];
    let calls = refused.iter().map(|words| [&["exec"], *words, &touch].concat());
    let commandless = [vec!["exec", "--phase", "x"], vec!["exec", "--phase", "x", "--"]];
    let empty = [vec!["exec", "--phase", "x", "--", ""], vec!["exec", "--", "touch", "../ran"]];
    for words in calls.chain(commandless).chain(empty) {
        let run = scene.xtask(&words).exits(2);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    assert!(!scene.has_mark("ran"));
    assert!(scene.recordings().is_empty() && scene.logs().is_empty());
}

#[test]
fn without_recording_nothing_is_kept() {
    let scene = Scene::new();
    let words = ["exec", "--phase", "x", "--no-record", "--", "bash", "-c", "echo ran; exit 7"];
    let run = scene.xtask(&words).exits(7);
    assert_eq!(run.stdout, "ran\n");
    bash(&scene, "exit 8").env("XTASK_RECORD", "off").run().exits(8);
    assert!(scene.recordings().is_empty() && scene.logs().is_empty());
}

#[test]
fn outside_a_repository_the_command_runs_and_its_row_is_kept_in_a_file() {
    let scene = Scene::without_repository();
    let run = bash(&scene, "echo ran; exit 7").run().exits(7);
    assert_eq!(run.stdout, "ran\n");
    let kept = std::fs::read_dir(scene.root().join("logs/build-timings")).unwrap();
    let names = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let rows: Vec<String> = names.filter(|name| name.starts_with("rows-")).collect();
    let [rows] = rows.as_slice() else { panic!("{rows:?}: {}", run.stderr) };
    assert!(scene.read(&format!("logs/build-timings/{rows}")).contains(",x,dev,ad-hoc,"));
}

#[test]
fn another_repository_takes_the_row_and_the_command_stays_where_it_is() {
    let scene = Scene::new();
    let here = scene.outside().join("bin");
    let repo = scene.root().display().to_string();
    let words = ["--repo", &repo, "exec", "--phase", "x", "--", "pwd"];
    let run = scene.calling(&words).in_dir(&here).run().exits(0);
    assert_eq!(run.stdout.trim_end(), here.display().to_string());
    assert_eq!(only_row(&scene).phase, "x");
    assert_eq!(scene.logs().len(), 1);
}
