//! Stored measurements, and what of them a value is compared with.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::amount::Amount;
use super::asked::Against;
use super::measurement::Measurement;
use super::model::{Budget, MetricName};
use super::statistic::Statistic;
use super::verdict::Baseline;
use crate::record::Environment;

/// Of how many measurements a baseline is made when nobody says.
pub const WINDOW: NonZeroUsize = match NonZeroUsize::new(20) {
    Some(window) => window,
    None => NonZeroUsize::MIN,
};

/// Measurements by metric, oldest first, each once.
#[derive(Debug, Clone, Default)]
pub struct History(BTreeMap<MetricName, Vec<Measurement>>);

impl History {
    /// Of `measurements` in whatever order; what is there twice counts once.
    #[must_use]
    pub fn new(measurements: impl IntoIterator<Item = Measurement>) -> Self {
        let mut history = BTreeMap::<MetricName, Vec<Measurement>>::new();
        for measurement in measurements {
            history.entry(measurement.metric.clone()).or_default().push(measurement);
        }
        for series in history.values_mut() {
            let key = |row: &Measurement| (row.time, row.environment.clone(), row.value);
            series.sort_by_cached_key(key);
            series.dedup();
        }
        Self(history)
    }

    /// In which environments `metric` was measured, each measurement's.
    pub fn environments<'a>(
        &'a self,
        metric: &MetricName,
    ) -> impl Iterator<Item = &'a Environment> + use<'a> {
        self.0.get(metric).into_iter().flatten().map(|row| &row.environment)
    }

    /// What was measured of `budget`'s metric in its environment, in the unit and statistic that it
    /// has now, since its baseline was accepted.
    #[must_use]
    pub fn of(&self, budget: &Budget<'_>) -> Vec<&Measurement> {
        let metric = budget.metric;
        let since = metric.accepted.as_ref().map(|accepted| accepted.since);
        let counts = |row: &&Measurement| {
            row.unit == metric.unit
                && row.statistic == metric.statistic
                && budget.environment.is_called(row.environment.as_str())
                && since.is_none_or(|since| since <= row.time.date())
        };
        self.0.get(&metric.name).into_iter().flatten().filter(counts).collect()
    }
}

/// What is being judged, for baselines that depend on it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// Its version or tag.
    pub version: Option<&'a str>,
    /// Its commit.
    pub commit: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// What `measurement` was of.
    #[must_use]
    pub fn of(measurement: &'a Measurement) -> Self {
        Self {
            version: measurement.version.as_ref().map(super::Version::as_str),
            commit: measurement.commit.as_ref().map(super::Commit::as_str),
        }
    }
}

/// What a value of `subject` is compared with: by what the metric's regression says, else with its
/// accepted value, else with the median of its last [`WINDOW`] measurements. `earlier` are the
/// measurements before it, oldest first.
#[must_use]
pub fn baseline(budget: &Budget<'_>, earlier: &[&Measurement], subject: Subject<'_>) -> Baseline {
    let accepted = budget.metric.accepted.as_ref().map(|accepted| accepted.value);
    let of_accepted = || Baseline { value: accepted, samples: usize::from(accepted.is_some()) };
    let rolling =
        |window: NonZeroUsize| median(earlier.iter().rev().take(window.get()).map(|row| row.value));
    match budget.metric.regression.as_ref().map(|regression| &regression.against) {
        Some(Against::Accepted) => of_accepted(),
        None if accepted.is_some() => of_accepted(),
        None => rolling(WINDOW),
        Some(Against::Rolling { window }) => rolling(*window),
        Some(Against::PreviousVersion) => previous(earlier, subject.version, |of| of.version),
        Some(Against::PreviousCommit) => previous(earlier, subject.commit, |of| of.commit),
        Some(Against::Version(wanted)) => {
            those(earlier, |row| Subject::of(row).version == Some(wanted))
        }
        Some(Against::Commit(wanted)) => those(earlier, |row| {
            Subject::of(row).commit.is_some_and(|commit| is_same_commit(commit, wanted))
        }),
    }
}

/// The newest that is said and is not this one. Of something that does not say what it is, nothing
/// is known to be before it.
fn previous<'a>(
    earlier: &[&'a Measurement],
    this: Option<&str>,
    name: impl Fn(Subject<'a>) -> Option<&'a str>,
) -> Baseline {
    let Some(this) = this else { return Baseline::default() };
    let names = earlier.iter().rev().filter_map(|row| name(Subject::of(row)));
    match names.into_iter().find(|other| *other != this) {
        Some(other) => those(earlier, |row| name(Subject::of(row)) == Some(other)),
        None => Baseline::default(),
    }
}

fn is_same_commit(commit: &str, other: &str) -> bool {
    commit.starts_with(other) || other.starts_with(commit)
}

fn those<'a>(earlier: &[&'a Measurement], is_one: impl Fn(&'a Measurement) -> bool) -> Baseline {
    median(earlier.iter().filter(|row| is_one(row)).map(|row| row.value))
}

fn median(values: impl Iterator<Item = Amount>) -> Baseline {
    let values: Vec<Amount> = values.collect();
    Baseline { value: Statistic::Permille(500).of(&values), samples: values.len() }
}
