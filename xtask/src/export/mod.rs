//! What leaves this machine for other people's tools.

pub mod metrics;
