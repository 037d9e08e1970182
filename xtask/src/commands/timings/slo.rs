//! `timings slo`: objectives, and what is left of their error budgets.

use timing_core::clock::UtcStamp;
use timing_core::history::{Series, series};
use timing_core::record::ExitCode;
use timing_core::stats::objective::{Attainment, Event, Outcome, Standing, Window, nearest_rank};
use timing_core::table::Row;

use super::{ATTENTION, Answer};
use crate::settings::{Aim, GateMode, Objective, Query, Span};
use crate::ui::report::{Column, Report, Value};

pub(super) const COLUMNS: [Column; 22] = [
    Column::all("env", "env"),
    Column::all("phase", "phase"),
    Column::people("objective"),
    Column::programs("objective"),
    Column::programs("target_ratio"),
    Column::programs("duration_limit_seconds"),
    Column::people("window"),
    Column::programs("window_start_time_utc"),
    Column::programs("window_end_time_utc"),
    Column::programs("window_seconds"),
    Column::all("runs", "runs"),
    Column::all("attained_ratio", "attained"),
    Column::all("duration_at_percentile_seconds", "value"),
    Column::programs("allowed_bad_runs"),
    Column::all("bad_runs", "bad"),
    Column::all("budget_left_ratio", "budget left"),
    Column::all("burn_rate", "burn"),
    Column::all("recent_burn_rate", "recent"),
    Column::programs("recent_runs"),
    Column::programs("recent_window_seconds"),
    Column::programs("verdict"),
    Column::people("verdict"),
];

/// What came of one objective in one environment.
struct Finding<'r> {
    objective: &'r Objective,
    /// `None` when no environment has runs of the phase.
    environment: Option<&'r str>,
    window: Window,
    attainment: Attainment,
    /// Of the successful runs, where the objective is about durations.
    seconds_at_percentile: Option<u64>,
}

pub(super) fn answer(
    rows: &[&Row<'_>],
    query: &Query,
    mode: GateMode,
    objectives: &[Objective],
) -> Answer {
    let all = series(rows, query.last);
    let findings: Vec<Finding<'_>> = objectives
        .iter()
        .filter(|objective| is_asked_about(query, objective))
        .flat_map(|objective| findings(objective, &all, query))
        .collect();
    let is_missed = |finding: &Finding<'_>| finding.attainment.standing() == Standing::Missed;
    let missed = findings.iter().any(is_missed);
    Answer {
        remarks: nothing_to_judge(objectives, &findings).into_iter().collect(),
        exit_code: if missed && mode == GateMode::Error { ATTENTION } else { ExitCode::SUCCESS },
        ..Answer::well(Report {
            columns: COLUMNS.to_vec(),
            rows: findings.iter().map(values).collect(),
        })
    }
}

fn nothing_to_judge(objectives: &[Objective], findings: &[Finding<'_>]) -> Option<String> {
    match (objectives.len(), findings.len()) {
        (0, _) => Some(
            "xtask.toml has no objectives: give it a [[slo]] with phase = \"deploy-persistent\", \
             window = \"30d\" and success_rate = \"95%\""
                .to_owned(),
        ),
        (_, 0) => Some("no objective of xtask.toml is about these rows".to_owned()),
        _ => None,
    }
}

fn is_asked_about(query: &Query, objective: &Objective) -> bool {
    let environment = objective.environment.as_ref();
    query.filter.accepts_phase(objective.phase.as_str())
        && environment.is_none_or(|name| query.filter.accepts_environment(name.as_str()))
}

/// One finding for each environment that the objective is about, and one that says so when there
/// are no runs.
fn findings<'r>(
    objective: &'r Objective,
    all: &[Series<'r, '_>],
    query: &Query,
) -> Vec<Finding<'r>> {
    let of_phase = all.iter().filter(|series| series.phase == Some(objective.phase.as_str()));
    let Some(environment) = &objective.environment else {
        let mut found: Vec<_> = of_phase
            .map(|series| finding(objective, Some(series.environment), &series.rows, query))
            .collect();
        if found.is_empty() {
            found.push(finding(objective, None, &[], query));
        }
        return found;
    };
    let rows: Vec<&Row<'_>> = of_phase
        .filter(|series| environment.is_called(series.environment))
        .flat_map(|series| series.rows.iter().copied())
        .collect();
    vec![finding(objective, Some(environment.as_str()), &rows, query)]
}

fn finding<'r>(
    objective: &'r Objective,
    environment: Option<&'r str>,
    rows: &[&Row<'_>],
    query: &Query,
) -> Finding<'r> {
    let window = match query.filter.since {
        Some(start) => Window { start, end: query.end },
        None => Window::before(query.end, objective.window.seconds()),
    };
    let within: Vec<&&Row<'_>> = rows.iter().filter(|row| window.holds(row.start)).collect();
    let events: Vec<Event> = within.iter().filter_map(|row| event(objective.aim, row)).collect();
    let seconds_at_percentile = match objective.aim {
        Aim::Success(_) => None,
        Aim::Duration(_, target) => {
            let successes = within.iter().filter(|row| row.is_success() && !row.is_part());
            let seconds: Vec<u64> = successes.map(|row| row.duration_seconds).collect();
            nearest_rank(target, &seconds)
        }
    };
    let attainment = Attainment::of(objective.aim.target(), &events, window);
    Finding { objective, environment, window, attainment, seconds_at_percentile }
}

/// What a run is to an objective; a failed one, or a part of one, says nothing of how long one takes.
fn event(aim: Aim, row: &Row<'_>) -> Option<Event> {
    let is_good = match aim {
        Aim::Success(_) => row.is_success(),
        Aim::Duration(_, _) if !row.is_success() || row.is_part() => return None,
        Aim::Duration(limit, _) => row.duration_seconds <= limit.seconds(),
    };
    Some(Event { at: row.start, outcome: if is_good { Outcome::Good } else { Outcome::Bad } })
}

fn values(finding: &Finding<'_>) -> Vec<Value> {
    let Finding { objective, environment, window, attainment, seconds_at_percentile } = finding;
    let (kind, limit) = match objective.aim {
        Aim::Success(_) => ("success_rate", None),
        Aim::Duration(limit, _) => ("duration", Some(limit)),
    };
    let (verdict, shown) = match attainment.standing() {
        Standing::Attained => ("attained", "attained"),
        Standing::Missed => ("missed", "missed"),
        Standing::Unknown => ("unknown", "no runs"),
    };
    let rate = |rate: Option<f64>| Value::maybe(rate, |rate| Value::Number(rate, 2));
    vec![
        Value::text(*environment),
        Value::text(Some(objective.phase.as_str())),
        Value::Text(objective.aim.to_string()),
        Value::text(Some(kind)),
        Value::Ratio(objective.aim.target().percent().ratio()),
        Value::maybe(limit, |limit| Value::whole_seconds(limit.seconds())),
        Value::Text(Span::of_seconds(window.seconds()).to_string()),
        Value::Stamp(window.start),
        Value::Stamp(last_second(window.end)),
        Value::Count(window.seconds()),
        Value::Count(attainment.whole.events),
        Value::maybe(attainment.attained_ratio(), Value::Ratio),
        Value::maybe(*seconds_at_percentile, Value::whole_seconds),
        Value::Number(attainment.allowed_bad(), 1),
        Value::Count(attainment.whole.bad),
        Value::maybe(attainment.budget_left_ratio(), Value::Ratio),
        rate(attainment.burn_rate()),
        rate(attainment.recent_burn_rate()),
        Value::Count(attainment.recent.events),
        Value::Count(window.recent().seconds()),
        Value::text(Some(verdict)),
        Value::text(Some(shown)),
    ]
}

fn last_second(end: UtcStamp) -> UtcStamp {
    UtcStamp::from_unix_seconds(end.unix_seconds().saturating_sub(1))
}
