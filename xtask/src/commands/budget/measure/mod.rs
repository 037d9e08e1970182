//! Measuring what budgets ask for: sources become settings of probes, and what those find becomes
//! values.
//!
//! Budgets that ask the same of the same are measured together ([`task`]), so that nothing is
//! measured twice. What is only asked for is asked at once; what takes time of this machine is
//! measured one after the other, in the order of the file, because two of them would be part of each
//! other's figures. This module must not know limits and verdicts.

mod boot;
mod http;
mod process;
mod progress;
mod recorded;
mod remote;
mod scratch;
mod still;
mod task;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use timing_core::budget::probe::Unknown;
use timing_core::budget::{Amount, Budget, Measured};
use timing_core::capture::{Signal, Signals};
use timing_core::record::Environment;

use crate::launch::Variables;
use crate::settings::RegistrySettings;

use progress::Progress;
use task::{Ask, Task, Way};

/// What is measured with, on this machine.
#[derive(Debug)]
pub(super) struct Machine {
    /// Where relative paths begin, and commands run.
    pub(super) directory: PathBuf,
    /// As the user has it, as steps get it.
    pub(super) variables: Variables,
    /// Whose rows are looked at.
    pub(super) environment: Environment,
    /// Where the rows of earlier runs are.
    pub(super) registry: RegistrySettings,
    /// What ends it all.
    pub(super) signals: Signals,
}

/// At most so many ask somebody else at a time.
const ASKING: usize = 4;
/// How often is looked whether a signal has come.
const LOOK: Duration = Duration::from_millis(50);
/// How long what was started may take to end after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// What of a budget was measured, by the place of the budget among those that were to be.
type Found = (usize, Measured);

/// Measures each of `budgets`; `taken` is told each of them at once.
///
/// # Errors
///
/// The signal that ended it, once nothing that was started runs any more.
pub(super) fn measure(
    budgets: &[Budget<'_>],
    machine: Machine,
    mut taken: impl FnMut(usize, &Measured),
) -> Result<Vec<Measured>, Signal> {
    let mut results: Vec<Option<Measured>> = budgets.iter().map(|_| None).collect();
    let (asked, timed): (VecDeque<Task>, VecDeque<Task>) =
        task::tasks(budgets).into_iter().partition(|task| task.way() == Way::Asked);
    let progress = Arc::new(Mutex::new(Progress::of(asked.len() + timed.len())));
    let machine = Arc::new(machine);
    for (lane, workers) in [(asked, ASKING), (timed, 1)] {
        let found = start(lane, workers, &machine, &progress);
        let ended = collect(&found, &machine.signals, |(place, measured)| {
            taken(place, &measured);
            if let Some(result) = results.get_mut(place) {
                *result = Some(measured);
            }
        });
        if let Some(signal) = ended {
            lock(&progress).end();
            return Err(signal);
        }
    }
    lock(&progress).end();
    let missing = || unknown("measuring it failed by a defect in xtask; please report it");
    Ok(results.into_iter().map(|result| result.unwrap_or_else(missing)).collect())
}

/// Measures each of `budgets`, one task after the other, and says nothing of it: for whoever does so
/// over and over.
///
/// # Errors
///
/// The signal that ended it.
pub(super) fn quietly(
    budgets: &[Budget<'_>],
    machine: &Arc<Machine>,
) -> Result<Vec<Measured>, Signal> {
    let tasks = task::tasks(budgets);
    let (sender, found) = channel();
    let working = Arc::clone(machine);
    thread::spawn(move || {
        for task in tasks {
            if working.signals.received().is_some() {
                return;
            }
            for (ask, measured) in task.asks.iter().zip(task.measure(&working)) {
                // Whoever does not listen any more wants to know nothing.
                let _ = sender.send((ask.place, measured));
            }
        }
    });
    let mut results: Vec<Measured> =
        budgets.iter().map(|_| unknown("measuring it failed by a defect in xtask")).collect();
    let ended = collect(&found, &machine.signals, |(place, measured)| {
        if let Some(result) = results.get_mut(place) {
            *result = measured;
        }
    });
    ended.map_or(Ok(results), Err)
}

/// Starts to work on `lane`. Not joined by whoever returns early: a probe of an endpoint has nothing
/// to be tidied up, and what starts processes ends by itself on a signal.
fn start(
    lane: VecDeque<Task>,
    workers: usize,
    machine: &Arc<Machine>,
    progress: &Arc<Mutex<Progress>>,
) -> Receiver<Found> {
    let (sender, found) = channel();
    let lane = Arc::new(Mutex::new(lane));
    for _ in 0..workers.min(lock(&lane).len()) {
        let (lane, machine) = (Arc::clone(&lane), Arc::clone(machine));
        let (progress, sender) = (Arc::clone(progress), sender.clone());
        thread::spawn(move || {
            while machine.signals.received().is_none() {
                let Some(task) = lock(&lane).pop_front() else { return };
                lock(&progress).begin(&task);
                let measured = task.measure(&machine);
                for (ask, measured) in task.asks.iter().zip(measured) {
                    // Whoever does not listen any more wants to know nothing.
                    let _ = sender.send((ask.place, measured));
                }
            }
        });
    }
    found
}

/// Hands on what is found until there is no more, or a signal has come and its time is up.
fn collect(
    found: &Receiver<Found>,
    signals: &Signals,
    mut each: impl FnMut(Found),
) -> Option<Signal> {
    let mut waited = Duration::ZERO;
    loop {
        match found.recv_timeout(LOOK) {
            Ok(found) => each(found),
            Err(RecvTimeoutError::Disconnected) => return signals.received(),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(signal) = signals.received() {
                    waited += LOOK;
                    if waited > GRACE {
                        return Some(signal);
                    }
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Machine {
    /// A path of the file.
    fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// `unknown`, and what would help where one of `needed` is not there.
    fn without(&self, unknown: &Unknown, needed: &[&Path]) -> Unknown {
        if needed.iter().all(|path| path.exists()) {
            unknown.clone()
        } else {
            self.undeployed(unknown)
        }
    }

    /// `unknown`, and what would help.
    fn undeployed(&self, unknown: &Unknown) -> Unknown {
        let environment = &self.environment;
        Unknown::because(format_args!(
            "{unknown}: `cargo xtask deploy-persistent ENV={environment}` deploys it"
        ))
    }
}

/// One of `values`, as the budget asks for it.
fn chosen(ask: &Ask, values: &[Amount]) -> Measured {
    match ask.statistic.of(values) {
        Some(value) => {
            Measured::Known { value, samples: u64::try_from(values.len()).unwrap_or(u64::MAX) }
        }
        None => unknown("nothing was measured"),
    }
}

/// The same of what a probe counted.
fn figures(ask: &Ask, values: &[f64]) -> Measured {
    let amounts: Vec<Amount> = values.iter().filter_map(|value| Amount::from_f64(*value)).collect();
    chosen(ask, &amounts)
}

fn unknown(reason: impl std::fmt::Display) -> Measured {
    Measured::Unknown { reason: Unknown::because(reason).to_string() }
}
