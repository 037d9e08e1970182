//! How each phase stands now.

use serde::Serialize;

use super::link::link;
use super::words;
use crate::report::{EnvironmentPart, LastRow, Outcome, PhasePart, Standing};

/// An environment.
#[derive(Debug, Serialize)]
pub(super) struct State {
    name: String,
    rows: Vec<Line>,
}

/// A phase's last run.
#[derive(Debug, Serialize)]
struct Line {
    phase: String,
    outcome: &'static str,
    kind: &'static str,
    mark: &'static str,
    exit_code: i32,
    when: String,
    duration: String,
    expected: String,
    baseline: String,
    standing: String,
    standing_kind: &'static str,
    standing_mark: &'static str,
    resources: String,
    source: String,
    log: String,
    link: Option<String>,
}

/// What is shown where nothing is known.
const NOTHING: &str = "–";

pub(super) fn state(environment: &EnvironmentPart) -> State {
    State {
        name: words::text(&environment.name),
        rows: environment.phases.iter().map(line).collect(),
    }
}

/// What a phase is called on the page.
pub(super) fn name(phase: &PhasePart) -> String {
    words::text(phase.phase.as_deref().unwrap_or("(no phase)"))
}

fn line(phase: &PhasePart) -> Line {
    let last = &phase.last;
    let (kind, mark) = match last.outcome {
        Outcome::Success => ("good", "✓"),
        Outcome::Failure | Outcome::TimedOut => ("bad", "✕"),
        Outcome::Cancelled | Outcome::Interrupted => ("warn", "◼"),
    };
    let (standing_kind, standing_mark) = match phase.standing {
        Standing::Regression(_) => ("bad", "▲"),
        Standing::Improvement(_) => ("good", "▼"),
        Standing::Ok(_) => ("good", "✓"),
        Standing::Unknown(_) => ("faint", "?"),
    };
    let expected = phase.expected.map(|expected| {
        let slow = expected.slow().map(|slow| format!("slow {}", words::seconds(slow)));
        two_lines(words::seconds(expected.typical), slow)
    });
    let baseline = phase.baseline.map(|baseline| {
        let change = baseline.change.map(|change| format!("({})", words::change(change)));
        two_lines(words::seconds(baseline.median), change)
    });
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    Line {
        phase: name(phase),
        outcome: last.outcome.word(),
        kind,
        mark,
        exit_code: last.exit_code,
        when: words::minute_of(last.start),
        duration: words::whole(last.seconds),
        expected: or_nothing(expected),
        baseline: or_nothing(baseline),
        standing: phase.standing.words().to_owned(),
        standing_kind,
        standing_mark,
        resources: or_nothing(last.resources.map(|[a, c, d]| format!("+{a} ~{c} -{d}"))),
        source: source(last),
        log: words::text(last.log.as_deref().or(last.url.as_deref()).unwrap_or(NOTHING)),
        link: address(last),
    }
}

/// A figure and what is said beside it, which may stand on two lines and break nowhere else.
fn two_lines(first: String, second: Option<String>) -> String {
    let kept = |text: String| text.replace(' ', "\u{a0}");
    let second = second.map(|second| format!(" {}", kept(second)));
    kept(first) + &second.unwrap_or_default()
}

/// What was deployed, as far as the row says it.
fn source(last: &LastRow) -> String {
    let commit = last.commit.as_deref().map(|commit| format!(" of {commit}"));
    words::text(&format!("{}{}", last.build_id, commit.unwrap_or_default()))
}

/// CI writes the address of the workflow's run where others write the path of a log.
fn address(last: &LastRow) -> Option<String> {
    [&last.url, &last.log].into_iter().flatten().find_map(|text| link(text))
}
