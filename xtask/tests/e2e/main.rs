//! The built program, driven from outside in temporary repositories.
//!
//! One binary, so that it is linked once; one module per subject. Every test says what a person
//! would see afterwards: the exit code, the output, the rows on the branch, the repository.

#![expect(
    clippy::disallowed_types,
    reason = "a test is outside: it starts the program as a user would"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong here fails a test, and a test that is skipped says so"
)]

mod branch;
mod budget;
mod crowd;
mod environment;
mod exec;
mod expected;
mod exports;
mod fail_open;
mod failures;
mod faults;
mod footprint;
mod github;
mod metrics;
mod platform;
mod portion;
mod process;
mod readme;
mod record;
mod recovery;
mod refusals;
mod registry_commands;
mod report;
mod sharing;
mod soak;
mod spans;
mod support;
mod targets;
mod timings;
mod truth;
mod tuning;
