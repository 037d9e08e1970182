//! What a journal holds, without touching it.

use std::io;

use super::{DAMAGED, Journal};
use crate::addition;

/// How much a journal holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Entries of runs that live.
    pub living: usize,
    /// Entries of runs that are gone.
    pub left: usize,
    /// Rows in the outbox.
    pub waiting: usize,
    /// Entries that were moved aside.
    pub damaged: usize,
}

impl Journal {
    /// Counts what is here. Entries are locked for a moment, and not read.
    ///
    /// # Errors
    ///
    /// When the directory or the outbox cannot be read; one that is not there holds nothing.
    pub fn census(&self) -> io::Result<Census> {
        let mut census =
            Census { waiting: addition::rows(&self.outbox()?.0).count(), ..Census::default() };
        for path in self.entries()? {
            if Self::is_owned(&path)? {
                census.living += 1;
            } else {
                census.left += 1;
            }
        }
        census.damaged = match std::fs::read_dir(self.directory().join(DAMAGED)) {
            Ok(damaged) => damaged.count(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(census)
    }
}
