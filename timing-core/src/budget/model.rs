//! A budget file as checked values.

use std::collections::BTreeMap;
use std::fmt;

use super::asked::{Goal, Regression, Severity, Unknowns};
use super::limit::{Direction, Limits};
use super::schedule::{Accepted, Review, Waiver};
use super::source::Source;
use super::statistic::Statistic;
use super::unit::Unit;
use super::words::words;
use crate::names;
use crate::record::{Environment, is_word};

names! {
    /// A metric: `image-size`.
    MetricName, "metric",
    "lower-case letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-_.", 64) && !text.bytes().any(|b| b.is_ascii_uppercase());

    /// A phase of the rollout of budgets: `3.4.3`.
    PhaseName, "rollout phase",
    "letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-_.", 64);
}

words! {
    /// What a violation means in a phase.
    PhaseMode {
        /// It is said, and nothing fails.
        Warn = "warn",
        /// A failure fails the check.
        Enforce = "enforce",
        /// The same, and goals of optimisation are due.
        Optimise = "optimise",
    }
}
/// A phase of the rollout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutPhase {
    /// Its name.
    pub name: PhaseName,
    /// What a violation means.
    pub mode: PhaseMode,
    /// What it is to miss a target where no threshold is given.
    pub missed_target: Severity,
    /// When it is to be reviewed.
    pub review: Option<Review>,
}

/// The phases, in the order in which they follow each other, and the one that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    phases: Vec<RolloutPhase>,
    active: usize,
}

/// The place of a phase that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhaseIndex(usize);

impl Rollout {
    /// These phases, of which `active` holds; `None` when it is not one of them.
    #[must_use]
    pub fn new(phases: Vec<RolloutPhase>, active: &str) -> Option<Self> {
        let active = phases.iter().position(|phase| phase.name.as_str() == active)?;
        Some(Self { phases, active })
    }

    /// The phases in order.
    #[must_use]
    pub fn phases(&self) -> &[RolloutPhase] {
        &self.phases
    }

    /// The place of the phase of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PhaseIndex> {
        self.phases.iter().position(|phase| phase.name.as_str() == name).map(PhaseIndex)
    }

    /// The place of the phase that holds.
    #[must_use]
    pub fn active(&self) -> PhaseIndex {
        PhaseIndex(self.active)
    }

    /// The same, as if `active` held.
    #[must_use]
    pub fn with_active(mut self, active: PhaseIndex) -> Self {
        self.active = active.0.min(self.phases.len().saturating_sub(1));
        self
    }

    /// The phase at a place.
    #[must_use]
    pub fn at(&self, index: PhaseIndex) -> Option<&RolloutPhase> {
        self.phases.get(index.0)
    }
}

/// In which environments a metric is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In whichever is checked.
    Everywhere,
    /// In these only.
    Only(Vec<Environment>),
    /// Once for each of these, whichever is checked: their manifests lie in one repository. When
    /// one of these is checked, only for that one.
    Each(Vec<Environment>),
}

/// A metric and everything that is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: MetricName,
    /// The line of the file that declares it.
    pub line: usize,
    /// What it is, for people.
    pub about: Option<String>,
    /// Where it is asked for: a document and its section.
    pub reference: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What to do when it is crossed: an address or a sentence. May hold `{metric}`.
    pub runbook: Option<String>,
    /// The metric that its values are parts of: of a ratio.
    pub part_of: Option<MetricName>,
    /// What its values are numbers of.
    pub unit: Unit,
    /// Which of many values counts.
    pub statistic: Statistic,
    /// Which values are better.
    pub direction: Direction,
    /// What is asked where no environment says otherwise.
    pub limits: Option<Limits>,
    /// What is asked in these, defaults included.
    pub by_environment: BTreeMap<Environment, Limits>,
    /// Where it is judged.
    pub scope: Scope,
    /// Where values come from.
    pub source: Source,
    /// The phase that holds for it, whichever is active.
    pub phase: Option<PhaseIndex>,
    /// The phase from which on it can fail anything.
    pub from: Option<PhaseIndex>,
    /// When it is a regression.
    pub regression: Option<Regression>,
    /// What it is to become.
    pub goal: Option<Goal>,
    /// What was accepted as the baseline.
    pub accepted: Option<Accepted>,
    /// What may be for a while.
    pub waiver: Option<Waiver>,
    /// When it is to be reviewed.
    pub review: Option<Review>,
    /// What it is when it cannot be measured.
    pub unknowns: Unknowns,
}

/// A budget file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budgets {
    /// The phases.
    pub rollout: Rollout,
    /// When the file as a whole is to be reviewed.
    pub review: Option<Review>,
    /// The phase in which it was last reviewed.
    pub reviewed_in: Option<PhaseIndex>,
    /// The metrics, in the order of the file, each name once.
    pub metrics: Vec<Metric>,
}

/// What is asked of a metric in one environment and one phase.
#[derive(Debug, Clone, Copy)]
pub struct Budget<'a> {
    /// The metric.
    pub metric: &'a Metric,
    /// For which environment.
    pub environment: &'a Environment,
    /// What is asked there.
    pub limits: &'a Limits,
    /// The phase that holds.
    pub phase: &'a RolloutPhase,
    place: PhaseIndex,
}

impl Budgets {
    /// What is asked when `environment` is checked, in the order of the file.
    pub fn select<'a>(&'a self, environment: &'a Environment) -> impl Iterator<Item = Budget<'a>> {
        self.metrics.iter().flat_map(move |metric| {
            metric
                .environments(environment)
                .into_iter()
                .filter_map(|environment| self.budget(metric, environment))
        })
    }

    /// What it is to miss `budget`'s target in the phases that fail anything, from its own on; in
    /// its own, where none does. `None` where they differ.
    #[must_use]
    pub fn missed_target_from(&self, budget: &Budget<'_>) -> Option<Severity> {
        let ahead = self.rollout.phases().iter().skip(budget.place.0);
        let mut means =
            ahead.filter(|phase| phase.mode != PhaseMode::Warn).map(|phase| phase.missed_target);
        let first = means.next().unwrap_or(budget.phase.missed_target);
        means.all(|other| other == first).then_some(first)
    }

    /// The same budget in the next phase that enforces, if there is one after its own.
    #[must_use]
    pub fn in_next_that_enforces<'a>(&'a self, budget: &Budget<'a>) -> Option<Budget<'a>> {
        let phases = self.rollout.phases().iter().enumerate().skip(budget.place.0 + 1);
        let (place, phase) = phases.into_iter().find(|(_, phase)| phase.mode != PhaseMode::Warn)?;
        Some(Budget { phase, place: PhaseIndex(place), ..*budget })
    }

    fn budget<'a>(
        &'a self,
        metric: &'a Metric,
        environment: &'a Environment,
    ) -> Option<Budget<'a>> {
        let place = metric.phase.unwrap_or(self.rollout.active());
        let limits = metric.limits_in(environment)?;
        let phase = self.rollout.at(place)?;
        Some(Budget { metric, environment, limits, phase, place })
    }
}

impl Metric {
    fn environments<'a>(&'a self, checked: &'a Environment) -> Vec<&'a Environment> {
        let is_one = |known: &&Environment| known.is_called(checked.as_str());
        match &self.scope {
            Scope::Everywhere => vec![checked],
            Scope::Only(these) => these.iter().find(is_one).into_iter().collect(),
            Scope::Each(these) => match these.iter().find(is_one) {
                Some(one) => vec![one],
                None => these.iter().collect(),
            },
        }
    }

    /// What is asked in `environment`, if anything is.
    #[must_use]
    pub fn limits_in(&self, environment: &Environment) -> Option<&Limits> {
        self.by_environment
            .iter()
            .find(|(known, _)| known.is_called(environment.as_str()))
            .map(|(_, limits)| limits)
            .or(self.limits.as_ref())
    }
}

impl Budget<'_> {
    /// Where its value comes from, for its environment.
    #[must_use]
    pub fn source(&self) -> Source {
        self.metric.source.clone().for_environment(self.environment)
    }

    /// Whether a failure would fail the check, as far as the phase is concerned.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        self.phase.mode != PhaseMode::Warn && self.has_begun()
    }

    /// Whether the phase has come from which on the metric counts.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.metric.from.is_none_or(|from| from <= self.place)
    }

    /// Whether its goal is due.
    #[must_use]
    pub fn goal_is_due(&self) -> bool {
        self.metric.goal.is_some_and(|goal| match goal.from {
            Some(from) => from <= self.place,
            None => self.phase.mode == PhaseMode::Optimise,
        })
    }
}

impl fmt::Display for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.metric.scope {
            Scope::Each(_) => write!(f, "{} ({})", self.metric.name, self.environment),
            _ => self.metric.name.fmt(f),
        }
    }
}
