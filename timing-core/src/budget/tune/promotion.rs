//! Whether a metric that only warns could be enforced.

use super::{FEWEST, is_too_often};
use crate::budget::baseline::History;
use crate::budget::model::{Budget, Budgets, PhaseMode, PhaseName};
use crate::budget::replay::replay;
use crate::budget::verdict::Verdict;

/// A metric that could be enforced.
#[derive(Debug, Clone, PartialEq)]
pub struct Promotion {
    /// The next phase that enforces.
    pub to: PhaseName,
    /// How many measurements were judged as there.
    pub judged: usize,
    /// How many of them would have failed a check although their level does not.
    pub false_alarms: usize,
    /// Those as a part of the measurements whose level fails nothing.
    pub rate: f64,
}

/// Whether `budget` only warns and could be enforced: judged as in the next phase that enforces, at
/// least [`FEWEST`] of its measurements would have failed a check wrongly at most as often as
/// [`MAY_FIRE`](super::MAY_FIRE) says, and the newest would not have failed it rightly.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
pub fn promotion(budgets: &Budgets, budget: &Budget<'_>, history: &History) -> Option<Promotion> {
    if budget.phase.mode != PhaseMode::Warn {
        return None;
    }
    let enforced = budgets.in_next_that_enforces(budget).filter(Budget::is_enforced)?;
    let replay = replay(&enforced, history, usize::MAX);
    let newest = history.of(&enforced).last().map(|row| row.time)?;
    let fails = || replay.flagged.iter().filter(|flag| flag.judgement.verdict == Verdict::Fail);
    let false_alarms = fails().filter(|flag| !flag.is_confirmed).count();
    let is_down = fails().any(|flag| flag.time == newest && flag.is_confirmed);
    let judged = replay.judged;
    if judged < FEWEST.get() || is_down || is_too_often(false_alarms, replay.quiet) {
        return None;
    }
    let rate = false_alarms as f64 / replay.quiet.max(1) as f64;
    Some(Promotion { to: enforced.phase.name.clone(), judged, false_alarms, rate })
}
