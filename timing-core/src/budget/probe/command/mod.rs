//! Commands as sources of measurements: how long they take, or a number that they print.
//!
//! A command gets the environment that it is handed, nothing to read, and a time in which to end;
//! what it prints is seen by nobody. One that fails has not been measured, however long that took.
//! This module must not know what the command is for.

mod child;
#[cfg(test)]
pub(super) mod gate;
mod printed;
mod stream;

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::time::Duration;

use super::Unknown;
use crate::budget::{Amount, Unit};
use crate::capture::{Command, Signals};
use child::Ended;
use stream::Kept;

pub use printed::Printed;

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Program, arguments, the whole environment, directory.
    pub command: &'a Command<'a>,
    /// After so long it is stopped, with all that it started.
    pub timeout: Duration,
}

/// How often it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// Runs that do not count.
    pub warm_up: u32,
    /// Runs that do.
    pub repetitions: NonZeroU32,
}

impl Repeat {
    /// One run, which counts.
    pub const ONCE: Self = Self { warm_up: 0, repetitions: NonZeroU32::MIN };
}

/// What is kept of output that only an error would quote.
const QUOTED: usize = 4096;
/// What is kept of output that a number is looked for in.
const LONGEST: usize = 1 << 20;

/// How long each counted run took, from just before its start to its exit.
///
/// A signal in `signals` stops the command, which stands in a process group of its own.
///
/// # Errors
///
/// When a run cannot be started, fails or takes longer than allowed; the first that does is the last.
pub fn wall_times(
    run: &Run<'_>,
    repeat: Repeat,
    signals: &Signals,
) -> Result<Vec<Amount>, Unknown> {
    repeated(run, repeat, QUOTED, signals, |ended| Ok(Amount::from_duration(ended.duration)))
}

/// The number that each counted run printed: a quantity of `unit` (`12.5s`, `150MB`), or a plain
/// number, which is one of the unit's base (seconds, bytes, cores, parts of the whole).
///
/// # Errors
///
/// As for [`wall_times`], and when no such number is there.
pub fn numbers(
    run: &Run<'_>,
    repeat: Repeat,
    printed: &Printed,
    unit: Unit,
    signals: &Signals,
) -> Result<Vec<Amount>, Unknown> {
    let name = child::name(run);
    repeated(run, repeat, LONGEST, signals, |ended| {
        let said = |reason| Unknown::because(format_args!("{name}: {reason}"));
        if printed.needs_all() {
            whole(&ended.stdout).map_err(said)?;
        }
        printed.number(&ended.stdout.text(), unit).map_err(said)
    })
}

/// What one run prints on its stdout, at most `longest` bytes.
///
/// # Errors
///
/// As for [`wall_times`], and when it prints more.
pub fn output(run: &Run<'_>, longest: usize, signals: &Signals) -> Result<Vec<u8>, Unknown> {
    let ended = child::run(run, longest, signals)?.success(run)?;
    let name = child::name(run);
    whole(&ended.stdout).map_err(|why| Unknown::because(format_args!("{name}: {why}")))?;
    Ok(ended.stdout.into_bytes())
}

fn whole(kept: &Kept) -> Result<(), String> {
    if kept.is_whole() { Ok(()) } else { Err(format!("it prints more than {} bytes", kept.most())) }
}

fn repeated(
    run: &Run<'_>,
    repeat: Repeat,
    keep: usize,
    signals: &Signals,
    mut each: impl FnMut(Ended) -> Result<Amount, Unknown>,
) -> Result<Vec<Amount>, Unknown> {
    for _ in 0..repeat.warm_up {
        child::run(run, QUOTED, signals)?.success(run)?;
    }
    (0..repeat.repetitions.get())
        .map(|_| each(child::run(run, keep, signals)?.success(run)?))
        .collect()
}
