//! `timings dora`: how often deployments happen and fail, and how soon that is made good.

use std::collections::BTreeMap;

use timing_core::clock::UtcStamp;
use timing_core::history::Filter;
use timing_core::record::Environment;
use timing_core::stats::{Deployment, Dora, Window, dora};
use timing_core::table::Row;

use super::Answer;
use crate::settings::Query;
use crate::ui::report::{Column, Report, Value};

/// Rows of this phase are deployments unless others are named.
const DEPLOYMENT: &str = "deploy-persistent";

/// How long the window is unless its beginning is given.
const DAYS: u64 = 30;

const COLUMNS: [Column; 15] = [
    Column::all("env", "env"),
    Column::programs("window_start_time_utc"),
    Column::programs("window_end_time_utc"),
    Column::all("deployments", "deployments"),
    Column::programs("succeeded"),
    Column::all("failed", "failed"),
    Column::all("cancelled", "cancelled"),
    Column::all("deployments_per_day", "ok per day"),
    Column::all("deployments_per_week", "ok per week"),
    Column::all("change_failure_rate", "failure rate"),
    Column::all("recoveries", "recovered"),
    Column::all("median_recovery_seconds", "median recovery"),
    Column::programs("open_since_utc"),
    Column::programs("open_seconds"),
    Column::people("open for"),
];

pub(super) fn answer(rows: &[Row<'_>], query: &Query) -> Answer {
    let window = window(&query.filter, query.now);
    let mut remarks = vec![format!(
        "deployments are rows of {} that started from {} on and before {}",
        phases(&query.filter).join(" or "),
        window.since,
        window.before
    )];
    let mut values = Vec::new();
    for (environment, rows) in environments(rows, &query.filter).into_values() {
        remarks.extend(not_covered(&environment, &rows, window));
        let figures = Figures::of(&rows, query, window);
        values.push(figures.values(environment, window, query.now));
    }
    Answer { remarks, ..Answer::well(Report { columns: COLUMNS.to_vec(), rows: values }) }
}

/// From `--since` to `--until`, and no further than `now`, which is part of it.
fn window(filter: &Filter, now: UtcStamp) -> Window {
    let after = now.plus_seconds(1);
    let before = filter.before.map_or(after, |before| before.min(after));
    let earlier = before.unix_seconds().saturating_sub(DAYS * 86_400);
    let since = filter.since.unwrap_or_else(|| UtcStamp::from_unix_seconds(earlier));
    Window { since, before }
}

fn phases(filter: &Filter) -> Vec<String> {
    if filter.phases.is_empty() { vec![DEPLOYMENT.to_owned()] } else { filter.phases.clone() }
}

/// All rows that are asked about, of any phase and time, by environment: `dev` and `development`
/// are one, called what its newest row calls it. One that was asked for is there without rows, too.
fn environments<'r, 'a>(
    rows: &'r [Row<'a>],
    filter: &Filter,
) -> BTreeMap<String, (String, Vec<&'r Row<'a>>)> {
    let anything = Filter { phases: Vec::new(), since: None, before: None, ..filter.clone() };
    let mut environments: BTreeMap<String, (String, Vec<&Row<'_>>)> = BTreeMap::new();
    if let Some(asked) = &filter.environment {
        let one = (asked.to_string(), Vec::new());
        environments.insert(asked.registry_directory().to_owned(), one);
    }
    for row in rows.iter().filter(|row| anything.accepts(row)) {
        let name = row.environment.to_string();
        let directory = match name.parse::<Environment>() {
            Ok(environment) => environment.registry_directory().to_owned(),
            Err(_) => name.clone(),
        };
        let (shown, rows) = environments.entry(directory).or_default();
        *shown = name;
        rows.push(row);
    }
    environments
}

/// Where rows begin within the window: the frequency is then lower than it was.
fn not_covered(environment: &str, rows: &[&Row<'_>], window: Window) -> Option<String> {
    let first = rows.iter().map(|row| row.start).min()?;
    (window.since < first).then(|| {
        format!(
            "rows of {environment} begin at {first}, within the window: what was deployed before \
             is not counted, and the time before is"
        )
    })
}

/// The figures of an environment.
struct Figures {
    dora: Dora,
    /// `None` when `--last` left deployments of the window out.
    per_day: Option<f64>,
}

impl Figures {
    fn of(rows: &[&Row<'_>], query: &Query, window: Window) -> Self {
        let phases = phases(&query.filter);
        let is_deployment =
            |row: &&&Row<'_>| row.phase.as_deref().is_some_and(|p| phases.iter().any(|d| d == p));
        let deployments: Vec<Deployment> =
            rows.iter().filter(is_deployment).map(|row| Deployment::of(row)).collect();
        match narrowed(&deployments, query, window) {
            Some(narrowed) => Self { dora: dora(&deployments, narrowed), per_day: None },
            None => {
                let dora = dora(&deployments, window);
                Self { per_day: dora.per_day(window), dora }
            }
        }
    }

    fn values(&self, environment: String, window: Window, now: UtcStamp) -> Vec<Value> {
        let Self { dora, per_day } = self;
        let count = |number: usize| Value::Count(u64::try_from(number).unwrap_or(u64::MAX));
        // Of a window in the past, how long it had been open by then.
        let end = window.before.min(now);
        let age = |since: UtcStamp| end.unix_seconds().saturating_sub(since.unix_seconds());
        let open = Value::maybe(dora.open, |open| Value::whole_seconds(age(open.since)));
        vec![
            Value::Text(environment),
            Value::Stamp(window.since),
            Value::Stamp(window.before),
            count(dora.deployments()),
            count(dora.succeeded),
            count(dora.failed),
            count(dora.cancelled),
            Value::maybe(*per_day, |rate| Value::Number(rate, 2)),
            Value::maybe(*per_day, |rate| Value::Number(rate * 7.0, 2)),
            Value::maybe(dora.change_failure_rate(), Value::Ratio),
            count(dora.recoveries.len()),
            Value::maybe(dora.recovery_seconds(), Value::Seconds),
            Value::maybe(dora.open, |open| Value::Stamp(open.since)),
            open.clone(),
            open,
        ]
    }
}

/// The end of `window` with no more deployments than `--last` asks for, when it holds more.
fn narrowed(deployments: &[Deployment], query: &Query, window: Window) -> Option<Window> {
    let starts = deployments.iter().map(|deployment| deployment.start);
    let mut starts: Vec<UtcStamp> = starts.filter(|start| window.holds(*start)).collect();
    starts.sort();
    let left_out = starts.len().checked_sub(query.last?.get()).filter(|number| *number > 0)?;
    Some(Window { since: *starts.get(left_out)?, ..window })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_thirty_days_up_to_now_unless_it_is_given() {
        let at = |text: &str| text.parse::<UtcStamp>().unwrap();
        let shown = |since: Option<&str>, before: Option<&str>| {
            let (since, before) = (since.map(at), before.map(at));
            let filter = Filter { since, before, ..Filter::default() };
            let Window { since, before } = window(&filter, at("2026-03-10T12:00:00Z"));
            format!("{since} {before}")
        };
        // This very second is part of it.
        assert_eq!(shown(None, None), "2026-02-08T12:00:01Z 2026-03-10T12:00:01Z");
        let day = "2026-03-01T00:00:00Z";
        assert_eq!(shown(Some(day), None), "2026-03-01T00:00:00Z 2026-03-10T12:00:01Z");
        assert_eq!(shown(None, Some(day)), "2026-01-30T00:00:00Z 2026-03-01T00:00:00Z");
        let future = "2026-04-01T00:00:00Z";
        assert_eq!(shown(Some(day), Some(future)), shown(Some(day), None), "it has not been yet");
    }
}
