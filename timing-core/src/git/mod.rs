//! The only caller of git: one context, one environment, one time-out policy.
//!
//! A call never asks, pages, runs a hook, collects garbage or reads the terminal, and fetches only
//! where it is made for talking to a remote; it runs in a process group of its own, so that a
//! Ctrl-C meant for the step does not cut a recording short, and is killed with all that it started
//! when its time is up. This module does not know what the registry is.

mod discover;
mod environment;
mod error;
mod input;
mod names;
mod network;
mod program;
mod stream;
mod work_trees;

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use discover::{Discovery, Repository, Version};
pub(crate) use environment::{IDENTITY_EMAIL, IDENTITY_NAME};
pub use error::GitError;
pub(crate) use error::mask_user_info;
pub use names::{BranchName, ObjectFormat, ObjectId, RemoteName};

use environment::Reach;
use input::DeadlineWriter;
pub(crate) use network::{Deadline, SshPolicy};
use stream::Conversation;

/// How long git may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOuts {
    /// For one call that stays on this machine; of a long one, how long it may be silent.
    pub local: Duration,
}

impl Default for TimeOuts {
    fn default() -> Self {
        Self { local: Duration::from_secs(10) }
    }
}

/// How long git may take to heed a signal before nobody waits for it any more.
const REAP: Duration = Duration::from_millis(200);

/// What a call may do, and until when.
#[derive(Debug, Clone)]
enum Terms {
    Local,
    Network(Deadline, SshPolicy),
}

/// git, bound to a directory.
#[derive(Debug, Clone)]
pub struct Git {
    // No `PathBuf`: duct takes a path for one below the current directory and would not search PATH.
    program: OsString,
    dir: PathBuf,
    inherited: Vec<(OsString, OsString)>,
    time_outs: TimeOuts,
    terms: Terms,
}

impl Git {
    /// The `git` that is found on `PATH`, working in `dir`, for a caller whose environment is
    /// `inherited` (usually `std::env::vars_os()`; nothing here looks at the process's own).
    #[must_use]
    pub fn new(
        dir: impl Into<PathBuf>,
        inherited: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let inherited = environment::kept(inherited);
        Self {
            program: program::find("git", &inherited),
            dir: dir.into(),
            inherited,
            time_outs: TimeOuts::default(),
            terms: Terms::Local,
        }
    }

    /// The same with another program in git's place.
    #[must_use]
    pub fn with_program(self, program: impl Into<OsString>) -> Self {
        Self { program: program.into(), ..self }
    }

    /// The same with other time-outs.
    #[must_use]
    pub fn with_time_outs(self, time_outs: TimeOuts) -> Self {
        Self { time_outs, ..self }
    }

    /// The same in another directory.
    #[must_use]
    pub fn in_dir(&self, dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), ..self.clone() }
    }

    /// Runs `git args…` to its end, whatever its exit code. `doing` says what for, to whoever reads
    /// the error.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        doing: &'static str,
        args: &[A],
    ) -> Result<Answer, GitError> {
        let deadline = self.deadline(doing)?;
        let handle = self.command(args).stdin_null().stdout_capture().start();
        let handle = handle.map_err(|error| self.not_started(doing, error))?;
        self.finish(doing, handle, deadline)
    }

    /// The same, with what `write` writes on its standard input.
    pub(crate) fn run_with_input<A: AsRef<OsStr>>(
        &self,
        doing: &'static str,
        args: &[A],
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Answer, GitError> {
        let deadline = self.deadline(doing)?;
        let io_error = |source| GitError::Io { doing, source };
        let (reader, writer) = io::pipe().map_err(io_error)?;
        let mut writer = DeadlineWriter::new(writer, deadline).map_err(io_error)?;
        // The expression holds our copy of the reading end and goes with this line: a git that dies
        // early must break the pipe.
        let handle = self.command(args).stdin_file(reader).stdout_capture().start();
        let handle = handle.map_err(|error| self.not_started(doing, error))?;
        let written = write(&mut writer);
        drop(writer);
        match written {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(self.stop(doing, &handle)),
            // Its own words say more than our broken pipe does.
            Err(error) => match self.finish(doing, handle, deadline)?.success(doing) {
                Ok(_) => Err(io_error(error)),
                Err(failed) => Err(failed),
            },
            Ok(()) => self.finish(doing, handle, deadline),
        }
    }

    /// Runs `git args…` with `input` on its standard input, and has `read` read what it says while
    /// it says it. An error of kind `InvalidData` or `UnexpectedEof` from `read` means that git said
    /// what it cannot have meant, unless it failed and says why.
    pub(crate) fn stream<A: AsRef<OsStr>, T>(
        &self,
        doing: &'static str,
        args: &[A],
        input: &[u8],
        read: impl FnOnce(&mut dyn BufRead) -> io::Result<T>,
    ) -> Result<T, GitError> {
        let io_error = |source| GitError::Io { doing, source };
        let (their_stdin, stdin) = io::pipe().map_err(io_error)?;
        let (stdout, their_stdout) = io::pipe().map_err(io_error)?;
        let patience = self.time_outs.local;
        let conversation = Conversation::new(stdin, input, stdout, patience).map_err(io_error)?;
        let command = self.command(args).stdin_file(their_stdin).stdout_file(their_stdout);
        let handle = command.start().map_err(|error| self.not_started(doing, error))?;
        // It holds our copies of git's ends, without which git's death would not be noticed.
        drop(command);
        let mut conversation = BufReader::with_capacity(64 * 1024, conversation);
        let got = read(&mut conversation);
        drop(conversation);
        match got {
            Ok(got) => {
                self.finish(doing, handle, Instant::now() + patience)?.success(doing)?;
                Ok(got)
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(self.stop(doing, &handle)),
            Err(error) => {
                self.finish(doing, handle, Instant::now() + patience)?.success(doing)?;
                Err(match error.kind() {
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                        GitError::unexpected(doing, error.to_string())
                    }
                    _ => io_error(error),
                })
            }
        }
    }

    fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> duct::Expression {
        let mut argv = vec![OsString::from("-C"), self.dir.clone().into_os_string()];
        argv.extend(environment::settings());
        let (reach, ssh) = match &self.terms {
            Terms::Local => (Reach::Local, None),
            Terms::Network(_, ssh) => {
                argv.extend(environment::network_settings());
                (Reach::Network, ssh.variable())
            }
        };
        argv.extend(args.iter().map(|arg| arg.as_ref().to_owned()));
        let environment = self.inherited.iter().cloned().chain(environment::added(reach));
        duct::cmd(&self.program, argv)
            .full_env(environment.chain(ssh))
            .stderr_capture()
            .unchecked()
            .before_spawn(move |command| {
                match reach {
                    Reach::Local => _ = command.process_group(0),
                    Reach::Network => network::without_terminal(command),
                }
                Ok(())
            })
    }

    fn finish(
        &self,
        doing: &'static str,
        handle: duct::Handle,
        deadline: Instant,
    ) -> Result<Answer, GitError> {
        let io_error = |source| GitError::Io { doing, source };
        if handle.wait_deadline(deadline).map_err(io_error)?.is_none() {
            return Err(self.stop(doing, &handle));
        }
        let output = handle.into_output().map_err(io_error)?;
        Ok(Answer { code: output.status.code(), stdout: output.stdout, stderr: output.stderr })
    }

    /// Ends git and all that it started: first so that it can remove its lock files, then for good.
    fn stop(&self, doing: &'static str, handle: &duct::Handle) -> GitError {
        use rustix::process::{Pid, Signal, kill_process_group};
        let pids = handle.pids().into_iter().filter_map(|pid| i32::try_from(pid).ok());
        let groups: Vec<Pid> = pids.filter_map(Pid::from_raw).collect();
        for signal in [Signal::TERM, Signal::KILL] {
            for group in &groups {
                // Gone already is as good as killed.
                let _ = kill_process_group(*group, signal);
            }
            if signal == Signal::TERM {
                groups.iter().for_each(|leader| wait_for_exit(*leader));
            }
        }
        let _ = handle.wait_timeout(REAP);
        GitError::TimedOut { doing, after: self.allowed() }
    }

    fn not_started(&self, doing: &'static str, source: io::Error) -> GitError {
        if source.kind() == io::ErrorKind::NotFound {
            GitError::Missing { doing, program: self.program.clone() }
        } else {
            GitError::Io { doing, source }
        }
    }
}

/// Waits a while for the leader of a group to end, and does not reap it: until then nobody else can
/// get the number of the group, in which others may live on.
fn wait_for_exit(leader: rustix::process::Pid) {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let deadline = Instant::now() + REAP;
    while Instant::now() < deadline && matches!(waitid(WaitId::Pid(leader), options), Ok(None)) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What git said and how it ended.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its exit code; `None` when it died of a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Answer {
    /// What it wrote, if it ended well.
    pub(crate) fn success(self, doing: &'static str) -> Result<Vec<u8>, GitError> {
        if self.code == Some(0) { Ok(self.stdout) } else { Err(self.failure(doing)) }
    }

    /// This answer as an error.
    pub(crate) fn failure(&self, doing: &'static str) -> GitError {
        GitError::Failed { doing, code: self.code, said: error::first_lines(&self.stderr) }
    }

    /// Whether it complained in these words.
    pub(crate) fn said(&self, words: &str) -> bool {
        memchr::memmem::find(&self.stderr, words.as_bytes()).is_some()
    }
}
