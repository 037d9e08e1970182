//! A difference as lines, each the sum of those below it.

use timing_core::stages::{Difference, Kind, PartKind};

use crate::ui::report::Value;

/// A part that changed by less than this share of the whole, and by less than a second, is told
/// together with others.
const SMALL: f64 = 0.01;
const SMALL_MILLISECONDS: i64 = 1_000;

/// A line of the difference: milliseconds now and before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) depth: usize,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) now: Option<i64>,
    pub(super) before: Option<i64>,
    pub(super) difference: i64,
    pub(super) share: Option<f64>,
}

impl Line {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 thousand years")]
    pub(super) fn by(&self) -> Value {
        Value::Difference(self.difference as f64 / 1000.0)
    }

    pub(super) fn values(&self, cut: &impl Fn(&str) -> String) -> Vec<Value> {
        let name = format!("{:indent$}{}", "", self.name, indent = 2 * self.depth);
        vec![
            Value::Text(cut(&name)),
            Value::maybe(self.now, seconds),
            Value::maybe(self.before, seconds),
            self.by(),
            Value::maybe(self.share, Value::Ratio),
        ]
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 thousand years")]
pub(super) fn seconds(milliseconds: i64) -> Value {
    Value::Seconds(milliseconds as f64 / 1000.0)
}

/// The difference for people: what is small is put together, so that the lines below one still add
/// up to it.
pub(super) fn lines(difference: &Difference) -> Vec<Line> {
    let mut all = Vec::new();
    let total = difference.milliseconds();
    add(difference, 0, total, Smallness::Together, &mut all);
    all
}

/// The difference for programs: all of it.
pub(super) fn every_line(difference: &Difference) -> Vec<Line> {
    let mut all = Vec::new();
    add(difference, 0, difference.milliseconds(), Smallness::Apart, &mut all);
    all
}

/// What becomes of what is small.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Smallness {
    Together,
    Apart,
}

fn add(part: &Difference, depth: usize, total: i64, small: Smallness, all: &mut Vec<Line>) {
    let milliseconds =
        |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let line = |depth, name: String, kind, (now, before): (Option<i64>, Option<i64>)| {
        let difference = now.unwrap_or(0) - before.unwrap_or(0);
        Line { depth, name, kind, now, before, difference, share: share(difference, total) }
    };
    let times = (part.now.map(milliseconds), part.before.map(milliseconds));
    all.push(line(depth, part.name.clone(), kind(part.kind), times));
    if part.parts.is_empty() {
        return;
    }
    let is_small = |part: &&Difference| small == Smallness::Together && is_small(part, total);
    // One alone is no longer for being named.
    let are_together = part.parts.iter().filter(is_small).count() > 1;
    let (together, apart): (Vec<&Difference>, Vec<&Difference>) =
        part.parts.iter().partition(|part| are_together && is_small(part));
    apart.iter().for_each(|part| add(part, depth + 1, total, small, all));
    let sum = |of: fn(&Difference) -> Option<std::time::Duration>| {
        Some(together.iter().filter_map(|part| of(part)).map(milliseconds).sum())
    };
    match together.len() {
        0 => {}
        count => {
            let name = format!("{count} that hardly changed");
            all.push(line(depth + 1, name, "rest", (sum(|p| p.now), sum(|p| p.before))));
        }
    }
    let (now, before) = part.between();
    if (now, before) != (0, 0) {
        let name = between(part).to_owned();
        all.push(line(depth + 1, name, "between", (Some(now), Some(before))));
    }
}

/// What the time beside the parts is called.
fn between(part: &Difference) -> &'static str {
    match part.parts.first().map(|part| part.kind) {
        Some(PartKind::Phase) => "between phases",
        Some(PartKind::Span(Kind::Resource(_))) => "between resources",
        _ => "between stages",
    }
}

fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Run => "run",
        PartKind::Phase => "phase",
        PartKind::Span(kind) => kind.word(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 thousand years")]
fn share(difference: i64, total: i64) -> Option<f64> {
    (total != 0).then(|| difference as f64 / total as f64)
}

fn is_small(part: &Difference, total: i64) -> bool {
    let by = part.milliseconds();
    let has_small_parts = part.parts.iter().all(|part| is_small(part, total));
    by.abs() < SMALL_MILLISECONDS
        && share(by, total).is_none_or(|share| share.abs() < SMALL)
        && has_small_parts
        && part.kind != PartKind::Phase
}
