//! All that is read from a step's output, in one pass.

use std::time::Duration;

use super::event;
use super::kinds::StageKinds;
use super::lines::{Lines, Reader};
use super::marks::Sought;
use super::terraform::Tally;
use super::timeline::{Ending, Timeline};
use crate::record::ResourceCounts;
use crate::stages::Span;

/// Reads one step's output as it arrives: counts of resources, and when stages and resources began
/// and ended.
///
/// A line counts as arrived with the chunk that holds its end. Memory is bounded, whatever is
/// printed.
#[derive(Debug, Default)]
pub struct Scanner {
    lines: Lines,
    seen: Seen,
}

/// What the output said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// How many resources were added, changed, destroyed and imported.
    pub resources: ResourceCounts,
    /// Stages and resources, in the order in which they began.
    pub spans: Vec<Span>,
    /// How many spans there were beyond those that are kept.
    pub left_out: u64,
}

#[derive(Debug, Default)]
struct Seen {
    kinds: StageKinds,
    tally: Tally,
    timeline: Timeline,
    /// When the last bytes arrived.
    at: Duration,
}

impl Scanner {
    /// A scanner that knows these stages, beside those that every scanner knows.
    #[must_use]
    pub fn new(kinds: StageKinds) -> Self {
        Self { lines: Lines::default(), seen: Seen { kinds, ..Seen::default() } }
    }

    /// Takes in the next bytes of the output, cut anywhere, which arrived `at` this time since
    /// whatever the spans are to count from.
    pub fn feed(&mut self, chunk: &[u8], at: Duration) {
        self.seen.at = self.seen.at.max(at);
        self.lines.feed(chunk, &mut self.seen);
    }

    /// The name of the innermost stage, pass or step that has begun and not ended.
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        self.seen.timeline.current()
    }

    /// The stages, passes and steps that have begun, in this order.
    pub fn stages(&self) -> impl Iterator<Item = &Span> {
        self.seen.timeline.stages()
    }

    /// How often one has begun or ended.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.seen.timeline.changes()
    }

    /// What was seen, now that the command has ended, at `end` by the same count.
    #[must_use]
    pub fn finish(mut self, end: Duration, ending: Ending) -> Scanned {
        self.lines.end(&mut self.seen);
        let end = end.max(self.seen.at);
        let (spans, left_out) = self.seen.timeline.finish(end, ending);
        Scanned { resources: self.seen.tally.total(), spans, left_out }
    }
}

impl Reader for Seen {
    fn seeks(&self) -> Sought<'_> {
        Sought { frames: self.timeline.awaits_errors(), texts: self.kinds.texts() }
    }

    fn line(&mut self, line: &[u8]) {
        let mut plain = Vec::new();
        let Some(line) = event::text_of(line, &mut plain) else { return };
        if let Some(event) = event::read(line) {
            self.tally.take(event);
            self.timeline.take(event, self.at);
        } else if let Some(said) = self.kinds.read(line) {
            self.timeline.take_own(said, self.at);
        }
    }
}
