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
    all.iter_mut().for_each(keep_comparable);
    all.retain(|series| !series.rows.is_empty());
    let found: Vec<Stretch<'_, '_>> = all.iter().flat_map(stretches).collect();
    let mut answer = Answer::well(report(&found));
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

/// `all` as a table.
pub(in crate::commands) fn report(all: &[Stretch<'_, '_>]) -> Report {
    Report { columns: COLUMNS.to_vec(), rows: all.iter().map(values).collect() }
}

/// Nothing is found in fewer points.
const FEWEST: usize = timing_core::stats::change::FEWEST_POINTS;

/// Leaves only the rows that durations are compared of: whole phases that succeeded.
pub(in crate::commands) fn keep_comparable(series: &mut Series<'_, '_>) {
    series.rows.retain(|row| row.is_success() && !row.is_part());
}

/// A time in which nothing changed.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::commands) struct Stretch<'r, 'a> {
    environment: &'r str,
    phase: Option<&'r str>,
    /// At least one, the oldest first.
    pub(in crate::commands) rows: Vec<&'r Row<'a>>,
    /// The newest row before the first.
    before: Option<&'r Row<'a>>,
    /// Their typical duration, in seconds.
    pub(in crate::commands) level: Option<f64>,
    slope: Option<Slope>,
    /// What it begins with; nothing for the first.
    pub(in crate::commands) change: Option<ChangePoint>,
    drawn: Vec<f64>,
}

impl Stretch<'_, '_> {
    /// The commit of its first row.
    pub(in crate::commands) fn commit(&self) -> Option<&str> {
        self.rows.first().and_then(|row| row.flag("SHA"))
    }
}

/// The stretches of `series`, all of whose rows are comparable.
pub(in crate::commands) fn stretches<'r, 'a>(series: &Series<'r, 'a>) -> Vec<Stretch<'r, 'a>> {
    let durations: Vec<f64> = series.rows.iter().map(|row| seconds(row.duration_seconds)).collect();
    let changes = change_points(&durations);
    segments(durations.len(), &changes)
        .into_iter()
        .map(|range| {
            let change = changes.iter().find(|change| change.index == range.start).copied();
            stretch(series, &durations, range, change)
        })
        .collect()
}

fn stretch<'r, 'a>(
    series: &Series<'r, 'a>,
    durations: &[f64],
    range: Range<usize>,
    change: Option<ChangePoint>,
) -> Stretch<'r, 'a> {
    let rows = series.rows.get(range.clone()).unwrap_or_default();
    let durations = durations.get(range.clone()).unwrap_or_default();
    let points: Vec<(f64, f64)> = rows
        .iter()
        .zip(durations)
        .map(|(row, duration)| (seconds(row.start.unix_seconds()), *duration))
        .collect();
    let slope = Slope::of(&points);
    let drawn = durations.len().saturating_sub(DRAWN);
    Stretch {
        environment: series.environment,
        phase: series.phase,
        rows: rows.to_vec(),
        before: range.start.checked_sub(1).and_then(|place| series.rows.get(place)).copied(),
        level: slope.map_or(durations.first().copied(), |slope| Some(slope.level)),
        slope: slope.filter(|_| points.len() >= SLOPE_FROM),
        change,
        drawn: durations.get(drawn..).unwrap_or_default().to_vec(),
    }
}

fn values(stretch: &Stretch<'_, '_>) -> Vec<Value> {
    let Stretch { environment, phase, rows, before, level, slope, change, drawn } = stretch;
    let per_day = slope.and_then(|slope| slope.per_day);
    let commit = |row: Option<&Row<'_>>| Value::text(row.and_then(|row| row.flag("SHA")));
    let first = rows.first().copied();
    let of_change = |value: fn(&ChangePoint) -> Value| Value::maybe(change.as_ref(), value);
    vec![
        Value::Text((*environment).to_owned()),
        Value::text(*phase),
        Value::maybe(first, |row| Value::Stamp(row.start)),
        Value::maybe(rows.last(), |row| Value::Stamp(row.start)),
        Value::Count(rows.len() as u64),
        Value::maybe(*level, Value::Seconds),
        Value::maybe(*slope, |slope| Value::Number(slope.per_point, 3)),
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
        change.map_or(Value::Absent, |_| commit(*before)),
        Value::maybe(change.and(first), |row| Value::Text(row.build_id.to_string())),
        Value::Sparkline(drawn.clone()),
    ]
}
