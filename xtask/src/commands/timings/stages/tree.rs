//! A run as a tree: phases, their stages, and the resources within.

use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use timing_core::history::Run;
use timing_core::stages::{Action, Kind, Outcome, Span, busy as busy_stretches, critical_path};
use timing_core::table::Row;

use super::super::spans::Seen;

/// Something that took a time, and what was within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) what: What,
    pub(super) name: String,
    /// Since the start of the run.
    pub(super) time: Range<Duration>,
    pub(super) outcome: Outcome,
    /// When a resource was in progress in its phase, which all stages of it share: there may be as
    /// many of either. Empty for a resource.
    pub(super) busy: Rc<[Range<Duration>]>,
    /// In the order of their beginnings.
    pub(super) children: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Phase,
    /// A stage, pass or step.
    Part(Kind),
    Resource {
        action: Action,
        on_path: bool,
    },
}

impl Node {
    /// When the last of all that is in it ended: a phase is told in whole seconds, and what is in it
    /// is not.
    pub(super) fn last_end(&self) -> Duration {
        self.children.iter().map(Self::last_end).fold(self.time.end, Duration::max)
    }
}

impl What {
    /// What it is, and what was done to it.
    pub(super) fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Phase => ("phase", None),
            Self::Part(kind) => (kind.word(), None),
            Self::Resource { action, .. } => ("resource", Some(action.word())),
        }
    }
}

/// The phases of `run` that are within no other.
pub(super) fn of(run: &Run<'_, '_>, seen: Option<&Seen>) -> Vec<Node> {
    phases(run, None, seen)
}

/// When a resource was in progress in any of these phases.
pub(super) fn busy(phases: &[Node]) -> Vec<Range<Duration>> {
    joined(phases.iter().flat_map(|phase| phase.busy.iter().cloned()).collect())
}

fn phases(run: &Run<'_, '_>, around: Option<&Row<'_>>, seen: Option<&Seen>) -> Vec<Node> {
    let within = run.within(around);
    within.into_iter().map(|row| phase(run, row, seen)).collect()
}

fn phase(run: &Run<'_, '_>, row: &Row<'_>, seen: Option<&Seen>) -> Node {
    let seconds = |seconds: u64| Duration::from_secs(seconds);
    let start = seconds(row.start.unix_seconds().saturating_sub(run.start().unix_seconds()));
    let spans = seen.map_or(&[][..], |seen| seen.of(row));
    let mut busy = busy_stretches(spans);
    busy.iter_mut().for_each(|time| *time = time.start + start..time.end + start);
    let mut children = parts(spans, start, &busy.clone().into());
    let inner = phases(run, Some(row), seen);
    let busy =
        joined(busy.into_iter().chain(inner.iter().flat_map(|p| p.busy.iter().cloned())).collect());
    children.extend(inner);
    children.sort_by_key(|child| child.time.start);
    Node {
        what: What::Phase,
        name: row.phase.as_deref().unwrap_or("(no phase)").to_owned(),
        time: start..start + seconds(row.duration_seconds),
        outcome: if row.is_success() { Outcome::Complete } else { Outcome::Errored },
        busy: busy.into(),
        children,
    }
}

/// The spans of a phase that started at `start`, each within its parent.
fn parts(spans: &[Span], start: Duration, busy: &Rc<[Range<Duration>]>) -> Vec<Node> {
    let mut is_on_path = vec![false; spans.len()];
    for place in critical_path(spans) {
        is_on_path[place] = true;
    }
    let mut nodes: Vec<Option<Node>> = spans
        .iter()
        .zip(&is_on_path)
        .map(|(span, &on_path)| Some(node(span, on_path, start, busy)))
        .collect();
    let mut outer = Vec::new();
    // A parent began before its children, so that from the end each is complete when it is taken.
    for (place, span) in spans.iter().enumerate().rev() {
        let Some(mut node) = nodes[place].take() else { continue };
        node.children.reverse();
        node.children.sort_by_key(|child| child.time.start);
        let parent = span.parent.filter(|parent| *parent < place);
        match parent.and_then(|parent| nodes[parent].as_mut()) {
            Some(parent) => parent.children.push(node),
            None => outer.push(node),
        }
    }
    outer.reverse();
    outer
}

fn node(span: &Span, on_path: bool, start: Duration, busy: &Rc<[Range<Duration>]>) -> Node {
    let (what, busy) = match span.kind {
        Kind::Resource(action) => (What::Resource { action, on_path }, Rc::from([])),
        kind => (What::Part(kind), Rc::clone(busy)),
    };
    Node {
        what,
        name: span.name.clone(),
        time: span.start.saturating_add(start)..span.end().saturating_add(start),
        outcome: span.outcome,
        busy,
        children: Vec::new(),
    }
}

/// Stretches in order, none touching another.
fn joined(mut times: Vec<Range<Duration>>) -> Vec<Range<Duration>> {
    times.sort_by_key(|time| time.start);
    let mut joined: Vec<Range<Duration>> = Vec::new();
    for time in times {
        match joined.last_mut() {
            Some(last) if time.start <= last.end => last.end = last.end.max(time.end),
            _ => joined.push(time),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_hundred_thousand_resources_are_a_tree_at_once_and_in_order() {
        const RESOURCES: usize = 100_000;
        let span = |kind, parent, name: String| {
            let (start, duration) = (Duration::ZERO, Duration::from_secs(1));
            Span { kind, name, start, duration, outcome: Outcome::Complete, parent }
        };
        let resource = |place: usize| {
            // As many without a stage as in one.
            let parent = place.is_multiple_of(2).then_some(0);
            span(Kind::Resource(Action::Create), parent, place.to_string())
        };
        let mut spans = vec![span(Kind::Stage, None, "STAGE 1".to_owned())];
        spans.extend((0..RESOURCES).map(resource));
        let began = Instant::now();
        let tree = parts(&spans, Duration::ZERO, &busy_stretches(&spans).into());
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        let names = |nodes: &[Node]| nodes.iter().map(|n| n.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&tree)[..3], ["STAGE 1", "1", "3"]);
        assert_eq!(names(&tree[0].children)[..3], ["0", "2", "4"]);
        assert_eq!(tree.len() + tree[0].children.len(), spans.len());
    }
}
