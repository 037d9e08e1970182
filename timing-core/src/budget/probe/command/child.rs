//! One run of a command whose output nobody sees, for no longer than it is given.
//!
//! It leads a process group, so that time's up ends all that it started: by SIGTERM first, so that it
//! can clean up, then for good. Descendants that have left the group are looked up as long as their
//! parents live.

use std::io::{self, PipeReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::stream::{Kept, Stream};
use super::{QUOTED, Run};
use crate::budget::probe::Unknown;
use crate::capture::{self, Signal, Signals, descendants};
use crate::clock::{Clock, SystemClock};
use crate::shown::shown;

/// From SIGTERM to SIGKILL, and from there until a process counts as one that cannot be killed.
const GRACE: Duration = Duration::from_secs(2);
/// What is waited for output after the exit, should somebody else hold the pipe.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often is looked whether a signal has come.
const LOOK: Duration = Duration::from_millis(50);

/// How it ended.
#[derive(Debug)]
enum End {
    /// By itself: the code, or none where it died of a signal.
    Exited(io::Result<std::process::ExitStatus>),
    /// It was stopped when its time was up.
    TimedOut,
    /// It was stopped by a signal to this process.
    Stopped(Signal),
}

/// A run that is over.
#[derive(Debug)]
pub(super) struct Ended {
    end: End,
    /// From just before its start to its exit.
    pub(super) duration: Duration,
    pub(super) stdout: Kept,
    stderr: Kept,
}

/// What the command is called in messages: its arguments may hold what nobody is to read.
pub(super) fn name<'a>(run: &Run<'a>) -> &'a str {
    let program = run.command.program;
    Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program)
}

impl Ended {
    /// The same, if it ended well.
    pub(super) fn success(self, run: &Run<'_>) -> Result<Self, Unknown> {
        let (name, timeout) = (name(run), run.timeout);
        let said = self.stderr.last_line().or_else(|| self.stdout.last_line());
        let said = said.map_or_else(String::new, |line| format!(": {line}"));
        Err(Unknown::because(match &self.end {
            End::Exited(Ok(status)) if status.success() => return Ok(self),
            End::Exited(Ok(status)) => format!("{name}: {status}{said}"),
            End::Exited(Err(error)) => format!("waiting for {name}: {error}"),
            End::TimedOut => format!("{name} was stopped after {timeout:?}{said}"),
            End::Stopped(signal) => format!("{name} was stopped by {signal}"),
        }))
    }
}

/// Runs it and keeps the last `keep` bytes of its stdout.
pub(super) fn run(run: &Run<'_>, keep: usize, signals: &Signals) -> Result<Ended, Unknown> {
    if let Some(signal) = signals.received() {
        let name = name(run);
        return Err(Unknown::because(format_args!("{name} was not started, for {signal}")));
    }
    let mut child = Child::start(run, keep).map_err(|error| not_started(run, &error))?;
    let deadline = child.started.saturating_add(run.timeout);
    let stopped = loop {
        if child.has_exited() {
            break None;
        }
        if let Some(signal) = signals.received() {
            break Some(End::Stopped(signal));
        }
        let left = deadline.saturating_sub(SystemClock.elapsed());
        if left.is_zero() {
            break Some(End::TimedOut);
        }
        child.listen(left.min(LOOK));
    };
    match stopped {
        Some(end) => {
            child.stop();
            Ok(child.ended(end))
        }
        None => {
            child.hear_out();
            let status = child.reap();
            Ok(child.ended(End::Exited(status)))
        }
    }
}

fn not_started(run: &Run<'_>, error: &io::Error) -> Unknown {
    let (name, directory) = (name(run), run.command.directory);
    Unknown::because(if !directory.is_dir() {
        format!("{name} was to run in {}, which is no directory", shown(directory))
    } else if error.kind() == io::ErrorKind::NotFound {
        format!("{} is not installed (not found)", run.command.program)
    } else {
        format!("starting {name}: {error}")
    })
}

/// A command that runs.
struct Child {
    handle: duct::Handle,
    leaders: Vec<Pid>,
    started: Duration,
    streams: [Stream; 2],
    /// Readable once it has exited.
    exit_seen: PipeReader,
    exited_at: Arc<OnceLock<Duration>>,
}

impl Child {
    fn start(run: &Run<'_>, keep: usize) -> io::Result<Self> {
        let (stdout, their_stdout) = io::pipe()?;
        let (stderr, their_stderr) = io::pipe()?;
        let (exit_seen, exit_signal) = io::pipe()?;
        // The expression holds our copies of their ends and goes with this block: the streams end
        // only once those are gone.
        let (started, handle) = {
            let expression = capture::expression(run.command)
                .stdin_null()
                .stdout_file(their_stdout)
                .stderr_file(their_stderr)
                .before_spawn(|command| {
                    command.process_group(0);
                    Ok(())
                });
            (SystemClock.elapsed(), expression.start()?)
        };
        let pids = handle.pids().into_iter().filter_map(|pid| i32::try_from(pid).ok());
        let leaders: Vec<Pid> = pids.filter_map(Pid::from_raw).collect();
        let exited_at = Arc::new(OnceLock::new());
        let (watched, at) = (leaders.clone(), Arc::clone(&exited_at));
        let stdout = Stream { pipe: Some(stdout), kept: Kept::new(keep) };
        let stderr = Stream { pipe: Some(stderr), kept: Kept::new(QUOTED) };
        let streams = [stdout, stderr];
        let mut child = Self { handle, leaders, started, streams, exit_seen, exited_at };
        // Not joined: nobody can be made to wait for what cannot be killed.
        let watch = std::thread::Builder::new().spawn(move || {
            watched.iter().for_each(|leader| wait_for(*leader));
            let _ = at.set(SystemClock.elapsed());
            drop(exit_signal);
        });
        match watch {
            Ok(_) => Ok(child),
            Err(error) => {
                child.stop();
                Err(error)
            }
        }
    }

    fn has_exited(&self) -> bool {
        self.exited_at.get().is_some()
    }

    /// Whether nobody can say anything any more.
    fn is_silent(&self) -> bool {
        self.streams.iter().all(|stream| stream.pipe.is_none())
    }

    /// Takes what is said within `wait`; whether anything was.
    fn listen(&mut self, wait: Duration) -> bool {
        let Ok(wait) = Timespec::try_from(wait) else { return false };
        let exit = (!self.has_exited()).then_some(&self.exit_seen);
        let pipes = self.streams.iter().map(|stream| stream.pipe.as_ref());
        let mut polled: Vec<PollFd<'_>> = Vec::new();
        let mut of = Vec::new();
        for (index, pipe) in pipes.enumerate() {
            if let Some(pipe) = pipe {
                polled.push(PollFd::new(pipe, PollFlags::IN));
                of.push(index);
            }
        }
        polled.extend(exit.map(|exit| PollFd::new(exit, PollFlags::IN)));
        if poll(&mut polled, Some(&wait)).is_err() {
            return false;
        }
        let ready: Vec<usize> = polled
            .iter()
            .zip(of)
            .filter(|(fd, _)| !fd.revents().is_empty())
            .map(|(_, index)| index)
            .collect();
        for index in &ready {
            if let Some(stream) = self.streams.get_mut(*index) {
                stream.read();
            }
        }
        !ready.is_empty()
    }

    /// Takes what is left in the pipes after the exit. Who holds them still is not waited for.
    fn hear_out(&mut self) {
        let end = SystemClock.elapsed() + GRACE;
        while !self.is_silent() && SystemClock.elapsed() < end && self.listen(PATIENCE) {}
    }

    /// Ends it and all that it started.
    fn stop(&mut self) {
        let mut strays = self.strays();
        self.signal(&strays, rustix::process::Signal::TERM);
        let end = SystemClock.elapsed() + GRACE;
        while SystemClock.elapsed() < end && !(self.has_exited() && self.is_silent()) {
            self.listen(LOOK);
        }
        // Gone already is as good as killed. The leader has not been waited for, so that nobody else
        // can have got the number of its group.
        strays.extend(self.strays());
        self.signal(&strays, rustix::process::Signal::KILL);
        let _ = self.reap();
    }

    fn signal(&self, strays: &[Pid], signal: rustix::process::Signal) {
        for leader in &self.leaders {
            let _ = kill_process_group(*leader, signal);
        }
        for stray in strays {
            let _ = kill_process(*stray, signal);
        }
    }

    /// Descendants that have left the group.
    fn strays(&self) -> Vec<Pid> {
        let found = descendants::of(&self.handle.pids()).into_iter().filter_map(Pid::from_raw);
        found
            .filter(|pid| {
                rustix::process::getpgid(Some(*pid))
                    .is_ok_and(|group| !self.leaders.contains(&group))
            })
            .collect()
    }

    fn reap(&self) -> io::Result<std::process::ExitStatus> {
        let output = self.handle.wait_timeout(GRACE)?;
        output.map(|output| output.status).ok_or_else(|| io::Error::other("it cannot be killed"))
    }

    fn ended(self, end: End) -> Ended {
        let now = SystemClock.elapsed();
        let at = self.exited_at.get().copied().unwrap_or(now);
        let [stdout, stderr] = self.streams.map(|stream| stream.kept);
        Ended { end, duration: at.saturating_sub(self.started), stdout, stderr }
    }
}

/// Waits for its end and does not reap it.
fn wait_for(process: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(process), options), Err(rustix::io::Errno::INTR)) {}
}
