//! Children of the harness: started, waited for, killed.
//!
//! Every child carries a mark in its environment, which all that it starts inherit, also what has
//! moved to a session of its own. So all of it is found again, and nothing else ever is.

#![expect(
    clippy::disallowed_types,
    reason = "the harness is outside: it starts the program as a user would, and kills it"
)]

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How often a waiter looks.
const LOOK: Duration = Duration::from_millis(1);

/// What a child is started with.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) program: &'a OsStr,
    pub(super) arguments: &'a [&'a str],
    pub(super) directory: &'a Path,
    /// All of its environment.
    pub(super) variables: &'a [(OsString, OsString)],
    /// Where stdout and stderr go.
    pub(super) output: &'a Path,
}

/// A child that was started.
#[derive(Debug)]
pub(super) struct Child(std::process::Child);

impl Call<'_> {
    /// Starts it in a process group of its own, with its stdin at the end.
    pub(super) fn start(&self) -> io::Result<Child> {
        let output = File::options().create(true).append(true).open(self.output)?;
        let mut command = Command::new(self.program);
        command
            .args(self.arguments)
            .current_dir(self.directory)
            .env_clear()
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0);
        command.spawn().map(Child)
    }

    /// Runs it to its end; what it wrote on stdout, when it succeeded.
    pub(super) fn answer(&self) -> Result<Vec<u8>, String> {
        let mut command = Command::new(self.program);
        command
            .args(self.arguments)
            .current_dir(self.directory)
            .env_clear()
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null());
        let what = || format!("{} {}", self.program.to_string_lossy(), self.arguments.join(" "));
        let output = command.output().map_err(|error| format!("{}: {error}", what()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("{} in {}: {said}", what(), self.directory.display()))
    }
}

impl Child {
    /// Its exit code, 128 + n for a signal, when it ends before `deadline`.
    pub(super) fn wait(&mut self, deadline: Instant) -> io::Result<Option<i32>> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(Some(code(status)));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Kills it, not what it started; its exit code.
    pub(super) fn kill(&mut self) -> io::Result<i32> {
        self.0.kill()?;
        self.0.wait().map(code)
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

/// Waits until no process is marked with `key=value`, and kills those that are left after
/// `patience`; how many that were.
pub(super) fn gone(key: &str, value: &str, patience: Duration) -> usize {
    let deadline = Instant::now() + patience;
    while !marked(key, value).is_empty() {
        if Instant::now() >= deadline {
            return kill_marked(key, value);
        }
        std::thread::sleep(10 * LOOK);
    }
    0
}

/// Kills every process marked with `key=value`; how many there were.
pub(super) fn kill_marked(key: &str, value: &str) -> usize {
    kill_all(|| marked(key, value))
}

/// Kills every process marked with `key=value` but those that work in `elsewhere`, which stands for
/// another machine.
pub(super) fn kill_marked_here(key: &str, value: &str, elsewhere: &Path) {
    kill_all(|| {
        let mut here = marked(key, value);
        here.retain(|pid| {
            let directory = std::fs::read_link(format!("/proc/{}/cwd", pid.as_raw_pid()));
            !directory.is_ok_and(|directory| directory.starts_with(elsewhere))
        });
        here
    });
}

fn kill_all(find: impl Fn() -> Vec<Pid>) -> usize {
    let mut killed = 0;
    // What one of them starts while we look is found on the next look.
    for _ in 0..20 {
        let marked = find();
        if marked.is_empty() {
            break;
        }
        killed += marked.iter().filter(|pid| kill_process(**pid, Signal::KILL).is_ok()).count();
        std::thread::sleep(LOOK);
    }
    killed
}

/// The processes that have `key=value` in the environment they were started with; none where the
/// system does not tell.
fn marked(key: &str, value: &str) -> Vec<Pid> {
    let mark = format!("{key}={value}");
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let is_marked = |environment: Vec<u8>| {
        environment.split(|&byte| byte == 0).any(|pair| pair == mark.as_bytes())
    };
    processes
        .filter_map(Result::ok)
        .filter_map(|process| {
            let pid: i32 = process.file_name().to_str()?.parse().ok()?;
            // A process that has ended and is not waited for yet has no environment any more.
            let environment = std::fs::read(process.path().join("environ")).ok()?;
            is_marked(environment).then(|| Pid::from_raw(pid))?
        })
        .collect()
}
