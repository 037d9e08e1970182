//! What a step's output says, while it arrives: the scanner, and who wants to know of stages.
//!
//! The scanner is the one part of capture that judges what others print. Should it fail on that, it
//! is gone, and log, screen and row go on without it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use timing_core::scan::{Ending, Scanned, Scanner, StageKinds};

use super::{Observer, StageBegan, StageChange};

/// A scanner that is not asked again once it has panicked.
pub(super) struct Watch {
    scanner: Option<Scanner>,
    /// How many stages the observer knows.
    told: usize,
    /// How often stages had begun or ended when the observer was told last.
    changes: u64,
}

impl Watch {
    pub(super) fn new(kinds: &StageKinds) -> Self {
        Self { scanner: Some(Scanner::new(kinds.clone())), told: 0, changes: 0 }
    }

    /// Takes in bytes that arrived `at` this time since the start of the phase.
    pub(super) fn feed(&mut self, bytes: &[u8], at: Duration, observer: &mut dyn Observer) {
        let Some(mut scanner) = self.scanner.take() else { return };
        let feed = AssertUnwindSafe(|| {
            scanner.feed(bytes, at);
            scanner
        });
        let Ok(scanner) = catch_unwind(feed) else { return };
        if scanner.changes() != self.changes {
            self.changes = scanner.changes();
            let began: Vec<StageBegan<'_>> = scanner
                .stages()
                .skip(self.told)
                .map(|span| StageBegan { kind: span.kind, name: &span.name, at: span.start })
                .collect();
            self.told += began.len();
            observer.stage(&StageChange { current: scanner.current(), began: &began });
        }
        self.scanner = Some(scanner);
    }

    /// What was seen until the step's end, in the time of the phase. Nothing where the scanner
    /// failed.
    pub(super) fn finish(self, end: Duration, ending: Ending) -> Option<Scanned> {
        let scanner = self.scanner?;
        catch_unwind(AssertUnwindSafe(|| scanner.finish(end, ending))).ok()
    }
}
