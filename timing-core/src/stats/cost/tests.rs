use time::macros::date;

use super::*;
use crate::history::{Source, gather_file};

fn rows(lines: &[&str]) -> Vec<Row<'static>> {
    gather_file(&Source { name: "x".to_owned(), bytes: lines.join("\n").into_bytes() }).rows
}

const DEPLOYMENT: [&str; 3] = [
    "2026-01-24T14:00:00Z,,apply-persistent,dev,persistent,100,0,RUN=r1,3,0,0,",
    "2026-01-24T14:01:40Z,,bootstrap-persistent,dev,persistent,50,1,RUN=r1,0,0,0,",
    "2026-01-24T14:00:00Z,,deploy-persistent,dev,persistent,150,1,RUN=r1,3,0,0,",
];

fn phases<'a>(rows: &'a [Row<'_>]) -> Vec<&'a str> {
    let all: Vec<&Row<'_>> = rows.iter().collect();
    outermost(&all).iter().map(|row| row.phase.as_deref().unwrap_or("-")).collect()
}

#[test]
fn a_run_is_what_its_outermost_phase_was() {
    assert_eq!(phases(&rows(&DEPLOYMENT)), ["deploy-persistent"]);
    let with = |edits: &[(&str, &str)]| {
        let edited = DEPLOYMENT.map(|line| {
            edits.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
        });
        let lines: Vec<&str> = edited.iter().map(String::as_str).collect();
        phases(&rows(&lines)).into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    let as_its_last = [(",100,", ",0,"), (",150,", ",50,")];
    assert_eq!(with(&as_its_last), ["deploy-persistent"]);
    let as_its_last = [as_its_last[0], as_its_last[1], (",3,0,0,", ",0,0,0,")];
    assert_eq!(with(&as_its_last), ["deploy-persistent"], "and nothing was added");
    let as_its_first = [(",50,", ",0,"), (",150,", ",100,")];
    assert_eq!(with(&as_its_first), ["deploy-persistent"]);
}

#[test]
fn rows_of_different_runs_and_of_none_are_runs() {
    let others = [
        "2026-01-24T15:00:00Z,,apply-persistent,dev,persistent,10,0,RUN=r2,3,0,0,",
        "2026-01-24T16:00:00Z,,build,dev,1,10,0,,",
        "2026-01-24T16:00:00Z,,teardown,dev,1,10,0,,",
        "2026-01-24T17:00:00Z,,dev,1,10,0,a.log",
    ];
    assert_eq!(phases(&rows(&others)), ["apply-persistent", "build", "teardown", "-"]);
}

fn cost(day: Date, amount: f64) -> DayCost {
    DayCost { day, amount }
}

#[test]
fn a_period_has_what_started_and_was_paid_in_it() {
    let rows = rows(&[
        "2026-01-18T23:59:59Z,,a,dev,b,10,0,RUN=r1,1,0,0,",
        "2026-01-19T00:00:00Z,,a,dev,b,10,0,RUN=r2,3,1,0,",
        "2026-01-25T23:59:59Z,,a,dev,b,30,0,,",
        "2026-01-25T23:59:59Z,,a,dev,b,3,1,RUN=r3,0,0,2,",
    ]);
    let rows: Vec<&Row<'_>> = rows.iter().collect();
    let costs = [
        cost(date!(2026 - 01 - 20), 1.5),
        cost(date!(2026 - 01 - 21), 2.0),
        cost(date!(2026 - 02 - 02), 9.0),
    ];
    let shown = |figures: &PeriodFigures| {
        let PeriodFigures { period, runs, successes, cost_days, .. } = figures;
        let r = figures.resources.map(|r| (r.added, r.changed, r.destroyed));
        let PeriodFigures { total_seconds, median_seconds, cost, .. } = figures;
        format!(
            "{period} {runs} {successes} {total_seconds:?} {median_seconds:?} {r:?} {cost:?} \
             {cost_days}"
        )
    };
    let figures: Vec<String> = by_period(&rows, &costs, Span::Week).iter().map(shown).collect();
    insta::assert_snapshot!(figures.join("\n"), @r"
    2026-W03 1 1 Some(10.0) Some(10.0) Some((1, 0, 0)) None 0
    2026-W04 3 2 Some(43.0) Some(20.0) Some((3, 1, 2)) Some(3.5) 2
    2026-W06 0 0 None None None Some(9.0) 1
    ");
}

fn paid(amounts: &[f64]) -> Vec<PeriodFigures> {
    let start = date!(2026 - 01 - 01);
    let day = |place: usize| start + time::Duration::days(i64::try_from(place).unwrap());
    let lines: Vec<String> = (0..amounts.len())
        .map(|place| format!("{}T00:00:00Z,,a,dev,b,{},0,,", day(place), place + 1))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let rows = rows(&lines);
    let rows: Vec<&Row<'_>> = rows.iter().collect();
    let costs = amounts.iter().enumerate().filter(|(_, amount)| amount.is_finite());
    let costs: Vec<DayCost> = costs.map(|(place, amount)| cost(day(place), *amount)).collect();
    by_period(&rows, &costs, Span::Day)
}

#[test]
fn there_is_a_correlation_from_five_periods_on() {
    let correlation = |amounts: &[f64]| {
        let found = cost_correlation(&paid(amounts), |figures| figures.total_seconds);
        (found.periods, found.coefficient)
    };
    assert_eq!(correlation(&[1.0, 2.0, 3.0, 4.0]), (4, None));
    assert_eq!(correlation(&[1.0, 2.0, 3.0, 4.0, 50.0]), (5, Some(1.0)));
    assert_eq!(correlation(&[5.0, 4.0, 3.0, 2.0, 1.0]), (5, Some(-1.0)));
    let absent = f64::NAN;
    assert_eq!(correlation(&[1.0, 2.0, 3.0, 4.0, absent]), (4, None), "without a cost");
    assert_eq!(correlation(&[1.0, 2.0, absent, 3.0, 4.0, 5.0]), (5, Some(1.0)));
    assert_eq!(correlation(&[2.0; 5]), (5, None), "nothing varies");
}

#[test]
fn a_week_of_which_some_days_costs_are_unknown_is_no_cheap_week() {
    let monday = date!(2026 - 01 - 05);
    let day = |week: i64, day: i64| monday + time::Duration::days(7 * week + day);
    let lines: Vec<String> = (0..6)
        .map(|week| format!("{}T00:00:00Z,,a,dev,b,{},0,,", day(week, 0), week + 1))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let rows = rows(&lines);
    let rows: Vec<&Row<'_>> = rows.iter().collect();
    let known = (0..6).flat_map(|week| (0..if week == 5 { 1 } else { 7 }).map(move |d| (week, d)));
    let costs: Vec<DayCost> =
        known.map(|(week, d)| cost(day(week, d), (week + 1) as f64)).collect();
    let figures = by_period(&rows, &costs, Span::Week);
    assert_eq!((figures[4].cost_days, figures[5].cost_days), (7, 1));
    let found = cost_correlation(&figures, |figures| figures.total_seconds);
    assert_eq!((found.periods, found.coefficient), (5, Some(1.0)));
}

#[test]
fn a_period_without_runs_says_nothing_of_runs() {
    let figures = by_period(&[], &[cost(date!(2026 - 01 - 20), 1.5)], Span::Month);
    assert_eq!((figures[0].runs, figures[0].total_seconds, figures[0].cost), (0, None, Some(1.5)));
    assert_eq!(cost_correlation(&figures, |figures| figures.total_seconds).periods, 0);
}
