//! What GitHub's runner reads of a step: workflow commands in its output, and the page in the file
//! that `GITHUB_STEP_SUMMARY` names.
//!
//! `annotation` and `page` make text of what they are given; `cell` is how others' texts stand in
//! Markdown; `summary` is the one place that writes. Nothing here can fail a run, and nothing here
//! knows how a run is recorded.

mod annotation;
mod cell;
mod page;
mod summary;

pub use annotation::{Annotation, Annotations, Level, data, property};
pub use cell::{code, text};
pub use page::{End, head, row, tail};
pub use summary::{Piece, Summary, append};
