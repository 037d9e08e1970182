//! The record as metrics: for a Prometheus, through a file or a Pushgateway, and for CloudWatch,
//! through the log.
//!
//! [`Metrics`] is pure data, made of rows alone, so that its figures are those of `timings stats`;
//! [`openmetrics`] and [`emf`] are texts; [`mod@file`] and [`pushgateway`] are the two effects. None of
//! them knows settings, spool or who calls.

pub mod emf;
pub mod file;
pub mod model;
pub mod openmetrics;
pub mod pushgateway;

pub use model::Metrics;
