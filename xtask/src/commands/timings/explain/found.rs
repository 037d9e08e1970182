//! What is found out about a run, before anybody writes it.

use std::time::Duration;

use timing_core::history::{Epoch, Run, compare, series};
use timing_core::stages::{Difference, Part, PartKind};
use timing_core::stats::gate::{Judgement, judge};
use timing_core::table::Row;

use super::super::{seconds, spans::Seen};
use super::failure::Failure;
use crate::cli::CheckFlags;
use crate::settings::{CheckPolicy, TimingsSettings};

/// All that there is to say of a run.
#[derive(Debug)]
pub(super) struct Explanation<'c, 'r> {
    pub(super) run: &'c Run<'r, 'static>,
    pub(super) before: Option<&'c Run<'r, 'static>>,
    /// Where the time went that it took more or less than the one before.
    pub(super) difference: Option<Difference>,
    pub(super) phases: Vec<Phase<'r>>,
    pub(super) flags: Vec<Flag<'r>>,
    pub(super) failures: Vec<Failure>,
}

/// A phase, and what the regression gate says of it; nothing of one that failed.
#[derive(Debug)]
pub(super) struct Phase<'r> {
    pub(super) row: &'r Row<'static>,
    pub(super) depth: usize,
    pub(super) judgement: Option<Judgement>,
}

/// A flag that the two runs have different values of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flag<'r> {
    pub(super) phase: &'r str,
    pub(super) key: &'r str,
    pub(super) now: Option<&'r str>,
    pub(super) before: Option<&'r str>,
}

/// Where the time went.
pub(super) fn difference(
    (run, seen): (&Run<'_, '_>, Option<&Seen>),
    (before, seen_before): (&Run<'_, '_>, Option<&Seen>),
) -> Difference {
    // Stages of one run alone would all be new, or gone.
    let both = seen.zip(seen_before);
    Difference::of(
        &whole(run, both.map(|(now, _)| now)),
        &whole(before, both.map(|(_, before)| before)),
    )
}

fn whole(run: &Run<'_, '_>, seen: Option<&Seen>) -> Part {
    let mut parts: Vec<Part> =
        run.outermost().into_iter().map(|row| part(run, row, seen)).collect();
    match parts.len() {
        1 => parts.remove(0),
        _ => {
            let took = parts.iter().map(|part| part.took).sum();
            Part { kind: PartKind::Run, name: "all phases".to_owned(), took, parts }
        }
    }
}

fn part(run: &Run<'_, '_>, row: &Row<'_>, seen: Option<&Seen>) -> Part {
    let inner = run.within(Some(row)).into_iter().map(|row| part(run, row, seen));
    let stages = seen.map_or(&[][..], |seen| seen.of(row));
    Part {
        kind: PartKind::Phase,
        name: row.phase.as_deref().unwrap_or("(no phase)").to_owned(),
        took: Duration::from_secs(row.duration_seconds),
        parts: inner.chain(Part::of_spans(stages)).collect(),
    }
}

/// The phases of `run`, each before those within it, as the gate judges them by `rows`.
pub(super) fn phases<'r>(
    run: &Run<'r, 'static>,
    rows: &'r [Row<'static>],
    settings: &TimingsSettings,
) -> Vec<Phase<'r>> {
    let mut all = Vec::new();
    add_phases(run, None, 0, &mut all);
    all.iter_mut().for_each(|phase| phase.judgement = judgement(phase.row, rows, settings));
    all
}

fn add_phases<'r>(
    run: &Run<'r, 'static>,
    around: Option<&Row<'_>>,
    depth: usize,
    all: &mut Vec<Phase<'r>>,
) {
    for row in run.within(around) {
        all.push(Phase { row, depth, judgement: None });
        add_phases(run, Some(row), depth + 1, all);
    }
}

/// What `timings check` would have said when `row` was the last.
fn judgement(
    row: &Row<'_>,
    rows: &[Row<'static>],
    settings: &TimingsSettings,
) -> Option<Judgement> {
    let phase = row.phase.as_deref()?;
    let is_known = |other: &&Row<'_>| {
        let is_same = other.environment == row.environment && other.phase == row.phase;
        is_same && (other.start < row.start || std::ptr::eq(*other, row))
    };
    let known: Vec<&Row<'_>> = rows.iter().filter(is_known).collect();
    let begun: Vec<Epoch> =
        settings.epochs.iter().filter(|epoch| epoch.since <= row.start).cloned().collect();
    let policy = CheckPolicy::resolve(&CheckFlags::default(), &settings.check);
    let series = series(&known, None);
    let comparison = compare(series.first()?, phase, &begun, policy.baseline)?;
    if !std::ptr::eq(comparison.latest, row) {
        return None;
    }
    let baseline: Vec<f64> =
        comparison.baseline.iter().map(|row| seconds(row.duration_seconds)).collect();
    Some(judge(seconds(row.duration_seconds), &baseline, &policy.thresholds))
}

/// What differs between the flags of the same phases of two runs. The id of the run always does.
pub(super) fn flags<'r>(run: &Run<'r, 'static>, before: &Run<'r, 'static>) -> Vec<Flag<'r>> {
    let mut all: Vec<Flag<'r>> = Vec::new();
    // An inner phase has what the outer one was given, so that the outer one comes first.
    for row in run.rows().iter().rev() {
        let Some(phase) = row.phase.as_deref() else { continue };
        let Some(other) = before.rows().iter().find(|other| other.phase == row.phase) else {
            continue;
        };
        let keys = pairs(row).chain(pairs(other)).map(|(key, _)| key);
        for key in keys.filter(|key| *key != "RUN") {
            let (now, before) = (row.flag(key), other.flag(key));
            let is_same = |flag: &Flag<'_>| (flag.key, flag.now, flag.before) == (key, now, before);
            if now != before && !all.iter().any(is_same) {
                all.push(Flag { phase, key, now, before });
            }
        }
    }
    all
}

fn pairs<'r>(row: &'r Row<'_>) -> impl Iterator<Item = (&'r str, &'r str)> {
    let words = row.flags.as_deref().unwrap_or_default().split_ascii_whitespace();
    words.filter_map(|word| word.split_once('='))
}
