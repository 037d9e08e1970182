//! A run as a tree of spans, and that tree in the formats of others.

pub mod chrome;
mod context;
#[cfg(feature = "otlp")]
mod exporter;
pub mod model;
#[cfg(feature = "otlp")]
pub mod otlp;

#[cfg(feature = "otlp")]
pub use exporter::Collector;

pub use context::{Parent, SpanId, TraceId, handed, phase_span, run_span, trace_of};
