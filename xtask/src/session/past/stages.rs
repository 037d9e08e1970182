//! When the stages of earlier runs began: what sharpens an estimate while a phase goes on.
//!
//! It is read after the rows, by the same thread. Nobody waits for it: what is not there when a
//! phase starts is not used for that phase.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;

use timing_core::record::{Environment, RunId};
use timing_core::registry::Registry;
use timing_core::stages::{self, PhaseSpans};
use timing_core::stats::estimate::Mark;

/// The spans of runs, by their ids.
pub(in crate::session) type SpansOfRuns = HashMap<RunId, Vec<PhaseSpans>>;

/// What is known of the stages of earlier runs.
pub(in crate::session) enum PastStages {
    /// It may be being read.
    Arriving(Receiver<SpansOfRuns>),
    /// It was read.
    Here(SpansOfRuns),
}

impl PastStages {
    /// When the stages of `phase` began in `run`; none where nobody took note of them, or they are
    /// not here yet.
    pub(super) fn marks(&mut self, run: &RunId, phase: &str) -> Vec<Mark> {
        if let Self::Arriving(receiver) = self
            && let Ok(stages) = receiver.try_recv()
        {
            *self = Self::Here(stages);
        }
        let Self::Here(runs) = self else { return Vec::new() };
        let spans = runs.get(run).into_iter().flatten();
        let mut of_phase = spans.filter(|spans| spans.phase.as_str() == phase);
        of_phase.next().map(|spans| Mark::of_spans(&spans.spans)).unwrap_or_default()
    }
}

/// How many of the latest runs are looked at: those that an estimate rests on.
const RUNS: usize = timing_core::stats::estimate::MOST_RUNS;

/// The stages of the latest runs in `environment`, as far as they are in this clone. The journal is
/// left alone, as for the rows.
pub(super) fn read(registry: &Registry, environment: &Environment) -> Option<SpansOfRuns> {
    let mut files = registry.spans_files().ok()?;
    files.retain(|file| environment.is_called(file.path.environment().as_str()));
    files.sort_by(|one, other| other.path.age().cmp(&one.path.age()));
    files.truncate(RUNS);
    let contents = registry.contents(&files).ok()?;
    let runs = files.iter().zip(contents).filter_map(|(file, bytes)| {
        let phases = stages::read(&bytes?).phases;
        Some((file.path.run().clone(), phases))
    });
    Some(runs.collect())
}
