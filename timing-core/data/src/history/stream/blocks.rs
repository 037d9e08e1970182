//! A file in blocks of whole lines.

use std::io::{self, Read};

/// How much is read and kept at once, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// What a block is filled up to; at least one.
    pub(super) block: usize,
    /// The longest line that is kept, without its line end.
    pub(super) line: usize,
}

/// What a buffer was filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Whole lines; only the last one of the file may lack its line end.
    Lines,
    /// Nothing, in place of a line that is too long.
    TooLong,
}

/// Cuts what `source` reads at the last line end of each block; what follows begins the next one.
pub(super) struct Blocks<R> {
    source: R,
    sizes: Sizes,
    carry: Vec<u8>,
    next: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(source: R, sizes: Sizes) -> Self {
        Self { source, sizes, carry: Vec::new(), next: 0, state: State::Reading }
    }

    /// Fills `buffer`: which block it is, counted from 0, and what it holds. `None` at the end.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<(usize, Content)>> {
        buffer.clear();
        std::mem::swap(buffer, &mut self.carry);
        let content = self.content(buffer);
        if content.is_err() {
            self.state = State::Ended;
        }
        let number = self.next;
        self.next += 1;
        Ok(content?.map(|content| (number, content)))
    }

    fn content(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Content>> {
        let mut end = None;
        while self.state == State::Reading && end.is_none() {
            let known = buffer.len();
            // What was carried over may be longer than a block, when a line too long was in front.
            let wanted = self.sizes.block.saturating_sub(known).max(self.sizes.block.div_ceil(2));
            self.read(wanted, buffer)?;
            end = memchr::memrchr(b'\n', buffer.get(known..).unwrap_or_default())
                .map(|place| known + place)
                .or_else(|| memchr::memrchr(b'\n', buffer.get(..known).unwrap_or_default()));
            // The last byte may be the CR of a line end that is still to come.
            if end.is_none() && buffer.len() > self.sizes.line + 1 {
                buffer.clear();
                self.skip_line()?;
                return Ok(Some(Content::TooLong));
            }
        }
        if let Some(end) = end {
            self.carry.extend_from_slice(buffer.get(end + 1..).unwrap_or_default());
            buffer.truncate(end + 1);
        }
        Ok((!buffer.is_empty()).then_some(Content::Lines))
    }

    /// Appends up to `wanted` bytes to `buffer`.
    fn read(&mut self, wanted: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.reserve_exact(wanted);
        let read = self.source.by_ref().take(wanted as u64).read_to_end(buffer)?;
        if read < wanted {
            self.state = State::Ended;
        }
        Ok(())
    }

    /// Reads past the next line end; what follows it is carried over.
    fn skip_line(&mut self) -> io::Result<()> {
        let mut skipped = Vec::new();
        while self.state == State::Reading {
            skipped.clear();
            self.read(self.sizes.block, &mut skipped)?;
            if let Some(end) = memchr::memchr(b'\n', &skipped) {
                self.carry.extend_from_slice(skipped.get(end + 1..).unwrap_or_default());
                return Ok(());
            }
        }
        Ok(())
    }
}
