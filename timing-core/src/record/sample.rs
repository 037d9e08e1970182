//! What statistics need of a row.

use crate::clock::UtcStamp;

/// When a phase ran, how long, and how it ended; small, because a file may have a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When the phase started.
    pub start: UtcStamp,
    /// Whole seconds.
    pub duration_seconds: u64,
    /// 0 is success.
    pub exit_code: i32,
}

impl Sample {
    /// Whether the phase exited with 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.exit_code == 0
    }
}
