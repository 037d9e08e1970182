//! `timings list`: the rows.

use timing_core::table::Row;

use super::Answer;
use crate::settings::Query;
use crate::ui::report::{Column, Report, Value};

/// People see what tells one run from the next; programs the columns of the file.
const COLUMNS: [Column; 13] = [
    Column::all("start_time_utc", "start"),
    Column::programs("end_time_utc"),
    Column::all("phase", "phase"),
    Column::all("env", "env"),
    Column::all("build_id", "build"),
    Column::all("duration_seconds", "duration"),
    Column::all("exit_code", "exit"),
    Column::programs("flags"),
    Column::programs("resources_added"),
    Column::programs("resources_changed"),
    Column::programs("resources_destroyed"),
    Column::programs("log_path"),
    Column::people("resources"),
];

pub(super) fn answer(rows: &[&Row<'_>], query: &Query) -> Answer {
    let skipped = query.last.map_or(0, |last| rows.len().saturating_sub(last.get()));
    let rows = rows.iter().skip(skipped).map(|row| values(row)).collect();
    Answer::well(Report { columns: COLUMNS.to_vec(), rows })
}

fn values(row: &Row<'_>) -> Vec<Value> {
    let resources = |count: fn(timing_core::table::Resources) -> u64| {
        Value::maybe(row.resources, |resources| Value::Count(count(resources)))
    };
    vec![
        Value::Stamp(row.start),
        Value::maybe(row.end, Value::Stamp),
        Value::text(row.phase.as_deref()),
        Value::Text(row.environment.to_string()),
        Value::Text(row.build_id.to_string()),
        Value::whole_seconds(row.duration_seconds),
        Value::Integer(row.exit_code.into()),
        Value::text(row.flags.as_deref()),
        resources(|resources| resources.added),
        resources(|resources| resources.changed),
        resources(|resources| resources.destroyed),
        Value::text(row.log_path.as_deref().or(row.workflow_run_url.as_deref())),
        Value::maybe(row.resources, |r| {
            Value::Text(format!("+{} ~{} -{}", r.added, r.changed, r.destroyed))
        }),
    ]
}
