//! What a target will do: a tree of phases whose leaves are commands. Pure data, built from
//! settings by a pure function; nothing here looks at a file, a clock or the environment.

mod again;
mod build;
mod exec;
mod portion;
pub mod shell;
mod steps;
mod teardown;

use std::fmt;
use std::path::PathBuf;

use timing_core::record::{BuildId, Phase};

pub use crate::cli::TargetName;
pub use crate::settings::{Argv, Cluster, TimeLimit};
pub use again::Again;
pub use build::build;
pub use exec::exec;
pub use portion::NoSuchPhase;
pub use teardown::Refusal;

/// Everything that one invocation does, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The target that was asked for.
    pub root: Target,
    /// Where its commands run.
    pub directory: PathBuf,
    /// How it is taken up where it ended, if it can be.
    pub again: Option<Again>,
}

/// A target: steps and other targets, run in order. The first failure that is not soft stops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As it is typed.
    pub name: &'static str,
    /// Whether it leaves a row.
    pub recording: Recording,
    /// What it does.
    pub items: Vec<Item>,
}

/// Whether a target leaves a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// One row when it ends, however it ends.
    Phase(PhasePlan),
    /// None.
    Unrecorded,
}

/// What is known of a phase's row before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhasePlan {
    /// The phase.
    pub phase: Phase,
    /// The build it belongs to.
    pub build_id: BuildId,
    /// The contract's variables that it receives, in order.
    pub flags: Vec<(String, String)>,
    /// What the log's name has between the build id and the time: `apply-persistent` only.
    pub log_suffix: Option<Cluster>,
}

/// A part of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A target within.
    Target(Target),
    /// A command.
    Step(Step),
}

/// One command. It runs in the directory of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, unique within its target.
    pub name: &'static str,
    /// The command.
    pub argv: Argv,
    /// What is added to the environment that the user had.
    pub env: Vec<(String, String)>,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// A directory without which it cannot start; looked at when its turn comes.
    pub requires: Option<RequiredDirectory>,
    /// Whether it may ask on the terminal.
    pub interaction: Interaction,
    /// How long it may take by itself.
    pub limit: Option<TimeLimit>,
}

/// What the failure of a step means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The target fails and nothing further starts.
    Stop,
    /// A warning; the target goes on.
    Warn,
}

/// Whether a step asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// It runs by itself.
    Unattended,
    /// It asks on the terminal and reads the answer there.
    Asks,
}

/// A directory that a step needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredDirectory {
    /// Absolute.
    pub path: PathBuf,
    /// What to do when it does not exist.
    pub hint: String,
}

/// Why there is no plan. Nothing has run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanError {
    /// A teardown that nobody confirmed.
    Unconfirmed(Box<Refusal>),
    /// A part of the plan that there is not.
    NoSuchPhase(Box<NoSuchPhase>),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unconfirmed(refusal) => refusal.fmt(f),
            Self::NoSuchPhase(unknown) => unknown.fmt(f),
        }
    }
}

impl std::error::Error for PlanError {}

#[cfg(test)]
mod tests;
