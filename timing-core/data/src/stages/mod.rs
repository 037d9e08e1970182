//! What the output of a step revealed of its inside: stages, steps and resources, each with its
//! times.
//!
//! Types, their file and what follows from them. This module must not know how they were seen: no
//! output, no clock; and not where the file is kept.

mod address;
mod difference;
mod path;
mod read;
mod run;
mod work;
mod write;

use std::time::Duration;

pub use address::{module, resource_type};
pub use difference::{Difference, Part, PartKind};
pub use path::critical_path;
pub use read::{Fault, Reading, read};
pub use run::{RunSpans, SpansPath};
pub use work::{busy, covered};
pub use write::write;

use crate::record::Phase;

/// The columns of a file of spans.
pub const COLUMNS: [&str; 8] =
    ["phase", "kind", "name", "action", "start_ms", "duration_ms", "outcome", "parent"];

/// The spans of a phase, in the order in which they began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseSpans {
    /// The phase.
    pub phase: Phase,
    /// What happened in it.
    pub spans: Vec<Span>,
}

/// Something that had a beginning and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// What it is called, as it was printed: `Stage 1: Terraform Apply`, `DELETE_NODEGROUP`,
    /// `module.eks.aws_eks_cluster.this`. It is one line.
    pub name: String,
    /// When it began, in whole milliseconds since the command or the phase did.
    pub start: Duration,
    /// How long it took, in whole milliseconds; for one that did not end, until the last that was
    /// seen.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// The innermost stage, pass or step that it began in, by its place among the spans. It began
    /// before.
    pub parent: Option<usize>,
}

impl Span {
    /// When it ended, in whole milliseconds since the command or the phase began.
    #[must_use]
    pub fn end(&self) -> Duration {
        self.start.saturating_add(self.duration)
    }
}

/// What a span is. The first three contain what comes after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A part of a script that it announces as such.
    Stage,
    /// One of several passes over the same work.
    Pass,
    /// A part of a stage.
    Step,
    /// One operation of Terraform's on one resource.
    Resource(Action),
}

/// What Terraform does to a resource. A replacement is a destruction and a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `Creating...`
    Create,
    /// `Modifying...`
    Update,
    /// `Destroying...`
    Destroy,
    /// `Reading...`: a data source.
    Read,
    /// `Importing...`
    Import,
}

/// How a span ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// As it should.
    Complete,
    /// An error names it. Terraform tells errors when everything else is done, so the time until
    /// then is at most how long it took.
    Errored,
    /// Nothing was seen of its end.
    Unfinished,
}

/// Gives each value of a type a word of its own in the file.
macro_rules! words {
    ($type:ty: $($value:path = $word:literal),*) => {
        impl $type {
            /// Its word in the file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($value => $word),* }
            }

            pub(crate) fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some($value),)* _ => None }
            }
        }
    };
}

words!(Action: Self::Create = "create", Self::Update = "update", Self::Destroy = "destroy",
    Self::Read = "read", Self::Import = "import");
words!(Outcome: Self::Complete = "complete", Self::Errored = "errored",
    Self::Unfinished = "unfinished");
