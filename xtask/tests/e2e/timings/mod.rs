//! `timings …`: what each command answers.

mod check;
mod cost;
mod dora;
mod slo;
mod trend;
mod verify;
