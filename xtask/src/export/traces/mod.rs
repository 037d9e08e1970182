//! A run as a tree of spans, and that tree in the formats of others.

mod context;

pub use context::{Parent, SpanId, TraceId, handed, phase_span, run_span, trace_of};
