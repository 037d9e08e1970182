//! `timings stats`: how long each phase takes, and how often it fails.

use std::fs::File;
use std::io::Read;

use timing_core::history::{Faults, Filter, SampleSeries, Samples, stream};
use timing_core::stats::{Durations, Summary};

use super::{Answer, origin};
use crate::commands::registry::Failure;
use crate::settings::{Origin, Query, RegistrySettings};
use crate::ui::report::{Column, Report, Value};

/// People see what one decides by, in 120 columns; programs everything.
const COLUMNS: [Column; 23] = [
    Column::all("env", "env"),
    Column::all("phase", "phase"),
    Column::all("count", "runs"),
    Column::programs("success"),
    Column::programs("failure"),
    Column::all("success_rate", "success"),
    Column::people("failed"),
    Column::programs("mean_seconds"),
    Column::all("p50_seconds", "p50"),
    Column::programs("p90_seconds"),
    Column::all("p95_seconds", "p95"),
    Column::programs("min_seconds"),
    Column::all("max_seconds", "max"),
    Column::all("last_seconds", "last"),
    Column::programs("failed_mean_seconds"),
    Column::programs("failed_p50_seconds"),
    Column::programs("failed_p90_seconds"),
    Column::programs("failed_p95_seconds"),
    Column::programs("failed_min_seconds"),
    Column::programs("failed_max_seconds"),
    Column::programs("failed_last_seconds"),
    Column::all("recent_seconds", "recent"),
    Column::programs("last_start_time_utc"),
];

pub(super) fn answer(
    query: &Query,
    settings: &RegistrySettings,
) -> Result<(Answer, Faults), Failure> {
    let found = find(query, settings)?;
    let nothing = super::nothing_matches(found.samples.count(), found.rows);
    let mut answer = Answer::well(report(&found.samples.into_series(query.last)));
    answer.unread = found.warnings;
    answer.remarks.extend(nothing);
    Ok((answer, found.faults))
}

/// The figures of each of `all`, in their order.
pub(in crate::commands) fn report(all: &[SampleSeries]) -> Report {
    Report { columns: COLUMNS.to_vec(), rows: all.iter().map(values).collect() }
}

/// The samples of the rows that match, and what else is known of their source.
struct Found {
    samples: Samples,
    /// How many rows there are in all.
    rows: usize,
    faults: Faults,
    warnings: Vec<String>,
}

fn find(query: &Query, settings: &RegistrySettings) -> Result<Found, Failure> {
    match &query.origin {
        Origin::Registry => {
            let found = origin::gather(&query.origin, settings)?;
            let mut samples = Samples::default();
            let rows = &found.gathered.rows;
            rows.iter().filter(|row| query.filter.accepts(row)).for_each(|row| samples.add(row));
            let rows = rows.len();
            Ok(Found {
                samples,
                rows,
                faults: found.gathered.faults.into(),
                warnings: found.warnings,
            })
        }
        Origin::File(path) => {
            let name = origin::name(path);
            let file = File::open(path).map_err(|error| origin::unreadable(&name, &error))?;
            find_in(file, &name, &query.filter)
        }
        Origin::Stdin => find_in(std::io::stdin(), origin::STDIN, &query.filter),
    }
}

/// Of a file, which may be far larger than what should be in memory at once.
fn find_in(file: impl Read + Send, name: &str, filter: &Filter) -> Result<Found, Failure> {
    let found = stream(file, name, filter).map_err(|error| origin::unreadable(name, &error))?;
    let (samples, rows, faults) = (found.samples, found.tally.rows, found.faults);
    Ok(Found { samples, rows, faults, warnings: Vec::new() })
}

fn values(series: &SampleSeries) -> Vec<Value> {
    let summary = Summary::of(&series.samples);
    let of = |durations: Option<Durations>, figure: fn(Durations) -> f64| {
        Value::maybe(durations, |durations| Value::Seconds(figure(durations)))
    };
    let well = |figure| of(summary.successes, figure);
    let badly = |figure| of(summary.failures, figure);
    vec![
        Value::Text(series.environment.clone()),
        Value::text(series.phase.as_deref()),
        count(summary.count()),
        count(summary.success()),
        count(summary.failure()),
        Value::maybe(summary.success_rate(), Value::Ratio),
        Value::Text(failed(summary.failures)),
        well(|d| d.mean),
        well(|d| d.p50),
        well(|d| d.p90),
        well(|d| d.p95),
        well(|d| seconds(d.min)),
        well(|d| seconds(d.max)),
        well(|d| seconds(d.last)),
        badly(|d| d.mean),
        badly(|d| d.p50),
        badly(|d| d.p90),
        badly(|d| d.p95),
        badly(|d| seconds(d.min)),
        badly(|d| seconds(d.max)),
        badly(|d| seconds(d.last)),
        Value::Sparkline(summary.recent.iter().copied().map(seconds).collect()),
        Value::maybe(series.samples.iter().map(|sample| sample.start).max(), Value::Stamp),
    ]
}

/// How many failed, and after how long half of them had.
fn failed(failures: Option<Durations>) -> String {
    match failures {
        None => "0".to_owned(),
        Some(durations) => {
            format!("{} ({})", durations.count, Value::Seconds(durations.p50).for_people())
        }
    }
}

fn count(count: usize) -> Value {
    Value::Count(u64::try_from(count).unwrap_or(u64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
fn seconds(seconds: u64) -> f64 {
    seconds as f64
}
