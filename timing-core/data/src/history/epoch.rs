//! Changes that were accepted: from then on, runs are compared with runs since then.

use crate::clock::UtcStamp;
use crate::record::{Environment, Phase};

/// A change that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Runs that started then or later are of it.
    pub since: UtcStamp,
    /// What changed.
    pub why: String,
    /// Where; everywhere when it is not said.
    pub environment: Option<Environment>,
    /// Of which phase; of all when it is not said.
    pub phase: Option<Phase>,
}

impl Epoch {
    /// Whether it is about this phase in this environment.
    #[must_use]
    pub fn concerns(&self, environment: &str, phase: &str) -> bool {
        self.environment.as_ref().is_none_or(|wanted| wanted.is_called(environment))
            && self.phase.as_ref().is_none_or(|wanted| wanted.as_str() == phase)
    }
}
