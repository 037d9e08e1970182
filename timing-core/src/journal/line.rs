//! One line of a journal entry, as it is on disk.

use serde::{Deserialize, Serialize};

/// The version of the format; a reader leaves a file of a higher one alone.
pub(super) const FORMAT: u32 = 2;

/// That of an entry without measurements, which older versions can read.
pub(super) const FORMAT_OF_PHASES: u32 = 1;

/// Values are text as in the registry, so that one parser reads both.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line {
    /// The first line.
    RunStarted(RunStarted),
    /// A phase has started.
    PhaseStarted(PhaseStarted),
    /// The innermost phase that runs has ended.
    PhaseEnded {
        /// Its row.
        row: String,
        /// What was seen in it, as the file of a run's spans has it; nothing for most phases, and
        /// for those that older versions wrote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spans: Option<String>,
    },
    /// A value was measured.
    Measured {
        /// Its row.
        row: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunStarted {
    pub(super) format: u32,
    pub(super) run: String,
    pub(super) start: String,
    pub(super) target: String,
    pub(super) environment: String,
    pub(super) recorder: String,
    /// Where log paths are relative to.
    pub(super) repository: String,
    pub(super) source_sha: Option<String>,
    pub(super) source_branch: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PhaseStarted {
    pub(super) phase: String,
    pub(super) build_id: String,
    pub(super) start: String,
    pub(super) flags: String,
    pub(super) log_path: Option<String>,
}

/// What a line of any version says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub(super) format: u32,
}
