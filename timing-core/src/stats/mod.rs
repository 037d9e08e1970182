//! What rows say together: pure functions over slices of durations, samples or rows, `now` included
//! where it matters.
//!
//! Durations are seconds, oldest first. This module must not know where rows come from or who asks:
//! no files, no git, no clock of the machine, no command line.

pub mod change;
mod cost;
mod dora;
pub mod estimate;
pub mod gate;
mod median;
mod normal;
pub mod objective;
mod percent;
mod period;
mod quantile;
mod rank_correlation;
pub mod robust;
pub mod slope;
pub mod slowest;
pub mod suite;
mod summary;

pub use cost::{Correlation, LEAST_PERIODS, PeriodFigures, by_period, cost_correlation, outermost};
pub use dora::{Deployment, Dora, Incident, Outcome, Window, dora};
pub use percent::{NotAPercent, Percent};
pub use period::{Period, Span};
pub use quantile::quantile;
pub use rank_correlation::rank_correlation;
pub use summary::{Durations, RECENT, Summary};
