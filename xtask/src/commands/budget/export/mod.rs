//! `budget export`: the budgets in the form of those who watch production.

mod grafana;
mod metrics;
mod rules;
pub(super) mod yaml;

use timing_core::budget::source::{PrometheusSource, Source};
use timing_core::budget::{Allowed, Budget, History};
use timing_core::record::ExitCode;

use super::Answer;
use crate::cli::ExportFormat;
use crate::settings::BudgetSettings;

pub(super) fn answer(
    settings: &BudgetSettings,
    history: &History,
    format: ExportFormat,
) -> Result<Answer, String> {
    let budgets: Vec<Budget<'_>> = settings.budgets.select(&settings.environment).collect();
    if budgets.is_empty() {
        return Err(format!(
            "nothing is asked in {}: name another with --env",
            settings.environment
        ));
    }
    let text = match format {
        ExportFormat::Rules => rules::yaml(&budgets),
        ExportFormat::Metrics => metrics::exposition(&budgets, history),
        ExportFormat::Grafana => grafana::dashboard(&budgets)?,
    };
    let (text, remarks) = match text {
        Some(text) => (text, Vec::new()),
        None => {
            let reason = "there is nothing to export: no metric here is Prometheus's, and none has \
                          a regression or a measurement";
            (String::new(), vec![reason.to_owned()])
        }
    };
    Ok(Answer { text, remarks, exit_code: ExitCode::SUCCESS })
}

/// The query of the budget, if Prometheus answers it.
fn query(budget: &Budget<'_>) -> Option<PrometheusSource> {
    match budget.source() {
        Source::Prometheus(source) => Some(source),
        _ => None,
    }
}

/// The series that `prometheus-metrics` writes of `budget`: PromQL that selects `name` of it.
fn series(name: &str, budget: &Budget<'_>) -> String {
    // Names of metrics and environments hold nothing that would have to be escaped.
    format!("{name}{{metric=\"{}\",env=\"{}\"}}", budget.metric.name, budget.environment)
}

/// The condition under which `value`, PromQL, is not what is allowed.
fn crossed(value: &str, allowed: Allowed) -> String {
    match allowed {
        Allowed::Below(edge) => format!("{value} >= {edge}"),
        Allowed::AtMost(edge) => format!("{value} > {edge}"),
        Allowed::Above(edge) => format!("{value} <= {edge}"),
        Allowed::AtLeast(edge) => format!("{value} < {edge}"),
        Allowed::Within(from, to) => format!("{value} < {from} or {value} > {to}"),
    }
}

/// PromQL as one operand; a comment at its end does not take the rest along.
fn operand(query: &str) -> String {
    let end = if query.contains('#') { "\n" } else { "" };
    format!("({query}{end})")
}
