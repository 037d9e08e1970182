//! `timings slowest`: which stages and resources take most of the time.

use std::num::NonZeroUsize;

use timing_core::history::Run;
use timing_core::record::Phase;
use timing_core::stages::{Action, Kind};
use timing_core::stats::slowest::{By, RunOf, Slowness, slowest};
use timing_core::table::Row;

use super::{Answer, spans};
use crate::cli::{Extent, Format};
use crate::commands::registry::Failure;
use crate::settings::{Query, RegistrySettings};
use crate::ui::Surface;
use crate::ui::report::{Audience, Column, Report, Value};

const COLUMNS: [Column; 15] = [
    Column::people("name"),
    Column::programs("env"),
    Column::programs("phase"),
    Column::programs("kind"),
    Column::programs("action"),
    Column::programs("name"),
    Column::all("runs", "runs"),
    FAILED,
    Column::all("total_seconds", "total"),
    Column::all("p50_seconds", "p50"),
    Column::all("worst_seconds", "worst"),
    Column::all("change_ratio", "change"),
    Column::programs("change_seconds"),
    Column::all("runs_before", "before"),
    Column::programs("p50_before_seconds"),
];

/// People see it where something failed.
const FAILED: Column = Column::all("failed", "failed");

/// What the columns of people take beside the name, and `failed` where it is shown.
const BESIDE_NAME: usize = 53;
const BESIDE_FAILED: usize = 8;
const SHORTEST_NAME: usize = 16;
const LONGEST_NAME: usize = 90;

/// How many runs, unless it is said.
const RUNS: NonZeroUsize = match NonZeroUsize::new(10) {
    Some(runs) => runs,
    None => NonZeroUsize::MIN,
};

/// How many lines, unless all are asked for.
const LINES: usize = 20;

pub(in crate::commands) fn answer(
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
    let hidden = all.len() - shown;
    let all = all.get(..shown).unwrap_or_default();
    let columns = columns(all);
    let failed = if columns.contains(&FAILED) { BESIDE_FAILED } else { 0 };
    let width = name_width(format, surface, failed);
    let rows = all.iter().map(|of| values(of, surface, width)).collect();
    let mut answer = Answer::well(Report { columns, rows });
    answer.remarks.push(match latest.len() {
        0 => "no run that matches has stages".to_owned(),
        latest => format!("runs with stages: the last {latest}, and {} before them", before.len()),
    });
    if hidden > 0 {
        answer.remarks.push(format!("and {hidden} more: --all shows them"));
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

fn columns(all: &[Slowness]) -> Vec<Column> {
    let mut columns = COLUMNS.to_vec();
    if all.iter().all(|of| of.failed == 0)
        && let Some(failed) = columns.iter_mut().find(|column| **column == FAILED)
    {
        failed.audience = Audience::Programs;
    }
    columns
}

fn name_width(format: Format, surface: Surface, failed: usize) -> usize {
    match format {
        Format::Table => {
            let room = surface.width.saturating_sub(BESIDE_NAME + failed);
            room.clamp(SHORTEST_NAME, LONGEST_NAME)
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
    // Most are created; a name alone says that.
    let name = match (subject.kind, subject.name.as_str()) {
        (None, "") => "(root module)".to_owned(),
        (Some(Kind::Resource(Action::Create)) | None, name) => name.to_owned(),
        (Some(Kind::Resource(action)), name) => format!("{} {name}", action.word()),
        (Some(_), name) => name.to_owned(),
    };
    let change = of.change();
    let by = p50.zip(*p50_before).filter(|_| change.is_some()).map(|(now, before)| now - before);
    vec![
        Value::Text(surface.cut(&name, width)),
        Value::text(Some(&subject.environment)),
        Value::text(Some(subject.phase.as_str())),
        Value::text(kind),
        Value::text(action),
        Value::text(Some(&subject.name)),
        Value::Count(*runs as u64),
        Value::Count(*failed as u64),
        seconds(*total),
        Value::maybe(*p50, fraction),
        Value::maybe(*worst, seconds),
        Value::maybe(change, Value::Change),
        Value::maybe(by, fraction),
        Value::Count(*runs_before as u64),
        Value::maybe(*p50_before, fraction),
    ]
}
