//! `budget tune`: limits and resources that the measurements support, to be reviewed.

mod diff;
mod resources;
#[cfg(test)]
mod tests;
mod write;

use std::fmt::Write;

use timing_core::budget::tune::{Evidence, Kept, Loosening, Proposal, Step, promotion, tune};
use timing_core::budget::{Allowed, Budget, History, Reading, Scope, Unit};
use timing_core::record::ExitCode;
use timing_core::shown::shown;

use super::Answer;
use crate::cli::TuneArgs;
use crate::settings::{BudgetSettings, Edited, NewLimit, Whose, edit};

pub(super) fn answer(
    settings: &BudgetSettings,
    history: &History,
    asked: TuneArgs,
) -> Result<Answer, String> {
    let loosening = match asked {
        TuneArgs::Resources => return Ok(resources::answer(settings, history)),
        TuneArgs::Show(loosening) | TuneArgs::Write(loosening) => loosening,
    };
    let text = write::read(&settings.file)?;
    let found = Found::of(settings, history, loosening);
    let edited = found.edited(settings, history, &text)?;
    let mut remarks = found.remarks(settings, history);
    if let TuneArgs::Write(_) = asked
        && edited.text != text
    {
        write::replace(&settings.file, &text, &edited.text)?;
        remarks.push(format!("written to {}", shown(&settings.path)));
    }
    let diff = diff::unified(&settings.path.to_string_lossy(), &text, &edited.changes);
    let evidence = if diff.is_empty() { String::new() } else { found.evidence() };
    Ok(Answer { text: evidence + &diff, remarks, exit_code: ExitCode::SUCCESS })
}

/// What the measurements say of each budget.
struct Found<'a> {
    proposed: Vec<(Budget<'a>, Proposal)>,
    kept: Vec<(Budget<'a>, Kept)>,
}

impl<'a> Found<'a> {
    fn of(settings: &'a BudgetSettings, history: &History, loosening: Loosening) -> Self {
        let (mut proposed, mut kept) = (Vec::new(), Vec::new());
        for budget in settings.budgets.select(&settings.environment) {
            match tune(&settings.budgets, &budget, history, loosening) {
                Ok(proposal) => proposed.push((budget, proposal)),
                Err(why) => kept.push((budget, why)),
            }
        }
        Self { proposed, kept }
    }

    fn edited(
        &self,
        settings: &BudgetSettings,
        history: &History,
        text: &str,
    ) -> Result<Edited, String> {
        let new = |(budget, proposal): &(Budget<'_>, Proposal)| NewLimit {
            metric: budget.metric.name.clone(),
            place: place(budget, history),
            warn: proposal.warn.map(|step| step.to),
            fail: proposal.fail.map(|step| step.to),
        };
        let limits: Vec<NewLimit> = self.proposed.iter().map(new).collect();
        edit(text, &settings.file, &limits)
            .map_err(|reason| format!("{}: {reason}", shown(&settings.path)))
    }

    /// What each proposal rests on, as lines before a difference, which programs pass over.
    fn evidence(&self) -> String {
        let mut text = String::new();
        for (budget, proposal) in &self.proposed {
            let unit = budget.metric.unit;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "# {} in {}: {}",
                budget.metric.name,
                budget.environment,
                rests_on(&proposal.evidence, unit)
            );
            for (name, step) in [("warn", proposal.warn), ("fail", proposal.fail)] {
                if let Some(step) = step {
                    let _ = writeln!(
                        text,
                        "#   {name} {}",
                        moved(step, unit, proposal.evidence.samples)
                    );
                }
            }
        }
        text
    }

    fn remarks(&self, settings: &BudgetSettings, history: &History) -> Vec<String> {
        let mut remarks = Vec::new();
        let without =
            self.kept.iter().filter(|(_, why)| matches!(why, Kept::TooFew { .. })).count();
        if self.proposed.is_empty() {
            remarks.push(format!(
                "there is nothing to propose: {without} of {} budgets have too few measurements \
                 since their level last changed",
                self.kept.len()
            ));
        }
        for (budget, why) in &self.kept {
            if matches!(why, Kept::Crossed { .. } | Kept::PhasesDiffer) {
                remarks.push(format!("{budget}: {why}"));
            }
        }
        for budget in settings.budgets.select(&settings.environment) {
            if let Some(found) = promotion(&settings.budgets, &budget, history) {
                remarks.push(format!(
                    "{budget} could be enforced: as in phase {}, {} of {} measurements would have \
                     failed wrongly ({:.1} %); phase = \"{}\" does that",
                    found.to,
                    found.false_alarms,
                    found.judged,
                    found.rate * 100.0,
                    found.to
                ));
            }
        }
        remarks
    }
}

/// Where the limits of `budget` are to be written: in the metric itself, unless that would change
/// what is asked somewhere that these measurements are not of.
fn place(budget: &Budget<'_>, history: &History) -> Whose {
    let metric = budget.metric;
    let is_here = |name: &str| budget.environment.is_called(name);
    let own = || Whose::Environment(budget.environment.clone());
    if metric.by_environment.keys().any(|known| is_here(known.as_str())) {
        return own();
    }
    let is_alone = match &metric.scope {
        Scope::Everywhere => {
            let mut measured = history.environments(&metric.name);
            metric.by_environment.is_empty() && measured.all(|other| is_here(other.as_str()))
        }
        Scope::Only(these) | Scope::Each(these) => {
            these.iter().all(|other| is_here(other.as_str()))
        }
    };
    if is_alone { Whose::Default } else { own() }
}

fn rests_on(evidence: &Evidence, unit: Unit) -> String {
    let Evidence { samples, of, since, median, mad, best, worst } = evidence;
    let of = if samples == of {
        format!("{samples} measurements since {since}")
    } else {
        format!("the last {samples} of {of} measurements, since the level changed at {since}")
    };
    let short = |amount| unit.short(amount);
    format!(
        "{of}: median {}, {} to {}, median absolute deviation {}",
        short(*median),
        short(*best.min(worst)),
        short(*worst.max(best)),
        short(*mad)
    )
}

fn moved(step: Step, unit: Unit, samples: usize) -> String {
    let show = |allowed: Allowed| allowed.show(Reading::Alarm, unit);
    let to = show(step.to);
    let fired = |count: usize| format!("{count} of {samples} ({})", percent(count, samples));
    match step.from {
        Some(from) => format!(
            "{} becomes {to}: would have fired in {}; now in {}",
            show(from),
            fired(step.would_fire),
            fired(step.fires)
        ),
        None => {
            format!("{to} is what the target says: would have fired in {}", fired(step.would_fire))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn percent(count: usize, of: usize) -> String {
    format!("{:.1} %", 100.0 * count as f64 / of.max(1) as f64)
}
