//! A tap that panics is a tap that is gone: the command's bytes go on to the user all the same.

use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::Tap;

/// A tap that is not asked again once it has panicked.
pub(super) struct Shielded<'a> {
    tap: &'a mut dyn Tap,
    state: TapState,
}

/// Whether a tap saw the command to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapState {
    /// It did.
    Whole,
    /// It panicked on the way; what it made of the output is not to be trusted.
    Panicked,
}

impl<'a> Shielded<'a> {
    pub(super) fn new(tap: &'a mut dyn Tap) -> Self {
        Self { tap, state: TapState::Whole }
    }

    pub(super) fn state(&self) -> TapState {
        self.state
    }

    fn ask(&mut self, question: impl FnOnce(&mut dyn Tap)) {
        if self.state == TapState::Panicked {
            return;
        }
        // Whatever it had half done is not looked at again.
        if catch_unwind(AssertUnwindSafe(|| question(self.tap))).is_err() {
            self.state = TapState::Panicked;
        }
    }
}

impl Tap for Shielded<'_> {
    fn bytes(&mut self, bytes: &[u8], at: Duration) {
        self.ask(|tap| tap.bytes(bytes, at));
    }

    fn left_behind(&mut self, pipe: OwnedFd) {
        if self.state == TapState::Panicked {
            // Nobody is left who would read it. Open, it at least does not kill its writer while we
            // live.
            std::mem::forget(pipe);
            return;
        }
        self.ask(|tap| tap.left_behind(pipe));
    }

    fn unseen(&mut self, error: &std::io::Error) {
        self.ask(|tap| tap.unseen(error));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Command, Exit, Output, Signals, run};
    use super::*;
    use crate::clock::SystemClock;

    struct Panicking(usize);

    impl Tap for Panicking {
        fn bytes(&mut self, _bytes: &[u8], _at: Duration) {
            self.0 += 1;
            panic!("no tap");
        }

        fn left_behind(&mut self, _pipe: OwnedFd) {}

        fn unseen(&mut self, _error: &std::io::Error) {}
    }

    #[test]
    fn a_tap_that_panics_costs_the_command_nothing() {
        let variables: Vec<_> = std::env::vars_os().collect();
        let command = Command {
            program: "sh",
            arguments: &["-c".to_owned(), "echo a; sleep 0.05; echo b; exit 7".to_owned()],
            environment: &variables,
            directory: Path::new("/"),
        };
        let mut tap = Panicking(0);
        let ended = run(&command, Output::Hidden, &mut tap, &Signals::none(), &SystemClock);
        assert_eq!((ended.exit, ended.tap), (Exit::Code(7), TapState::Panicked));
        assert_eq!(tap.0, 1, "it is not asked again");
    }
}
