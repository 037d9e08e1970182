//! What the lines of one block say.

use super::blocks::Content;
use super::faults::FAULTS_KEPT;
use crate::history::{Filter, Samples, Tally};
use crate::table::{Reading, RowFault, read, read_part};

/// The answer of one block, which does not know its place in the file.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) samples: Samples,
    pub(super) tally: Tally,
    /// The first ones, with their lines counted from 1 at the beginning of the block.
    pub(super) faults: Vec<(usize, RowFault)>,
    /// How many line ends.
    pub(super) line_ends: usize,
}

impl Part {
    /// Of block `number`, counted from 0, of a file in which no line longer than `longest` is read.
    pub(super) fn of(
        number: usize,
        content: Content,
        bytes: &[u8],
        longest: usize,
        filter: &Filter,
    ) -> Self {
        let mut part = Self::default();
        match (content, number) {
            (Content::TooLong, _) => {
                part.line_ends = 1;
                part.fault(1, RowFault::TooLong { limit: longest });
            }
            (Content::Lines, 0) => part.take(read(bytes), longest, filter),
            (Content::Lines, _) => part.take(read_part(bytes), longest, filter),
        }
        part.line_ends += memchr::memchr_iter(b'\n', bytes).count();
        part
    }

    fn take<'a>(
        &mut self,
        lines: impl Iterator<Item = (usize, &'a [u8], Reading<'a>)>,
        longest: usize,
        filter: &Filter,
    ) {
        // A loop would move each row once more.
        lines.for_each(|(number, raw, reading)| match reading {
            _ if raw.len() > longest => self.fault(number, RowFault::TooLong { limit: longest }),
            Reading::Header => {
                self.tally.lines += 1;
                self.tally.headers += 1;
            }
            Reading::Row(row) => {
                self.tally.lines += 1;
                self.tally.rows += 1;
                if filter.accepts(&row) {
                    self.samples.add(&row);
                }
            }
            Reading::Fault(fault) => self.fault(number, fault),
        });
    }

    fn fault(&mut self, line: usize, fault: RowFault) {
        self.tally.lines += 1;
        self.tally.faults += 1;
        if self.faults.len() < FAULTS_KEPT {
            self.faults.push((line, fault));
        }
    }
}
