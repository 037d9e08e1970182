//! A run as bars that stand where their time was.

use std::ops::Range;
use std::time::Duration;

use serde::Serialize;
use timing_core::stages::Outcome;

use super::scale::Durations;
use super::words;
use crate::report::LastRun;
use crate::ui::{Bar, Line, Part};

/// A run.
#[derive(Debug, Serialize)]
pub(super) struct Waterfall {
    title: String,
    identity: String,
    split: Option<String>,
    is_success: bool,
    description: String,
    count: usize,
    rows: Vec<Row>,
    ticks: Vec<Tick>,
}

#[derive(Debug, Serialize)]
struct Tick {
    x: String,
    label: String,
    is_wide: bool,
    anchor: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    short: String,
    full: String,
    depth: usize,
    /// In hundredths of the height, its middle.
    y: String,
    bar: Option<Drawn>,
    took: String,
    working: String,
    start: String,
    what: &'static str,
    mark: &'static str,
    label: String,
}

#[derive(Debug, Serialize)]
struct Drawn {
    x: String,
    width: String,
    kind: &'static str,
    busy: Vec<(String, String)>,
}

/// A name is cut to so many characters, in its middle.
const NAME: usize = 46;
/// The same on a narrow page.
const SHORT: usize = 32;

/// Nothing is narrower than this part of the whole, so that it can be seen.
const NARROWEST: f64 = 0.003;

pub(super) fn waterfall(run: &LastRun) -> Waterfall {
    let total = run.total.max(Duration::from_secs(1));
    let axis = Durations::new(total.as_secs());
    let count = run.lines.len().max(1);
    let rows = run.lines.iter().enumerate().map(|(place, line)| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred lines")]
        let y = words::place((place as f64 + 0.5) / count as f64);
        row(line, y, total)
    });
    #[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
    let part = |tick: u64| tick as f64 / total.as_secs_f64();
    let ticks = axis.ticks.iter().filter(|tick| part(**tick) <= 1.0).enumerate();
    let ticks = ticks.map(|(number, tick)| Tick {
        x: words::place(part(*tick)),
        label: super::scale::brief(*tick),
        is_wide: number % 2 == 1,
        anchor: anchor(part(*tick)),
    });
    Waterfall {
        title: run.title.clone(),
        identity: run.identity.clone(),
        split: run.split.clone(),
        is_success: run.is_success,
        description: format!(
            "{} bars from the start of the run to {} after it. {}",
            run.lines.len(),
            words::span(total),
            run.split.as_deref().unwrap_or_default()
        ),
        count,
        ticks: ticks.collect(),
        rows: rows.collect(),
    }
}

/// On which side of its place a label stands, so that it is not cut at an end.
pub(super) fn anchor(place: f64) -> &'static str {
    if place < 0.06 {
        "start"
    } else if place > 0.94 {
        "end"
    } else {
        "middle"
    }
}

fn row(line: &Line, y: String, total: Duration) -> Row {
    match line {
        Line::More { depth, count, total } => {
            let (count, took) = (words::thousands(*count), words::span(*total));
            let name = format!("and {count} more, {took} in total");
            Row {
                label: name.clone(),
                full: name.clone(),
                short: name.clone(),
                name,
                depth: *depth,
                y,
                bar: None,
                took: String::new(),
                working: String::new(),
                start: String::new(),
                what: "more",
                mark: "",
            }
        }
        Line::Bar(bar) => bar_row(bar, y, total),
    }
}

fn bar_row(bar: &Bar, y: String, total: Duration) -> Row {
    let took = bar.time.end.saturating_sub(bar.time.start);
    let (kind, what, mark) = match (bar.outcome, &bar.part) {
        (Outcome::Errored, Part::Whole(_)) => ("whole stopped", "failed", "✕"),
        (Outcome::Errored, _) => ("bad", "failed", "✕"),
        (Outcome::Unfinished, _) => ("open", "did not end", "?"),
        (Outcome::Complete, Part::OnPath) => ("path", "on the critical path", "★"),
        (Outcome::Complete, Part::Beside) => ("beside", "beside the critical path", ""),
        (Outcome::Complete, Part::Whole(_)) => ("whole", "", ""),
    };
    let working = match (bar.working(), took.is_zero()) {
        (Some(working), false) => words::ratio(working.as_secs_f64() / took.as_secs_f64()),
        _ => String::new(),
    };
    let name = crate::ui::report::harmless(&bar.name).into_owned();
    let (start, duration) = (words::span(bar.time.start), words::span(took));
    let said = if what.is_empty() { String::new() } else { format!(", {what}") };
    let (left, width) = stretch(&bar.time, total);
    Row {
        label: format!("{name}: {duration} from {start}{said}"),
        name: cut(&name, NAME.saturating_sub(2 * bar.depth)),
        short: cut(&name, SHORT.saturating_sub(2 * bar.depth)),
        full: name,
        depth: bar.depth,
        y,
        bar: Some(Drawn {
            x: words::place(left),
            width: words::place(width),
            kind,
            busy: match &bar.part {
                Part::Whole(busy) => stretches(busy, &bar.time, total),
                Part::OnPath | Part::Beside => Vec::new(),
            },
        }),
        took: duration,
        working,
        start,
        what,
        mark,
    }
}

/// Beginning and width as parts of `total`.
fn stretch(time: &Range<Duration>, total: Duration) -> (f64, f64) {
    let part = |at: Duration| (at.as_secs_f64() / total.as_secs_f64()).min(1.0);
    let (left, right) = (part(time.start), part(time.end));
    let left = left.min(1.0 - NARROWEST);
    (left, (right - left).max(NARROWEST))
}

/// The stretches of work within `time`; what would touch when drawn is one.
fn stretches(
    busy: &[Range<Duration>],
    time: &Range<Duration>,
    total: Duration,
) -> Vec<(String, String)> {
    let mut drawn: Vec<(f64, f64)> = Vec::new();
    for one in busy {
        let one = one.start.max(time.start)..one.end.min(time.end);
        if one.start >= one.end {
            continue;
        }
        let (left, width) = stretch(&one, total);
        match drawn.last_mut().filter(|(from, wide)| left <= from + wide + NARROWEST / 2.0) {
            Some((from, wide)) => *wide = (left + width - *from).max(*wide),
            None => drawn.push((left, width)),
        }
    }
    drawn.iter().map(|(left, width)| (words::place(*left), words::place(*width))).collect()
}

/// The end of a resource's address says as much as its beginning.
fn cut(name: &str, most: usize) -> String {
    let count = name.chars().count();
    let most = most.max(12);
    if count <= most {
        return name.to_owned();
    }
    let half = most / 2;
    let head: String = name.chars().take(half).collect();
    let tail: String = name.chars().skip(count - half + 1).collect();
    format!("{head}…{tail}")
}
