//! One value against what is asked of it.
//!
//! The verdict says what the value is; whether that fails anything is the phase's and the waiver's
//! business and stands beside it. A value that is worse never gets a better verdict.

use time::Date;

use super::amount::Amount;
use super::asked::{Goal, Regression, Severity};
use super::limit::{Allowed, Direction};
use super::model::{Budget, PhaseMode};
use super::verdict::{
    Baseline, Comparison, Enforcement, GoalState, Judgement, LimitKind, Margin, Measured,
    TargetState, Verdict,
};
use crate::stats::Percent;

/// The exit code of a check: 1 when any of `judgements` fails it, else 0.
#[must_use]
pub fn exit_code<'a>(
    judgements: impl IntoIterator<Item = &'a Judgement>,
) -> crate::record::ExitCode {
    crate::record::ExitCode(u8::from(judgements.into_iter().any(Judgement::fails_the_check)))
}

/// Judges what was measured on `today`; `baseline` is what it is compared with.
#[must_use]
pub fn judge(
    budget: &Budget<'_>,
    measured: Measured,
    baseline: Baseline,
    today: Date,
) -> Judgement {
    let value = match measured {
        Measured::Known { value, .. } => Some(value),
        Measured::Unknown { .. } => None,
    };
    let direction = budget.metric.direction;
    let target = match (value, budget.limits.target()) {
        (Some(value), Some(target)) if target.holds(value) => TargetState::Reached,
        (Some(_), Some(_)) => TargetState::Missed,
        _ => TargetState::Unsaid,
    };
    let regression = value.zip(budget.metric.regression.as_ref());
    let comparison = regression
        .map_or(Comparison::NotAsked, |(value, asked)| compare(value, baseline, asked, direction));
    let goal = value
        .zip(budget.metric.goal)
        .map_or(GoalState::Unsaid, |(value, goal)| reach(value, goal, budget));
    Judgement {
        verdict: value.map_or(Verdict::Unknown, |value| {
            of_limits(budget, value).max(of_comparison(comparison)).max(of_goal(goal))
        }),
        target,
        margin: value.and_then(|value| margin(budget, value)),
        measured,
        baseline,
        comparison,
        goal,
        enforcement: enforcement(budget, today),
        unknowns: budget.metric.unknowns,
    }
}

/// The limits whose crossing means something, from mild to severe, and what it means.
fn alarms(budget: &Budget<'_>) -> Vec<(LimitKind, Allowed, Verdict)> {
    let limits = budget.limits;
    if limits.is_target_only() {
        let means = of_severity(budget.phase.missed_target);
        return limits
            .target()
            .map(|target| (LimitKind::Target, target, means))
            .into_iter()
            .collect();
    }
    let warn = limits.warn().map(|warn| (LimitKind::Warn, warn, Verdict::Warn));
    let fail = limits.fail().map(|fail| (LimitKind::Fail, fail, Verdict::Fail));
    warn.into_iter().chain(fail).collect()
}

fn of_severity(severity: Severity) -> Verdict {
    match severity {
        Severity::Warn => Verdict::Warn,
        Severity::Fail => Verdict::Fail,
    }
}

fn of_limits(budget: &Budget<'_>, value: Amount) -> Verdict {
    let crossed = alarms(budget).into_iter().filter(|(_, allowed, _)| !allowed.holds(value));
    crossed.map(|(_, _, means)| means).max().unwrap_or(Verdict::Pass)
}

fn of_comparison(comparison: Comparison) -> Verdict {
    match comparison {
        Comparison::Regressed(severity) => of_severity(severity),
        _ => Verdict::Pass,
    }
}

fn of_goal(goal: GoalState) -> Verdict {
    match goal {
        GoalState::Known { is_reached: false, is_due: true, .. } => Verdict::Warn,
        _ => Verdict::Pass,
    }
}

fn margin(budget: &Budget<'_>, value: Amount) -> Option<Margin> {
    let alarms = alarms(budget);
    let worst = alarms
        .iter()
        .filter(|(_, allowed, _)| !allowed.holds(value))
        .map(|(.., means)| *means)
        .max();
    // Of those that would make it worse, the first; where nothing would, the last that was crossed.
    let next = alarms.iter().find(|(_, allowed, means)| {
        allowed.holds(value) && worst.is_none_or(|worst| *means > worst)
    });
    let (to, allowed, _) = next.or_else(|| alarms.last())?;
    let room = allowed.room(value);
    Some(Margin { to: *to, room, ratio: room.over(allowed.edge(value)) })
}

/// How much worse `value` is than `base`, less than nothing when it is better. Of what is wanted
/// exactly, any change is worse.
fn worse_by(value: Amount, base: Amount, direction: Direction) -> Amount {
    let more = value.minus(base);
    match direction {
        Direction::Lower => more,
        Direction::Higher => base.minus(value),
        Direction::Exact => more.max(base.minus(value)),
    }
}

fn compare(
    value: Amount,
    baseline: Baseline,
    asked: &Regression,
    direction: Direction,
) -> Comparison {
    let have = baseline.samples;
    match baseline.value {
        Some(base) if have >= asked.minimum_samples.get() => {
            let worse = worse_by(value, base, direction);
            if worse > asked.floor && exceeds(worse, asked.relative, base) {
                Comparison::Regressed(asked.severity)
            } else {
                Comparison::Within
            }
        }
        _ => Comparison::TooFew { have, need: asked.minimum_samples },
    }
}

/// Whether `part` is more than `share` of `whole`, without rounding.
fn exceeds(part: Amount, share: Percent, whole: Amount) -> bool {
    part.billionths() * 100_000 > i128::from(share.thousandths()) * whole.billionths().abs()
}

/// A goal is relative to what was accepted: a baseline that rolls along would never let it be
/// reached.
fn reach(value: Amount, goal: Goal, budget: &Budget<'_>) -> GoalState {
    let Some(accepted) = &budget.metric.accepted else { return GoalState::Unsaid };
    let base = accepted.value;
    let by = base.billionths().abs() * i128::from(goal.better_by.thousandths()) / 100_000;
    let direction = budget.metric.direction;
    let wanted = match direction {
        Direction::Higher => base.billionths() + by,
        Direction::Lower | Direction::Exact => base.billionths() - by,
    };
    let Some(wanted) = Amount::from_billionths(wanted) else { return GoalState::Unsaid };
    GoalState::Known {
        wanted,
        is_reached: worse_by(value, wanted, direction) <= Amount::ZERO,
        is_due: budget.goal_is_due(),
    }
}

fn enforcement(budget: &Budget<'_>, today: Date) -> Enforcement {
    let waiver = budget.metric.waiver.as_ref().filter(|waiver| waiver.holds(today));
    match waiver {
        Some(waiver) => Enforcement::Waived(waiver.clone()),
        None if !budget.has_begun() => Enforcement::NotYet,
        None if budget.phase.mode == PhaseMode::Warn => Enforcement::WarnOnly,
        None => Enforcement::Enforced,
    }
}
