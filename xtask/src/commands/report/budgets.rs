//! Budgets, judged by what was measured before.

use timing_core::budget::{Measured, Verdict};
use timing_core::record::Environment;

use crate::commands::budget::{self, Found};
use crate::report::{BudgetPart, Unknown};
use crate::settings::{Query, ReportSettings, budgets_beside};

/// Where nobody says which environment, `budget check` checks this one.
const ENVIRONMENT: &str = "dev";

/// The budgets of the environments of these `names`, or of the one that is asked about.
pub(super) fn judge(names: &[&str], query: &Query, settings: &ReportSettings) -> BudgetPart {
    let path = settings.budgets.display().to_string();
    let budgets = match budgets_beside(&settings.platform) {
        Ok(Some(budgets)) => budgets,
        Ok(None) => return BudgetPart::NoFile(path),
        Err(error) => return BudgetPart::Unusable(error.to_string()),
    };
    let (history, remarks) = budget::stored_history(&settings.timings.registry);
    let environments = environments(names, query, settings);
    let mut asked = Vec::new();
    for environment in &environments {
        for budget in budgets.select(environment) {
            let is_it = |known: &timing_core::budget::Budget<'_>| {
                known.metric.name == budget.metric.name && known.environment == budget.environment
            };
            if !asked.iter().any(is_it) {
                asked.push(budget);
            }
        }
    }
    let mut found = budget::judge_stored(asked, &history, query.now.date());
    found.sort_by_key(|(_, judgement)| urgency(judgement.verdict));
    let (known, unknown): (Vec<Found<'_>>, Vec<Found<'_>>) = found
        .into_iter()
        .partition(|(_, judgement)| matches!(judgement.measured, Measured::Known { .. }));
    BudgetPart::Judged {
        path,
        table: budget::judged_table(&known),
        unknown: unknown.iter().filter_map(not_known).collect(),
        remarks,
    }
}

fn not_known((budget, judgement): &Found<'_>) -> Option<Unknown> {
    match &judgement.measured {
        Measured::Known { .. } => None,
        Measured::Unknown { reason } => Some(Unknown {
            metric: budget.metric.name.to_string(),
            environment: budget.environment.to_string(),
            reason: reason.clone(),
        }),
    }
}

/// What has to be seen first.
fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Warn => 1,
        Verdict::Pass => 2,
        Verdict::Unknown => 3,
    }
}

/// The environments that budgets are judged in, each once by whatever name.
fn environments(names: &[&str], query: &Query, settings: &ReportSettings) -> Vec<Environment> {
    if let Some(environment) = &query.filter.environment {
        return vec![environment.clone()];
    }
    let usual = settings.default_environment.as_deref().unwrap_or(ENVIRONMENT);
    let mut all: Vec<Environment> = Vec::new();
    for environment in names.iter().chain([&usual]).filter_map(|name| name.parse().ok()) {
        let environment: Environment = environment;
        if !all.iter().any(|known| known.is_called(environment.as_str())) {
            all.push(environment);
        }
    }
    all
}
