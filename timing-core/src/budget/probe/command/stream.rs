//! What a command prints, at bounded length.

use std::io::{self, PipeReader, Read};

/// The last bytes of a stream.
#[derive(Debug)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    most: usize,
    total: u64,
}

impl Kept {
    pub(super) fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most, total: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        self.bytes.extend_from_slice(bytes);
        // Twice as much, so that it is not moved at each byte.
        if self.bytes.len() > 2 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.bytes.drain(..self.bytes.len().saturating_sub(self.most));
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Whether nothing is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.total <= self.most as u64
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.cut();
        self.bytes
    }

    pub(super) fn text(&self) -> String {
        let from = self.bytes.len().saturating_sub(self.most);
        String::from_utf8_lossy(self.bytes.get(from..).unwrap_or_default()).into_owned()
    }

    /// The last line that is not blank, or its beginning.
    pub(super) fn last_line(&self) -> Option<String> {
        let text = self.text();
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
        Some(line.chars().take(200).collect())
    }
}

/// A stream of the command's that is read.
#[derive(Debug)]
pub(super) struct Stream {
    /// `None` at its end.
    pub(super) pipe: Option<PipeReader>,
    pub(super) kept: Kept,
}

impl Stream {
    /// Takes what is there; waits when nothing is.
    pub(super) fn read(&mut self) {
        let mut buffer = [0; 64 * 1024];
        let Some(pipe) = &mut self.pipe else { return };
        match pipe.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => self.pipe = None,
            Ok(read) => self.kept.take(buffer.get(..read).unwrap_or_default()),
        }
    }
}
