//! The file that `GITHUB_STEP_SUMMARY` names: appended to by a thread of its own.
//!
//! Whatever is there instead of a file, and however long a disk takes, costs a run no more than a
//! moment: pieces are handed over, and an answer is waited for as long as [`PATIENCE`] lasts.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use timing_core::shown::shown;

use crate::regular::{self, Links};

/// How long a run waits for a piece to be written. A disk takes less than a millisecond.
const PATIENCE: Duration = Duration::from_millis(50);

/// Beyond 1 MiB GitHub drops the whole page of a step; others write to it too.
const LONGEST_FILE: u64 = 900 * 1024;

/// What one run writes at most.
const LONGEST_RUN: u64 = 128 * 1024;

/// Something to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A row of the table; `head` stands above it where it does not follow a row of ours.
    Row {
        /// Heading and titles.
        head: String,
        /// The row.
        row: String,
    },
    /// What stands below the table.
    Tail(String),
}

/// The page of a step, for one run.
#[derive(Debug)]
pub struct Summary {
    path: PathBuf,
    pieces: Option<Sender<Piece>>,
    answers: Receiver<io::Result<()>>,
    /// Pieces without an answer.
    open: usize,
    failure: Option<String>,
}

impl Summary {
    /// The page at `path`; nothing is opened yet.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        let (pieces, arriving) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        let mut page = Page { path: path.clone(), end: None, written: 0 };
        let write = move || {
            for piece in arriving {
                // The run may have ended.
                let _ = answer.send(page.append(&piece));
            }
        };
        // Never joined: where it hangs, the process ends without it.
        let failure = thread::Builder::new().name("summary".to_owned()).spawn(write).err();
        let failure = failure.map(|error| error.to_string());
        Self { path, pieces: Some(pieces), answers, open: 0, failure }
    }

    /// Appends `piece`, unless an earlier one could not be.
    pub fn append(&mut self, piece: Piece) {
        let Some(pieces) = self.pieces.as_ref().filter(|_| self.failure.is_none()) else { return };
        // Who waited in vain once does not wait again.
        let is_prompt = self.open == 0;
        if pieces.send(piece).is_ok() {
            self.open += 1;
            if is_prompt {
                self.hear();
            }
        }
    }

    /// Ends it; what went wrong, in one line.
    pub fn close(mut self) -> Option<String> {
        self.pieces = None;
        while self.open > 0 && self.failure.is_none() {
            let before = self.open;
            self.hear();
            if self.open == before {
                self.failure = Some(format!("it took longer than {PATIENCE:?}"));
            }
        }
        let reason = self.failure?;
        Some(format!(
            "the page of this step in {} (GITHUB_STEP_SUMMARY) is incomplete: {reason}",
            shown(&self.path)
        ))
    }

    fn hear(&mut self) {
        if let Ok(answer) = self.answers.recv_timeout(PATIENCE) {
            self.open -= 1;
            self.failure = answer.err().map(|error| error.to_string());
        }
    }
}

/// What the thread knows of the file.
struct Page {
    path: PathBuf,
    /// Where our last row ended, while the table goes on.
    end: Option<u64>,
    written: u64,
}

impl Page {
    fn append(&mut self, piece: &Piece) -> io::Result<()> {
        let end = self.end;
        let written = self.write(|length| {
            let goes_on = end == Some(length);
            match piece {
                Piece::Row { row, .. } if goes_on => row.clone(),
                // Whatever stood there before may have ended in the middle of a line.
                Piece::Row { head, row } if length == 0 => format!("{head}{row}"),
                Piece::Row { head, row } => format!("\n\n{head}{row}"),
                Piece::Tail(text) if goes_on => text.clone(),
                Piece::Tail(text) => format!("\n{text}"),
            }
        });
        self.end = match piece {
            Piece::Row { .. } => written.as_ref().ok().copied(),
            Piece::Tail(_) => None,
        };
        written.map(drop)
    }

    /// Appends what `text` makes of the file's length; its length then.
    fn write(&mut self, text: impl FnOnce(u64) -> String) -> io::Result<u64> {
        let (mut file, length) = open(&self.path)?;
        let text = text(length);
        let size = text.len() as u64;
        if length + size > LONGEST_FILE || self.written + size > LONGEST_RUN {
            return Err(io::Error::other("it is as long as GitHub shows one"));
        }
        // In one piece: others append as well.
        file.write_all(text.as_bytes())?;
        self.written += size;
        Ok(length + size)
    }
}

/// Appends `text` to the page at `path`.
///
/// # Errors
///
/// When there is something else than a file, it cannot be written, or is too long already.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut page = Page { path: path.to_owned(), end: None, written: 0 };
    page.write(|_| text.to_owned()).map(drop)
}

/// The file at `path`, for appending, and its length.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = regular::append(path, Links::Followed)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

#[cfg(test)]
mod tests;
