//! Everything, found.

use timing_core::history::{Filter, Run, Samples, series};
use timing_core::stats::slowest::By;
use timing_core::table::Row;

use super::phases::Phases;
use super::{budgets, health, phases};
use crate::cli::{Extent, Format};
use crate::commands::registry::Failure;
use crate::commands::timings::{Answer, Body, origin, slowest, spans, stages, stats};
use crate::report::{About, LastRun, Report, Slowest};
use crate::settings::{Origin, Query, ReportSettings};
use crate::ui::{Decoration, Surface};

/// More series than this are not on a page: a file may name a new phase in every row.
const SERIES: usize = 200;

/// What names are cut to: what a table of a page has room for.
const PAGE: Surface = Surface { width: 160, decoration: Decoration::Rich };

/// The report that `query` asks for.
pub(super) fn find(query: &Query, settings: &ReportSettings) -> Result<Report, Failure> {
    let registry = &settings.timings.registry;
    let found = origin::gather(&query.origin, registry)?;
    let (rows, faults) = (found.gathered.rows, found.gathered.faults.len());
    let matching: Vec<&Row<'_>> = rows.iter().filter(|row| query.filter.accepts(row)).collect();
    let mut remarks = found.warnings;
    let (kept, left_out) = most_recent(&matching);
    if left_out > 0 {
        remarks.push(format!(
            "{left_out} more phases are not shown: those of the {SERIES} latest are"
        ));
    }
    let mut samples = Samples::default();
    kept.iter().for_each(|row| samples.add(row));
    let samples = samples.into_series(None);
    let Phases { environments, trend } =
        phases::environments(&kept, &samples, query, &settings.timings);
    let runs = spans::asked(&rows, query);
    let last_run = last_run(&runs, query, settings, &mut remarks);
    let slowest = slow(&rows, query, settings, &mut remarks);
    let names: Vec<&str> = environments.iter().map(|part| part.name.as_str()).collect();
    Ok(Report {
        about: About {
            made: query.now,
            source: source(query, settings),
            environment: query.filter.environment.as_ref().map(ToString::to_string),
            since: query.filter.since,
            before: query.filter.before,
            rows: matching.len(),
            all_rows: rows.len(),
            faults,
            remarks,
        },
        statistics: stats::report(&samples),
        trend,
        budgets: budgets::judge(&names, query, settings),
        health: health::look(&rows, query, settings),
        environments,
        last_run,
        slowest,
    })
}

fn source(query: &Query, settings: &ReportSettings) -> String {
    match &query.origin {
        Origin::Registry => settings.timings.registry.branch.to_string(),
        Origin::File(path) => origin::name(path),
        Origin::Stdin => origin::STDIN.to_owned(),
    }
}

/// The rows of the [`SERIES`] phases that ran last, and how many phases are left out.
fn most_recent<'r, 'a>(rows: &[&'r Row<'a>]) -> (Vec<&'r Row<'a>>, usize) {
    let mut all = series(rows, None);
    let left_out = all.len().saturating_sub(SERIES);
    if left_out == 0 {
        return (rows.to_vec(), 0);
    }
    all.sort_by_key(|series| series.rows.last().map(|row| row.start));
    let mut kept: Vec<_> = all.split_off(left_out).into_iter().flat_map(|of| of.rows).collect();
    kept.sort_by_key(|row| row.start);
    (kept, left_out)
}

fn last_run(
    runs: &[Run<'_, 'static>],
    query: &Query,
    settings: &ReportSettings,
    remarks: &mut Vec<String>,
) -> Option<LastRun> {
    let drawn = stages::last(runs, query, &settings.timings.registry)?;
    remarks.extend(drawn.unread);
    Some(LastRun {
        title: drawn.title,
        identity: drawn.identity,
        is_success: drawn.run.is_success(),
        lines: drawn.lines,
        total: drawn.total,
        split: drawn.split,
    })
}

fn slow(
    rows: &[Row<'static>],
    query: &Query,
    settings: &ReportSettings,
    remarks: &mut Vec<String>,
) -> Option<Slowest> {
    let asked = ((By::Span, Extent::Short), (Format::Markdown, PAGE));
    match slowest::answer(rows, asked.0, asked.1, query, &settings.timings.registry) {
        Ok(Answer { body: Body::Report(table), remarks: said, unread, .. }) => {
            remarks.extend(unread);
            (!table.rows.is_empty()).then_some(Slowest { table, remarks: said })
        }
        Ok(Answer { body: Body::Text(_), .. }) => None,
        Err(error) => {
            remarks.push(format!("the slowest stages are not known: {error}"));
            None
        }
    }
}

/// Whether `filter` leaves nothing out.
pub(super) fn is_everything(filter: &Filter) -> bool {
    *filter == Filter::default()
}
