//! One file per family of commands: each joins settings, plan, run and what a person sees.

pub mod bench;
pub mod budget;
pub mod record;
pub mod registry;
pub mod report;
mod share;
pub mod soak;
mod summary;
pub mod target;
pub mod timings;
