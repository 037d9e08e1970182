//! All that the templates need, as words and places.

use serde::Serialize;

use super::duration_chart::{Chart, chart};
use super::grid::Grid;
use super::state::{State, state};
use super::waterfall::{Waterfall, waterfall};
use super::words;
use crate::report::{Audited, BudgetPart, Captured, Report};

/// More rows than this are not in one table.
const ROWS: usize = 400;

#[derive(Debug, Serialize)]
pub(super) struct Page {
    made: String,
    source: String,
    scope: Vec<String>,
    rows: String,
    faults: usize,
    remarks: Vec<String>,
    is_empty: bool,
    is_filtered: bool,
    states: Vec<State>,
    statistics: Grid,
    trend: Grid,
    charts: Vec<Group>,
    undrawn: usize,
    run: Option<Waterfall>,
    slowest: Option<Slow>,
    budgets: Budgets,
    health: HealthOf,
}

/// The charts of an environment.
#[derive(Debug, Serialize)]
struct Group {
    name: String,
    charts: Vec<Chart>,
}

#[derive(Debug, Serialize)]
struct Slow {
    grid: Grid,
    remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Budgets {
    /// Why there is nothing to see, and what to do.
    reason: Option<String>,
    path: String,
    counts: String,
    grid: Option<Grid>,
    unknown: Vec<[String; 3]>,
    remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct HealthOf {
    lines: Vec<Line>,
    findings: Vec<String>,
    more: usize,
    remarks: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Line {
    name: &'static str,
    kind: &'static str,
    mark: &'static str,
    figure: String,
    text: String,
}

pub(super) fn page(report: &Report) -> Page {
    let about = &report.about;
    let mut number = 0;
    let mut drawn = |phase| {
        number += 1;
        chart(phase, number)
    };
    let charts: Vec<Group> = report
        .environments
        .iter()
        .map(|environment| Group {
            name: words::text(&environment.name),
            charts: environment.phases.iter().filter_map(&mut drawn).collect(),
        })
        .filter(|group| !group.charts.is_empty())
        .collect();
    let shown: usize = charts.iter().map(|group| group.charts.len()).sum();
    Page {
        made: words::minute(about.made),
        source: words::text(&about.source),
        scope: scope(report),
        rows: words::count(about.rows, "row"),
        faults: about.faults,
        remarks: about.remarks.iter().map(|remark| words::text(remark)).collect(),
        is_empty: about.rows == 0,
        is_filtered: about.all_rows > 0,
        states: report.environments.iter().map(state).collect(),
        statistics: Grid::of(
            "statistics",
            "Durations and success rate of each phase",
            &report.statistics,
            ROWS,
        ),
        trend: Grid::of("trend", "Stretches in which nothing changed", &report.trend, ROWS),
        undrawn: report.phases().count() - shown,
        charts,
        run: report.last_run.as_ref().map(waterfall),
        slowest: report.slowest.as_ref().map(|slowest| Slow {
            grid: Grid::of("slowest", "Stages and resources by total time", &slowest.table, ROWS),
            remarks: slowest.remarks.clone(),
        }),
        budgets: budgets(&report.budgets),
        health: health(report),
    }
}

fn scope(report: &Report) -> Vec<String> {
    let about = &report.about;
    let environment = about.environment.as_ref().map(|name| format!("environment {name}"));
    let since = about.since.map(|since| format!("since {}", words::minute(since)));
    let before = about.before.map(|before| format!("before {}", words::minute(before)));
    [environment, since, before].into_iter().flatten().collect()
}

fn budgets(part: &BudgetPart) -> Budgets {
    let nothing = |reason: String| Budgets {
        reason: Some(reason),
        path: String::new(),
        counts: String::new(),
        grid: None,
        unknown: Vec::new(),
        remarks: Vec::new(),
    };
    match part {
        BudgetPart::NoFile(path) => nothing(format!("There are none: {path} is not there.")),
        BudgetPart::Unusable(reason) => nothing(format!("They were not judged: {reason}")),
        BudgetPart::Judged { path, table, unknown, remarks } => Budgets {
            reason: None,
            path: path.clone(),
            counts: format!("{} with a measurement, {} without", table.rows.len(), unknown.len()),
            grid: (!table.rows.is_empty())
                .then(|| Grid::of("budgets", "Newest measurements and their limits", table, ROWS)),
            unknown: unknown
                .iter()
                .take(ROWS)
                .map(|of| [of.metric.clone(), of.environment.clone(), of.reason.clone()])
                .collect(),
            remarks: remarks.clone(),
        },
    }
}

fn health(report: &Report) -> HealthOf {
    let health = &report.health;
    let mut lines = match &health.captured {
        Ok(captured) => rates(captured).to_vec(),
        Err(reason) => vec![unknown("Captured", reason), unknown("Accurate", reason)],
    };
    lines.push(match &health.audited {
        Ok(audited) => audit(audited),
        Err(reason) => unknown("Only appended", reason),
    });
    lines.push(match report.about.faults {
        0 => Line {
            name: "Readable",
            kind: "good",
            mark: "✓",
            figure: "all".to_owned(),
            text: "every line could be read".to_owned(),
        },
        faults => Line {
            name: "Readable",
            kind: "warn",
            mark: "!",
            figure: words::thousands(faults),
            text: format!("{} could not be read", words::count(faults, "line")),
        },
    });
    let audited = health.audited.as_ref().ok();
    HealthOf {
        lines,
        findings: audited
            .map_or_else(Vec::new, |of| of.findings.iter().map(|text| words::text(text)).collect()),
        more: audited.map_or(0, |of| of.findings_in_all.saturating_sub(of.findings.len())),
        remarks: health.captured.as_ref().map(|of| of.remarks.clone()).unwrap_or_default(),
    }
}

fn rates(of: &Captured) -> [Line; 2] {
    let line = |name, rate: Option<f64>, text: String| {
        let (kind, mark) = match rate {
            Some(rate) if rate >= 1.0 => ("good", "✓"),
            Some(_) => ("warn", "!"),
            None => ("faint", "?"),
        };
        let figure = rate.map_or_else(|| "–".to_owned(), words::ratio);
        Line { name, kind, mark, figure, text }
    };
    [
        line(
            "Captured",
            of.capture_rate,
            format!("{} of {} phases have a row", of.captured, of.started),
        ),
        line(
            "Accurate",
            of.accuracy,
            format!("{} of {} rows agree with their logs", of.agreeing, of.compared),
        ),
    ]
}

fn audit(of: &Audited) -> Line {
    let (kind, mark, figure) =
        if of.is_sound { ("good", "✓", "yes") } else { ("bad", "✕", "no") };
    let lost = match of.lost {
        0 => String::new(),
        lost => format!("; {} lost", words::count(lost, "row")),
    };
    Line {
        name: "Only appended",
        kind,
        mark,
        figure: figure.to_owned(),
        text: format!("{}{lost}", of.verdict),
    }
}

fn unknown(name: &'static str, reason: &str) -> Line {
    let (figure, text) = ("–".to_owned(), format!("not known: {reason}"));
    Line { name, kind: "faint", mark: "?", figure, text }
}
