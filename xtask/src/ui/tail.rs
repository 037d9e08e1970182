//! The end of a step's output, for when the step fails and nobody saw it.

use std::collections::VecDeque;

/// Enough for forty lines of ordinary length; an endless line is cut at its start.
const BYTES: usize = 64 * 1024;

/// The last bytes that passed.
#[derive(Debug, Default)]
pub(super) struct Tail(VecDeque<u8>);

impl Tail {
    /// Takes in the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(BYTES)..];
        let surplus = (self.0.len() + bytes.len()).saturating_sub(BYTES);
        self.0.drain(..surplus);
        self.0.extend(bytes);
    }

    /// The last `count` lines.
    #[must_use]
    pub(super) fn lines(&self, count: usize) -> String {
        let bytes: Vec<u8> = self.0.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    /// The line that is being written, or the last one: what a prompt without a newline shows.
    #[must_use]
    pub(super) fn latest(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().rev().take(512).rev().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        anstream::adapter::strip_str(last).to_string().trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_much() {
        let mut tail = Tail::default();
        for n in 0..100_000 {
            tail.feed(format!("line {n}\n").as_bytes());
        }
        assert_eq!(tail.lines(2), "line 99998\nline 99999");
        assert!(tail.0.len() <= BYTES);
        tail.feed(&vec![b'x'; 3 * BYTES]);
        assert_eq!(tail.lines(40).len(), BYTES);
    }

    #[test]
    fn a_prompt_is_the_latest_line() {
        let mut tail = Tail::default();
        tail.feed(b"\x1b[1mDo you want this?\x1b[0m\n\n  Enter a value: ");
        assert_eq!(tail.latest(), "Enter a value:");
    }
}
