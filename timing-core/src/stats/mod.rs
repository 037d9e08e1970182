//! What a series of durations says: pure functions over slices.
//!
//! Values are seconds, oldest first, of one phase. This module must not know where they come from:
//! no records, no files, no git, no clock, no command line.

pub mod change;
pub mod gate;
mod median;
mod normal;
pub mod objective;
mod percent;
pub mod robust;
pub mod slope;
pub mod suite;

pub use percent::{NotAPercent, Percent};
