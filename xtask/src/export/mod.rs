//! Runs, told to others than the registry: traces and metrics.
//!
//! A run that has ended is put down beside the journal as one document ([`run::FinishedRun`]); a
//! process of its own takes it from there to whoever is configured ([`send`]), and what does not
//! arrive waits for the next one ([`spool`]). Nothing here may hold up a run, and nothing here
//! looks at a run that goes on.

mod document;
pub mod metrics;
pub mod past;
pub mod run;
pub mod send;
pub mod spool;
pub mod traces;

pub use document::{FORMAT, Pending, Unreadable, read, write};

use crate::settings::{Exports, Switch};

/// Who is told of a run after it, by the process that sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sink {
    /// A collector of OpenTelemetry, by OTLP over HTTP.
    Otlp,
    /// A Pushgateway of Prometheus.
    Pushgateway,
    /// A file of metrics.
    MetricsFile,
}

impl Sink {
    /// All of them, in the order in which they are served.
    pub const ALL: [Self; 3] = [Self::Otlp, Self::Pushgateway, Self::MetricsFile];

    /// Its word, in documents and for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Otlp => "otlp",
            Self::Pushgateway => "pushgateway",
            Self::MetricsFile => "metrics-file",
        }
    }

    /// The sink with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sink| sink.word() == word)
    }

    /// Whether `exports` ask for it.
    #[must_use]
    pub fn is_wanted(self, exports: &Exports) -> bool {
        match self {
            Self::Otlp => exports.otlp == Switch::On,
            Self::Pushgateway => exports.pushgateway.is_some(),
            Self::MetricsFile => exports.metrics_file.is_some(),
        }
    }

    /// Those that `exports` ask for.
    #[must_use]
    pub fn wanted(exports: &Exports) -> Vec<Self> {
        Self::ALL.into_iter().filter(|sink| sink.is_wanted(exports)).collect()
    }
}

impl std::fmt::Display for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
