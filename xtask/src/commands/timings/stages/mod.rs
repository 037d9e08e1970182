//! `timings stages`: one run as a waterfall.

mod shown;
mod tree;

use std::time::Duration;

use timing_core::history::Run;
use timing_core::stages::covered;

use super::{Answer, Body, spans};
use crate::cli::{Extent, Format, Wanted};
use crate::commands::registry::Failure;
use crate::settings::{Query, RegistrySettings};
use crate::ui::report::{Column, Report, Value, harmless};
use crate::ui::{Line, Surface, human, waterfall};
use timing_core::table::Row;
use tree::{Node, What};

const COLUMNS: [Column; 13] = [
    Column::programs("run"),
    Column::all("phase", "phase"),
    Column::programs("parent"),
    Column::programs("depth"),
    Column::all("kind", "kind"),
    Column::all("name", "name"),
    Column::all("action", "action"),
    Column::all("start_seconds", "start"),
    Column::all("duration_seconds", "duration"),
    Column::programs("working_seconds"),
    Column::all("outcome", "outcome"),
    Column::programs("on_critical_path"),
    Column::people("critical path"),
];

pub(super) fn answer(
    rows: &[Row<'static>],
    (wanted, extent): (&Wanted, Extent),
    (format, surface): (Format, Surface),
    query: &Query,
    settings: &RegistrySettings,
) -> Result<Answer, Failure> {
    let runs = spans::asked(rows, query);
    let (run, mut found) = spans::chosen(&runs, wanted, &query.origin, settings)?;
    let seen = found.of(run);
    let tree = tree::of(run, seen);
    let mut remarks = Vec::new();
    if seen.is_none() {
        remarks.push(format!(
            "nothing is known of the stages of this run: it was recorded {}, or printed none",
            if run.id.is_some() {
                "without them"
            } else {
                "by another recorder, which has no runs"
            }
        ));
    }
    let body = match format {
        Format::Table => Body::Text(text(run, &tree, extent, surface)),
        Format::Markdown => Body::Report(report(run, &shown::kept(&tree, extent))),
        Format::Json | Format::Csv => Body::Report(report(run, &shown::kept(&tree, Extent::Whole))),
    };
    let unread = std::mem::take(&mut found.warnings);
    Ok(Answer { unread, remarks, ..Answer::of(body) })
}

/// One run, ready to be drawn.
pub(in crate::commands) struct Drawn<'c, 'r> {
    pub(in crate::commands) run: &'c Run<'r, 'static>,
    pub(in crate::commands) title: String,
    pub(in crate::commands) identity: String,
    pub(in crate::commands) lines: Vec<Line>,
    /// From its start to the last end of anything in it.
    pub(in crate::commands) total: Duration,
    /// How much of it was work, where that is known.
    pub(in crate::commands) split: Option<String>,
    /// What could not be read.
    pub(in crate::commands) unread: Vec<String>,
}

/// The last of `runs` that has stages, else the last.
pub(in crate::commands) fn last<'c, 'r>(
    runs: &'c [Run<'r, 'static>],
    query: &Query,
    settings: &RegistrySettings,
) -> Option<Drawn<'c, 'r>> {
    let (run, mut found) = spans::chosen(runs, &Wanted::Suitable, &query.origin, settings)
        .ok()
        .or_else(|| runs.last().map(|run| (run, spans::Found::default())))?;
    let tree = tree::of(run, found.of(run));
    let total = tree.iter().map(Node::last_end).max().unwrap_or_default();
    Some(Drawn {
        run,
        title: title(run),
        identity: identity(run),
        lines: shown::lines(&tree, Extent::Short),
        total,
        split: split(&tree, total),
        unread: std::mem::take(&mut found.warnings),
    })
}

/// A title, the waterfall, and what was waiting and what was working.
fn text(run: &Run<'_, '_>, tree: &[Node], extent: Extent, surface: Surface) -> String {
    let total = tree.iter().map(Node::last_end).max().unwrap_or_default();
    let lines = shown::lines(tree, extent);
    let drawn = waterfall(&lines, total, surface);
    let split = split(tree, total).map(|split| split + "\n").unwrap_or_default();
    format!("{}\n{}\n\n{drawn}{split}", title(run), identity(run))
}

/// `deploy-persistent in dev succeeded after 15m 48s`.
pub(super) fn title(run: &Run<'_, '_>) -> String {
    let (target, environment) = (run.target().join(" + "), run.environment());
    let ending = if run.is_success() { "succeeded" } else { "failed" };
    harmless(&format!("{target} in {environment} {ending} after {}", human(run.took())))
        .into_owned()
}

/// `run 69d556b3a38aa5a7 of 2026-04-07T19:10:43Z`.
pub(super) fn identity(run: &Run<'_, '_>) -> String {
    let id = run.id.as_ref().map_or("without an id", |id| id.as_str());
    format!("run {id} of {}", run.start())
}

/// How much of the run was work; `None` where nothing is known of that.
fn split(tree: &[Node], total: Duration) -> Option<String> {
    let busy = tree::busy(tree);
    let working = covered(&busy, &(Duration::ZERO..total));
    (!working.is_zero()).then(|| {
        let waiting = human(total.saturating_sub(working));
        let working = human(working);
        format!("a resource was in progress for {working}; {waiting} of waiting or other work")
    })
}

fn report(run: &Run<'_, '_>, nodes: &[shown::Kept<'_>]) -> Report {
    let rows = nodes.iter().map(|kept| values(run, kept)).collect();
    Report { columns: COLUMNS.to_vec(), rows }
}

fn values(run: &Run<'_, '_>, kept: &shown::Kept<'_>) -> Vec<Value> {
    let seconds = |duration: Duration| Value::Seconds(duration.as_secs_f64());
    let id = Value::text(run.id.as_ref().map(|id| id.as_str()));
    let (depth, phase, parent) = (kept.depth as u64, kept.phase, kept.parent);
    let node = match &kept.node {
        shown::Item::Node(node) => node,
        shown::Item::More { count, total } => {
            let name = Value::Text(format!("and {count} more"));
            let (phase, parent) = (Value::text(phase), Value::text(parent));
            let absent = Value::Absent;
            let known = vec![id, phase, parent, Value::Count(depth), absent.clone(), name];
            let rest = [absent.clone(), absent.clone(), seconds(*total)].into_iter();
            return known.into_iter().chain(rest).chain(vec![absent; 4]).collect();
        }
    };
    let (kind, action) = node.what.words();
    let is_resource = matches!(node.what, What::Resource { .. });
    let took = node.time.end.saturating_sub(node.time.start);
    let working = (!is_resource).then(|| covered(&node.busy, &node.time));
    let on_path = matches!(node.what, What::Resource { on_path: true, .. });
    vec![
        id,
        Value::text(phase),
        Value::text(parent),
        Value::Count(depth),
        Value::text(Some(kind)),
        Value::Text(node.name.clone()),
        Value::text(action),
        seconds(node.time.start),
        seconds(took),
        Value::maybe(working, seconds),
        Value::text(Some(node.outcome.word())),
        if is_resource { Value::Truth(on_path) } else { Value::Absent },
        Value::Text(if on_path { "yes" } else { "" }.to_owned()),
    ]
}

#[cfg(test)]
mod tests;
