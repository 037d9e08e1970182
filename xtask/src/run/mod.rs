//! Walks a plan and carries out its commands.
//!
//! What happens is told to an [`Observer`] and returned; this module has never heard of git, of
//! the registry or of a terminal.

mod bound;
mod logs;
mod step;
mod walk;
mod watch;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use timing_core::capture::{Exit, Measure, Signals};
use timing_core::clock::{Clock, UtcStamp};
use timing_core::record::{BuildId, Environment, ExitCode, LogPath, Phase, ResourceCounts, RunId};
use timing_core::scan::StageKinds;
use timing_core::stages::{Kind, Span};

use crate::launch::Variables;
use crate::plan::{OnFailure, PhasePlan, TimeLimit};

pub use bound::Bound;
pub use walk::run;

/// What the commands of a run have in common.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The root of the user's repository; logs go below it.
    pub repository: &'a Path,
    /// Where commands run.
    pub directory: &'a Path,
    /// The environment that is deployed.
    pub environment: &'a Environment,
    /// The environment that commands start with.
    pub variables: &'a Variables,
    /// This run.
    pub run: &'a RunId,
    /// How xtask was called, its secrets masked; what the log of a phase of several steps names.
    pub invocation: &'a str,
    /// What becomes of the commands' output.
    pub capture: Capture,
    /// How long the run may take.
    pub timeout: Option<TimeLimit>,
    /// How long a step that is out of time has to end in order.
    pub grace: TimeLimit,
    /// Stages that the user describes.
    pub stage_kinds: &'a StageKinds,
    /// Signals that ask the run to end.
    pub signals: &'a Signals,
    /// The time.
    pub clock: &'a dyn Clock,
    /// What the commands of a phase are told beside that, by their environment.
    pub told: &'a dyn Fn(&Phase) -> Vec<(String, String)>,
    /// A program that reads its stdin to the end and appends it to its stdout.
    pub drainer: &'a [OsString],
}

/// What becomes of the commands' output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// Nothing of it is seen: no log, no counts.
    Off,
    /// It reaches the user and the logs.
    Shown,
    /// It reaches the logs, and the observer, who shows a line of it. A step that asks is shown.
    Compact,
}

/// A phase that has started.
#[derive(Debug, Clone, Copy)]
pub struct PhaseStarted<'a> {
    /// The target, as it is typed.
    pub target: &'static str,
    /// What is known of its row.
    pub plan: &'a PhasePlan,
    /// When.
    pub start: UtcStamp,
    /// Its log, when there is one.
    pub log: Option<&'a LogPath>,
}

/// A phase that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseEnded {
    /// The target, as it is typed.
    pub target: &'static str,
    /// The phase.
    pub phase: Phase,
    /// Its build.
    pub build_id: BuildId,
    /// What it was given.
    pub flags: Vec<(String, String)>,
    /// When it started.
    pub start: UtcStamp,
    /// The same as exactly as it is known: since the start of the run, by the clock that is never
    /// set.
    pub offset: Duration,
    /// How many phases it lies in.
    pub depth: usize,
    /// How long it took, to the end of its last command.
    pub duration: Duration,
    /// Its exit code.
    pub exit_code: ExitCode,
    /// Why it ended.
    pub ending: Ending,
    /// What its commands counted.
    pub resources: ResourceCounts,
    /// What their output revealed, in the order of its beginnings; times count from the start of the
    /// phase. What phases within this one reveal is theirs.
    pub spans: Vec<Span>,
    /// Its log, when there is one.
    pub log: Option<LogPath>,
}

/// Why a phase ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was done.
    Success,
    /// A command failed.
    Failure,
    /// Somebody asked it to end.
    Cancelled,
    /// It was out of time.
    TimedOut,
}

/// A command that is about to start.
#[derive(Debug, Clone, Copy)]
pub struct StepStarted<'a> {
    /// Its name.
    pub name: &'static str,
    /// As it could be pasted into a shell, its secrets masked.
    pub command: &'a str,
    /// Whether the user sees its output as it comes.
    pub shown: Shown,
}

/// Whether the user sees the output of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As it comes.
    Directly,
    /// Only what the observer makes of it.
    ThroughObserver,
}

/// A command that has ended.
#[derive(Debug, Clone, Copy)]
pub struct StepEnded<'a> {
    /// Its name.
    pub name: &'static str,
    /// How.
    pub result: &'a StepResult,
    /// What its failure means.
    pub on_failure: OnFailure,
}

/// Stages of the running command have begun or ended.
#[derive(Debug, Clone, Copy)]
pub struct StageChange<'a> {
    /// The innermost that goes on now.
    pub current: Option<&'a str>,
    /// What has begun since this was last told, in order.
    pub began: &'a [StageBegan<'a>],
}

/// A stage, a pass or a step of a stage that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageBegan<'a> {
    /// Which of the three.
    pub kind: Kind,
    /// As the output calls it.
    pub name: &'a str,
    /// When, since the start of the innermost phase.
    pub at: Duration,
}

/// How a step came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepResult {
    /// The command ran, or could not be started.
    Ran(Exit),
    /// It did not end in time.
    TimedOut {
        /// Whose time was up.
        bound: Bound,
        /// What was done to it.
        measure: Measure,
        /// How it ended then.
        exit: Exit,
    },
    /// A directory that it needs is not there; nothing was started.
    MissingDirectory {
        /// What is missing and what to do, in one line.
        reason: String,
    },
}

impl StepResult {
    /// The exit code; 124 where it did not end in time, 1 for a directory that is missing.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Ran(exit) => exit.code(),
            Self::TimedOut { .. } => ExitCode::TIMED_OUT,
            Self::MissingDirectory { .. } => ExitCode(1),
        }
    }
}

/// Who is told what happens, while it happens. Nothing that an observer does can change the run.
pub trait Observer {
    /// Somebody asked the run to end before anything of it was started.
    fn nothing_started(&mut self);
    /// A target that leaves no row starts.
    fn target_started(&mut self, target: &'static str);
    /// A phase starts.
    fn phase_started(&mut self, phase: &PhaseStarted<'_>);
    /// A phase has ended.
    fn phase_ended(&mut self, phase: &PhaseEnded);
    /// A command is about to start.
    fn step_started(&mut self, step: &StepStarted<'_>);
    /// Stages of the command have begun or ended, by the output that comes next.
    fn stage(&mut self, change: &StageChange<'_>);
    /// Output of the command, cut anywhere. Where it is shown, the user has seen it.
    fn output(&mut self, bytes: &[u8]);
    /// The command has ended.
    fn step_ended(&mut self, step: &StepEnded<'_>);
    /// Something about the capture failed; the run goes on.
    fn warning(&mut self, warning: &str);
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What xtask exits with.
    pub exit_code: ExitCode,
    /// The wall clock when the run started: since 1970-01-01T00:00:00Z.
    pub start: Duration,
    /// The phases in the order in which they ended; the outermost is the last.
    pub phases: Vec<PhaseEnded>,
}
