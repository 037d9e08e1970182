//! `timings slowest`: which stages and resources take most of the time.

use std::num::NonZeroUsize;

use timing_core::history::Run;
use timing_core::record::Phase;
use timing_core::stages::Kind;
use timing_core::stats::slowest::{By, RunOf, Slowness, slowest};
use timing_core::table::Row;

use super::{Answer, spans};
use crate::cli::{Extent, Format};
use crate::commands::registry::Failure;
use crate::settings::{Query, RegistrySettings};
use crate::ui::Surface;
use crate::ui::report::{Column, Report, Value};

const COLUMNS: [Column; 17] = [
    Column::people("name"),
    Column::programs("env"),
    Column::programs("phase"),
    Column::programs("kind"),
    Column::programs("action"),
    Column::programs("name"),
    Column::people("action"),
    Column::all("runs", "runs"),
    Column::all("failed", "failed"),
    Column::all("total_seconds", "total"),
    Column::all("p50_seconds", "p50"),
    Column::all("worst_seconds", "worst"),
    Column::all("change_ratio", "change"),
    Column::programs("change_seconds"),
    Column::people("against"),
    Column::programs("runs_before"),
    Column::programs("p50_before_seconds"),
];

/// What the columns of people take beside the name.
const BESIDE_NAME: usize = 66;
const SHORTEST_NAME: usize = 14;
const LONGEST_NAME: usize = 90;

/// How many runs, unless it is said.
const RUNS: NonZeroUsize = match NonZeroUsize::new(10) {
    Some(runs) => runs,
    None => NonZeroUsize::MIN,
};

/// How many lines, unless all are asked for.
const LINES: usize = 20;

pub(super) fn answer(
    rows: &[Row<'static>],
    (by, extent): (By, Extent),
    (format, surface): (Format, Surface),
    query: &Query,
    settings: &RegistrySettings,
) -> Result<Answer, Failure> {
    let last = query.last.unwrap_or(RUNS).get();
    let runs = spans::asked(rows, &Query { last: None, ..query.clone() });
    let mut found = spans::find(&runs, &query.origin, settings)?;
    let phases: Vec<Vec<(&str, Phase, &[_])>> = runs
        .iter()
        .filter_map(|run| Some(phases(run, found.of(run)?, query)))
        .filter(|phases| !phases.is_empty())
        .collect();
    let runs: Vec<Vec<RunOf<'_>>> = phases
        .iter()
        .map(|run| run.iter().map(|(env, phase, spans)| (*env, phase, *spans)).collect())
        .collect();
    let (rest, latest) = runs.split_at(runs.len().saturating_sub(last));
    let before = rest.get(rest.len().saturating_sub(last)..).unwrap_or_default();
    let all = slowest(latest, before, by);
    let is_short = extent == Extent::Short && matches!(format, Format::Table | Format::Markdown);
    let shown = if is_short { all.len().min(LINES) } else { all.len() };
    let width = name_width(format, surface);
    let rows = all.iter().take(shown).map(|of| values(of, surface, width)).collect();
    let mut answer = Answer::well(Report { columns: COLUMNS.to_vec(), rows });
    answer.remarks.push(match latest.len() {
        0 => "no run that matches has stages".to_owned(),
        latest => format!("runs with stages: the last {latest}, and {} before them", before.len()),
    });
    if shown < all.len() {
        answer.remarks.push(format!("and {} more: --all shows them", all.len() - shown));
    }
    drop(phases);
    answer.unread = std::mem::take(&mut found.warnings);
    Ok(answer)
}

/// The phases of `run` that are asked about.
fn phases<'r>(
    run: &Run<'r, 'static>,
    seen: &'r spans::Seen,
    query: &Query,
) -> Vec<(&'r str, Phase, &'r [timing_core::stages::Span])> {
    let accepted = run.rows().iter().filter(|row| query.filter.accepts(row));
    accepted
        .filter_map(|row| Some((row.environment.as_ref(), spans::phase(row)?, seen.of(row))))
        .filter(|(_, _, spans)| !spans.is_empty())
        .collect()
}

fn name_width(format: Format, surface: Surface) -> usize {
    match format {
        Format::Table => {
            surface.width.saturating_sub(BESIDE_NAME).clamp(SHORTEST_NAME, LONGEST_NAME)
        }
        Format::Markdown | Format::Json | Format::Csv => LONGEST_NAME,
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 thousand years")]
fn seconds(milliseconds: u64) -> Value {
    Value::Seconds(milliseconds as f64 / 1000.0)
}

fn values(of: &Slowness, surface: Surface, width: usize) -> Vec<Value> {
    let Slowness { subject, runs, failed, total, p50, worst, runs_before, p50_before } = of;
    let fraction = |milliseconds: f64| Value::Seconds(milliseconds / 1000.0);
    let action = subject.kind.and_then(Kind::action).map(|action| action.word());
    let kind = subject.kind.map(Kind::word);
    let name = if subject.name.is_empty() { "(root)" } else { &subject.name };
    let change = of.change();
    let by = p50.zip(*p50_before).filter(|_| change.is_some()).map(|(now, before)| now - before);
    vec![
        Value::Text(surface.cut(name, width)),
        Value::text(Some(&subject.environment)),
        Value::text(Some(subject.phase.as_str())),
        Value::text(kind),
        Value::text(action),
        Value::text(Some(&subject.name)),
        Value::text(action.or(kind)),
        Value::Count(*runs as u64),
        Value::Count(*failed as u64),
        seconds(*total),
        Value::maybe(*p50, fraction),
        Value::maybe(*worst, seconds),
        Value::maybe(change, Value::Change),
        Value::maybe(by, fraction),
        Value::Text(format!("{runs_before} runs")),
        Value::Count(*runs_before as u64),
        Value::maybe(*p50_before, fraction),
    ]
}
