//! The shapes that rows have had: how many fields, and what each of them is.

use super::HEADER;

/// The shape of a row, by its number of fields; the header above it does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Neither `phase` nor `flags`: `start,end,env,build_id,duration,exit_code,log_path`.
    Seven,
    /// Without resources.
    Nine,
    /// Without `flags`, and with the address of a workflow's run in the log's place.
    Eleven,
    /// The columns of [`HEADER`].
    Twelve,
}

impl Generation {
    /// The generation whose rows have this number of fields.
    #[must_use]
    pub fn of_width(fields: usize) -> Option<Self> {
        match fields {
            7 => Some(Self::Seven),
            9 => Some(Self::Nine),
            11 => Some(Self::Eleven),
            12 => Some(Self::Twelve),
            _ => None,
        }
    }

    /// The names of its columns, in order.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Seven => &SEVEN,
            Self::Nine => &NINE,
            Self::Eleven => &ELEVEN,
            Self::Twelve => &HEADER,
        }
    }
}

/// The columns of each generation.
const SEVEN: [&str; 7] = [
    "start_time_utc",
    "end_time_utc",
    "env",
    "build_id",
    "duration_seconds",
    "exit_code",
    "log_path",
];
const NINE: [&str; 9] = [
    "start_time_utc",
    "end_time_utc",
    "phase",
    "env",
    "build_id",
    "duration_seconds",
    "exit_code",
    "flags",
    "log_path",
];
const ELEVEN: [&str; 11] = [
    "start_time_utc",
    "end_time_utc",
    "phase",
    "env",
    "build_id",
    "duration_seconds",
    "exit_code",
    "resources_added",
    "resources_changed",
    "resources_destroyed",
    "workflow_run_url",
];
