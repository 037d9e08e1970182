//! Measurements on their way to the registry and back: the place of it.

use timing_core::budget::{Commit, Measurement, Version};
use timing_core::clock::{Clock, SystemClock, UtcStamp};
use timing_core::record::{Environment, RunId};

use crate::settings::RegistrySettings;

#[derive(Debug, Default)]
pub(in crate::commands) struct Stored {
    pub(in crate::commands) measurements: Vec<Measurement>,
    pub(in crate::commands) faults: Vec<String>,
}

pub(in crate::commands) fn stored(_: &RegistrySettings) -> Stored {
    Stored::default()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Stamp {
    pub(in crate::commands) run: RunId,
    pub(in crate::commands) time: UtcStamp,
    pub(in crate::commands) commit: Option<Commit>,
    pub(in crate::commands) version: Option<Version>,
}

pub(in crate::commands) fn stamp(_: &RegistrySettings) -> Stamp {
    let time = SystemClock.now();
    Stamp { run: RunId::generate(time), time, commit: None, version: None }
}

#[derive(Debug)]
pub(in crate::commands) struct Recorded;

impl Recorded {
    pub(in crate::commands) fn say(&self) {}
}

pub(in crate::commands) struct Recording;

impl Recording {
    pub(in crate::commands) fn open(_: &RegistrySettings, _: &Environment, _: &Stamp) -> Self {
        Self
    }
    pub(in crate::commands) fn note(&mut self, _: Measurement) {}
    pub(in crate::commands) fn close(self) -> Recorded {
        Recorded
    }
}
