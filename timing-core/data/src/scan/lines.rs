//! Lines that may say something, out of chunks that end anywhere.

use memchr::{memchr, memrchr};

use super::marks::{Marks, Sought};

/// A line longer than this is nobody's summary; it is passed over, so that memory stays bounded
/// for a program that prints one endless line.
const LONGEST_LINE: usize = 4096;

/// Who looks at the lines.
pub(super) trait Reader {
    /// What its lines are known by, as of now.
    fn seeks(&self) -> Sought<'_>;

    /// A completed line without its end, which holds what is sought.
    fn line(&mut self, line: &[u8]);
}

/// Cuts a stream of bytes into lines and hands on those that hold a mark.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    /// The line that `partial` began has grown too long.
    overlong: bool,
}

impl Lines {
    /// Hands on each line that the chunk completes and that holds what `reader` seeks.
    pub(super) fn feed(&mut self, chunk: &[u8], reader: &mut impl Reader) {
        let mut rest = chunk;
        if self.overlong || !self.partial.is_empty() {
            let Some(end) = memchr(b'\n', rest) else {
                self.keep(rest);
                return;
            };
            self.keep(&rest[..end]);
            rest = &rest[end + 1..];
            self.end(reader);
        }
        let Some(last) = memrchr(b'\n', rest) else {
            self.keep(rest);
            return;
        };
        whole_lines(&rest[..=last], reader);
        self.keep(&rest[last + 1..]);
    }

    /// The stream has ended: a last line without an end counts too.
    pub(super) fn end(&mut self, reader: &mut impl Reader) {
        if !self.overlong {
            whole_lines(&self.partial, reader);
        }
        self.partial.clear();
        self.overlong = false;
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
}

fn whole_lines(lines: &[u8], reader: &mut impl Reader) {
    let mut marks = Marks::of(lines);
    let mut from = 0;
    while let Some(mark) = marks.next(from, reader.seeks()) {
        let start = memrchr(b'\n', &lines[from..mark]).map_or(from, |newline| from + newline + 1);
        let end = memchr(b'\n', &lines[mark..]).map_or(lines.len(), |length| mark + length);
        if end - start <= LONGEST_LINE {
            reader.line(&lines[start..end]);
        }
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Found(Vec<String>);

    impl Reader for Found {
        fn seeks(&self) -> Sought<'_> {
            Sought::default()
        }

        fn line(&mut self, line: &[u8]) {
            self.0.push(String::from_utf8_lossy(line).into_owned());
        }
    }

    fn lines_of(chunks: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut found) = (Lines::default(), Found::default());
        for chunk in chunks {
            lines.feed(chunk, &mut found);
        }
        lines.end(&mut found);
        found.0
    }

    #[test]
    fn the_same_lines_are_found_however_the_stream_is_cut() {
        let text = b"a == b\nnothing\n\n== twice ==\nthe last STAGE 1";
        let whole = lines_of(&[text]);
        assert_eq!(whole, ["a == b", "== twice ==", "the last STAGE 1"]);
        for cut in 0..text.len() {
            assert_eq!(lines_of(&[&text[..cut], &text[cut..]]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(lines_of(&bytes), whole);
    }

    #[test]
    fn an_endless_line_costs_no_memory_and_hides_no_later_line() {
        let (mut lines, mut found) = (Lines::default(), Found::default());
        for _ in 0..1000 {
            lines.feed(&[b'x'; 4096], &mut found);
            assert!(lines.partial.capacity() <= 2 * LONGEST_LINE);
        }
        lines.feed(b" STAGE 1\nSTAGE 2\n", &mut found);
        assert_eq!(found.0, ["STAGE 2"]);
    }
}
