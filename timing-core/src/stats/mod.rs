//! What a series of durations says: pure functions over slices.
//!
//! Values are seconds, oldest first, of one phase and of runs that succeeded. This module must not
//! know where they come from: no records, no files, no git, no clock.

pub mod change;
mod median;
mod normal;
pub mod slope;
pub mod suite;
