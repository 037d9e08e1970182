//! Lines that hold a given word, out of chunks that end anywhere.

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

/// A line longer than this is nobody's summary; it is passed over, so that memory stays bounded
/// for a program that prints one endless line.
const LONGEST_LINE: usize = 4096;

/// Cuts a stream of bytes into lines and hands on those that hold a word.
#[derive(Debug)]
pub(super) struct LinesWith {
    word: Finder<'static>,
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    /// The line that `partial` began has grown too long.
    overlong: bool,
}

impl LinesWith {
    pub(super) fn new(word: &'static str) -> Self {
        Self { word: Finder::new(word), partial: Vec::new(), overlong: false }
    }

    /// Calls `found` with each completed line (without its end) that holds the word.
    pub(super) fn feed(&mut self, chunk: &[u8], mut found: impl FnMut(&[u8])) {
        let mut rest = chunk;
        if self.overlong || !self.partial.is_empty() {
            let Some(end) = memchr(b'\n', rest) else {
                self.keep(rest);
                return;
            };
            self.keep(&rest[..end]);
            rest = &rest[end + 1..];
            self.finish(&mut found);
        }
        let Some(last) = memrchr(b'\n', rest) else {
            self.keep(rest);
            return;
        };
        self.whole_lines(&rest[..=last], &mut found);
        self.keep(&rest[last + 1..]);
    }

    /// The stream has ended: a last line without an end counts too.
    pub(super) fn end(&mut self, mut found: impl FnMut(&[u8])) {
        self.finish(&mut found);
    }

    fn whole_lines(&self, mut lines: &[u8], found: &mut impl FnMut(&[u8])) {
        while let Some(hit) = self.word.find(lines) {
            let start = memrchr(b'\n', &lines[..hit]).map_or(0, |newline| newline + 1);
            let end = memchr(b'\n', &lines[hit..]).map_or(lines.len(), |length| hit + length);
            if end - start <= LONGEST_LINE {
                found(&lines[start..end]);
            }
            lines = lines.get(end + 1..).unwrap_or_default();
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.partial.len() + bytes.len() > LONGEST_LINE {
            self.overlong = true;
            self.partial.clear();
        }
        if !self.overlong {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self, found: &mut impl FnMut(&[u8])) {
        if !self.overlong && self.word.find(&self.partial).is_some() {
            found(&self.partial);
        }
        self.partial.clear();
        self.overlong = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = LinesWith::new("word");
        let mut found = Vec::new();
        let mut take = |line: &[u8]| found.push(String::from_utf8_lossy(line).into_owned());
        for chunk in chunks {
            lines.feed(chunk, &mut take);
        }
        lines.end(&mut take);
        found
    }

    #[test]
    fn the_same_lines_are_found_however_the_stream_is_cut() {
        let text = b"a word\nnothing\n\nword word\nlast word";
        let whole = lines_of(&[text]);
        assert_eq!(whole, ["a word", "word word", "last word"]);
        for cut in 0..text.len() {
            assert_eq!(lines_of(&[&text[..cut], &text[cut..]]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines_of(&bytes), whole);
    }

    #[test]
    fn an_endless_line_costs_no_memory_and_hides_no_later_line() {
        let mut lines = LinesWith::new("word");
        let mut found = 0;
        for _ in 0..1000 {
            lines.feed(&[b'x'; 4096], |_| found += 1);
            assert!(lines.partial.capacity() <= 2 * LONGEST_LINE);
        }
        lines.feed(b" word\nshort word\n", |_| found += 1);
        assert_eq!(found, 1);
    }
}
