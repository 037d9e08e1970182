//! Rows as samples, by environment and phase: what can be compared at all, and nothing else of a
//! row, so that a million of them fit.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::record::{Sample, newest};
use crate::table::Row;

/// The samples of one phase in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleSeries {
    /// Where.
    pub environment: String,
    /// Which; `None` for rows of the first generation, which do not say.
    pub phase: Option<String>,
    /// At least one, in the order of their rows.
    pub samples: Vec<Sample>,
}

/// Samples as they are taken, in the order of their rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples {
    /// By environment and phase; no row's phase is empty, so that the empty one stands for none.
    groups: BTreeMap<String, BTreeMap<String, Vec<Sample>>>,
}

impl Samples {
    /// Takes a row. Names are copied only for the first of a series.
    pub fn add(&mut self, row: &Row<'_>) {
        let phase = row.phase.as_deref().unwrap_or_default();
        let phases = self.groups.get_mut(row.environment.as_ref());
        match phases.and_then(|phases| phases.get_mut(phase)) {
            Some(samples) => samples.push(row.sample()),
            None => self.group(row.environment.to_string(), phase.to_owned()).push(row.sample()),
        }
    }

    /// Takes all of `later`, whose rows come after those taken so far.
    pub fn append(&mut self, later: Self) {
        for (environment, phases) in later.groups {
            for (phase, mut samples) in phases {
                self.group(environment.clone(), phase).append(&mut samples);
            }
        }
    }

    fn group(&mut self, environment: String, phase: String) -> &mut Vec<Sample> {
        self.groups.entry(environment).or_default().entry(phase).or_default()
    }

    /// How many were taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.groups.values().flat_map(BTreeMap::values).map(Vec::len).sum()
    }

    /// The series by environment and phase; of each the newest `last`. Of samples of one start the
    /// later rows are the newer ones.
    #[must_use]
    pub fn into_series(self, last: Option<NonZeroUsize>) -> Vec<SampleSeries> {
        let mut all = Vec::new();
        for (environment, phases) in self.groups {
            for (phase, samples) in phases {
                let samples = match last {
                    Some(last) => newest(&samples, last.get()),
                    None => samples,
                };
                let phase = (!phase.is_empty()).then_some(phase);
                all.push(SampleSeries { environment: environment.clone(), phase, samples });
            }
        }
        all
    }
}
