use super::*;

/// A command of the shell, in an environment of its own.
fn shell(script: &str) -> Settings {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Settings {
        ready_line: Some("^ready".to_owned()),
        timeout: Duration::from_secs(10),
        repeat: 1,
        settle: Duration::from_millis(20),
        ..Settings::new(
            vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()],
            std::env::temp_dir(),
            vec![("PATH".into(), path)],
        )
    }
}

fn reason(settings: &Settings) -> String {
    measure(settings).unwrap_err().to_string()
}

#[test]
fn ready_is_when_the_line_comes_and_components_are_read() {
    let settings = Settings {
        component_line: Some("^part (?<name>.+) took (?<ms>.+) ms".to_owned()),
        repeat: 2,
        ..shell(
            "echo part a took 1.5 ms; sleep 0.3; echo part b took 20 ms >&2; echo ready; exec sleep 60",
        )
    };
    let started = Instant::now();
    let report = measure(&settings).unwrap();
    assert!(started.elapsed() < Duration::from_secs(6), "it must not be waited for to the end");
    assert!(report.ready.low >= 0.3 && report.ready.high < 5.0, "{report:?}");
    assert_eq!(report.ready.samples, 2);
    let components: Vec<_> =
        report.components.iter().map(|(n, f)| (n.as_str(), f.median)).collect();
    assert_eq!(components, [("a", 0.0015), ("b", 0.02)]);
    if cfg!(target_os = "linux") {
        assert!(report.memory.as_ref().unwrap().median > 100_000.0, "{report:?}");
    }
}

#[test]
fn what_does_not_become_ready_is_unknown_in_time() {
    let brief = |script| Settings { timeout: Duration::from_millis(300), ..shell(script) };
    for (settings, expected) in [
        (brief("echo wait; exec sleep 60"), "not ready within 300ms; its last line: wait"),
        (brief("yes | tr -d '\\n'"), "not ready within 300ms"),
        (brief("yes no"), "not ready within 300ms; its last line: no"),
        (
            shell("echo no disk; exit 3"),
            "ended before it was ready: exit status: 3; its last line: no disk",
        ),
        (shell("kill -9 $$"), "ended before it was ready: signal: 9"),
        (shell("echo ready"), "exit status: 0"),
        (
            Settings { command: vec!["/no/such/thing".to_owned()], ..shell("") },
            "starting it: No such file",
        ),
        (
            Settings {
                ready_url: Some("http://127.0.0.1:1/".to_owned()),
                ..brief("echo ready; exec sleep 60")
            },
            "refused",
        ),
    ] {
        let started = Instant::now();
        let unknown = reason(&settings);
        assert!(unknown.contains(expected), "{unknown}");
        assert!(started.elapsed() < Duration::from_secs(5), "{unknown}: {:?}", started.elapsed());
    }
}

/// How many processes have this in their command line.
fn processes_with(mark: &str) -> usize {
    let has = |entry: std::fs::DirEntry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(mark)
    };
    std::fs::read_dir("/proc").unwrap().flatten().map(has).filter(|found| *found).count()
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_of_those_that_will_not_go_or_lost_their_parent() {
    // A child that ignores SIGTERM, and one whose parent ends before it is stopped.
    let script = "(trap '' TERM; while :; do sleep 61.5; done) & \
                  sh -c 'sleep 62.5 & sleep 0.3' & sleep 0.2; echo ready; wait; exec sleep 63.5";
    let settings = Settings { settle: Duration::from_millis(400), ..shell(script) };
    measure(&settings).unwrap();
    for mark in ["61.5", "62.5", "63.5"] {
        // The shell that was told of all three has gone too.
        assert_eq!(processes_with(&format!("sleep\0{mark}")), 0, "sleep {mark} was left");
    }
}

#[test]
fn settings_that_cannot_be_measured_with_are_refused() {
    let base = shell("exec sleep 60");
    let some = |text: &str| Some(text.to_owned());
    for (settings, expected) in [
        (Settings { command: Vec::new(), ..base.clone() }, "there is no command"),
        (Settings { repeat: 0, ..base.clone() }, "from 1 to 200 boots"),
        (Settings { repeat: usize::MAX, ..base.clone() }, "from 1 to 200 boots"),
        (Settings { timeout: Duration::ZERO, ..base.clone() }, "time-out"),
        (Settings { ready_line: None, ..base.clone() }, "says when it is ready"),
        (Settings { ready_line: some("("), ..base.clone() }, "pattern"),
        (Settings { component_line: some("(?<name>x)"), ..base.clone() }, "one of `s`"),
        (Settings { ready_url: some("http://{address}/"), ..base.clone() }, "group of ready_line"),
    ] {
        let unknown = reason(&settings);
        assert!(unknown.contains(expected), "{unknown}");
    }
}

/// A shell that fills a variable is a service whose flags cost memory.
#[test]
fn a_matrix_tells_what_each_flag_costs() {
    let script = "grow() { text=x; n=0; while [ $n -lt $1 ]; do text=$text$text; n=$((n + 1)); done; }; \
                  if [ \"$BIG\" = 1 ]; then grow 24; fi; if [ \"$SLOW\" = 1 ]; then sleep 0.4; fi; \
                  echo ready; read -r line < /dev/zero";
    let script = script.replace("read -r line < /dev/zero", "while :; do sleep 1; done");
    let flag = |name: &str, variable: &str| Flag {
        name: name.to_owned(),
        environment: vec![(variable.into(), "1".into())],
    };
    let matrix = matrix(&shell(&script), &[flag("big", "BIG"), flag("slow", "SLOW")]).unwrap();
    assert!(matrix.alone["slow"].ready.median > matrix.baseline.ready.median + 0.3, "{matrix:?}");
    assert!(matrix.all.ready.median > matrix.baseline.ready.median + 0.3, "{matrix:?}");
    if cfg!(target_os = "linux") {
        let (big, slow) = (&matrix.memory_per_flag["big"], &matrix.memory_per_flag["slow"]);
        // Sixteen mebibytes, and what the shell needs to put them together.
        assert!(big.median > 15e6 && slow.median.abs() < 5e6, "{big:?} {slow:?}");
    }
}
