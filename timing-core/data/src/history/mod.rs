//! What was recorded, read back: rows of any generation from wherever they are, as one set.
//!
//! A source is a name and bytes; this module does not know where they come from. Rows are taken in
//! the order of the sources, a row that an earlier source has is left out, and what cannot be read
//! is reported, so that every line is accounted for.

mod comparison;
mod epoch;
mod filter;
mod gather;
mod past;
pub mod reliability;
mod run;
mod samples;
mod series;
mod stream;

pub use comparison::{Comparison, Effect, compare};
pub use epoch::Epoch;
pub use filter::Filter;
pub use gather::{Duplicates, Gathered, SourceFault, Tally, gather, gather_file, gather_lines};
pub use past::PastRuns;
pub use run::{Run, runs};
pub use samples::{SampleSeries, Samples};
pub use series::{Series, series};
pub use stream::{Faults, LONGEST_LINE, Streamed, stream};

/// A file of rows, or what stands for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What a message calls it: a path, a branch and a path.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}
