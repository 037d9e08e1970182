//! One file of any length as samples: read in blocks, by several threads, never as a whole.
//!
//! What is found is what [`gather_file`](super::gather_file) finds, because each line is read by
//! the same function. One thing differs: of a line longer than [`LONGEST_LINE`] nothing is kept,
//! and it is a fault.

mod blocks;
mod faults;
mod merge;
mod part;

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::{Filter, Samples, Tally};
use blocks::{Blocks, Sizes};
pub use faults::Faults;
use merge::Merged;
use part::Part;

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 32 << 20;

/// Large enough that taking turns costs nothing, small enough to stay in a processor's cache.
const BLOCK: usize = 1 << 20;

/// More threads would wait for the one that reads; and each may hold a longest line.
const MOST_WORKERS: usize = 4;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Streamed {
    /// Of the rows that were asked about.
    pub samples: Samples,
    /// What could not be read.
    pub faults: Faults,
    /// What became of every line.
    pub tally: Tally,
}

/// Reads `source`, which is called `name`, to its end, and keeps of its rows those that `filter`
/// accepts, duplicates included.
///
/// # Errors
///
/// When `source` cannot be read.
pub fn stream(source: impl Read + Send, name: &str, filter: &Filter) -> io::Result<Streamed> {
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_WORKERS);
    read(source, name, filter, Sizes { block: BLOCK, line: LONGEST_LINE }, workers)
}

fn read(
    source: impl Read + Send,
    name: &str,
    filter: &Filter,
    sizes: Sizes,
    workers: usize,
) -> io::Result<Streamed> {
    let blocks = Mutex::new(Blocks::new(source, sizes));
    let merged = Mutex::new(Merged::new(name));
    let work = || work(&blocks, &merged, sizes.line, filter);
    thread::scope(|scope| {
        let helpers: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let ours = work();
        let theirs = helpers
            .into_iter()
            .map(|helper| helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        theirs.fold(ours, Result::and)
    })?;
    Ok(merged.into_inner().unwrap_or_else(PoisonError::into_inner).all)
}

/// What one thread does: it takes block after block, until there are none.
fn work<R: Read>(
    blocks: &Mutex<Blocks<R>>,
    merged: &Mutex<Merged<'_>>,
    longest: usize,
    filter: &Filter,
) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let filled = lock(blocks).fill(&mut buffer)?;
        let Some((number, content)) = filled else { return Ok(()) };
        let part = Part::of(number, content, &buffer, longest, filter);
        lock(merged).take(number, part);
    }
}

/// A thread that panicked makes all of them end, so that nobody sees what it left.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
