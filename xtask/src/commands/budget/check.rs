//! `budget check`: values, judged.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use time::Date;
use timing_core::budget::{
    Budget, Comparison, Enforcement, GoalState, History, Judgement, Measured, Reading, Subject,
    TargetState, Verdict, baseline, exit_code, judge,
};

use super::list::limit;
use super::{Answer, number, quantity};
use crate::cli::Format;
use crate::github::{data, property};
use crate::ui::report::{Column, Report, Value};

/// So many metrics are named beside a reason, and so many reasons are shown.
const NAMED: usize = 8;
const REASONS: usize = 30;

/// What was found of a budget.
pub(in crate::commands) type Found<'a> = (Budget<'a>, Judgement);

/// What was found, in `format`; in none, as annotations.
pub(super) fn answer(found: &[Found<'_>], path: &Path, format: Option<Format>) -> Answer {
    Answer {
        text: match format {
            Some(format) => report(found).render(format),
            None => annotations(found, path),
        },
        remarks: remarks(found),
        exit_code: exit_code(found.iter().map(|(_, judgement)| judgement)),
    }
}

/// Judges what was `measured` of each of `budgets` by what was measured of it before.
pub(super) fn measured<'a>(
    budgets: Vec<Budget<'a>>,
    measured: Vec<Measured>,
    subject: Subject<'_>,
    history: &History,
    today: Date,
) -> Vec<Found<'a>> {
    let judged = |(budget, measured): (Budget<'a>, Measured)| {
        let base = baseline(&budget, &history.of(&budget), subject);
        (budget, judge(&budget, measured, base, today))
    };
    budgets.into_iter().zip(measured).map(judged).collect()
}

/// Judges the newest measurement of each budget by those before it.
pub(in crate::commands) fn newest<'a>(
    budgets: Vec<Budget<'a>>,
    history: &History,
    today: Date,
) -> Vec<Found<'a>> {
    let judged = |budget: Budget<'a>| {
        let series = history.of(&budget);
        let (measured, base) = match series.split_last() {
            Some((row, earlier)) => (
                Measured::Known { value: row.value, samples: row.samples },
                baseline(&budget, earlier, Subject::of(row)),
            ),
            None => {
                let reason = "there is no measurement of it".to_owned();
                (Measured::Unknown { reason }, baseline(&budget, &[], Subject::default()))
            }
        };
        (budget, judge(&budget, measured, base, today))
    };
    budgets.into_iter().map(judged).collect()
}

/// The table of a check.
pub(in crate::commands) fn report(found: &[Found<'_>]) -> Report {
    let columns = vec![
        Column::all("metric", "metric"),
        Column::all("env", "env"),
        Column::people("value"),
        Column::programs("value"),
        Column::programs("unit"),
        Column::programs("samples"),
        Column::all("target", "target"),
        Column::programs("target_state"),
        Column::all("warn", "warn"),
        Column::all("fail", "fail"),
        Column::people("baseline"),
        Column::programs("baseline"),
        Column::all("change", "change"),
        Column::all("verdict", "verdict"),
        Column::all("margin", "margin"),
        Column::programs("regression"),
        Column::programs("goal"),
        Column::programs("enforced"),
        Column::programs("reason"),
    ];
    Report {
        columns,
        rows: found.iter().map(|(budget, judgement)| row(budget, judgement)).collect(),
    }
}

fn row(budget: &Budget<'_>, judgement: &Judgement) -> Vec<Value> {
    let unit = budget.metric.unit;
    let (samples, reason) = match &judgement.measured {
        Measured::Known { samples, .. } => (Some(*samples), None),
        Measured::Unknown { reason } => (None, Some(reason.as_str())),
    };
    let target = match judgement.target {
        TargetState::Unsaid => None,
        TargetState::Reached => Some("reached"),
        TargetState::Missed => Some("missed"),
    };
    let (value, base) = (judgement.value(), judgement.baseline.value);
    vec![
        Value::Text(budget.metric.name.to_string()),
        Value::Text(budget.environment.to_string()),
        Value::maybe(value, |value| quantity(unit, value)),
        Value::maybe(value, number),
        Value::Text(unit.to_string()),
        Value::maybe(samples, Value::Count),
        limit(budget, budget.limits.target(), Reading::Target),
        Value::text(target),
        limit(budget, budget.limits.warn(), Reading::Alarm),
        limit(budget, budget.limits.fail(), Reading::Alarm),
        Value::maybe(base, |base| quantity(unit, base)),
        Value::maybe(base, number),
        Value::maybe(judgement.change(), Value::Change),
        Value::Text(judgement.verdict.to_string()),
        Value::maybe(judgement.margin.and_then(|margin| margin.ratio), Value::Change),
        Value::text(compared(judgement.comparison)),
        Value::text(reached(judgement.goal)),
        Value::Text(enforced(&judgement.enforcement).to_owned()),
        Value::text(reason),
    ]
}

fn enforced(enforcement: &Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Enforced => "yes",
        Enforcement::WarnOnly => "warn-only",
        Enforcement::NotYet => "not-yet",
        Enforcement::Waived(_) => "waived",
    }
}

fn compared(comparison: Comparison) -> Option<&'static str> {
    match comparison {
        Comparison::NotAsked => None,
        Comparison::TooFew { .. } => Some("too-few"),
        Comparison::Within => Some("within"),
        Comparison::Regressed(_) => Some("regressed"),
    }
}

fn reached(goal: GoalState) -> Option<&'static str> {
    match goal {
        GoalState::Unsaid => None,
        GoalState::Known { is_reached: true, .. } => Some("reached"),
        GoalState::Known { is_reached: false, .. } => Some("missed"),
    }
}

/// The same as a sentence says it.
fn counts(enforcement: &Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Enforced => "this budget is enforced",
        Enforcement::WarnOnly => "the phase only warns",
        Enforcement::NotYet => "this budget does not count yet",
        Enforcement::Waived(_) => "this is waived",
    }
}

fn remarks(found: &[Found<'_>]) -> Vec<String> {
    let count = |verdict| found.iter().filter(|(_, of)| of.verdict == verdict).count();
    let failing = found.iter().filter(|(_, of)| of.fails_the_check()).count();
    let [pass, warn, fail, unknown] =
        [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Unknown].map(count);
    let mut remarks = vec![format!(
        "{pass} pass, {warn} warn, {fail} fail, {unknown} unknown; {failing} of them fail the check"
    )];
    remarks.extend(reasons(found));
    remarks.extend(found.iter().filter_map(|(budget, judgement)| match &judgement.enforcement {
        Enforcement::Waived(waiver) if judgement.verdict != Verdict::Pass => Some(format!(
            "{budget} is waived until {} by {}: {}",
            waiver.until, waiver.who, waiver.why
        )),
        _ => None,
    }));
    remarks
}

/// Why what is unknown is unknown, each reason once.
fn reasons(found: &[Found<'_>]) -> Vec<String> {
    let unknown = found.iter().filter_map(|(budget, judgement)| match &judgement.measured {
        Measured::Unknown { reason } => Some((reason.as_str(), budget.to_string())),
        Measured::Known { .. } => None,
    });
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    let mut places = HashMap::new();
    for (reason, name) in unknown {
        let place = *places.entry(reason).or_insert(reasons.len());
        match reasons.get_mut(place) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let said = |(reason, names): &(&str, Vec<String>)| {
        let more = names.len().saturating_sub(NAMED);
        let mut named = names.get(..NAMED).unwrap_or(names).join(", ");
        if more > 0 {
            // Writing to a string cannot fail.
            let _ = write!(named, " and {more} more");
        }
        format!("{named}: {reason}")
    };
    let mut said: Vec<String> = reasons.iter().take(REASONS).map(said).collect();
    if let Some(more) = reasons.len().checked_sub(REASONS).filter(|more| *more > 0) {
        said.push(format!("and {more} more reasons, which --format json shows"));
    }
    said
}

/// A line for each finding, as GitHub's runner reads workflow commands from a step's output: beside
/// the line of the file that declares the metric.
pub(super) fn annotations(found: &[Found<'_>], path: &Path) -> String {
    let mut text = String::new();
    for (budget, judgement) in found {
        let Some(level) = level(judgement) else { continue };
        let file = property(&path.to_string_lossy());
        let title = property(&format!("{budget}: {}", judgement.verdict));
        let line = budget.metric.line;
        let said = data(&sentence(budget, judgement));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "::{level} file={file},line={line},title={title}::{said}");
    }
    text
}

fn level(judgement: &Judgement) -> Option<&'static str> {
    match judgement.verdict {
        _ if judgement.fails_the_check() => Some("error"),
        Verdict::Pass => None,
        Verdict::Warn | Verdict::Fail => Some("warning"),
        Verdict::Unknown => Some("notice"),
    }
}

fn sentence(budget: &Budget<'_>, judgement: &Judgement) -> String {
    let unit = budget.metric.unit;
    let value = match &judgement.measured {
        Measured::Known { value, .. } => unit.short(*value),
        Measured::Unknown { reason } => return format!("could not be measured: {reason}"),
    };
    let shown = |limit: Option<timing_core::budget::Allowed>, reading| {
        limit.map_or_else(|| "-".to_owned(), |limit| limit.show(reading, unit))
    };
    let change = judgement.change().map(|change| Value::Change(change).for_people());
    let regressed = match judgement.comparison {
        Comparison::Regressed(_) => ", a regression",
        _ => "",
    };
    let change = change.map(|change| format!(", {change} against the baseline{regressed}"));
    format!(
        "{value} (target {}, warns {}, fails {}){}; {}",
        shown(budget.limits.target(), Reading::Target),
        shown(budget.limits.warn(), Reading::Alarm),
        shown(budget.limits.fail(), Reading::Alarm),
        change.unwrap_or_default(),
        counts(&judgement.enforcement),
    )
}
