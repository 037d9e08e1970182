use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;

fn brief(target: Target) -> Settings {
    Settings { window: Duration::from_millis(100), repeat: 3, ..Settings::new(target) }
}

fn of(pid: u32) -> Settings {
    brief(Target::Pid(pid))
}

/// A child that ends with the test.
struct Child(duct::Handle);

impl Child {
    fn of(script: &str) -> Self {
        Self(duct::cmd!("sh", "-c", script).stdout_null().unchecked().start().unwrap())
    }

    fn pid(&self) -> u32 {
        self.0.pids()[0]
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[test]
fn a_busy_process_uses_a_processor_and_a_sleeping_one_none() {
    let busy = Child::of("while :; do :; done");
    let asleep = Child::of("exec sleep 30");
    let cpu = measure(&of(busy.pid())).unwrap().idle.cpu;
    // Others share the machine.
    assert!(cpu.median > 0.05 && cpu.high < 1.1, "{cpu:?}");
    let report = measure(&of(asleep.pid())).unwrap();
    assert!(report.idle.cpu.median < 0.01, "{:?}", report.idle.cpu);
    assert!(report.idle.memory.median > 100_000.0, "{:?}", report.idle.memory);
    assert!(report.peak_memory.unwrap() >= 100_000);
    assert_eq!((report.probed, report.overhead), (None, None));
}

#[test]
fn one_that_ends_meanwhile_or_was_never_there_is_unknown() {
    let child = Child::of("exec sleep 0.15");
    let gone = measure(&of(child.pid())).unwrap_err().to_string();
    assert!(gone.contains("any more") || gone.contains("has ended"), "{gone}");
    child.0.wait().unwrap();
    let never = measure(&of(child.pid())).unwrap_err().to_string();
    assert!(never.contains("there is no such process"), "{never}");
    for pid in [0, u32::MAX] {
        assert!(measure(&of(pid)).is_err());
    }
}

#[test]
fn a_file_tells_the_process_or_why_not() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pid");
    let settings = brief(Target::PidFile(file.clone()));
    assert!(measure(&settings).unwrap_err().to_string().contains("no such file"));
    std::fs::write(&file, "-1\n").unwrap();
    assert!(measure(&settings).unwrap_err().to_string().contains("holds no number"));
    std::fs::write(&file, format!("{}\n", std::process::id())).unwrap();
    assert!(measure(&settings).is_ok());
}

/// A process of another start under the same number is what a reused number looks like.
#[test]
fn a_number_that_went_to_somebody_else_is_noticed() {
    let subject = Subject::find(&Target::Pid(std::process::id())).unwrap();
    subject.check().unwrap();
    let other = linux::start_of(1).unwrap();
    let impostor = subject.started_at(other);
    let unknown = impostor.check().unwrap_err().to_string();
    assert!(unknown.contains("its number went to another process"), "{unknown}");
}

#[test]
fn settings_without_a_window_are_refused() {
    for settings in [
        Settings { repeat: 0, ..of(1) },
        Settings { repeat: usize::MAX, ..of(1) },
        Settings { window: Duration::ZERO, ..of(1) },
        Settings { window: Duration::MAX, ..of(1) },
        Settings { probe_interval: Some(Duration::ZERO), ..of(1) },
    ] {
        let refused = measure(&settings).unwrap_err().to_string();
        assert!(refused.starts_with("measuring a process: "), "{refused}");
    }
}

/// What a request costs is found again: this process answers with a millisecond of work each time,
/// so it must not be a test beside others; what they use is in both kinds of window.
#[test]
fn what_a_request_costs_is_the_overhead() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.by_ref().map_while(Result::ok).any(|line| line.is_empty()) {
                    let begun = Instant::now();
                    while begun.elapsed() < Duration::from_millis(1) {}
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                }
            });
        }
    });
    let load = http::Load::Rate { per_second: 200.0, connections: 4 };
    let probed = Some(http::Settings { load, ..http::Settings::new(url) });
    let settings = Settings { probed, repeat: 7, ..of(std::process::id()) };
    let report = measure(&settings).unwrap();
    assert!(report.probed.is_some() && report.overhead.is_some(), "{report:?}");
    // 200 times a millisecond each second; the client is this process too, and costs something.
    let overhead = report.overhead.unwrap().cpu;
    assert!(overhead.high > 0.1, "{overhead:?}");
    let interval = Duration::from_secs(5);
    let scaled = measure(&Settings { probe_interval: Some(interval), ..settings }).unwrap();
    // A millisecond in five seconds.
    let scaled = scaled.overhead.unwrap().cpu;
    assert!(scaled.high > 0.000_1 && scaled.low < 0.002, "{scaled:?}");
}

#[test]
fn a_probe_that_fails_leaves_no_overhead() {
    let probed = Some(http::Settings::new("http://127.0.0.1:1/"));
    let unknown = measure(&Settings { probed, ..of(std::process::id()) }).unwrap_err().to_string();
    assert!(unknown.contains("refused"), "{unknown}");
}
