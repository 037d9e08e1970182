//! What earlier runs took, read beside the start of a run.
//!
//! A thread of its own reads, and nobody waits for it but the start of a run, for a moment. It
//! holds no lock and nothing that a run needs; when it fails, panics or never ends, nothing is
//! known of earlier runs, and that is all.

use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use timing_core::git::TimeOuts;
use timing_core::history::{Effect, PastRuns, Source};
use timing_core::record::whole_seconds;
use timing_core::registry::Registry;
use timing_core::stats::estimate::{Estimate, Forecast, PastRun, Verdict};
use timing_core::table::Table;

use super::{Opening, shield};
use crate::run::{Ending, PhaseEnded};

mod stages;

pub(super) use stages::{PastStages, SpansOfRuns};

/// How long the first step may be held up by the reading.
const PATIENCE: Duration = Duration::from_millis(20);

/// How long one call of git may take. Of use is only what is there before the run ends.
const CALL: Duration = Duration::from_millis(500);

/// What is known of earlier runs.
pub(super) enum Past {
    /// It is being read.
    Arriving(Receiver<PastRuns>),
    /// It was read.
    Here(PastRuns),
    /// Nothing, and nothing will be.
    Nothing,
}

/// A run of a phase beside those before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The target, as it is typed.
    pub target: &'static str,
    /// How it compares.
    pub verdict: Verdict,
    /// What the comparable runs before it took and, last, what it took; in seconds.
    pub recent: Vec<f64>,
}

impl Past {
    /// Begins to read what the registry holds, as far as it is in this clone. The journal is left
    /// alone: to look whether an entry's run lives is to lock it for a moment, and the outbox has
    /// little that the branch has not.
    pub(super) fn read(opening: &Opening<'_>) -> (Self, PastStages) {
        let git = opening.git.clone().with_time_outs(TimeOuts { local: CALL });
        let registry = Registry::new(git, opening.branch.clone(), opening.remote.clone());
        let environment = opening.environment.clone();
        let (stages, arriving) = mpsc::channel();
        let of_stages = (registry.clone(), environment.clone());
        let rows = move || {
            let files = registry.files(Table::Timings).ok()?.into_iter();
            let sources: Vec<Source> = files
                .filter_map(|file| Some(Source { name: file.name, bytes: file.bytes? }))
                .collect();
            Some(PastRuns::of(&sources, &environment))
        };
        let then = move || {
            let (registry, environment) = &of_stages;
            if let Some(seen) = stages::read(registry, environment) {
                let _ = stages.send(seen);
            }
        };
        (Self::begin(rows, then), PastStages::Arriving(arriving))
    }

    /// Reads, and when that has been handed over does what comes `then`.
    fn begin(
        read: impl FnOnce() -> Option<PastRuns> + Send + 'static,
        then: impl FnOnce() + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        let reading = move || {
            if let Ok(Some(past)) = shield("reading the history", read) {
                // The run may have ended.
                let _ = sender.send(past);
                let _ = shield("reading the history of stages", then);
            }
        };
        match thread::Builder::new().name("history".to_owned()).spawn(reading) {
            // Never joined: the process ends when the run has.
            Ok(_) => Self::Arriving(receiver),
            Err(_) => Self::Nothing,
        }
    }

    /// Waits until it is here, but no longer than the start of a run may be held up.
    pub(super) fn wait(&mut self) {
        if let Self::Arriving(receiver) = self
            && let Ok(past) = receiver.recv_timeout(PATIENCE)
        {
            *self = Self::Here(past);
        }
    }

    fn known(&mut self) -> Option<&PastRuns> {
        if let Self::Arriving(receiver) = self {
            match receiver.try_recv() {
                Ok(past) => *self = Self::Here(past),
                Err(TryRecvError::Disconnected) => *self = Self::Nothing,
                Err(TryRecvError::Empty) => {}
            }
        }
        match self {
            Self::Here(past) => Some(past),
            Self::Arriving(..) | Self::Nothing => None,
        }
    }

    /// What is to be expected of a run of `phase`, if enough is known now.
    pub(super) fn forecast(&mut self, phase: &str, stages: &mut PastStages) -> Option<Forecast> {
        let runs = self.known()?.runs(phase).into_iter();
        let past = runs.map(|(run, total)| PastRun {
            total,
            marks: run.map(|run| stages.marks(run, phase)).unwrap_or_default(),
        });
        Forecast::of(&past.collect::<Vec<PastRun>>())
    }

    /// How `phase` compares, if it succeeded and enough is known now. It is measured as its row
    /// will be, in whole seconds.
    pub(super) fn compare(&mut self, phase: &PhaseEnded) -> Option<Compared> {
        if phase.ending != Ending::Success || !phase.exit_code.is_success() {
            return None;
        }
        let effect = Effect::of_counts(phase.resources);
        let mut recent = self.known()?.seconds_with(phase.phase.as_str(), effect);
        let expected = Estimate::of(&recent)?;
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
        let seconds = whole_seconds(phase.duration) as f64;
        recent.push(seconds);
        let verdict = Verdict::of(seconds, Some(&expected));
        Some(Compared { target: phase.target, verdict, recent })
    }
}

#[cfg(test)]
mod tests;
