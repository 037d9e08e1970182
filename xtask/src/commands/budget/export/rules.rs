//! Alerting rules of Prometheus: an alert for each limit of a metric that it is asked for, and one
//! for each regression, of the series that `prometheus-metrics` writes.
//!
//! What is sustained for long enough is Prometheus's business (`for`), which looks at every
//! evaluation, where a single check can only look back.

use std::fmt::Write;
use std::time::Duration;

use timing_core::budget::{
    Amount, Budget, Direction, LimitKind, Reading, Regression, Severity, Unit, Unknowns,
};

use super::yaml::text as quoted;
use super::{crossed, operand, query, series};

/// A missing series is reported once it was missing for so long: a restart of a target is shorter.
const MISSING: Duration = Duration::from_secs(600);

struct Alert {
    name: String,
    expression: String,
    sustained: Option<Duration>,
    severity: &'static str,
    summary: String,
    description: String,
}

/// The rules of `budgets`; `None` where none of them makes one.
pub(super) fn yaml(budgets: &[Budget<'_>]) -> Option<String> {
    let first = budgets.first()?;
    let mut text = format!(
        "# Made by `cargo xtask budget export --format prometheus-rules --env {}`: change \
         budgets.toml instead.\ngroups:\n  - name: {}\n    rules:\n",
        first.environment,
        quoted(&format!("performance-budgets-{}", first.environment)),
    );
    let mut count = 0;
    for budget in budgets {
        for alert in alerts(budget) {
            count += 1;
            rule(&mut text, budget, &alert);
        }
    }
    (count > 0).then_some(text)
}

fn rule(text: &mut String, budget: &Budget<'_>, alert: &Alert) {
    let mut line = |indent: usize, key: &str, value: &str| {
        let blank = if value.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:indent$}{key}:{blank}{value}", "");
    };
    line(6, "- alert", &alert.name);
    line(8, "expr", &quoted(&alert.expression));
    if let Some(sustained) = alert.sustained {
        line(8, "for", &duration(sustained));
    }
    line(8, "labels", "");
    line(10, "severity", alert.severity);
    line(10, "metric", &quoted(budget.metric.name.as_str()));
    line(10, "env", &quoted(budget.environment.as_str()));
    line(8, "annotations", "");
    line(10, "summary", &quoted(&alert.summary));
    line(10, "description", &quoted(&alert.description));
    if let Some(owner) = &budget.metric.owner {
        line(10, "owner", &quoted(&literal(owner)));
    }
    if let Some(reference) = &budget.metric.reference {
        line(10, "reference", &quoted(&literal(reference)));
    }
    let (key, runbook) = runbook(budget);
    line(10, key, &quoted(&literal(&runbook)));
}

fn alerts(budget: &Budget<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    if let Some(source) = query(budget) {
        let value = operand(&source.query);
        for (kind, allowed, severity) in limits(budget) {
            let reading = if kind == LimitKind::Target { Reading::Target } else { Reading::Alarm };
            let limit = allowed.show(reading, budget.metric.unit);
            let asked = match kind {
                LimitKind::Target => format!("the target is {limit}"),
                LimitKind::Warn => format!("the budget warns {limit}"),
                LimitKind::Fail => format!("the budget fails {limit}"),
            };
            alerts.push(Alert {
                name: name(budget, kind.word()),
                expression: crossed(&value, allowed),
                sustained: source.sustained,
                severity: level(budget, severity),
                summary: summary(budget),
                description: format!("It is {}; {asked}.", shown(budget.metric.unit)),
            });
        }
        if budget.metric.unknowns == Unknowns::Fail {
            alerts.push(Alert {
                name: name(budget, "unknown"),
                expression: format!("absent{value}"),
                sustained: Some(MISSING),
                severity: level(budget, Severity::Fail),
                summary: summary(budget),
                description: "Prometheus has no value of it.".to_owned(),
            });
        }
    }
    alerts.extend(budget.metric.regression.as_ref().map(|asked| regression(budget, asked)));
    alerts
}

fn limits(budget: &Budget<'_>) -> Vec<(LimitKind, timing_core::budget::Allowed, Severity)> {
    let limits = budget.limits;
    if limits.is_target_only() {
        let target = limits.target().map(|of| (LimitKind::Target, of, budget.phase.missed_target));
        return target.into_iter().collect();
    }
    let warn = limits.warn().map(|of| (LimitKind::Warn, of, Severity::Warn));
    let fail = limits.fail().map(|of| (LimitKind::Fail, of, Severity::Fail));
    warn.into_iter().chain(fail).collect()
}

fn regression(budget: &Budget<'_>, asked: &Regression) -> Alert {
    let (value, base) = (series("budget_value", budget), series("budget_baseline", budget));
    let worse = match budget.metric.direction {
        Direction::Lower => format!("({value} - {base})"),
        Direction::Higher => format!("({base} - {value})"),
        Direction::Exact => format!("abs({value} - {base})"),
    };
    // In parts of the whole, exactly.
    let part = Amount::from_billionths(i128::from(asked.relative.thousandths()) * 10_000);
    let part = part.unwrap_or_default();
    let (unit, floor) = (budget.metric.unit, asked.floor);
    Alert {
        name: name(budget, "regression"),
        expression: format!("{worse} > {floor} and {worse} > {part} * abs({base})"),
        sustained: None,
        severity: level(budget, asked.severity),
        summary: format!("{} has got worse", summary(budget)),
        description: format!(
            "It is worse than its baseline by {}; {} and {} are allowed.",
            shown(unit),
            asked.relative,
            unit.exact(floor)
        ),
    }
}

/// What only warns is no emergency, whatever it is called.
fn level(budget: &Budget<'_>, severity: Severity) -> &'static str {
    match severity {
        Severity::Fail if budget.is_enforced() => "critical",
        Severity::Warn | Severity::Fail => "warning",
    }
}

/// `BudgetProductionCpuWarn`
fn name(budget: &Budget<'_>, kind: &str) -> String {
    let words = budget.metric.name.as_str().split(['-', '_', '.']).chain([kind]);
    let mut name = String::from("Budget");
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn summary(budget: &Budget<'_>) -> String {
    let about = budget.metric.about.as_deref().map(|about| format!(" ({})", literal(about)));
    format!("{} in {}{}", budget.metric.name, budget.environment, about.unwrap_or_default())
}

fn runbook(budget: &Budget<'_>) -> (&'static str, String) {
    let (name, environment) = (budget.metric.name.as_str(), budget.environment);
    match &budget.metric.runbook {
        Some(runbook) => {
            let runbook = runbook.replace("{metric}", name);
            let is_address = runbook.starts_with("https://") || runbook.starts_with("http://");
            (if is_address { "runbook_url" } else { "runbook" }, runbook)
        }
        None => ("runbook", format!("cargo xtask budget explain {name} --env {environment}")),
    }
}

/// The alert's value, as Prometheus writes it for people.
fn shown(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "{{ $value | humanizeDuration }}",
        Unit::Bytes => "{{ $value | humanize1024 }}B",
        Unit::Ratio => "{{ $value | humanizePercentage }}",
        Unit::Cpu => "{{ $value | humanize }} cores",
        Unit::Count => "{{ $value | humanize }}",
    }
}

/// A text as a template that says just that.
fn literal(text: &str) -> String {
    text.replace("{{", "{{\"{{\"}}")
}

/// As Prometheus reads it, which knows nothing finer than a millisecond.
fn duration(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        return Unit::Seconds.exact(Amount::from_duration(duration));
    }
    format!("{}ms", duration.as_nanos().div_ceil(1_000_000))
}
