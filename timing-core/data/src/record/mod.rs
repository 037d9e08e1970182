//! What is known of a phase that ended: [`TimingRecord`], and the values it is made of.
//!
//! Parsing is the only way to make one of the names here, so whoever holds one may put it into a
//! path, an argument or a field of the registry without looking at it again. This module knows no
//! file, no git and no clock of the machine.

mod flags;
mod identity;
mod name;
mod newtype;
mod portion;
mod sample;
mod secrets;

use std::fmt;

pub use crate::names;
pub use flags::{Flags, FlagsError};
pub use identity::{Identity, Occasion};
pub use name::{BuildId, Environment, InvalidName, LogPath, Phase, RunId};
pub use newtype::is_word;
pub use portion::{FROM, ONLY, is_part};
pub use sample::{Sample, newest};
pub use secrets::{looks_secret, mask_arguments};

use crate::clock::UtcStamp;

/// The exit code of a phase: the command's own; 128 + n when it died of signal n; 127 when the
/// program does not exist and 126 when it cannot be executed, as a shell counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExitCode(pub u8);

impl ExitCode {
    /// The code of success.
    pub const SUCCESS: Self = Self(0);
    /// The program does not exist.
    pub const NOT_FOUND: Self = Self(127);
    /// The program exists and cannot be executed.
    pub const NOT_EXECUTABLE: Self = Self(126);
    /// It did not end in time, as `timeout` of the GNU coreutils has it.
    pub const TIMED_OUT: Self = Self(124);

    /// The code of a command that died of `signal`.
    #[must_use]
    pub fn from_signal(signal: u8) -> Self {
        Self(128u8.saturating_add(signal))
    }

    /// Whether this is 0.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::SUCCESS
    }
}

impl fmt::Display for ExitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many resources a phase added, changed and destroyed, as Terraform counts them: a
/// replacement is one added and one destroyed. Imports have no column of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResourceCounts {
    /// Created.
    pub added: u64,
    /// Modified in place.
    pub changed: u64,
    /// Destroyed.
    pub destroyed: u64,
    /// Taken over from outside; travels in `flags` as `IMPORTED=n`.
    pub imported: u64,
}

impl ResourceCounts {
    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for ResourceCounts {
    fn add_assign(&mut self, more: Self) {
        self.added = self.added.saturating_add(more.added);
        self.changed = self.changed.saturating_add(more.changed);
        self.destroyed = self.destroyed.saturating_add(more.destroyed);
        self.imported = self.imported.saturating_add(more.imported);
    }
}

impl fmt::Display for ResourceCounts {
    /// `+3 ~1 -0`, with ` 2 imported` when there were imports.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{} ~{} -{}", self.added, self.changed, self.destroyed)?;
        match self.imported {
            0 => Ok(()),
            n => write!(f, " ({n} imported)"),
        }
    }
}

/// One row of the registry: a phase that ended.
///
/// The end is no field: it is `start + duration_seconds`, so that no row can contradict itself.
/// Imports have no field either; whoever builds a record puts them into `flags`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimingRecord {
    /// When the phase started, by the wall clock.
    pub start: UtcStamp,
    /// How long it took in seconds, rounded to the nearest, by a clock that is never set.
    pub duration_seconds: u64,
    /// Which phase.
    pub phase: Phase,
    /// In which environment.
    pub environment: Environment,
    /// Of which build: `persistent`, `rds`, or `DD-MM-YY-NN`.
    pub build_id: BuildId,
    /// How it ended.
    pub exit_code: ExitCode,
    /// What it was given, and which run it belongs to.
    pub flags: Flags,
    /// Resources added.
    pub resources_added: u64,
    /// Resources changed.
    pub resources_changed: u64,
    /// Resources destroyed.
    pub resources_destroyed: u64,
    /// The log, relative to the repository; `None` when none could be written.
    pub log_path: Option<LogPath>,
}

impl TimingRecord {
    /// When the phase ended.
    #[must_use]
    pub fn end(&self) -> UtcStamp {
        self.start.plus_seconds(self.duration_seconds)
    }
}

/// A duration as a row has it: in seconds, rounded to the nearest, halves up.
#[must_use]
pub fn whole_seconds(duration: std::time::Duration) -> u64 {
    duration.saturating_add(std::time::Duration::from_millis(500)).as_secs()
}
