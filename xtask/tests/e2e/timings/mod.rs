//! `timings …`: what each command answers.

mod check;
mod slo;
mod trend;
