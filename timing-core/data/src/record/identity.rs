//! What makes two rows the same row.

use super::TimingRecord;

/// The identity of a row, by which a replay is recognised: its run and phase; for the rows of
/// others, which name no run, start, phase, environment, build id and log; for a measurement its
/// run, or the time if it names none, metric and environment.
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
    /// A measurement.
    Measurement {
        /// On which occasion it was made.
        occasion: Occasion,
        /// Its metric.
        metric: String,
        /// The environment it was made in, or for.
        environment: String,
    },
}

/// What tells measurements of one metric apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Occasion {
    /// The run that measured.
    Run(String),
    /// The time, of a measurement that names no run.
    Time(String),
}

impl Identity {
    /// The run that the row names.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        match self {
            Self::Run { run, .. } | Self::Measurement { occasion: Occasion::Run(run), .. } => {
                Some(run)
            }
            Self::Other(_) | Self::Measurement { occasion: Occasion::Time(_), .. } => None,
        }
    }

    /// That of the measurement with these fields, of which `run` may be empty.
    #[must_use]
    pub fn of_measurement(time: &str, metric: &str, environment: &str, run: &str) -> Self {
        let occasion = match run {
            "" => Occasion::Time(time.to_owned()),
            run => Occasion::Run(run.to_owned()),
        };
        let (metric, environment) = (metric.to_owned(), environment.to_owned());
        Self::Measurement { occasion, metric, environment }
    }
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
