//! `report --format chrome-trace|otlp-json`: the last runs as traces.

use timing_core::history::Run;
use timing_core::table::Row;

use crate::cli::ReportFormat;
use crate::commands::registry::Failure;
use crate::commands::timings::{origin, spans};
use crate::export::past;
use crate::export::run::FinishedRun;
use crate::export::traces::{chrome, model};
use crate::settings::{Query, ReportSettings};

/// So many runs are in a file at most: a viewer draws them all.
const MOST: usize = 100;

/// The file, and what there is to remark.
pub(super) fn render(
    query: &Query,
    format: ReportFormat,
    settings: &ReportSettings,
) -> Result<(String, Vec<String>), Failure> {
    let registry = &settings.timings.registry;
    let found = origin::gather(&query.origin, registry)?;
    let (rows, mut remarks) = (found.gathered.rows, found.warnings);
    let runs = spans::asked(&rows, query);
    let left_out = runs.len().saturating_sub(MOST);
    let runs = runs.get(left_out..).unwrap_or_default();
    if left_out > 0 {
        remarks.push(format!(
            "{left_out} earlier runs are not in it: the last {MOST} are; --since and --until choose"
        ));
    }
    let seen = spans::find(runs, &query.origin, registry)?;
    let finished = |run: &Run<'_, 'static>| {
        let of_phase = |row: &Row<'_>| seen.of(run).map(|seen| seen.of(row).to_vec());
        past::of_rows(run, &|row| of_phase(row).unwrap_or_default())
    };
    let finished: Vec<FinishedRun> = runs.iter().filter_map(finished).collect();
    if finished.len() < runs.len() {
        let nameless = runs.len() - finished.len();
        remarks
            .push(format!("{nameless} runs are not in it: their rows do not name what they did"));
    }
    remarks.extend(seen.warnings);
    Ok((written(&finished, format)?, remarks))
}

fn written(runs: &[FinishedRun], format: ReportFormat) -> Result<String, Failure> {
    match format {
        ReportFormat::OtlpJson => otlp_json(runs),
        _ => Ok(chrome::render(&runs.iter().map(named).collect::<Vec<_>>())),
    }
}

fn named(run: &FinishedRun) -> (String, model::Trace) {
    let start = timing_core::clock::UtcStamp::from_unix_seconds(run.start.as_secs());
    (format!("{} in {}, {start}, run {}", run.target, run.environment, run.run), model::trace(run))
}

#[cfg(feature = "otlp")]
fn otlp_json(runs: &[FinishedRun]) -> Result<String, Failure> {
    let traces: Vec<model::Trace> = runs.iter().map(model::trace).collect();
    Ok(crate::export::traces::otlp::json(&traces)?)
}

#[cfg(not(feature = "otlp"))]
fn otlp_json(_: &[FinishedRun]) -> Result<String, Failure> {
    Err("this build has no OTLP; `cargo xtask-full report --format otlp-json` has".into())
}
