//! Parts of a file in whatever order they come, put together in theirs.

use std::collections::BTreeMap;

use super::Streamed;
use super::faults::FAULTS_KEPT;
use super::part::Part;
use crate::history::SourceFault;

/// All parts up to the first one that has not come yet. A part is let go as soon as it is taken, so
/// that memory holds everything once.
pub(super) struct Merged<'n> {
    pub(super) all: Streamed,
    name: &'n str,
    /// How many parts were put together.
    parts: usize,
    line_ends: usize,
    /// Those that came before their turn, by number.
    early: BTreeMap<usize, Part>,
}

impl<'n> Merged<'n> {
    /// Of a file that is called `name`.
    pub(super) fn new(name: &'n str) -> Self {
        Self { all: Streamed::default(), name, parts: 0, line_ends: 0, early: BTreeMap::new() }
    }

    /// Takes part `number`, counted from 0.
    pub(super) fn take(&mut self, number: usize, part: Part) {
        self.early.insert(number, part);
        while let Some(next) = self.early.remove(&self.parts) {
            self.append(next);
            self.parts += 1;
        }
    }

    fn append(&mut self, part: Part) {
        let faults = &mut self.all.faults;
        let room = FAULTS_KEPT.saturating_sub(faults.first.len());
        faults.first.extend(part.faults.into_iter().take(room).map(|(line, fault)| SourceFault {
            source: self.name.to_owned(),
            line: self.line_ends + line,
            fault,
        }));
        faults.count += part.tally.faults;
        self.all.tally += part.tally;
        self.all.samples.append(part.samples);
        self.line_ends += part.line_ends;
    }
}
