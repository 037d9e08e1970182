//! `budget list`: the metrics and what is asked of them.

use timing_core::budget::{Allowed, Budget, Reading};
use timing_core::record::ExitCode;

use super::Answer;
use crate::cli::Format;
use crate::settings::BudgetSettings;
use crate::ui::report::{Column, Report, Value};

pub(super) fn answer(settings: &BudgetSettings, format: Format) -> Answer {
    let report = report(settings);
    let remarks = match report.rows.len() {
        0 => vec![format!("nothing is asked in {}", settings.environment)],
        _ => Vec::new(),
    };
    Answer { text: report.render(format), remarks, exit_code: ExitCode::SUCCESS }
}

pub(super) fn report(settings: &BudgetSettings) -> Report {
    let columns = vec![
        Column::all("metric", "metric"),
        Column::all("env", "env"),
        Column::programs("unit"),
        Column::all("statistic", "statistic"),
        Column::all("target", "target"),
        Column::all("warn", "warn"),
        Column::all("fail", "fail"),
        Column::all("source", "source"),
        Column::all("phase", "phase"),
        Column::all("enforced", "enforced"),
        Column::programs("owner"),
        Column::programs("line"),
    ];
    let rows = settings.budgets.select(&settings.environment).map(|budget| row(&budget)).collect();
    Report { columns, rows }
}

fn row(budget: &Budget<'_>) -> Vec<Value> {
    let metric = budget.metric;
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        text(metric.name.as_str()),
        text(budget.environment.as_str()),
        text(metric.unit.word()),
        Value::Text(metric.statistic.to_string()),
        limit(budget, budget.limits.target(), Reading::Target),
        limit(budget, budget.limits.warn(), Reading::Alarm),
        limit(budget, budget.limits.fail(), Reading::Alarm),
        text(metric.source.kind().word()),
        text(budget.phase.name.as_str()),
        text(if budget.is_enforced() { "yes" } else { "no" }),
        Value::text(metric.owner.as_deref()),
        Value::Count(u64::try_from(metric.line).unwrap_or(u64::MAX)),
    ]
}

/// A limit as the file writes it.
pub(super) fn limit(budget: &Budget<'_>, limit: Option<Allowed>, reading: Reading) -> Value {
    Value::maybe(limit, |limit| Value::Text(limit.show(reading, budget.metric.unit)))
}
