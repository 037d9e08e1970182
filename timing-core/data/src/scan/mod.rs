//! Streaming readers of a step's output.
//!
//! They see bytes as they arrive and must cost nothing on what they do not know: one search over
//! the whole chunk for marks that few lines have, and a closer look only at the lines that hold
//! one. They know nothing of processes or files, and never change what passes by.

mod address;
mod banner;
mod event;
mod kinds;
mod lines;
mod marks;
mod scanner;
mod terraform;
mod timeline;

pub use kinds::{PatternError, StageKinds};
pub use scanner::{Scanned, Scanner};
pub use terraform::ResourceCounter;
pub use timeline::Ending;
