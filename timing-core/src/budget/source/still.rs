//! Sources that need nothing that runs: rows, commands, images, manifests.

use std::time::Duration;

pub use crate::budget::probe::manifest::Fact as ManifestFact;
use crate::budget::words::words;
use crate::record::Phase;

/// What of the registry's rows is measured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PhaseSource {
    /// The sum of the durations of these phases of a run; of one phase, its duration.
    Sum(Vec<Phase>),
    /// From the start of the first to the end of the last.
    Span {
        /// Whose start.
        first: Phase,
        /// Whose end.
        last: Phase,
    },
}

/// `kind = "command"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommandSource {
    /// Program and arguments; no shell reads them.
    pub command: Vec<String>,
    /// Where it runs; the platform root when absent.
    pub directory: Option<String>,
    /// What of it is the value.
    pub reading: CommandReading,
    /// Runs that are not counted.
    pub warm_up: u32,
    /// Runs that are counted; at least 1.
    pub repetitions: u32,
    /// After so long a run is given up.
    pub timeout: Duration,
}

/// What of a command is the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandReading {
    /// Its wall time.
    WallTime,
    /// The last number on its stdout, read in the metric's unit.
    Printed,
}

/// `kind = "image"`: where the image is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImageSource {
    /// `image`: by its name or id, through the Docker engine.
    Engine(String),
    /// `oci_layout`: a directory.
    OciLayout(String),
    /// `archive`: a file as `docker save` writes it.
    Archive(String),
}

/// `kind = "manifest"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ManifestSource {
    /// A file of one or more YAML documents.
    pub file: String,
    /// Only documents of this kind, as `Deployment`; of that name, where one is given.
    pub object: Option<String>,
    /// Only this container, where one is named.
    pub container: Option<String>,
    /// Which fact.
    pub fact: ManifestFact,
}

words!(of CommandReading { WallTime = "wall-time", Printed = "printed" });
