//! `timings explain`: one run against the one before it.

mod failure;
mod found;
mod lines;
mod report;

use timing_core::history::{Effect, Run, runs};
use timing_core::table::Row;

use super::{Answer, Body, spans};
use crate::cli::{Format, Wanted};
use crate::commands::registry::Failure;
use crate::settings::{Query, TimingsSettings};
use crate::ui::Surface;

pub(super) fn answer(
    rows: &[Row<'static>],
    wanted: &Wanted,
    (format, surface): (Format, Surface),
    query: &Query,
    settings: &TimingsSettings,
) -> Result<Answer, Failure> {
    let asked = spans::asked(rows, query);
    let run = spans::choose(&asked, wanted, |_| true)?;
    let all: Vec<&Row<'_>> = rows.iter().collect();
    let all = runs(&all);
    let before = comparable(&all, run);
    let mut seen = spans::find([run].into_iter().chain(before), &query.origin, &settings.registry)?;
    let explanation = found::Explanation {
        run,
        before,
        // What a run took that failed says how soon it did, and nothing of its parts.
        difference: before
            .filter(|_| run.is_success())
            .map(|before| found::difference((run, seen.of(run)), (before, seen.of(before)))),
        phases: found::phases(run, rows, settings),
        flags: before.map(|before| found::flags(run, before)).unwrap_or_default(),
        failures: failure::of(run, seen.of(run), &settings.registry.repository),
    };
    let body = match format {
        Format::Table => Body::Text(report::text(&explanation, surface)),
        Format::Markdown => Body::Text(report::markdown(&explanation)),
        Format::Json | Format::Csv => Body::Report(report::for_programs(&explanation)),
    };
    let mut remarks = Vec::new();
    if before.is_none() {
        remarks.push(format!(
            "no successful run of {} in {} before it {}is there to compare with",
            run.target().join(" + "),
            run.environment(),
            if run.is_success() { "that changed resources likewise " } else { "" },
        ));
    }
    if run.id.is_none() {
        remarks.push(
            "its rows name no run: what else was done with them, and its stages, is not known"
                .to_owned(),
        );
    }
    Ok(Answer { unread: std::mem::take(&mut seen.warnings), remarks, ..Answer::of(body) })
}

/// The latest run before `run` that it can be compared with: of the same environment and target,
/// successful, and, should `run` be that too, of the same effect on resources.
fn comparable<'c, 'r>(
    all: &'c [Run<'r, 'static>],
    run: &Run<'r, 'static>,
) -> Option<&'c Run<'r, 'static>> {
    let effect = |run: &Run<'_, '_>| run.outermost().last().map(|row| Effect::of(row));
    let is_comparable = |other: &&Run<'_, '_>| {
        other.environment() == run.environment()
            && other.target() == run.target()
            && other.is_success()
            && (!run.is_success() || effect(other) == effect(run))
    };
    let is_run = |other: &Run<'_, '_>| {
        other.rows().first().zip(run.rows().first()).is_some_and(|(a, b)| std::ptr::eq(*a, *b))
    };
    let at = all.iter().position(is_run)?;
    all.get(..at)?.iter().rev().find(is_comparable)
}

#[cfg(test)]
mod tests;
