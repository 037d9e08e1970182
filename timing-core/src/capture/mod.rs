//! Run one command, pass its bytes on as they come, and time it.
//!
//! The command runs as if nobody watched: it stays in the terminal's foreground group, reads the
//! user's stdin, and its bytes go where they would have gone before anything else looks at them.
//! This module knows nothing of phases, logs, git or the registry; whoever wants the bytes hands
//! in a [`Tap`].

mod canary;
pub(crate) mod descendants;
mod detach;
mod drain;
mod forward;
mod pump;
mod shielded;
mod signals;

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::OnceLock;
use std::time::Duration;

pub use detach::{detach, leave_session};
pub use drain::{drain_stdin, hand_over};
pub use forward::Streams;
pub use shielded::TapState;
pub use signals::{Signal, Signals};

use crate::clock::Clock;
use crate::record::ExitCode;
use pump::Pump;
use shielded::Shielded;

/// A command as it will be executed. Nothing in it is interpreted by a shell.
#[derive(Debug)]
pub struct Command<'a> {
    /// The program: a name looked up in `PATH`, or a path, relative to `directory`.
    pub program: &'a str,
    /// Its arguments.
    pub arguments: &'a [String],
    /// Its whole environment; nothing is inherited beside it.
    pub environment: &'a [(OsString, OsString)],
    /// Where it runs.
    pub directory: &'a Path,
}

/// What becomes of a command's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The command writes to our own stdout and stderr; nothing is seen of it.
    Untouched,
    /// Each byte goes on to our stdout or stderr, and then to the tap.
    Forwarded(Streams),
    /// Each byte goes to the tap alone.
    Hidden,
}

/// Who looks at the bytes of a captured command.
pub trait Tap {
    /// The next bytes, in order of arrival, cut anywhere. They have reached the user already, or
    /// would have if he read.
    fn bytes(&mut self, bytes: &[u8]);

    /// Our own stdout or stderr cannot be written to any more, for a reason that ends nobody: what
    /// the command prints from here on reaches the tap alone.
    fn unseen(&mut self, error: &io::Error);

    /// The command is gone and a process that it left behind still holds this pipe. Closing it
    /// would kill that process at its next write, so somebody has to go on reading.
    fn left_behind(&mut self, pipe: OwnedFd);
}

/// How a command came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this code.
    Code(u8),
    /// It died of this signal.
    Signal(u8),
    /// It could not be started.
    NotStarted {
        /// [`ExitCode::NOT_FOUND`] or [`ExitCode::NOT_EXECUTABLE`].
        code: ExitCode,
        /// What the system said.
        reason: String,
    },
}

impl Exit {
    /// The exit code as a shell counts it.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Code(code) => ExitCode(*code),
            Self::Signal(signal) => ExitCode::from_signal(*signal),
            Self::NotStarted { code, .. } => *code,
        }
    }

    fn of(status: ExitStatus) -> Self {
        // A status is either a code or a signal; 8 bits are all that the kernel hands out.
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(u8::try_from(code).unwrap_or(u8::MAX)),
            (None, signal) => Self::Signal(u8::try_from(signal.unwrap_or(0)).unwrap_or(0)),
        }
    }

    fn not_started(error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::NotFound => ExitCode::NOT_FOUND,
            _ => ExitCode::NOT_EXECUTABLE,
        };
        Self::NotStarted { code, reason: error.to_string() }
    }
}

/// What is known of a command that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub exit: Exit,
    /// From just before its start to its last sign of life: its exit or, if later, the last byte
    /// of a process it left behind.
    pub duration: Duration,
    /// Whether the tap saw all of its output.
    pub tap: TapState,
}

/// The command's exit, or why it did not start, and when that was seen, by the thread that waited
/// for it.
type Exited = (io::Result<Exit>, Duration);

/// How long a command may run before a thread of its own passes signals on to it.
const BRIEF: Duration = Duration::from_millis(20);

/// Runs `command` to its end.
///
/// SIGTERM and SIGHUP that reach this process meanwhile go on to every descendant of the command;
/// SIGINT does not, because the terminal sends it to them itself. Where the means to watch the
/// command cannot be had (no more pipes or threads), it runs unwatched rather than not at all.
pub fn run(
    command: &Command<'_>,
    output: Output,
    tap: &mut dyn Tap,
    signals: &Signals,
    clock: &dyn Clock,
) -> Ended {
    let expression = expression(command);
    let mut tap = Shielded::new(tap);
    let started = clock.elapsed();
    let (exit, at) = match output {
        Output::Untouched => unobserved(&expression, signals, clock),
        Output::Forwarded(_) | Output::Hidden => {
            watched(&expression, output, &mut tap, signals, clock)
                .unwrap_or_else(|_| unobserved(&expression, signals, clock))
        }
    };
    let exit = exit.unwrap_or_else(|error| Exit::not_started(&error));
    Ended { exit, duration: at.saturating_sub(started), tap: tap.state() }
}

/// Runs the command on our own stdout and stderr: all there is to do is to pass signals on.
fn unobserved(expression: &duct::Expression, signals: &Signals, clock: &dyn Clock) -> Exited {
    let run = || -> io::Result<Exit> {
        let handle = expression.start()?;
        // A signal that comes in this time waits for the thread; most short commands need none.
        // Where that fails, as it does where no more files may be opened, waiting itself still works.
        if !matches!(handle.wait_timeout(BRIEF), Ok(Some(_))) {
            let processes = OnceLock::from(handle.pids());
            std::thread::scope(|scope| {
                let _forwarding = signals.forward_to(scope, &processes);
                handle.wait().map(drop)
            })?;
        }
        Ok(Exit::of(handle.wait()?.status))
    };
    (run(), clock.elapsed())
}

/// Runs the command with its output captured. An error means that nothing was started.
fn watched(
    expression: &duct::Expression,
    output: Output,
    tap: &mut dyn Tap,
    signals: &Signals,
    clock: &dyn Clock,
) -> io::Result<Exited> {
    let (connected, pipes) = forward::connect(expression.clone(), output)?;
    let (exit_seen, exit_signal) = io::pipe()?;
    let (processes, exited) = (OnceLock::new(), OnceLock::new());
    let last_byte = std::thread::scope(|scope| -> io::Result<Duration> {
        let (processes, exited) = (&processes, &exited);
        let wait = move || {
            let exit = start_and_wait(connected, |pids| {
                let _ = processes.set(pids);
            });
            let _ = exited.set((exit, clock.elapsed()));
            // Nobody waits for the processes of a command that did not start.
            let _ = processes.set(Vec::new());
            drop(exit_signal);
        };
        std::thread::Builder::new().spawn_scoped(scope, wait)?;
        let _forwarding = signals.forward_to(scope, processes);
        Ok(Pump { pipes, exit: &exit_seen, exited, signals, clock }.run(tap))
    })?;
    match exited.into_inner() {
        // What we hold open for watching may be what was missing for starting.
        Some((Err(error), _)) if is_want_of_files(&error) => Err(error),
        Some((exit, at)) => Ok((exit, at.max(last_byte))),
        None => Ok((Err(io::Error::other("nobody saw it end")), clock.elapsed())),
    }
}

fn is_want_of_files(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

fn start_and_wait(
    expression: duct::Expression,
    started: impl FnOnce(Vec<u32>),
) -> io::Result<Exit> {
    let handle = expression.start();
    // It holds our copies of the pipes' write ends; the pipes end only once they are gone.
    drop(expression);
    let handle = handle?;
    started(handle.pids());
    Ok(Exit::of(handle.wait()?.status))
}

pub(crate) fn expression(command: &Command<'_>) -> duct::Expression {
    // duct takes a relative path as relative to our own directory; a shell in the command's
    // directory would not.
    let program = if command.program.contains('/') {
        command.directory.join(command.program).into_os_string()
    } else {
        OsString::from(command.program)
    };
    duct::cmd(program, command.arguments)
        .dir(command.directory)
        .full_env(command.environment.iter().cloned())
        .unchecked()
}
