//! A command that is out of time: asked to end as Ctrl-C would ask it, then told to, then killed.
//!
//! A thread of its own sleeps until then: the pump may be held up by the user's reader, and a
//! deadline must not be. What the thread does it says, so that others can tell.

use std::io::PipeReader;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::descendants;
use super::signals::{Signals, is_in_our_group};

/// How long a command may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// From its start.
    pub after: Duration,
    /// How long it then has to end in order. A Terraform that is asked to stop waits for what its
    /// providers have begun; asked twice, it gives up without saving its state.
    pub grace: Duration,
}

impl Limit {
    /// How long a command that was sent SIGTERM has, after the grace, before it is killed.
    #[must_use]
    pub fn last_grace(&self) -> Duration {
        self.grace.min(Duration::from_secs(10))
    }
}

/// What was done to a command that was out of time, from the mildest to the hardest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Its processes of our group got SIGINT, as from a terminal.
    Interrupted,
    /// All its processes got SIGTERM.
    Terminated,
    /// All its processes got SIGKILL.
    Killed,
}

impl Measure {
    /// As it travels through a pipe.
    pub(super) fn to_byte(self) -> u8 {
        self as u8
    }

    pub(super) fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Interrupted,
            1 => Self::Terminated,
            _ => Self::Killed,
        }
    }

    fn signal(self) -> Signal {
        match self {
            Self::Interrupted => Signal::INT,
            Self::Terminated => Signal::TERM,
            Self::Killed => Signal::KILL,
        }
    }
}

/// A limit that has begun to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    limit: Limit,
    at: Instant,
}

impl Deadline {
    pub(super) fn begin(limit: Limit) -> Self {
        Self { limit, at: Instant::now() + limit.after }
    }

    /// Ends `children` and their descendants when it is time; `exit` becomes readable when the
    /// command has ended by itself. `tell` hears of each measure just before it is taken; the
    /// hardest is returned.
    ///
    /// The command's end does not end this: members that outlive it, such as a Terraform whose
    /// wrapper died at once, have the rest of the grace. What has left our group or, before the
    /// time was up, its parent is a daemon, and is not waited for.
    pub(super) fn enforce(
        self,
        children: &[u32],
        exit: &PipeReader,
        signals: &Signals,
        mut tell: impl FnMut(Measure),
    ) -> Option<Measure> {
        if ended_by(self.at, vec![exit.as_fd()]) {
            return None;
        }
        let mut family = Family::default();
        family.find(children);
        // At the very moment: what it ended with is its own.
        if !children.iter().any(|&child| is_running(child)) {
            return None;
        }
        let mut taken = None;
        // Somebody has asked it to stop already, and a second time would be one too many.
        if signals.received().is_none() {
            tell(Measure::Interrupted);
            family.send(Measure::Interrupted);
            taken = Some(Measure::Interrupted);
        }
        let mut patience = self.limit.grace;
        for measure in [Measure::Terminated, Measure::Killed] {
            if family.ends_within(patience, exit) {
                return taken;
            }
            family.find(children);
            tell(measure);
            family.send(measure);
            taken = Some(measure);
            patience = self.limit.last_grace();
        }
        taken
    }
}

/// Whether this child of ours has not ended yet. One that has, and is not reaped yet, still has its
/// number.
fn is_running(child: u32) -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let pid = i32::try_from(child).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| matches!(waitid(WaitId::Pid(pid), look), Ok(None)))
}

/// Whether all of `ends` become readable, or end, by `deadline`.
fn ended_by(deadline: Instant, mut ends: Vec<BorrowedFd<'_>>) -> bool {
    while !ends.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut fds: Vec<PollFd<'_>> =
            ends.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        // A signal that was meant for this process may interrupt it.
        if let Ok(ready) = poll(&mut fds, Timespec::try_from(left).ok().as_ref()) {
            let mut pending = fds.iter().map(|fd| fd.revents().is_empty());
            ends.retain(|_| pending.next().unwrap_or(false));
            if ready == 0 && left.is_zero() {
                return false;
            }
        }
    }
    true
}

/// The processes of a command that is out of time.
#[derive(Default)]
struct Family(Vec<Member>);

struct Member {
    pid: Pid,
    /// By which it is still known when its number belongs to somebody else; where the system has
    /// none, only who is a descendant now is sent anything.
    handle: Option<OwnedFd>,
    /// Found just now.
    is_listed: bool,
    is_in_group: bool,
}

impl Family {
    /// Looks for descendants of `children`.
    fn find(&mut self, children: &[u32]) {
        let now = descendants::of(children);
        for member in &mut self.0 {
            member.is_listed = now.contains(&member.pid.as_raw_nonzero().get());
        }
        for pid in now.into_iter().filter_map(Pid::from_raw) {
            if self.0.iter().all(|member| member.pid != pid) {
                let (handle, is_in_group) = (handle_of(pid), is_in_our_group(pid));
                self.0.push(Member { pid, handle, is_listed: true, is_in_group });
            }
        }
    }

    fn send(&self, measure: Measure) {
        for member in &self.0 {
            // A terminal sends to its foreground group alone.
            if measure == Measure::Interrupted && !member.is_in_group {
                continue;
            }
            // Whoever has ended meanwhile has done what was asked.
            match &member.handle {
                Some(handle) => send_by(handle, measure.signal()),
                None if member.is_listed => _ = kill_process(member.pid, measure.signal()),
                None => {}
            }
        }
    }

    /// Whether the command and all of our group that belongs to it end within `patience`.
    fn ends_within(&self, patience: Duration, exit: &PipeReader) -> bool {
        let in_group = self.0.iter().filter(|member| member.is_in_group);
        let handles = in_group.filter_map(|member| Some(member.handle.as_ref()?.as_fd()));
        ended_by(Instant::now() + patience, std::iter::once(exit.as_fd()).chain(handles).collect())
    }
}

#[cfg(target_os = "linux")]
fn handle_of(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(target_os = "linux")]
fn send_by(handle: &OwnedFd, signal: Signal) {
    let _ = rustix::process::pidfd_send_signal(handle, signal);
}

#[cfg(not(target_os = "linux"))]
fn handle_of(_pid: Pid) -> Option<OwnedFd> {
    None
}

#[cfg(not(target_os = "linux"))]
fn send_by(_handle: &OwnedFd, _signal: Signal) {}

#[cfg(test)]
mod tests;
