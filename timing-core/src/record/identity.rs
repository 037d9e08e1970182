//! What makes two rows the same row.

use super::TimingRecord;

/// The identity of a row, by which a replay is recognised: its run and phase; for the rows of
/// others, which name no run, start, phase, environment, build id and log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// A row of ours.
    Run {
        /// `RUN` in its flags.
        run: String,
        /// Its phase.
        phase: String,
    },
    /// A row of another recorder: the five fields as they are written.
    Other([String; 5]),
}

impl TimingRecord {
    /// Which row this is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        match self.flags.get("RUN") {
            Some(run) => Identity::Run { run: run.to_owned(), phase: self.phase.to_string() },
            None => Identity::Other([
                self.start.to_string(),
                self.phase.to_string(),
                self.environment.to_string(),
                self.build_id.to_string(),
                self.log_path.as_ref().map(ToString::to_string).unwrap_or_default(),
            ]),
        }
    }
}
