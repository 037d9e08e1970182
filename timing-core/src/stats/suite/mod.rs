//! Series of which the truth is known, and what [`change`](super::change) makes of them.
//!
//! Everything comes from a seed, so that tests and `cargo xtask bench` run suites that nobody has
//! looked at before. No other module may use this one.

mod kind;
mod random;
mod scene;
mod tally;

pub use kind::{HARDER, Kind};
pub use random::{Noise, Random};
pub use scene::{Scene, Truth};
pub use tally::{Basic, Tally, tally};

/// Series of each kind in a suite.
pub const SERIES: usize = 40;

/// The least number of points on either side of a step, and between two.
pub const MARGIN: usize = 5;
