//! What a deployment's phases took, and how that is never lost.
//!
//! The modules form one direction of travel: [`capture`] runs a command and times it, [`scan`]
//! reads counts from its output, [`record`] is what is known of a phase that ended, [`journal`]
//! puts it on disk, [`table`] turns it into a row and [`registry`] appends the row to a branch
//! through [`git`]; [`history`] reads rows back and [`stats`] sums them up. Nothing points backwards.
//!
//! This library never prints and never exits.

pub mod addition;
pub mod budget;
pub mod capture;
pub mod costs;
pub mod deposit;
pub mod git;
pub mod journal;
pub mod log;
pub mod registry;
pub mod stats;
pub mod verify;

pub use timing_data::{clock, history, names, record, scan, shown, stages, table};
