//! Traces as Chrome's trace events, which Perfetto and `chrome://tracing` open: complete events (`X`)
//! in whole microseconds, as "Trace Event Format" has them.
//!
//! A viewer draws the events of one thread into each other, so they must nest: what goes on side by
//! side gets a lane of its own. Each run is a process with a name. It holds no other text than that
//! of the spans, written as JSON.

use std::cmp::Reverse;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, json};

use super::model::{Around, Level, Status, Trace, TraceSpan, Value};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    display_time_unit: &'static str,
    trace_events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    name: String,
    ph: char,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    pid: usize,
    tid: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<u64>,
    args: serde_json::Value,
}

/// The file of `traces`, each with the name of its process.
#[must_use]
pub fn render(traces: &[(String, Trace)]) -> String {
    let mut events = Vec::new();
    for (pid, (name, trace)) in (1..).zip(traces) {
        let lanes = lanes(&trace.spans);
        events.push(named("process_name", name, pid, 0));
        for lane in 0..=lanes.iter().copied().max().unwrap_or(0) {
            let name = match lane {
                0 => "phases and stages".to_owned(),
                _ => format!("side by side {lane}"),
            };
            events.push(named("thread_name", &name, pid, lane));
        }
        events.extend(trace.spans.iter().zip(lanes).map(|(span, lane)| event(span, pid, lane)));
    }
    let file = File { display_time_unit: "ms", trace_events: events };
    // Texts and numbers only: it cannot fail.
    serde_json::to_string(&file).unwrap_or_default() + "\n"
}

fn named(what: &str, name: &str, pid: usize, tid: usize) -> Event {
    let args = json!({ "name": name });
    Event { name: what.to_owned(), ph: 'M', cat: None, pid, tid, ts: None, dur: None, args }
}

fn event(span: &TraceSpan, pid: usize, tid: usize) -> Event {
    let mut args: Map<String, serde_json::Value> = Map::new();
    for (key, value) in &span.attributes {
        let value = match value {
            Value::Text(text) => json!(text),
            Value::Number(number) => json!(number),
        };
        args.insert((*key).to_owned(), value);
    }
    if let Status::Error(reason) = &span.status {
        args.insert("error".to_owned(), json!(reason));
    }
    let start = microseconds(span.start);
    Event {
        name: span.name.clone(),
        ph: 'X',
        cat: Some(match span.level {
            Level::Run => "run",
            Level::Phase => "phase",
            Level::Inside(kind) => kind.word(),
        }),
        pid,
        tid,
        ts: Some(start),
        // The difference of what is shown, so that ends agree where times do.
        dur: Some(microseconds(span.end) - start),
        args: args.into(),
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The lane of each span: its parent's, where nothing goes on but what it lies in; else the first in
/// which nothing goes on.
fn lanes(spans: &[TraceSpan]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    // What begins first and ends last comes first, so that containers precede what they contain.
    let key = |span: &TraceSpan| (microseconds(span.start), Reverse(microseconds(span.end)));
    order.sort_by_key(|&place| spans.get(place).map(key));
    let mut lanes = vec![0; spans.len()];
    // In each lane, what still goes on, the innermost last.
    let mut open: Vec<Vec<(usize, u64)>> = vec![Vec::new()];
    for place in order {
        let Some(span) = spans.get(place) else { continue };
        let (start, end) = (microseconds(span.start), microseconds(span.end));
        for lane in &mut open {
            while lane.last().is_some_and(|(_, until)| *until <= start) {
                lane.pop();
            }
        }
        let own = parent(span).and_then(|parent| lanes.get(parent)).copied().unwrap_or(0);
        let fits = |lane: &usize| match open.get(*lane).and_then(|lane| lane.last()) {
            // Within somebody else's it would look like a part of that.
            Some((around, until)) => {
                *lane == own && lies_in(spans, place, *around) && end <= *until
            }
            None => true,
        };
        let lane = std::iter::once(own).chain(0..open.len()).find(fits).unwrap_or(open.len());
        if lane == open.len() {
            open.push(Vec::new());
        }
        if let (Some(open), Some(known)) = (open.get_mut(lane), lanes.get_mut(place)) {
            open.push((place, end));
            *known = lane;
        }
    }
    lanes
}

fn parent(span: &TraceSpan) -> Option<usize> {
    match span.parent {
        Around::Ours(parent) => Some(parent),
        Around::Nothing | Around::Theirs(_) => None,
    }
}

/// Whether the span at `place` is a part of the one at `around`, or of a part of it.
fn lies_in(spans: &[TraceSpan], place: usize, around: usize) -> bool {
    let next = |place: &usize| spans.get(*place).and_then(parent).filter(|parent| parent < place);
    std::iter::successors(Some(place), next).any(|place| place == around)
}

#[cfg(test)]
mod tests {
    use super::super::model::trace;
    use super::*;
    use crate::export::run::tests::deployment;

    /// The rules of the format: in one thread of one process, events nest and never overlap.
    #[track_caller]
    fn check(text: &str) -> Vec<serde_json::Value> {
        let file: serde_json::Value = serde_json::from_str(text).unwrap();
        let events = file["traceEvents"].as_array().unwrap().clone();
        let complete: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
        let times = |event: &serde_json::Value| {
            let start = event["ts"].as_u64().unwrap();
            (start, start + event["dur"].as_u64().unwrap())
        };
        for (place, a) in complete.iter().enumerate() {
            for b in complete.iter().skip(place + 1) {
                if (&a["pid"], &a["tid"]) != (&b["pid"], &b["tid"]) {
                    continue;
                }
                let ((from, to), (start, end)) = (times(a), times(b));
                let apart = to <= start || end <= from;
                let nested = (from <= start && end <= to) || (start <= from && to <= end);
                assert!(apart || nested, "{a} overlaps {b}");
            }
        }
        for event in &complete {
            let is_named = |named: &serde_json::Value| {
                named["ph"] == "M" && named["pid"] == event["pid"] && named["tid"] == event["tid"]
            };
            assert!(events.iter().any(is_named), "{event}");
        }
        events
    }

    #[test]
    fn what_goes_on_side_by_side_has_lanes_of_its_own() {
        let mut run = deployment();
        let apply = &mut run.phases[0].spans;
        let further = apply[2].clone();
        apply.extend([further.clone(), further]);
        let trace = trace(&run);
        check(&render(&[("deploy-persistent dev".to_owned(), trace.clone())]));
        let lanes = lanes(&trace.spans);
        let shown: Vec<String> = trace
            .spans
            .iter()
            .zip(&lanes)
            .map(|(span, lane)| format!("{lane} {}", span.name))
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn the_file_of_a_run() {
        let text = render(&[("deploy-persistent dev".to_owned(), trace(&deployment()))]);
        let lines: Vec<String> = check(&text).iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn each_run_is_a_process_and_none_is_a_file_too() {
        let name = |text: &str| text.to_owned();
        let two = [(name("a"), trace(&deployment())), (name("b </script>"), trace(&deployment()))];
        let events = check(&render(&two));
        let last = events.iter().map(|event| event["pid"].as_u64().unwrap()).max();
        assert_eq!(last, Some(2));
        assert_eq!(render(&[]), "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[]}\n");
    }
}
