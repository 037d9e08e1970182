//! What the measurements say of the limits: tighter ones that noise would hardly cross, metrics that
//! may be enforced, and the resources that the use of them implies.
//!
//! Everything here proposes; whoever reads the file writes it. A proposal rests on the measurements
//! since the level last changed ([`change`](crate::stats::change)), at least [`FEWEST`] of them, and
//! depends on nothing else but the target and what is asked, so that the same history gives the same
//! proposal, and a file that has it none.
//!
//! The warning begins beyond what 95 % of the measurements did not exceed, beyond three (robust)
//! standard deviations from their median (the median absolute deviation times 1.4826, Rousseeuw and
//! Croux 1993), and beyond 5 % from it, whichever is farthest; rounded away from the median to two
//! digits. The failure begins beyond what 99 % did not exceed, six deviations, and a tenth beyond the
//! warning. It is never on the good side of the target: what reaches the target fails nothing.

mod found;
mod level;
mod promotion;
mod resources;
mod round;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

use super::amount::Amount;
use super::asked::Severity;
use super::baseline::History;
use super::limit::{Allowed, Direction};
use super::model::{Budget, Budgets};
use super::replay::stretches;
use super::source::Source;
use crate::stats::Percent;
pub use found::{Evidence, Kept, Proposal, Step};
use level::{Level, badness, is_too_often};
pub use promotion::{Promotion, promotion};
pub use resources::{
    CPU_RULE, CpuAdvice, MEMORY_RULE, MEMORY_SPARE, MemoryAdvice, Resources, Use, resources,
};

/// How many measurements a proposal takes.
pub const FEWEST: NonZeroUsize = match NonZeroUsize::new(20) {
    Some(fewest) => fewest,
    None => NonZeroUsize::MIN,
};

/// The part of the measurements that may cross what is proposed.
pub const MAY_FIRE: Percent = Percent::whole(5);

/// The same in per cent.
const MAY_WARN: usize = 5;

/// The same of a failure.
const MAY_FAIL: usize = 1;

/// A limit that is less than this part closer is not worth a change of the file.
const LEAST_GAIN: i128 = 20;

/// Whether limits may be moved away from what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loosening {
    /// They are only tightened.
    Never,
    /// One that more than [`MAY_FIRE`] of the measurements cross is moved out.
    Allowed,
}

/// What the measurements of `budget` say of its limits.
///
/// # Errors
///
/// Why they say nothing.
pub fn tune(
    budgets: &Budgets,
    budget: &Budget<'_>,
    history: &History,
    loosening: Loosening,
) -> Result<Proposal, Kept> {
    let direction = budget.metric.direction;
    match (direction, &budget.metric.source) {
        (Direction::Exact, _) => return Err(Kept::Exact),
        (_, Source::Manifest(_)) => return Err(Kept::Fact),
        _ if budget.metric.part_of.is_some() => return Err(Kept::Share),
        _ => {}
    }
    let series = history.of(budget);
    let values: Vec<Amount> = series.iter().map(|row| row.value).collect();
    let stretch = stretches(&values).last().cloned().unwrap_or_default();
    let have = stretch.len();
    let first = series.get(stretch.start).filter(|_| have >= FEWEST.get());
    let Some(first) = first else { return Err(Kept::TooFew { have }) };
    let level = Level::of(values.get(stretch).unwrap_or_default(), direction);
    let closest = Closest { budget, level: &level, loosening };
    let (warn, fail) = closest.steps(budgets)?;
    if warn.is_none() && fail.is_none() {
        return Err(closest.kept());
    }
    Ok(Proposal { warn, fail, evidence: level.evidence(values.len(), first.time) })
}

/// Limits as close to the measurements as they may be.
struct Closest<'a> {
    budget: &'a Budget<'a>,
    level: &'a Level<'a>,
    loosening: Loosening,
}

impl Closest<'_> {
    fn steps(&self, budgets: &Budgets) -> Result<(Option<Step>, Option<Step>), Kept> {
        let limits = self.budget.limits;
        let warn = self.rounded(self.level.all_but(MAY_WARN).max(self.level.apart(3, 5)));
        if limits.is_target_only() {
            let Some(target) = limits.target() else { return Ok((None, None)) };
            let means = budgets.missed_target_from(self.budget).ok_or(Kept::PhasesDiffer)?;
            let warn = warn.and_then(|warn| self.step(Some(target), warn, Loosening::Never));
            // With a threshold, missing the target would mean nothing any more.
            let fail = (means == Severity::Fail && warn.is_some()).then_some(Step {
                from: None,
                to: target,
                fires: 0,
                would_fire: self.level.fires(Some(target)),
            });
            return Ok((warn, fail));
        }
        let fail = warn.and_then(|warn| self.fail_beyond(warn));
        let fail = fail
            .zip(limits.fail())
            .and_then(|(to, from)| self.step(Some(from), to, self.loosening));
        let warn = warn.and_then(|warn| match limits.warn() {
            Some(from) => self.step(Some(from), warn, self.loosening),
            None => self.step(limits.fail(), warn, Loosening::Never),
        });
        // Nobody would ever be warned.
        let failure = fail.map(|fail| fail.to).or(limits.fail());
        let warn = warn
            .filter(|warn| failure.is_none_or(|fail| warn.to != fail && warn.to.is_within(fail)));
        Ok((warn, fail))
    }

    fn fail_beyond(&self, warn: Allowed) -> Option<Allowed> {
        let warn = badness(warn.edge(Amount::ZERO), self.budget.metric.direction);
        let beyond = self.level.all_but(MAY_FAIL).max(self.level.apart(6, 10));
        let beyond = beyond.max(warn + warn.abs() / 10);
        let target = self.budget.limits.target();
        let target =
            target.map(|target| badness(target.edge(Amount::ZERO), self.budget.metric.direction));
        let fail = match target {
            // As it is written, and not rounded.
            Some(target) if target >= beyond => self.allowed(target),
            _ => self.rounded(beyond),
        };
        fail.filter(|fail| badness(fail.edge(Amount::ZERO), self.budget.metric.direction) > warn)
    }

    /// A step from one to the other, if it is worth it and may be.
    fn step(&self, from: Option<Allowed>, to: Allowed, loosening: Loosening) -> Option<Step> {
        let old = from?;
        let fires = self.level.fires(from);
        let direction = self.budget.metric.direction;
        let [was, is] = [old, to].map(|allowed| badness(allowed.edge(Amount::ZERO), direction));
        let is_tighter = to.is_within(old) && (was - is) * LEAST_GAIN >= was.abs() && was > is;
        let may = !is_too_often(fires, self.level.values.len());
        let is_looser = loosening == Loosening::Allowed && !may && old.is_within(to) && to != old;
        (is_tighter || is_looser).then(|| Step {
            from,
            to,
            fires,
            would_fire: self.level.fires(Some(to)),
        })
    }

    fn kept(&self) -> Kept {
        let limits = self.budget.limits;
        let alarm = limits.warn().or(limits.fail()).or(limits.target());
        let (fires, of) = (self.level.fires(alarm), self.level.values.len());
        if is_too_often(fires, of) { Kept::Crossed { fires, of } } else { Kept::Close }
    }

    fn rounded(&self, badness: i128) -> Option<Allowed> {
        let is_binary = self.edges().any(|edge| self.budget.metric.unit.exact(edge).ends_with('i'));
        let unit = self.budget.metric.unit;
        self.allowed(match self.budget.metric.direction {
            Direction::Higher => -round::down(-badness, unit, is_binary),
            Direction::Lower | Direction::Exact => round::up(badness, unit, is_binary),
        })
    }

    fn edges(&self) -> impl Iterator<Item = Amount> {
        let limits = self.budget.limits;
        let all = [limits.warn(), limits.fail(), limits.target()];
        all.into_iter().flatten().map(|allowed| allowed.edge(Amount::ZERO))
    }

    /// No file can say less than nothing.
    fn allowed(&self, badness: i128) -> Option<Allowed> {
        match self.budget.metric.direction {
            Direction::Higher if badness > 0 => None,
            Direction::Higher => Amount::from_billionths(-badness).map(Allowed::AtLeast),
            Direction::Lower | Direction::Exact => {
                Amount::from_billionths(badness.max(0)).map(Allowed::AtMost)
            }
        }
    }
}
