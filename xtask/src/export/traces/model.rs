//! The spans of a run: the run, its phases, and what was seen in them, as a tree.
//!
//! Names of attributes are those of OpenTelemetry's semantic conventions for CI/CD, version control,
//! deployments and processes; what they have no name for begins with `xtask.`. A child lies within
//! its parent, because times are as they were seen and parents are chosen to contain them. Pure; it
//! knows no format.

use std::time::Duration;

use timing_core::stages::{Kind, Outcome, Span};

use super::context::{SpanId, TraceId, inner_span, phase_span, run_span, trace_of};
use crate::export::run::{FinishedPhase, FinishedRun, PipelineResult};

/// A run as spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Which.
    pub id: TraceId,
    /// Its flags, as `traceparent` has them.
    pub flags: u8,
    /// What vendors say of it.
    pub state: Option<String>,
    /// Parents before their children; the run itself is the first.
    pub spans: Vec<TraceSpan>,
}

/// A span with all that is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSpan {
    /// Its identifier.
    pub id: SpanId,
    /// The span around it.
    pub parent: Around,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub level: Level,
    /// When it began: since 1970-01-01T00:00:00Z.
    pub start: Duration,
    /// When it was over.
    pub end: Duration,
    /// What is said of it, in the order in which it is shown.
    pub attributes: Vec<(&'static str, Value)>,
    /// How it ended.
    pub status: Status,
}

/// What a span lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// Nothing.
    Nothing,
    /// The span at this place of the trace.
    Ours(usize),
    /// A span of somebody else's.
    Theirs(SpanId),
}

/// What a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// An invocation.
    Run,
    /// A phase of it.
    Phase,
    /// What its output revealed.
    Inside(Kind),
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words.
    Text(String),
    /// A number.
    Number(i64),
}

/// How a span ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nothing is known of its end.
    Unset,
    /// As it should.
    Ok,
    /// Not as it should, in these words.
    Error(String),
}

pub(super) const PIPELINE_NAME: &str = "cicd.pipeline.name";
pub(super) const PIPELINE_RUN_ID: &str = "cicd.pipeline.run.id";
pub(super) const PIPELINE_RESULT: &str = "cicd.pipeline.result";
pub(super) const TASK_NAME: &str = "cicd.pipeline.task.name";
pub(super) const TASK_RUN_ID: &str = "cicd.pipeline.task.run.id";
pub(super) const TASK_RESULT: &str = "cicd.pipeline.task.run.result";
pub(super) const TASK_TYPE: &str = "cicd.pipeline.task.type";
pub(super) const ENVIRONMENT: &str = "deployment.environment.name";
pub(super) const ERROR_TYPE: &str = "error.type";
pub(super) const EXIT_CODE: &str = "process.exit.code";
pub(super) const HEAD_NAME: &str = "vcs.ref.head.name";
pub(super) const HEAD_REVISION: &str = "vcs.ref.head.revision";

/// The spans of `run`.
#[must_use]
pub fn trace(run: &FinishedRun) -> Trace {
    let mut spans = vec![run_itself(run)];
    // What is around a phase begins no later, and lies in fewer.
    let mut order: Vec<(usize, &FinishedPhase)> = run.phases.iter().enumerate().collect();
    order.sort_by_key(|(_, phase)| (phase.offset, phase.depth));
    // Places of phases among the spans, by their places in the run.
    let mut places = vec![0; run.phases.len()];
    for (place, phase) in order {
        let parent = run.around(place).and_then(|around| places.get(around)).copied().unwrap_or(0);
        if let Some(known) = places.get_mut(place) {
            *known = spans.len();
        }
        spans.push(phase_itself(run, phase, parent));
        inside(run, phase, &mut spans);
    }
    Trace {
        id: trace_of(&run.run, run.parent.as_ref()),
        flags: run.parent.as_ref().map_or(1, |parent| parent.flags),
        state: run.parent.as_ref().and_then(|parent| parent.state.clone()),
        spans,
    }
}

fn text(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

fn number(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn run_itself(run: &FinishedRun) -> TraceSpan {
    let outermost = run.outermost();
    let result = outermost.map(|phase| PipelineResult::of(&phase.record));
    let mut attributes = vec![
        (PIPELINE_NAME, text(&run.target)),
        (PIPELINE_RUN_ID, text(&run.run)),
        (ENVIRONMENT, text(&run.environment)),
    ];
    attributes.extend(result.map(|result| (PIPELINE_RESULT, text(result.word()))));
    attributes.extend(outermost.into_iter().flat_map(ending));
    attributes.extend(run.sha.as_ref().map(|sha| (HEAD_REVISION, text(sha))));
    attributes.extend(run.branch.as_ref().map(|branch| (HEAD_NAME, text(branch))));
    TraceSpan {
        id: run_span(&run.run),
        parent: run.parent.as_ref().map_or(Around::Nothing, |parent| Around::Theirs(parent.span)),
        name: run.target.clone(),
        level: Level::Run,
        start: run.start,
        end: run.start.saturating_add(run.duration()),
        attributes,
        status: outermost.map_or(Status::Unset, status),
    }
}

fn phase_itself(run: &FinishedRun, phase: &FinishedPhase, parent: usize) -> TraceSpan {
    let record = &phase.record;
    let result = PipelineResult::of(record);
    let id = phase_span(&run.run, &record.phase);
    let mut attributes = vec![
        (TASK_NAME, text(&record.phase)),
        (TASK_RUN_ID, text(id)),
        (TASK_RESULT, text(result.word())),
        (ENVIRONMENT, text(&record.environment)),
    ];
    attributes.extend(task_type(record.phase.as_str()).map(|kind| (TASK_TYPE, text(kind))));
    attributes.extend(ending(phase));
    attributes.extend([
        ("xtask.build.id", text(&record.build_id)),
        ("xtask.resources.added", number(record.resources_added)),
        ("xtask.resources.changed", number(record.resources_changed)),
        ("xtask.resources.destroyed", number(record.resources_destroyed)),
    ]);
    attributes.extend(record.log_path.as_ref().map(|path| ("xtask.log.path", text(path))));
    TraceSpan {
        id,
        parent: Around::Ours(parent),
        name: record.phase.to_string(),
        level: Level::Phase,
        start: run.start.saturating_add(phase.offset),
        end: run.start.saturating_add(phase.end()),
        attributes,
        status: status(phase),
    }
}

/// What the conventions call the phases that deploy. A teardown is none of their types, and of a
/// command of the user's nobody knows.
fn task_type(phase: &str) -> Option<&'static str> {
    let deploys = ["apply-persistent", "bootstrap-persistent", "deploy-persistent"];
    (deploys.contains(&phase) || phase.starts_with("rds-")).then_some("deploy")
}

/// The exit code, and the kind of error if it is one.
fn ending(phase: &FinishedPhase) -> Vec<(&'static str, Value)> {
    let code = phase.record.exit_code.0;
    let mut said = vec![(EXIT_CODE, number(code.into()))];
    let error = match PipelineResult::of(&phase.record) {
        PipelineResult::Success | PipelineResult::Cancellation => None,
        PipelineResult::Failure => Some(format!("exit_code_{code}")),
        PipelineResult::Timeout => Some("timeout".to_owned()),
        PipelineResult::Error => Some("interrupted".to_owned()),
    };
    said.extend(error.map(|error| (ERROR_TYPE, Value::Text(error))));
    said
}

fn status(phase: &FinishedPhase) -> Status {
    let code = phase.record.exit_code;
    match PipelineResult::of(&phase.record) {
        PipelineResult::Success => Status::Ok,
        PipelineResult::Failure => Status::Error(format!("exit code {code}")),
        PipelineResult::Timeout => Status::Error("out of time".to_owned()),
        PipelineResult::Error => Status::Error("interrupted".to_owned()),
        PipelineResult::Cancellation => Status::Error("cancelled".to_owned()),
    }
}

/// Adds what was seen in `phase`, whose own span is the last one.
fn inside(run: &FinishedRun, phase: &FinishedPhase, spans: &mut Vec<TraceSpan>) {
    let own = spans.len() - 1;
    let first = spans.len();
    let start = run.start.saturating_add(phase.offset);
    let longest = phase.duration;
    for (place, span) in phase.spans.iter().enumerate() {
        // Times are from within the phase; a document that says otherwise was written by nobody here.
        let (begin, end) = (span.start.min(longest), span.end().min(longest));
        let (begin, end) = (start.saturating_add(begin), start.saturating_add(end));
        let around = around(phase, place).map_or(own, |parent| first + parent);
        spans.push(TraceSpan {
            id: inner_span(&run.run, &phase.record.phase, place),
            parent: Around::Ours(around),
            name: span.name.clone(),
            level: Level::Inside(span.kind),
            start: begin,
            end,
            attributes: said_of(span),
            status: match span.outcome {
                Outcome::Complete => Status::Ok,
                Outcome::Errored => Status::Error("an error names it".to_owned()),
                Outcome::Unfinished => Status::Unset,
            },
        });
    }
}

/// The innermost span that the one at `place` was seen in and that contains it: the end of a resource
/// may be printed after the next stage has begun.
fn around(phase: &FinishedPhase, place: usize) -> Option<usize> {
    let span = phase.spans.get(place)?;
    let mut parent = span.parent.filter(|parent| *parent < place);
    while let Some(outer) = parent.and_then(|parent| phase.spans.get(parent)) {
        if outer.start <= span.start && span.end() <= outer.end() {
            return parent;
        }
        // Each began before what it contains, so this ends.
        parent = outer.parent.filter(|further| Some(*further) < parent);
    }
    None
}

fn said_of(span: &Span) -> Vec<(&'static str, Value)> {
    let mut said = vec![("xtask.span.kind", text(span.kind.word()))];
    said.extend(span.kind.action().map(|action| ("xtask.resource.action", text(action.word()))));
    said.push(("xtask.span.outcome", text(span.outcome.word())));
    said
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use opentelemetry_semantic_conventions::attribute as names;

    use super::*;
    use crate::export::run::tests::deployment;

    fn tree(trace: &Trace) -> String {
        let mut text = String::new();
        let mut depths: Vec<usize> = Vec::new();
        let start = trace.spans[0].start;
        for span in &trace.spans {
            let depth = match span.parent {
                Around::Ours(parent) => depths[parent] + 1,
                Around::Nothing | Around::Theirs(_) => 0,
            };
            depths.push(depth);
            let (from, to) = ((span.start - start).as_millis(), (span.end - start).as_millis());
            writeln!(text, "{:1$}{from}-{to} {2} {3:?}", "", depth * 2, span.name, span.status)
                .unwrap();
        }
        text
    }

    #[test]
    fn a_run_is_a_tree_of_spans() {
        insta::assert_snapshot!(tree(&trace(&deployment())));
    }

    #[test]
    fn attributes_have_the_names_of_the_conventions() {
        let trace = trace(&deployment());
        let said = |place: usize| {
            let span = &trace.spans[place];
            let lines = span.attributes.iter().map(|(key, value)| format!("{key} = {value:?}"));
            format!("{}\n  {}\n", span.name, lines.collect::<Vec<_>>().join("\n  "))
        };
        insta::assert_snapshot!([said(0), said(2), said(3), said(6), said(7)].concat());
        for (ours, theirs) in [
            (PIPELINE_NAME, names::CICD_PIPELINE_NAME),
            (PIPELINE_RUN_ID, names::CICD_PIPELINE_RUN_ID),
            (PIPELINE_RESULT, names::CICD_PIPELINE_RESULT),
            (TASK_NAME, names::CICD_PIPELINE_TASK_NAME),
            (TASK_RUN_ID, names::CICD_PIPELINE_TASK_RUN_ID),
            (TASK_RESULT, names::CICD_PIPELINE_TASK_RUN_RESULT),
            (TASK_TYPE, names::CICD_PIPELINE_TASK_TYPE),
            (ENVIRONMENT, names::DEPLOYMENT_ENVIRONMENT_NAME),
            (ERROR_TYPE, names::ERROR_TYPE),
            (EXIT_CODE, names::PROCESS_EXIT_CODE),
            (HEAD_NAME, names::VCS_REF_HEAD_NAME),
            (HEAD_REVISION, names::VCS_REF_HEAD_REVISION),
        ] {
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_child_lies_within_its_parent_whatever_was_seen() {
        let mut run = deployment();
        // A resource that is done when the next stage has begun, and one that nobody could have seen.
        let spans = &mut run.phases[1].spans;
        spans[1].duration = Duration::from_millis(8_990);
        spans[3].duration = Duration::from_secs(99);
        spans.push(Span { parent: Some(77), ..spans[0].clone() });
        let trace = trace(&run);
        for span in &trace.spans {
            if let Around::Ours(parent) = span.parent {
                let parent = &trace.spans[parent];
                assert!(parent.start <= span.start && span.end <= parent.end, "{span:#?}");
            }
        }
        let of = |name: &str| trace.spans.iter().find(|span| span.name == name).unwrap();
        let Around::Ours(parent) = of("kong").parent else { panic!() };
        assert_eq!(trace.spans[parent].name, "bootstrap-persistent");
        let mut ids: Vec<SpanId> = trace.spans.iter().map(|span| span.id).collect();
        ids.sort_by_key(|id| id.0);
        ids.dedup();
        assert_eq!(ids.len(), trace.spans.len());
    }
}
