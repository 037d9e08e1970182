//! `budget explain`: everything that is known of one metric.

use std::fmt::Write;

use time::Date;
use timing_core::budget::{Against, Budget, Goal, PhaseMode, Reading, Regression};
use timing_core::record::ExitCode;

use super::Answer;
use crate::settings::{BudgetSettings, nearest};

mod parameters;

use parameters::parameters;

pub(super) fn answer(settings: &BudgetSettings, name: &str, today: Date) -> Result<Answer, String> {
    let metrics = &settings.budgets.metrics;
    let Some(metric) = metrics.iter().find(|metric| metric.name.as_str() == name) else {
        let known = metrics.iter().map(|metric| metric.name.as_str());
        let shown: String = name.chars().take(60).collect();
        return Err(match nearest(name, known) {
            Some(meant) => format!("there is no metric {shown:?}; did you mean {meant}?"),
            None => format!("there is no metric {shown:?}; `cargo xtask budget list` shows them"),
        });
    };
    let budgets = settings.budgets.select(&settings.environment);
    let text: Vec<String> = budgets
        .filter(|budget| budget.metric.name == metric.name)
        .map(|budget| explain(settings, &budget, today))
        .collect();
    let remarks = match text.len() {
        0 => vec![format!("nothing is asked of {name} in {}", settings.environment)],
        _ => Vec::new(),
    };
    Ok(Answer { text: text.join("\n"), remarks, exit_code: ExitCode::SUCCESS })
}

fn explain(settings: &BudgetSettings, budget: &Budget<'_>, today: Date) -> String {
    let metric = budget.metric;
    let mut text = format!("{budget}\n");
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<11} {value}");
        }
    };
    line("about", metric.about.clone());
    line("asked for", metric.reference.clone());
    line("owner", metric.owner.clone());
    line("declared", Some(format!("line {}", metric.line)));
    line("value", Some(format!("{} in {}, {}", metric.statistic, metric.unit, better(budget))));
    let show = |limit: Option<timing_core::budget::Allowed>, reading| {
        limit.map(|limit| limit.show(reading, metric.unit))
    };
    line("target", show(budget.limits.target(), Reading::Target));
    line("warns", show(budget.limits.warn(), Reading::Alarm));
    line("fails", show(budget.limits.fail(), Reading::Alarm));
    line("regression", metric.regression.as_ref().map(|asked| regression(budget, asked)));
    line("goal", metric.goal.map(|asked| goal(settings, asked)));
    line(
        "baseline",
        metric.accepted.as_ref().map(|accepted| {
            let value = metric.unit.exact(accepted.value);
            format!("{value} since {}: {}", accepted.since, accepted.why)
        }),
    );
    line(
        "waiver",
        metric.waiver.as_ref().map(|waiver| {
            let holds = if waiver.holds(today) { "until" } else { "ended" };
            format!("{holds} {}, by {}: {}", waiver.until, waiver.who, waiver.why)
        }),
    );
    line("source", Some(metric.source.kind().to_string()));
    for (name, value) in parameters(&budget.source()) {
        line("", Some(format!("{name:<12} {value}")));
    }
    line("failing", Some(failing(budget)));
    text
}

fn better(budget: &Budget<'_>) -> &'static str {
    match budget.metric.direction {
        timing_core::budget::Direction::Lower => "lower is better",
        timing_core::budget::Direction::Higher => "higher is better",
        timing_core::budget::Direction::Exact => "as given is best",
    }
}

fn regression(budget: &Budget<'_>, asked: &Regression) -> String {
    let Regression { against, relative, floor, minimum_samples, severity } = asked;
    let floor = budget.metric.unit.exact(*floor);
    let against = match against {
        Against::Rolling { window } => format!("the median of the last {window} measurements"),
        Against::PreviousVersion => "the previous version".to_owned(),
        Against::PreviousCommit => "the previous commit".to_owned(),
        Against::Version(name) => format!("version {name}"),
        Against::Commit(name) => format!("commit {name}"),
        Against::Accepted => "the accepted baseline".to_owned(),
    };
    format!(
        "{severity} when worse than {against} by more than {relative} and {floor}, with at least \
         {minimum_samples} to compare with"
    )
}

fn goal(settings: &BudgetSettings, goal: Goal) -> String {
    let from = goal.from.and_then(|from| settings.budgets.rollout.at(from));
    let from = from.map_or_else(
        || "in phases that optimise".to_owned(),
        |phase| format!("from phase {} on", phase.name),
    );
    format!("{} better than the accepted baseline; missing it warns {from}", goal.better_by)
}

fn failing(budget: &Budget<'_>) -> String {
    let phase = &budget.phase.name;
    match budget.phase.mode {
        _ if !budget.has_begun() => format!("does not count in phase {phase} yet"),
        PhaseMode::Warn => format!("is said, and fails nothing in phase {phase}"),
        PhaseMode::Enforce | PhaseMode::Optimise => format!("fails the check in phase {phase}"),
    }
}
