//! One file per family of commands: each joins settings, plan, run and what a person sees.

mod background;
pub mod bench;
pub mod budget;
mod emf;
pub mod export;
pub mod record;
pub mod registry;
pub mod report;
mod share;
pub mod soak;
mod summary;
pub mod target;
pub mod timings;
