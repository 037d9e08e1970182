//! Streaming readers of a step's output.
//!
//! They see bytes as they arrive and must cost nothing on what they do not know: a search for a
//! rare word over the whole chunk, and a closer look only at the lines that hold it. They know
//! nothing of processes or files, and never change what passes by.

mod address;
mod lines;
mod terraform;

pub use terraform::ResourceCounter;
