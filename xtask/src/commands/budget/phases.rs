//! At the end of a deployment: the budgets that are about its phases.
//!
//! What the run knows of itself is judged by what the file says, after everything has ended. No git
//! is asked and nothing is recorded: the durations are rows of their own.

use std::fmt::Write;
use std::path::Path;

use time::Date;
use timing_core::budget::source::{PhaseSource, Source};
use timing_core::budget::{Amount, Baseline, Budget, Judgement, Measured, Reading, Verdict, judge};
use timing_core::record::{Environment, Phase, is_part};

use super::list::limit;
use super::quantity;
use crate::run::{Ending, PhaseEnded};
use crate::settings::budgets_beside;
use crate::ui::report::Value;

/// The budgets that are about the phases of a run, and how they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Judged {
    /// Name, value, verdict, and what is asked.
    pub(in crate::commands) rows: Vec<[String; 4]>,
}

impl Judged {
    /// One line for each.
    pub(in crate::commands) fn lines(&self) -> String {
        lines(&self.rows)
    }

    /// A sentence for each that does not hold.
    pub(in crate::commands) fn missed(&self) -> impl Iterator<Item = String> {
        let missed = self.rows.iter().filter(|[_, _, verdict, _]| verdict != HOLDS);
        missed.map(|[name, value, verdict, asked]| {
            format!("budget {name}: {value} is a {verdict} ({asked})")
        })
    }
}

/// What is said of a budget that is met.
const HOLDS: &str = "holds";

/// How each budget of `environment` that `phases` are about stands, of the budget file in
/// `directory`; `None` where there is none, or no such file.
///
/// # Errors
///
/// When the file cannot be used, in one line.
pub(in crate::commands) fn judged(
    directory: &Path,
    environment: &Environment,
    phases: &[PhaseEnded],
    today: Date,
) -> Result<Option<Judged>, String> {
    let budgets = budgets_beside(directory).map_err(|error| one_line(&error.to_string()))?;
    let Some(budgets) = budgets else { return Ok(None) };
    let judged = budgets.select(environment).filter_map(|budget| {
        let Source::Phase(source) = &budget.metric.source else { return None };
        let measured = Measured::Known { value: value(source, phases)?, samples: 1 };
        Some((budget, judge(&budget, measured, Baseline::default(), today)))
    });
    let rows: Vec<[String; 4]> =
        judged.map(|(budget, judgement)| row(&budget, &judgement)).collect();
    Ok((!rows.is_empty()).then_some(Judged { rows }))
}

/// What `source` takes from a run; `None` when a phase of it is missing, did not succeed, or was only
/// a part of one.
fn value(source: &PhaseSource, phases: &[PhaseEnded]) -> Option<Amount> {
    let whole = |name: &Phase| {
        phases.iter().find(|phase| {
            let given = |key: &str| {
                let mut flags = phase.flags.iter();
                flags.find(|(known, _)| known == key).map(|(_, value)| value.as_str())
            };
            phase.phase == *name
                && phase.ending == Ending::Success
                && !is_part(phase.phase.as_str(), given)
        })
    };
    let duration = match source {
        PhaseSource::Sum(names) => {
            names.iter().map(|name| Some(whole(name)?.duration)).sum::<Option<_>>()?
        }
        PhaseSource::Span { first, last } => {
            let (first, last) = (whole(first)?, whole(last)?);
            let between = last.start.unix_seconds().checked_sub(first.start.unix_seconds())?;
            std::time::Duration::from_secs(between) + last.duration
        }
    };
    Some(Amount::from_duration(duration))
}

fn row(budget: &Budget<'_>, judgement: &Judgement) -> [String; 4] {
    let value = Value::maybe(judgement.value(), |value| quantity(budget.metric.unit, value));
    let asked = [
        ("target", limit(budget, budget.limits.target(), Reading::Target)),
        ("warns", limit(budget, budget.limits.warn(), Reading::Alarm)),
        ("fails", limit(budget, budget.limits.fail(), Reading::Alarm)),
    ];
    let asked = asked.into_iter().filter(|(_, limit)| *limit != Value::Absent);
    let asked: Vec<String> =
        asked.map(|(word, limit)| format!("{word} {}", limit.for_people())).collect();
    let verdict = match judgement.verdict {
        Verdict::Pass => HOLDS,
        verdict => verdict.word(),
    };
    let name = budget.metric.name.to_string();
    [name, value.for_people(), verdict.to_owned(), asked.join(", ")]
}

fn lines(rows: &[[String; 4]]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max()
    };
    let widths = [0, 1, 2].map(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    for [name, value, verdict, asked] in rows {
        let [names, values, verdicts] = widths;
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "budget  {name:names$}  {value:>values$}  {verdict:verdicts$}  {asked}");
    }
    text.trim_end().to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
