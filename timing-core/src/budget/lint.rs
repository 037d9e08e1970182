//! What is legal in a budget file and still to be looked at: what is overdue, what can hardly be
//! meant, and what the measurements say of the targets.

use std::collections::HashMap;
use std::fmt;

use time::Date;

use super::amount::Amount;
use super::baseline::History;
use super::limit::{Allowed, Limits, Reading};
use super::model::{Budgets, Metric, MetricName, Scope};
use super::words::words;
use crate::record::Environment;

words! {
    /// How much a remark matters.
    Weight {
        /// It is only said.
        Info = "info",
        /// It can hardly be meant.
        Doubtful = "doubtful",
        /// Somebody has to do something.
        Overdue = "overdue",
    }
}

/// So many measurements in a row that miss a target, or beat it by half, are long enough for the
/// target to be reviewed.
pub const LONG_ENOUGH: usize = 10;

/// Something to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Of which metric; of none, the whole file.
    pub metric: Option<MetricName>,
    /// The line of the file that declares the metric.
    pub line: Option<usize>,
    /// What.
    pub what: What,
}

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A waiver that holds no more.
    WaiverExpired {
        /// Its last day.
        until: Date,
        /// Who gave it.
        who: String,
    },
    /// A review is overdue.
    ReviewOverdue {
        /// Of what.
        of: String,
        /// When it was due, if it was ever looked at.
        due: Option<Date>,
    },
    /// The phase has changed since the file was reviewed.
    PhaseUnreviewed(String),
    /// Warning and failure begin at the same value.
    WarnIsFail,
    /// Whatever would be a warning is a failure already.
    WarnNeverSeen,
    /// Values that reach the target are warned of.
    TargetLooser,
    /// No value reaches it.
    Unreachable(String),
    /// No value crosses it.
    NeverCrossed(String),
    /// Another metric measures the same.
    Duplicate(MetricName),
    /// Nobody answers for it.
    NoOwner,
    /// There is a goal, and nothing it could be relative to.
    GoalWithoutBaseline,
    /// The target was missed by the last measurements.
    Exceeded(Environment),
    /// The target was beaten by half by the last measurements.
    Undercut(Environment),
}

impl What {
    /// How much it matters.
    #[must_use]
    pub fn weight(&self) -> Weight {
        match self {
            Self::WaiverExpired { .. } | Self::ReviewOverdue { .. } | Self::PhaseUnreviewed(_) => {
                Weight::Overdue
            }
            Self::Exceeded(_) | Self::Undercut(_) => Weight::Overdue,
            Self::WarnIsFail
            | Self::WarnNeverSeen
            | Self::Unreachable(_)
            | Self::NeverCrossed(_)
            | Self::Duplicate(_) => Weight::Doubtful,
            Self::TargetLooser | Self::NoOwner | Self::GoalWithoutBaseline => Weight::Info,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WaiverExpired { until, who } => write!(
                f,
                "the waiver of {who} ended on {until}: repair what it was for, and remove it"
            ),
            Self::ReviewOverdue { of, due: Some(due) } => {
                write!(f, "the review of {of} was due on {due}: review it, and say when")
            }
            Self::ReviewOverdue { of, due: None } => {
                write!(f, "{of} is to be reviewed and never was: review it, and say when")
            }
            Self::PhaseUnreviewed(reviewed) => write!(
                f,
                "the file was last reviewed in phase {reviewed}, which is over: review it, and set \
                 reviewed_in"
            ),
            Self::WarnIsFail => f.write_str("warn and fail are the same: nobody is ever warned"),
            Self::WarnNeverSeen => {
                f.write_str("what crosses warn has crossed fail before: nobody is ever warned")
            }
            Self::TargetLooser => f.write_str(
                "the target is looser than warn: values that reach it are warned of, and the \
                 target is reported apart",
            ),
            Self::Unreachable(limit) => write!(f, "no value can be {limit}"),
            Self::NeverCrossed(limit) => write!(f, "no value is ever {limit}"),
            Self::Duplicate(other) => write!(f, "measures the same as {other}"),
            Self::NoOwner => f.write_str("nobody answers for it: give an owner"),
            Self::GoalWithoutBaseline => {
                f.write_str("optimise is relative to an accepted baseline, and there is none yet")
            }
            Self::Exceeded(environment) => write!(
                f,
                "the last {LONG_ENOUGH} measurements in {environment} missed the target: repair it, \
                 or review the target"
            ),
            Self::Undercut(environment) => write!(
                f,
                "the last {LONG_ENOUGH} measurements in {environment} were better than the target \
                 by half and more: a tighter one would hold"
            ),
        }
    }
}

/// Everything there is to say of `budgets` on `today`, by place in the file.
#[must_use]
pub fn lint(
    budgets: &Budgets,
    history: &History,
    environments: &[Environment],
    today: Date,
) -> Vec<Remark> {
    let mut remarks = of_file(budgets, today);
    let mut seen = HashMap::new();
    for metric in &budgets.metrics {
        let mut found = of_schedule(metric, today);
        found.extend(of_limits(metric));
        let key = format!(
            "{:?} {} {:?} {:?}",
            metric.source, metric.statistic, metric.unit, metric.scope
        );
        match seen.get(&key) {
            Some(first) => found.push(What::Duplicate(MetricName::clone(first))),
            None => drop(seen.insert(key, metric.name.clone())),
        }
        let of = |what| Remark { metric: Some(metric.name.clone()), line: Some(metric.line), what };
        remarks.extend(found.into_iter().map(of));
    }
    remarks.extend(of_history(budgets, history, environments));
    remarks
}

fn of_file(budgets: &Budgets, today: Date) -> Vec<Remark> {
    let overdue = |review: Option<super::Review>, of: &str| {
        review
            .filter(|review| review.is_overdue(today))
            .map(|review| What::ReviewOverdue { of: of.to_owned(), due: review.due() })
    };
    let rollout = &budgets.rollout;
    let phase = rollout.at(rollout.active());
    let of_phase = phase.and_then(|phase| overdue(phase.review, &format!("phase {}", phase.name)));
    let reviewed = budgets.reviewed_in.filter(|reviewed| *reviewed != rollout.active());
    let changed = reviewed.and_then(|index| rollout.at(index));
    let changed = changed.map(|phase| What::PhaseUnreviewed(phase.name.to_string()));
    [overdue(budgets.review, "the file"), of_phase, changed]
        .into_iter()
        .flatten()
        .map(|what| Remark { metric: None, line: None, what })
        .collect()
}

fn of_schedule(metric: &Metric, today: Date) -> Vec<What> {
    let waiver = metric.waiver.as_ref().filter(|waiver| !waiver.holds(today));
    let waiver =
        waiver.map(|waiver| What::WaiverExpired { until: waiver.until, who: waiver.who.clone() });
    let review = metric
        .review
        .filter(|review| review.is_overdue(today))
        .map(|review| What::ReviewOverdue { of: metric.name.to_string(), due: review.due() });
    let owner = metric.owner.is_none().then_some(What::NoOwner);
    let goal =
        (metric.goal.is_some() && metric.accepted.is_none()).then_some(What::GoalWithoutBaseline);
    [waiver, review, owner, goal].into_iter().flatten().collect()
}

/// What is to be said of limits; of those of several environments, once.
fn of_limits(metric: &Metric) -> Vec<What> {
    let mut found = Vec::new();
    for limits in metric.limits.iter().chain(metric.by_environment.values()) {
        for what in of_one(limits, metric) {
            if !found.contains(&what) {
                found.push(what);
            }
        }
    }
    found
}

fn of_one(limits: &Limits, metric: &Metric) -> Vec<What> {
    let mut found = Vec::new();
    if let (Some(warn), Some(fail)) = (limits.warn(), limits.fail()) {
        if warn == fail {
            found.push(What::WarnIsFail);
        } else if fail.is_within(warn) {
            found.push(What::WarnNeverSeen);
        }
    }
    if let (Some(target), Some(warn)) = (limits.target(), limits.warn())
        && !target.is_within(warn)
        && warn.is_within(target)
    {
        found.push(What::TargetLooser);
    }
    if let Some(target) = limits.target().filter(|target| is_nothing(*target)) {
        found.push(What::Unreachable(target.show(Reading::Target, metric.unit)));
    }
    for alarm in [limits.warn(), limits.fail()].into_iter().flatten() {
        if is_nothing(alarm) {
            let allowed = alarm.show(Reading::Target, metric.unit);
            found.push(What::Unreachable(allowed));
        } else if alarm == Allowed::AtLeast(Amount::ZERO) {
            found.push(What::NeverCrossed(alarm.show(Reading::Alarm, metric.unit)));
        }
    }
    found
}

/// Whether no value is allowed: what is measured is not less than nothing, but for differences.
fn is_nothing(allowed: Allowed) -> bool {
    matches!(allowed, Allowed::Below(edge) if edge <= Amount::ZERO)
}

fn of_history(budgets: &Budgets, history: &History, environments: &[Environment]) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    for (place, environment) in environments.iter().enumerate() {
        for budget in budgets.select(environment) {
            // What is judged whichever environment is checked is said once.
            let is_again = place > 0 && matches!(budget.metric.scope, Scope::Each(_));
            let Some(target) = budget.limits.target().filter(|_| !is_again) else { continue };
            let series = history.of(&budget);
            let Some(last) = series.len().checked_sub(LONG_ENOUGH).and_then(|at| series.get(at..))
            else {
                continue;
            };
            let at = || budget.environment.clone();
            let what = if last.iter().all(|row| !target.holds(row.value)) {
                What::Exceeded(at())
            } else if last.iter().all(|row| is_beaten_by_half(target, row.value)) {
                What::Undercut(at())
            } else {
                continue;
            };
            let metric = budget.metric;
            remarks.push(Remark {
                metric: Some(metric.name.clone()),
                line: Some(metric.line),
                what,
            });
        }
    }
    remarks
}

fn is_beaten_by_half(target: Allowed, value: Amount) -> bool {
    let by = |room: Amount, edge: Amount| room.billionths() * 2 >= edge.billionths();
    match target {
        Allowed::Below(edge) | Allowed::AtMost(edge) => by(edge.minus(value), edge),
        Allowed::Above(edge) | Allowed::AtLeast(edge) => by(value.minus(edge), edge),
        Allowed::Within(..) => false,
    }
}
