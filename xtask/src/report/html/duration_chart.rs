//! The durations of a phase over time.

use serde::Serialize;
use timing_core::clock::UtcStamp;

use super::scale::{Durations, Times, brief};
use super::success_chart::{self, Bar};
use super::thin::{Room, rooms};
use super::waterfall::anchor;
use super::{state, words};
use crate::report::{Bucket, Course, Ending, PhasePart, Point, Range};

/// A chart.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    id: String,
    environment: String,
    phase: String,
    /// What its headings say besides.
    facts: Vec<String>,
    aggregated: Option<String>,
    description: String,
    marks: Vec<Mark>,
    levels: Vec<Level>,
    baseline: Option<Level>,
    changes: Vec<Event>,
    epochs: Vec<Event>,
    y_ticks: Vec<Tick>,
    x_ticks: Vec<Tick>,
    bars: Vec<Bar>,
    is_aggregated: bool,
}

#[derive(Debug, Serialize)]
struct Tick {
    place: String,
    label: String,
    anchor: &'static str,
    /// Whether it is shown only where there is room.
    is_wide: bool,
}

/// A run, or a bucket of them.
#[derive(Debug, Serialize)]
struct Mark {
    x: String,
    y: String,
    kind: &'static str,
    /// From the shortest to the longest, of a bucket.
    range: Option<(String, String)>,
    label: String,
    when: String,
    runs: usize,
    failures: usize,
    cells: [String; 3],
}

/// A horizontal line.
#[derive(Debug, Serialize)]
struct Level {
    from: String,
    to: String,
    y: String,
}

/// A vertical line.
#[derive(Debug, Serialize)]
struct Event {
    x: String,
    anchor: &'static str,
    /// Where its label begins, beside the line.
    offset: i32,
    text: String,
    label: String,
    is_slower: bool,
}

/// The chart of `phase`, if it is drawn.
pub(super) fn chart(phase: &PhasePart, number: usize) -> Option<Chart> {
    let course = phase.course.as_ref()?;
    let times = Times::new(course.time()?);
    let durations = Durations::new(course.longest());
    let marks: Vec<Mark> = match course {
        Course::Each(points) => points.iter().map(|of| point(of, &times, &durations)).collect(),
        Course::Buckets { buckets, .. } => {
            buckets.iter().flat_map(|of| bucket(of, &times, &durations)).collect()
        }
    };
    let aggregated = match course {
        Course::Each(_) => None,
        Course::Buckets { runs, buckets } => Some(format!(
            "{} aggregated into {}: each bar reaches from the shortest to the longest success, its \
             mark is the median; failures are counted apart.",
            words::count(*runs, "run"),
            words::count(buckets.len(), "bucket")
        )),
    };
    Some(Chart {
        id: format!("chart-{number}"),
        environment: words::text(&phase.environment),
        phase: state::name(phase),
        facts: facts(phase),
        description: description(phase, course),
        is_aggregated: aggregated.is_some(),
        aggregated,
        marks,
        levels: levels(phase, &times, &durations),
        baseline: baseline(phase, course, &times, &durations),
        changes: changes(phase, &times),
        epochs: phase
            .epochs
            .iter()
            .map(|epoch| {
                let at = event(epoch.since, &times);
                let label = format!(
                    "epoch since {}: {}",
                    words::minute(epoch.since),
                    words::text(&epoch.why)
                );
                Event { text: "epoch".to_owned(), label, is_slower: false, ..at }
            })
            .collect(),
        y_ticks: durations.ticks.iter().map(|tick| y_tick(*tick, &durations)).collect(),
        x_ticks: x_ticks(&times),
        bars: success_chart::bars(&phase.periods, &times),
    })
}

fn facts(phase: &PhasePart) -> Vec<String> {
    let summary = &phase.summary;
    let mut facts = vec![words::count(summary.count(), "run")];
    facts.extend(summary.success_rate().map(|rate| format!("{} succeeded", words::ratio(rate))));
    if let Some(durations) = summary.successes {
        facts.push(format!("median {}", words::seconds(durations.p50)));
        facts.push(format!("p95 {}", words::seconds(durations.p95)));
    }
    facts
}

fn description(phase: &PhasePart, course: &Course) -> String {
    let mut said = facts(phase).join(", ");
    if let Some((first, last)) = course.time() {
        said.push_str(&format!(", from {} to {}.", words::minute(first), words::minute(last)));
    }
    for stretch in &phase.stretches {
        if let Some(change) = stretch.change {
            let when = words::minute(stretch.time.0);
            said.push_str(&format!(
                " Changed by {} on {when}, to {}.",
                words::change(change),
                words::seconds(stretch.level)
            ));
        }
    }
    if let Some(baseline) = phase.baseline {
        let (median, runs) = (words::seconds(baseline.median), words::count(baseline.runs, "run"));
        said.push_str(&format!(" Baseline {median}, the median of {runs}."));
    }
    said
}

#[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
fn height(seconds: u64, durations: &Durations) -> String {
    words::place(durations.place(seconds as f64))
}

fn point(of: &Point, times: &Times, durations: &Durations) -> Mark {
    let (kind, ending) = match of.ending {
        Ending::Success => ("success", "succeeded".to_owned()),
        Ending::Part => ("part", "succeeded, a part of a deployment".to_owned()),
        Ending::Failure => ("failure", format!("failed with exit code {}", of.exit_code)),
    };
    let took = words::whole(of.seconds);
    let commit = of.commit.as_deref().map(words::text).unwrap_or_default();
    let named = if commit.is_empty() { String::new() } else { format!(", commit {commit}") };
    Mark {
        x: words::place(times.place(of.start)),
        y: height(of.seconds, durations),
        kind,
        range: None,
        label: format!("{}: {took}, {ending}{named}", words::minute(of.start)),
        when: words::minute_of(of.start),
        runs: 1,
        failures: usize::from(of.ending == Ending::Failure),
        cells: [took, ending, commit],
    }
}

/// A mark for the successes and one for the failures, as far as there are any.
fn bucket(of: &Bucket, times: &Times, durations: &Durations) -> Vec<Mark> {
    let (first, last) = of.time;
    let when = if first == last {
        words::minute_of(first)
    } else {
        format!("{} to {}", words::minute_of(first), words::minute_of(last))
    };
    let mark = |range: Range, kind: &'static str, word: &str| {
        let [shortest, median, longest] =
            [range.shortest, range.median, range.longest].map(words::whole);
        Mark {
            x: words::place((times.place(first) + times.place(last)) / 2.0),
            y: height(range.median, durations),
            kind,
            range: Some((height(range.longest, durations), height(range.shortest, durations))),
            label: format!(
                "{when} UTC: {} {word}, {shortest} to {longest}, median {median}; first {}, last {}",
                words::thousands(range.count),
                words::whole(of.ends.0),
                words::whole(of.ends.1)
            ),
            when: when.clone(),
            runs: range.count,
            failures: if kind == "failure" { range.count } else { 0 },
            cells: [shortest, median, longest],
        }
    };
    let well = of.successes.map(|range| mark(range, "success", "succeeded"));
    well.into_iter().chain(of.failures.map(|range| mark(range, "failure", "failed"))).collect()
}

fn levels(phase: &PhasePart, times: &Times, durations: &Durations) -> Vec<Level> {
    let level = |stretch: &crate::report::Stretch| Level {
        from: words::place(times.place(stretch.time.0)),
        to: words::place(times.place(stretch.time.1)),
        y: words::place(durations.place(stretch.level)),
    };
    phase.stretches.iter().map(level).collect()
}

/// From the first run that it rests on to the end.
fn baseline(
    phase: &PhasePart,
    course: &Course,
    times: &Times,
    durations: &Durations,
) -> Option<Level> {
    let baseline = phase.baseline?;
    Some(Level {
        from: words::place(times.place(baseline.time.0)),
        to: words::place(times.place(course.time()?.1)),
        y: words::place(durations.place(baseline.median)),
    })
}

fn changes(phase: &PhasePart, times: &Times) -> Vec<Event> {
    let change = |stretch: &crate::report::Stretch| {
        let change = stretch.change?;
        let at = event(stretch.time.0, times);
        let commit =
            stretch.commit.as_deref().map(|of| format!(", first commit {}", words::text(of)));
        let way = if change > 0.0 { "slower" } else { "faster" };
        Some(Event {
            text: words::change(change),
            label: format!(
                "{}: {way} by {}, to {}{}",
                words::minute(stretch.time.0),
                words::change(change),
                words::seconds(stretch.level),
                commit.unwrap_or_default()
            ),
            is_slower: change > 0.0,
            ..at
        })
    };
    phase.stretches.iter().filter_map(change).collect()
}

fn event(at: UtcStamp, times: &Times) -> Event {
    let place = times.place(at);
    let is_far_right = place > 0.7;
    Event {
        x: words::place(place),
        anchor: if is_far_right { "end" } else { "start" },
        offset: if is_far_right { -9 } else { 9 },
        text: String::new(),
        label: String::new(),
        is_slower: false,
    }
}

fn y_tick(tick: u64, durations: &Durations) -> Tick {
    Tick { place: height(tick, durations), label: brief(tick), anchor: "end", is_wide: false }
}

fn x_ticks(times: &Times) -> Vec<Tick> {
    let ticks = times.ticks();
    let labels: Vec<_> = ticks
        .iter()
        .map(|tick| (tick.place, tick.label.chars().count(), anchor(tick.place)))
        .collect();
    let tick = |(tick, room): (super::scale::Tick, Room)| Tick {
        place: words::place(tick.place),
        label: if room == Room::Nowhere { String::new() } else { tick.label },
        anchor: anchor(tick.place),
        is_wide: room == Room::Wide,
    };
    ticks.into_iter().zip(rooms(&labels)).map(tick).collect()
}
