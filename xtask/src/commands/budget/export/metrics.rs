//! The newest measurements, what they are compared with, and the limits, in the text format that
//! Prometheus scrapes: for a textfile collector.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>. Names and words hold nothing
//! that a label's value would have to escape.

use std::fmt::Write;

use timing_core::budget::{Budget, Comparison, History, Measured, Subject, baseline, judge};

struct Family {
    name: &'static str,
    help: &'static str,
    lines: String,
}

/// The series of `budgets`.
pub(super) fn exposition(budgets: &[Budget<'_>], history: &History) -> Option<String> {
    let family = |name, help| Family { name, help, lines: String::new() };
    let mut value = family("budget_value", "The newest measurement.");
    let mut time = family("budget_measured_timestamp_seconds", "When that was made.");
    let mut base = family("budget_baseline", "What it is compared with, once that is enough.");
    let mut limit = family("budget_limit", "What is asked of it.");
    for budget in budgets {
        for (kind, allowed) in [
            ("target", budget.limits.target()),
            ("warn", budget.limits.warn()),
            ("fail", budget.limits.fail()),
        ] {
            if let Some(allowed) = allowed {
                let edge = allowed.edge(timing_core::budget::Amount::ZERO);
                limit.line(budget, &format!(",limit=\"{kind}\""), &edge);
            }
        }
        let series = history.of(budget);
        let Some((row, earlier)) = series.split_last() else { continue };
        value.line(budget, "", &row.value);
        time.line(budget, "", &row.time.unix_seconds());
        let compared = baseline(budget, earlier, Subject::of(row));
        let known = Measured::Known { value: row.value, samples: row.samples };
        let judged = judge(budget, known, compared, row.time.date());
        if let Some(of) = compared.value
            && !matches!(judged.comparison, Comparison::TooFew { .. })
        {
            base.line(budget, "", &of);
        }
    }
    let all = [value, time, base, limit].into_iter().filter(|family| !family.lines.is_empty());
    let text: String = all
        .map(|Family { name, help, lines }| {
            format!("# HELP {name} {help}\n# TYPE {name} gauge\n{lines}")
        })
        .collect();
    (!text.is_empty()).then_some(text)
}

impl Family {
    fn line(&mut self, budget: &Budget<'_>, labels: &str, value: &impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.lines,
            "{}{{metric=\"{}\",env=\"{}\",unit=\"{}\"{labels}}} {value}",
            self.name, budget.metric.name, budget.environment, budget.metric.unit
        );
    }
}
