//! SIGINT, SIGTERM and SIGHUP while a command runs.
//!
//! None of them ends this process: it has a row to write. A signal that was ignored when this
//! process started (`nohup`, a background job) stays ignored, here and in the command.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Scope;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::{flag, low_level};

use super::canary::{Canary, Reach};
use super::descendants;
use crate::record::ExitCode;

/// A signal that asks a run to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: somebody asks for an orderly end.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

impl Signal {
    const ALL: [Self; 3] = [Self::Interrupt, Self::Terminate, Self::HangUp];

    fn number(self) -> i32 {
        match self {
            Self::Interrupt => libc::SIGINT,
            Self::Terminate => libc::SIGTERM,
            Self::HangUp => libc::SIGHUP,
        }
    }

    fn to_rustix(self) -> rustix::process::Signal {
        match self {
            Self::Interrupt => rustix::process::Signal::INT,
            Self::Terminate => rustix::process::Signal::TERM,
            Self::HangUp => rustix::process::Signal::HUP,
        }
    }

    /// The exit code of a program that died of this signal.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        ExitCode::from_signal(u8::try_from(self.number()).unwrap_or(u8::MAX))
    }
}

impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        })
    }
}

/// What of one signal has arrived.
#[derive(Debug)]
struct Arrival {
    signal: Signal,
    /// Ever.
    seen: Arc<AtomicBool>,
    /// Since it was last forwarded.
    fresh: Arc<AtomicBool>,
}

/// The handlers, installed for as long as the process lives.
#[derive(Debug)]
pub struct Signals {
    arrivals: Vec<Arrival>,
    /// One byte for each arrival; `None` when no handler could be installed.
    wake: Option<PipeReader>,
}

impl Signals {
    /// Installs the handlers, but for signals that are ignored.
    ///
    /// # Errors
    ///
    /// When the system refuses a pipe or a handler.
    pub fn install() -> io::Result<Self> {
        // Whoever started us may ignore the ends of his children. That is handed down, and then no
        // child of ours could be waited for; any handler undoes it.
        flag::register(libc::SIGCHLD, Arc::default())?;
        let (wake, waker) = io::pipe()?;
        let mut arrivals = Vec::new();
        for signal in Signal::ALL {
            if is_ignored(signal) {
                continue;
            }
            let arrival = Arrival { signal, seen: Arc::default(), fresh: Arc::default() };
            // Actions run in the order of their registration: whoever reads the byte finds the
            // flags set.
            flag::register(signal.number(), Arc::clone(&arrival.seen))?;
            flag::register(signal.number(), Arc::clone(&arrival.fresh))?;
            low_level::pipe::register(signal.number(), waker.try_clone()?)?;
            arrivals.push(arrival);
        }
        Ok(Self { arrivals, wake: Some(wake) })
    }

    /// No handlers at all: signals do what they do to any process.
    #[must_use]
    pub fn none() -> Self {
        Self { arrivals: Vec::new(), wake: None }
    }

    /// The signal that asked this run to end, if one did.
    #[must_use]
    pub fn received(&self) -> Option<Signal> {
        self.arrivals.iter().find(|a| a.seen.load(Ordering::SeqCst)).map(|a| a.signal)
    }

    /// Sends what arrives on to the descendants of `children`, until the result is dropped. `None`
    /// where nothing can be sent on.
    pub(super) fn forward_to<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        children: &'scope OnceLock<Vec<u32>>,
    ) -> Option<StopForwarding> {
        let wake = self.wake.as_ref()?;
        let (stopped, stop) = io::pipe().ok()?;
        std::thread::Builder::new()
            .spawn_scoped(scope, move || self.forward_until(wake, &stopped, children))
            .ok()?;
        Some(StopForwarding { _write_end: stop })
    }

    fn forward_until(
        &self,
        wake: &PipeReader,
        stopped: &PipeReader,
        children: &OnceLock<Vec<u32>>,
    ) {
        // A signal that comes while the command is being started finds it here.
        let children = children.wait();
        let mut canary = None;
        loop {
            // A step this short needs no canary, and pays for none.
            let wait = canary.is_none().then_some(Duration::from_millis(50));
            match wait_for_signal(wake, stopped, wait) {
                Wake::Stopped => return,
                Wake::TimedOut => canary = Some(Canary::start()),
                Wake::Signal if !self.fresh().is_empty() => {
                    self.forward_fresh(children, canary.take().flatten());
                }
                Wake::Signal => {}
            }
        }
    }

    /// The numbers of the signals that came since they were last forwarded.
    fn fresh(&self) -> Vec<i32> {
        let fresh = self.arrivals.iter().filter(|a| a.fresh.load(Ordering::SeqCst));
        fresh.map(|a| a.signal.number()).collect()
    }

    fn forward_fresh(&self, children: &[u32], canary: Option<Canary>) {
        // Looked up before anything else: a shell that the same signal has just ended takes the
        // way to its children with it.
        let mut reached = descendants::of(children);
        let reach = canary.map_or(Reach::ThisProcess, |canary| canary.reach(&self.fresh()));
        let now = descendants::of(children);
        // A child that has been waited for meanwhile has given its number back.
        let is_gone = |pid: &i32| {
            u32::try_from(*pid).is_ok_and(|pid| children.contains(&pid)) && !now.contains(pid)
        };
        reached.retain(|pid| !is_gone(pid));
        if reach == Reach::ThisProcess {
            // What was started meanwhile. Not looked up again once the signal is out: that would
            // find the commands with which a shell's trap puts things in order.
            reached.extend(
                now.iter().copied().filter(|pid| !reached.contains(pid)).collect::<Vec<_>>(),
            );
        }
        for arrival in &self.arrivals {
            let arrived = arrival.fresh.swap(false, Ordering::SeqCst);
            // The terminal has sent Ctrl-C to the whole foreground group itself.
            if arrived && arrival.signal != Signal::Interrupt {
                send(arrival.signal, &reached, reach);
            }
        }
    }
}

fn wait_for_signal(mut wake: &PipeReader, stopped: &PipeReader, wait: Option<Duration>) -> Wake {
    let timeout = wait.and_then(|wait| Timespec::try_from(wait).ok());
    let mut fds = [PollFd::new(stopped, PollFlags::IN), PollFd::new(wake, PollFlags::IN)];
    match poll(&mut fds, timeout.as_ref()) {
        // Our own handlers interrupt poll; their byte is there at the next look.
        Err(_) => return Wake::Signal,
        Ok(0) => return Wake::TimedOut,
        Ok(_) => {}
    }
    if !fds[0].revents().is_empty() {
        return Wake::Stopped;
    }
    let _ = wake.read(&mut [0; 64]);
    Wake::Signal
}

fn send(signal: Signal, pids: &[i32], reach: Reach) {
    for pid in pids.iter().filter_map(|&pid| rustix::process::Pid::from_raw(pid)) {
        // A second SIGTERM makes Terraform give up without saving: whoever had it from the sender
        // does not get it from us too.
        let has_it = reach == Reach::WholeGroup && is_in_our_group(pid);
        if !has_it {
            // It may have ended meanwhile, which is what the signal asked for.
            let _ = rustix::process::kill_process(pid, signal.to_rustix());
        }
    }
}

/// Forwarding ends when this is dropped.
pub(super) struct StopForwarding {
    _write_end: PipeWriter,
}

enum Wake {
    Signal,
    Stopped,
    TimedOut,
}

/// Whether the process belongs to our process group; a process that is gone belongs to none.
#[expect(unsafe_code, reason = "rustix takes a group for a process id, which is never 0")]
pub(super) fn is_in_our_group(pid: rustix::process::Pid) -> bool {
    // In a container whose first process was put into a group from outside, that group has no
    // number inside: the kernel says 0, for us and for all that we started.
    //
    // SAFETY: both calls take and return plain integers and change nothing.
    unsafe { libc::getpgid(pid.as_raw_nonzero().get()) == libc::getpgrp() }
}

#[expect(unsafe_code, reason = "no safe wrapper asks for a signal's disposition")]
fn is_ignored(signal: Signal) -> bool {
    // SAFETY: with a null second argument, sigaction changes nothing and only writes the present
    // disposition into `current`, a plain C struct for which all zeros is a valid value.
    unsafe {
        let mut current: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal.number(), std::ptr::null(), &raw mut current) == 0
            && current.sa_sigaction == libc::SIG_IGN
    }
}
