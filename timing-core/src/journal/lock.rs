//! Recorders of one repository take turns.
//!
//! The branch is moved by compare-and-swap, which needs no lock to be right. But recorders that all
//! build a commit and all but one lose waste each other's time; and whoever has the lock takes the
//! rows of those who wait along.

use std::fs::{File, OpenOptions};
use std::io;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::Journal;

/// How often a waiter looks again.
const LOOK: Duration = Duration::from_millis(3);

/// The right to append; it goes with this value or with the process.
#[derive(Debug)]
pub struct AppendLock {
    file: Option<File>,
}

impl Drop for AppendLock {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            release(file);
        }
    }
}

/// Lets go of the lock on `file`. Closing it is not enough where another thread is starting a
/// process: until that has become the program that it is to be, it has the file, and with it the
/// lock, too.
pub(super) fn release(file: &File) {
    // What fails here ends with the process.
    let _ = flock(file, FlockOperation::Unlock);
}

impl Journal {
    /// The right to append, or `None` when others have it for longer than `patience`.
    ///
    /// # Errors
    ///
    /// When the lock's file cannot be made.
    pub fn lock(&self, patience: Duration) -> io::Result<Option<AppendLock>> {
        self.make_directory()?;
        let path = self.directory().join("lock");
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let deadline = Instant::now() + patience;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(AppendLock { file: Some(file) })),
                Err(Errno::WOULDBLOCK) if Instant::now() < deadline => std::thread::sleep(LOOK),
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(Errno::INTR) => {}
                // A file system without locks: compare-and-swap alone has to do.
                Err(_) => return Ok(Some(AppendLock { file: None })),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_over_although_a_process_that_is_being_started_has_the_file_too() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::in_common_dir(directory.path());
        let turn = journal.lock(Duration::ZERO).unwrap().unwrap();
        let of_a_child = turn.file.as_ref().unwrap().try_clone().unwrap();
        drop(turn);
        assert!(journal.lock(Duration::ZERO).unwrap().is_some());
        drop(of_a_child);
    }
}
