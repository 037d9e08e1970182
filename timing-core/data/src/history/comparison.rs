//! Which runs one run can be compared with.

use std::num::NonZeroUsize;

use super::{Epoch, Series};
use crate::record::ResourceCounts;
use crate::table::Row;

/// What a run did to resources. One that changed nothing takes a fraction of the time of one that
/// did, so they are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// At least one was added, changed or destroyed.
    Changed,
    /// None was.
    Unchanged,
    /// The row does not say, and nobody guesses.
    Unrecorded,
}

impl Effect {
    /// What the run of `row` did.
    #[must_use]
    pub fn of(row: &Row<'_>) -> Self {
        match row.resources {
            Some(resources) if resources.is_change() => Self::Changed,
            Some(_) => Self::Unchanged,
            None => Self::Unrecorded,
        }
    }

    /// What a run did that counted `resources`: what its row will say.
    #[must_use]
    pub fn of_counts(resources: ResourceCounts) -> Self {
        let ResourceCounts { added, changed, destroyed, imported: _ } = resources;
        if added > 0 || changed > 0 || destroyed > 0 { Self::Changed } else { Self::Unchanged }
    }
}

/// The latest successful run of a series that was no part of one, and those before it that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<'r, 'a> {
    /// The newest row of a whole phase with exit code 0; of rows of one start the last in the file.
    pub latest: &'r Row<'a>,
    /// Successful runs before it with the same effect and of the same epoch, the oldest first.
    pub baseline: Vec<&'r Row<'a>>,
    /// The epoch that now holds for this environment and phase.
    pub epoch: Option<&'r Epoch>,
}

impl Comparison<'_, '_> {
    /// Whether the latest run is older than the epoch, so that nothing is known of it yet.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.epoch.is_some_and(|epoch| self.latest.start < epoch.since)
    }
}

/// Compares the latest successful run of `series` with the newest `window` comparable runs before
/// it. `None` when no run succeeded. `epochs` are those that have begun.
#[must_use]
pub fn compare<'r, 'a>(
    series: &Series<'r, 'a>,
    phase: &str,
    epochs: &'r [Epoch],
    window: NonZeroUsize,
) -> Option<Comparison<'r, 'a>> {
    let epoch = epochs
        .iter()
        .filter(|epoch| epoch.concerns(series.environment, phase))
        .max_by_key(|epoch| epoch.since);
    let mut newest_first =
        series.rows.iter().rev().copied().filter(|row| row.is_success() && !row.is_part());
    let latest = newest_first.next()?;
    let is_comparable = |row: &&Row<'_>| {
        Effect::of(row) == Effect::of(latest) && epoch.is_none_or(|epoch| epoch.since <= row.start)
    };
    let mut baseline: Vec<_> = newest_first.filter(is_comparable).take(window.get()).collect();
    baseline.reverse();
    Some(Comparison { latest, baseline, epoch })
}

#[cfg(test)]
mod tests;
