//! A run that waits, as a document: who is still to be told of it, and what it was.
//!
//! Rows and spans are written in it as they are everywhere else, so that there is one reader of
//! each. No header and no other secret of a collector's is ever in one.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use timing_core::stages::{self, PhaseSpans, Span};
use timing_core::table;

use super::Sink;
use super::run::{FinishedPhase, FinishedRun};
use super::traces::Parent;

/// Of documents. A newer one is left alone.
pub const FORMAT: u32 = 1;

/// A run, and who is still to be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// In the order in which they are served; words that this version does not know are left out.
    pub sinks: BTreeSet<Sink>,
    /// The run.
    pub run: FinishedRun,
}

/// Why a document is no run; one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version wrote it.
    Newer(u32),
    /// It is damaged, in this way.
    Damaged(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(format) => write!(f, "a newer version wrote it, in format {format}"),
            Self::Damaged(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Unreadable {}

#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// Times are whole nanoseconds.
#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    sinks: Vec<String>,
    run: String,
    target: String,
    environment: String,
    recorder: String,
    start_ns: u64,
    sha: Option<String>,
    branch: Option<String>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    phases: Vec<Phase>,
}

#[derive(Serialize, Deserialize)]
struct Phase {
    row: String,
    offset_ns: u64,
    duration_ns: u64,
    depth: usize,
    spans: Option<String>,
}

/// The document of a run.
#[must_use]
pub fn write(pending: &Pending) -> Vec<u8> {
    let run = &pending.run;
    let document = Document {
        format: FORMAT,
        sinks: pending.sinks.iter().map(ToString::to_string).collect(),
        run: run.run.to_string(),
        target: run.target.clone(),
        environment: run.environment.to_string(),
        recorder: run.recorder.clone(),
        start_ns: nanoseconds(run.start),
        sha: run.sha.clone(),
        branch: run.branch.clone(),
        traceparent: run.parent.as_ref().map(ToString::to_string),
        tracestate: run.parent.as_ref().and_then(|parent| parent.state.clone()),
        phases: run.phases.iter().map(phase).collect(),
    };
    // Texts and numbers only: it cannot fail.
    let mut bytes = serde_json::to_vec(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn phase(phase: &FinishedPhase) -> Phase {
    let row = table::rows(std::slice::from_ref(&phase.record));
    let spans = || PhaseSpans { phase: phase.record.phase.clone(), spans: phase.spans.clone() };
    let spans = (!phase.spans.is_empty()).then(|| stages::write(&[spans()]));
    Phase {
        row: String::from_utf8_lossy(&row).trim_end().to_owned(),
        offset_ns: nanoseconds(phase.offset),
        duration_ns: nanoseconds(phase.duration),
        depth: phase.depth,
        spans: spans.map(|spans| String::from_utf8_lossy(&spans).into_owned()),
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Reads what [`write()`] wrote.
///
/// # Errors
///
/// When it is no such document, or one of a newer format.
pub fn read(bytes: &[u8]) -> Result<Pending, Unreadable> {
    let damaged = |reason: &dyn fmt::Display| Unreadable::Damaged(reason.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(|error| damaged(&error))?;
    if head.format > FORMAT {
        return Err(Unreadable::Newer(head.format));
    }
    let document: Document = serde_json::from_slice(bytes).map_err(|error| damaged(&error))?;
    let parent = document.traceparent.as_deref().map(|text| {
        Parent::parse(text, document.tracestate.as_deref())
            .ok_or_else(|| Unreadable::Damaged(format!("{text:?} is no traceparent")))
    });
    let phases: Result<Vec<FinishedPhase>, Unreadable> =
        document.phases.iter().map(finished_phase).collect();
    let phases = phases?;
    if phases.is_empty() {
        return Err(Unreadable::Damaged("it has no phase".to_owned()));
    }
    Ok(Pending {
        sinks: document.sinks.iter().filter_map(|word| Sink::of_word(word)).collect(),
        run: FinishedRun {
            run: document.run.parse().map_err(|error| damaged(&error))?,
            target: document.target,
            environment: document.environment.parse().map_err(|error| damaged(&error))?,
            recorder: document.recorder,
            start: Duration::from_nanos(document.start_ns),
            sha: document.sha,
            branch: document.branch,
            parent: parent.transpose()?,
            phases,
        },
    })
}

fn finished_phase(phase: &Phase) -> Result<FinishedPhase, Unreadable> {
    let record = table::parse_line(phase.row.as_bytes()).map_err(Unreadable::Damaged)?;
    let reading = stages::read(phase.spans.as_deref().unwrap_or_default().as_bytes());
    if let Some(fault) = reading.faults.first() {
        return Err(Unreadable::Damaged(format!("its spans, {fault}")));
    }
    let spans: Vec<Span> = reading.phases.into_iter().flat_map(|phase| phase.spans).collect();
    Ok(FinishedPhase {
        record,
        offset: Duration::from_nanos(phase.offset_ns),
        duration: Duration::from_nanos(phase.duration_ns),
        depth: phase.depth,
        spans,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::run::tests::deployment;

    #[test]
    fn a_run_comes_back_as_it_was() {
        let sinks = BTreeSet::from([Sink::Otlp, Sink::MetricsFile]);
        let pending = Pending { sinks, run: deployment() };
        assert_eq!(read(&write(&pending)).unwrap(), pending);
    }

    #[test]
    fn what_is_no_run_is_refused_with_a_reason() {
        let bytes = write(&Pending { sinks: BTreeSet::from([Sink::Otlp]), run: deployment() });
        let text = String::from_utf8(bytes).unwrap();
        let newer = text.replacen("\"format\":1", "\"format\":2,\"shape\":[]", 1);
        assert_eq!(read(newer.as_bytes()), Err(Unreadable::Newer(2)));
        let mut broken = vec![
            String::new(),
            "{}".to_owned(),
            "null".to_owned(),
            text.replacen("apply-persistent", "Apply", 2),
            text.replacen("\"00-", "\"zz-", 1),
        ];
        broken.extend((1..text.len() - 2).step_by(7).map(|end| text[..end].to_owned()));
        for text in broken {
            assert!(matches!(read(text.as_bytes()), Err(Unreadable::Damaged(_))), "{text}");
        }
    }

    #[test]
    fn a_sink_of_a_newer_version_is_none_of_ours() {
        let bytes = write(&Pending { sinks: BTreeSet::from([Sink::Otlp]), run: deployment() });
        let text = String::from_utf8(bytes).unwrap().replace("[\"otlp\"]", "[\"pigeon\"]");
        assert!(read(text.as_bytes()).unwrap().sinks.is_empty());
    }
}
