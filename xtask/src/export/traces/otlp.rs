//! Traces for OpenTelemetry: the spans of its SDK, made after the fact, and what its own crates write
//! of them.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status as SdkStatus, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, TracesData};
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::model::{Around, Level, Status, Trace, TraceSpan, Value};

/// The service that spans are of when nobody says.
const SERVICE: &str = "xtask";

/// What all spans of this program are of: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` have
/// their say, as the SDK reads them.
#[must_use]
pub fn resource() -> Resource {
    let known = Resource::builder().build();
    let named = known.get(&"service.name".into()).map(|name| name.to_string());
    match named {
        Some(name) if !name.starts_with("unknown_service") => known,
        // The SDK's word for a program that says nothing of itself.
        _ => Resource::builder().with_service_name(SERVICE).build(),
    }
}

/// The spans of `trace`, as the SDK would have made them.
#[must_use]
pub fn spans(trace: &Trace) -> Vec<SpanData> {
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .build();
    let state: TraceState = trace.state.as_deref().unwrap_or_default().parse().unwrap_or_default();
    let span = |span: &TraceSpan| SpanData {
        span_context: SpanContext::new(
            TraceId::from_bytes(trace.id.0),
            SpanId::from_bytes(span.id.0),
            TraceFlags::new(trace.flags),
            false,
            state.clone(),
        ),
        parent_span_id: match span.parent {
            Around::Nothing => SpanId::INVALID,
            Around::Theirs(parent) => SpanId::from_bytes(parent.0),
            Around::Ours(parent) => trace
                .spans
                .get(parent)
                .map_or(SpanId::INVALID, |parent| SpanId::from_bytes(parent.id.0)),
        },
        parent_span_is_remote: matches!(span.parent, Around::Theirs(_)),
        span_kind: match span.level {
            // As the conventions have the run of a pipeline.
            Level::Run => SpanKind::Server,
            Level::Phase | Level::Inside(_) => SpanKind::Internal,
        },
        name: span.name.clone().into(),
        start_time: at(span.start),
        end_time: at(span.end),
        attributes: span.attributes.iter().map(attribute).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: match &span.status {
            Status::Unset => SdkStatus::Unset,
            Status::Ok => SdkStatus::Ok,
            Status::Error(reason) => SdkStatus::error(reason.clone()),
        },
        instrumentation_scope: scope.clone(),
    };
    trace.spans.iter().map(span).collect()
}

fn at(since_epoch: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH.checked_add(since_epoch).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn attribute((key, value): &(&'static str, Value)) -> KeyValue {
    match value {
        Value::Text(text) => KeyValue::new(*key, text.clone()),
        Value::Number(number) => KeyValue::new(*key, *number),
    }
}

/// The traces as a file of OTLP's JSON, which collectors read line by line.
///
/// # Errors
///
/// In words, when the crates of OpenTelemetry cannot write it.
pub fn json(traces: &[Trace]) -> Result<String, String> {
    let resource = (&resource()).into();
    let spans = traces.iter().flat_map(spans).collect();
    let resource_spans: Vec<ResourceSpans> = group_spans_by_resource_and_scope(spans, &resource);
    serde_json::to_string(&TracesData { resource_spans })
        .map(|text| text + "\n")
        .map_err(|error| format!("the spans cannot be written as JSON: {error}"))
}
