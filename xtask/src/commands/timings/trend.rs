//! `timings trend`: when the duration of a phase changed, and how it moves in between.

use std::ops::Range;

use timing_core::history::{Series, series};
use timing_core::stats::change::{ChangePoint, Direction, change_points, segments};
use timing_core::stats::slope::Slope;
use timing_core::table::Row;

use super::{Answer, seconds};
use crate::settings::Query;
use crate::ui::report::{Column, Report, Value};

/// One row for each stretch between two changes; what it says of a change is the one that it
/// begins with.
const COLUMNS: [Column; 17] = [
    Column::all("env", "env"),
    Column::all("phase", "phase"),
    Column::all("since_time_utc", "since"),
    Column::programs("until_time_utc"),
    Column::all("runs", "runs"),
    Column::all("level_seconds", "level"),
    Column::programs("slope_seconds_per_run"),
    Column::programs("slope_seconds_per_day"),
    Column::all("slope_ratio_per_day", "per day"),
    Column::all("direction", "direction"),
    Column::all("change_ratio", "change"),
    Column::all("change_seconds", "by"),
    Column::all("p_value", "p"),
    Column::all("commit", "commit"),
    Column::programs("commit_before"),
    Column::programs("build_id"),
    Column::people("durations"),
];

/// Fewer points than this have no slope worth telling.
const SLOPE_FROM: usize = 5;

/// How many durations of a stretch are drawn.
const DRAWN: usize = 20;

pub(super) fn answer(rows: &[&Row<'_>], query: &Query) -> Answer {
    let mut all = series(rows, query.last);
    all.iter_mut().for_each(|series| series.rows.retain(|row| row.is_success() && !row.is_part()));
    all.retain(|series| !series.rows.is_empty());
    let mut answer = Answer::well(Report {
        columns: COLUMNS.to_vec(),
        rows: all.iter().flat_map(stretches).collect(),
    });
    let short = all.iter().filter(|series| series.rows.len() < FEWEST).count();
    if short > 0 {
        answer.remarks.push(format!(
            "fewer than {FEWEST} successful runs, from which on a change is found, in {short} of the \
             {} lines of history",
            all.len()
        ));
    }
    answer
}

/// Nothing is found in fewer points.
const FEWEST: usize = timing_core::stats::change::FEWEST_POINTS;

fn stretches(series: &Series<'_, '_>) -> Vec<Vec<Value>> {
    let durations: Vec<f64> = series.rows.iter().map(|row| seconds(row.duration_seconds)).collect();
    let changes = change_points(&durations);
    segments(durations.len(), &changes)
        .into_iter()
        .map(|range| {
            let change = changes.iter().find(|change| change.index == range.start);
            stretch(series, &durations, range, change)
        })
        .collect()
}

fn stretch(
    series: &Series<'_, '_>,
    durations: &[f64],
    range: Range<usize>,
    change: Option<&ChangePoint>,
) -> Vec<Value> {
    let rows = series.rows.get(range.clone()).unwrap_or_default();
    let durations = durations.get(range.clone()).unwrap_or_default();
    let points: Vec<(f64, f64)> = rows
        .iter()
        .zip(durations)
        .map(|(row, duration)| (seconds(row.start.unix_seconds()), *duration))
        .collect();
    let slope = Slope::of(&points).filter(|_| points.len() >= SLOPE_FROM);
    let level = Slope::of(&points).map_or(durations.first().copied(), |slope| Some(slope.level));
    let per_day = slope.and_then(|slope| slope.per_day);
    let commit = |row: Option<&&Row<'_>>| Value::text(row.and_then(|row| row.flag("SHA")));
    let first = rows.first();
    let before = range.start.checked_sub(1).and_then(|place| series.rows.get(place));
    let of_change = |value: fn(&ChangePoint) -> Value| Value::maybe(change, value);
    let drawn = durations.len().saturating_sub(DRAWN);
    vec![
        Value::Text(series.environment.to_owned()),
        Value::text(series.phase),
        Value::maybe(first, |row| Value::Stamp(row.start)),
        Value::maybe(rows.last(), |row| Value::Stamp(row.start)),
        Value::Count(rows.len() as u64),
        Value::maybe(level, Value::Seconds),
        Value::maybe(slope, |slope| Value::Number(slope.per_point, 3)),
        Value::maybe(per_day, |per_day| Value::Number(per_day, 3)),
        Value::maybe(slope.and_then(|slope| slope.percent_per_day()), |percent| {
            Value::Change(percent / 100.0)
        }),
        of_change(|change| {
            let up = change.direction() == Direction::Up;
            Value::Text(if up { "slower" } else { "faster" }.to_owned())
        }),
        of_change(|change| Value::Change(change.ratio() - 1.0)),
        of_change(|change| Value::Seconds(change.difference())),
        of_change(|change| Value::Probability(change.p_value)),
        // Where nothing has changed, nothing has a commit.
        change.map_or(Value::Absent, |_| commit(first)),
        change.map_or(Value::Absent, |_| commit(before)),
        Value::maybe(change.and(first), |row| Value::Text(row.build_id.to_string())),
        Value::Sparkline(durations.get(drawn..).unwrap_or_default().to_vec()),
    ]
}
