//! Whom did a signal reach: this process alone, or its whole process group?
//!
//! `kill PID` reaches one process, `timeout`, a closing terminal, a job control shell and most CI
//! runners reach the group. The kernel does not tell the receiver which it was, and the difference
//! matters: a Terraform that gets SIGTERM twice exits at once and loses its state. So an idle
//! process of the same group stands by; if it dies, the group was meant.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How far a signal went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To us only, as far as we know.
    ThisProcess,
    /// To every process of our group.
    WholeGroup,
}

/// The time between the two signals that `timeout` sends, one to the process and one to its group.
const SETTLE: Duration = Duration::from_millis(50);

/// How long a machine under load may take to let a process run that has something to do.
const ANSWER: Duration = Duration::from_secs(5);

/// An idle `cat` in our process group that ends with us.
#[derive(Debug)]
pub(super) struct Canary {
    process: duct::Handle,
    /// Its standard input. The kernel closes it however we end, and then `cat` ends.
    leash: PipeWriter,
    /// Its standard output.
    voice: PipeReader,
}

impl Canary {
    /// Starts one; `None` where that fails, and then every signal is taken to be for us alone.
    pub(super) fn start() -> Option<Self> {
        let (stdin, leash) = io::pipe().ok()?;
        let (voice, stdout) = io::pipe().ok()?;
        let process = duct::cmd!("cat", "-u")
            .stdin_file(stdin)
            .stdout_file(stdout)
            .stderr_null()
            .unchecked()
            .start()
            .ok()?;
        Some(Self { process, leash, voice })
    }

    /// How far the signals went that have just arrived here, by their numbers.
    pub(super) fn reach(mut self, arrived: &[i32]) -> Reach {
        // Nobody has spoken to it yet: all that can be heard is its end. After that, a process with
        // a signal pending never gets to answer: an echo proves that there is none, where silence
        // would prove nothing on a busy machine.
        let gone =
            heard(&self.voice, SETTLE) || self.leash.write_all(b"?").is_err() || !self.answers();
        let died_of = || self.process.wait().ok().and_then(|output| output.status.signal());
        // It may have been killed by itself, for example for want of memory.
        if gone && died_of().is_some_and(|signal| arrived.contains(&signal)) {
            Reach::WholeGroup
        } else {
            Reach::ThisProcess
        }
    }

    /// Whether it echoes. A canary that is neither heard nor gone after a long time counts as
    /// alive: nothing is known that would excuse keeping a signal to ourselves.
    fn answers(&mut self) -> bool {
        !heard(&self.voice, ANSWER) || !matches!(self.voice.read(&mut [0; 1]), Ok(0))
    }
}

/// Whether there are bytes, or their end, within `patience`.
fn heard(voice: &PipeReader, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(voice, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return false,
            // The second of two signals, taken by this very thread.
            Err(Errno::INTR) => {}
            _ => return true,
        }
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        // kill also reaps it.
        let _ = self.process.kill();
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    fn killed(canary: &Canary, signal: Signal) {
        for pid in canary.process.pids() {
            kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
        }
    }

    #[test]
    fn it_sings_when_nothing_reached_it() {
        assert_eq!(Canary::start().unwrap().reach(&[libc::SIGTERM]), Reach::ThisProcess);
    }

    #[test]
    fn its_death_tells_that_the_group_was_meant() {
        let canary = Canary::start().unwrap();
        killed(&canary, Signal::TERM);
        assert_eq!(canary.reach(&[libc::SIGTERM]), Reach::WholeGroup);
    }

    #[test]
    fn a_death_of_its_own_tells_nothing() {
        let canary = Canary::start().unwrap();
        killed(&canary, Signal::KILL);
        assert_eq!(canary.reach(&[libc::SIGTERM]), Reach::ThisProcess);
    }
}
