//! Series of which the truth is known, and what [`change`](super::change) and
//! [`estimate`](super::estimate) make of them.
//!
//! Everything comes from a seed, so that tests and `cargo xtask bench` run suites that nobody has
//! looked at before. No other module may use this one.

mod course;
mod kind;
mod random;
mod scene;
mod tally;

pub use course::{COURSES, Course, HARDER_COURSES, RUNS, Score};
pub use kind::{HARDER, Kind};
pub use random::{Noise, Random};
pub use scene::{Scene, Truth};
pub use tally::{Basic, Tally, tally};

/// Series of each kind in a suite.
pub const SERIES: usize = 40;

/// The least number of points on either side of a step, and between two.
pub const MARGIN: usize = 5;

#[expect(clippy::cast_precision_loss, reason = "counts of points and series")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
