//! The loop between a command's pipes and everyone who wants its bytes.

use std::io::{PipeReader, Read};
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::forward::{Forwarded, Pipe};
use super::{Exited, Signals, Tap};
use crate::clock::Clock;

/// Memory for one read. Larger reads than a pipe holds gain nothing.
const BUFFER: usize = 256 * 1024;

/// How long the pump stays once the command itself is gone and somebody else still holds its pipe.
struct Patience {
    /// Without a byte.
    silence: Duration,
    /// In all.
    total: Duration,
}

impl Patience {
    /// What is left of it at `now` for a command that exited at `exited`.
    fn left(&self, exited: Duration, last_byte: Duration, now: Duration) -> Duration {
        let end = (exited.max(last_byte) + self.silence).min(exited + self.total);
        end.saturating_sub(now)
    }
}

/// A daemon that forgot to redirect its output is not waited for.
const AFTER_EXIT: Patience =
    Patience { silence: Duration::from_millis(200), total: Duration::from_secs(5) };

/// A Terraform whose shell died of a signal is putting its state in order; what it says of that
/// belongs to the step.
const AFTER_SIGNAL: Patience =
    Patience { silence: Duration::from_secs(2), total: Duration::from_secs(30) };

pub(super) struct Pump<'a> {
    pub(super) pipes: Vec<Pipe>,
    /// Becomes readable, at its end, when the command has exited.
    pub(super) exit: &'a PipeReader,
    /// Set before `exit` becomes readable.
    pub(super) exited: &'a OnceLock<Exited>,
    pub(super) signals: &'a Signals,
    pub(super) clock: &'a dyn Clock,
}

impl Pump<'_> {
    /// Pumps until the command has exited and its pipes have ended or fallen silent; returns when
    /// the last byte came (zero when none did).
    pub(super) fn run(mut self, tap: &mut dyn Tap) -> Duration {
        let mut buffer = vec![0; BUFFER];
        let mut last_byte = Duration::ZERO;
        loop {
            let exited = self.exited.get().map(|(_, at)| *at);
            if self.pipes.is_empty() && exited.is_some() {
                return last_byte;
            }
            let wait = match exited.map(|at| self.patience_left(at, last_byte)) {
                Some(Duration::ZERO) => break,
                Some(left) => Wait::AtMost(left),
                None => Wait::ForTheExitToo,
            };
            last_byte = last_byte.max(self.turn(wait, &mut buffer, tap));
        }
        self.leave(&mut buffer, tap);
        last_byte
    }

    /// Passes on what the pipes hold now, however long its reader takes, and hands over those that
    /// somebody else still holds.
    fn leave(mut self, buffer: &mut [u8], tap: &mut dyn Tap) {
        // No more than that: who goes on writing would never let us go.
        let held = |pipe: &Pipe| rustix::io::ioctl_fionread(&pipe.reader).unwrap_or(0);
        for pipe in &mut self.pipes {
            pipe.owed = held(pipe);
        }
        loop {
            let is_done =
                |pipe: &mut Pipe| !pipe.has_backlog() && pipe.owed == 0 && !pipe.is_closed();
            for pipe in self.pipes.extract_if(.., is_done) {
                tap.left_behind(OwnedFd::from(pipe.reader));
            }
            if self.pipes.is_empty() {
                return;
            }
            self.turn(Wait::ForPipes, buffer, tap);
        }
    }

    /// Waits, and does for each pipe what there is to do; returns when the last byte was read (zero
    /// when none was).
    fn turn(&mut self, wait: Wait, buffer: &mut [u8], tap: &mut dyn Tap) -> Duration {
        let ready = self.ready(wait);
        let now = self.clock.elapsed();
        let mut last_byte = Duration::ZERO;
        for index in (0..self.pipes.len()).rev() {
            if !ready.get(index).copied().unwrap_or(false) {
                continue;
            }
            match self.pass_on(index, now, buffer, tap) {
                Passed::Bytes => last_byte = now,
                Passed::Backlog => {}
                Passed::Ended => drop(self.pipes.remove(index)),
            }
        }
        last_byte
    }

    fn patience_left(&self, exited: Duration, last_byte: Duration) -> Duration {
        let patience = match self.signals.received() {
            None => AFTER_EXIT,
            Some(_) => AFTER_SIGNAL,
        };
        patience.left(exited, last_byte, self.clock.elapsed())
    }

    /// Which pipes have bytes or room for them, or have ended.
    fn ready(&self, wait: Wait) -> Vec<bool> {
        let mut fds: Vec<PollFd<'_>> = self.pipes.iter().map(Pipe::awaits).collect();
        let timeout = match wait {
            Wait::AtMost(wait) => Timespec::try_from(wait).ok(),
            Wait::ForPipes => None,
            Wait::ForTheExitToo => {
                fds.push(PollFd::new(self.exit, PollFlags::IN));
                None
            }
        };
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => fds.iter().map(|fd| !fd.revents().is_empty()).collect(),
            // Interrupted by a signal: the caller looks again.
            Err(_) => Vec::new(),
        }
    }

    /// Does for one pipe what there is to do; `now` is when that was found out.
    fn pass_on(
        &mut self,
        index: usize,
        now: Duration,
        buffer: &mut [u8],
        tap: &mut dyn Tap,
    ) -> Passed {
        let Some(pipe) = self.pipes.get_mut(index) else { return Passed::Ended };
        if pipe.has_backlog() {
            return after(pipe.forward_backlog(), Passed::Backlog, tap);
        }
        let bytes = match pipe.reader.read(buffer) {
            Ok(0) => return Passed::Ended,
            Ok(length) => buffer.get(..length).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Passed::Bytes,
            Err(_) => return Passed::Ended,
        };
        pipe.owed = pipe.owed.saturating_sub(bytes.len() as u64);
        let forwarded = pipe.forward(bytes);
        tap.bytes(bytes, now);
        after(forwarded, Passed::Bytes, tap)
    }
}

fn after(forwarded: Forwarded, passed: Passed, tap: &mut dyn Tap) -> Passed {
    match forwarded {
        Forwarded::Passed => passed,
        Forwarded::Failed(error) => {
            tap.unseen(&error);
            passed
        }
        Forwarded::ReaderGone => Passed::Ended,
    }
}

/// What a turn waits for, beside the pipes.
#[derive(Clone, Copy)]
enum Wait {
    /// The command's exit. Once it has been seen, it would keep poll from ever waiting.
    ForTheExitToo,
    /// So much time.
    AtMost(Duration),
    /// Nothing.
    ForPipes,
}

enum Passed {
    /// A sign of life.
    Bytes,
    /// Bytes that had been read before.
    Backlog,
    Ended,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_with_silence_and_at_last_in_any_case() {
        let ms = Duration::from_millis;
        let left = |last_byte, now| AFTER_EXIT.left(ms(1000), ms(last_byte), ms(now));
        // Nothing since long before the exit, which counts as a sign of life itself.
        assert_eq!(left(0, 1000), ms(200));
        assert_eq!(left(0, 1200), ms(0));
        // Each byte begins it anew.
        assert_eq!(left(1150, 1200), ms(150));
        // The end of all patience, however busy the pipe is.
        assert_eq!(left(5990, 5990), ms(10));
        assert_eq!(left(6500, 6500), ms(0));
    }
}
