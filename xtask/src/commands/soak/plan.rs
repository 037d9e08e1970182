//! What a soak does, as data: scenes, their faults, and every run with the moment of its death.

use std::time::Duration;

use super::ledger::Place;

/// One repository, or some clones around a remote, and what happens to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scene {
    /// As `--only` names it.
    pub(super) name: &'static str,
    /// How many clones there are.
    pub(super) clones: usize,
    pub(super) remote: Remote,
    pub(super) fault: Fault,
    /// Go on at the same time; the runs of each follow one another.
    pub(super) lanes: Vec<Vec<Run>>,
    /// How many drain the inboxes at once when all runs have ended.
    pub(super) drains: usize,
    /// Drawn from the seed, for what the fault has to decide while the runs go on.
    pub(super) numbers: u64,
}

/// What the clones have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remote {
    None,
    /// A bare repository in the directory of the scene.
    Bare,
}

/// What is wrong while the runs go on; it is put right before rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Remote(RemoteFault),
    Full(Store),
    /// The clock is set forward and back, during runs and between them.
    Clock,
}

/// What is wrong with the remote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RemoteFault {
    /// Nothing listens at its address.
    Refusing,
    /// It accepts a connection and never answers.
    Hanging,
    /// A hook refuses every push.
    Rejecting,
    /// A hook takes its time.
    Slow,
    /// Bytes are changed on the way, and connections cut.
    Corrupting,
    /// Nothing can be written there.
    ReadOnly,
}

/// Which file system is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    Journal,
    Logs,
    Objects,
    References,
    /// All of `.git`.
    Repository,
}

impl Store {
    /// The directory in a clone.
    pub(super) fn directory(self) -> &'static str {
        match self {
            Self::Journal => ".git/timing-journal",
            Self::Logs => "logs/build-timings",
            Self::Objects => ".git/objects",
            Self::References => ".git/refs",
            Self::Repository => ".git",
        }
    }
}

/// One invocation of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// `CLUSTER` in the flags of its rows; no other run has it.
    pub(super) token: String,
    pub(super) clone: usize,
    pub(super) policy: Policy,
    pub(super) machine: Machine,
    pub(super) target: Target,
    /// In order; one that fails stops the rest.
    pub(super) steps: Vec<Step>,
    pub(super) kill: Option<Kill>,
}

/// `registry.push`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Ci,
    Inbox,
    Always,
    Never,
}

impl Policy {
    /// As xtask.toml has it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ci => "ci",
            Self::Inbox => "inbox",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// Whether `CI` is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    Ci,
    Workstation,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Apply,
    Deploy,
    Teardown,
}

impl Target {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply-persistent",
            Self::Deploy => "deploy-persistent",
            Self::Teardown => "teardown-persistent",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Apply, Self::Deploy, Self::Teardown].into_iter().find(|t| t.as_str() == name)
    }

    /// The phases that are one step each.
    pub(super) fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Apply => &["apply-persistent"],
            Self::Deploy => &["apply-persistent", "bootstrap-persistent"],
            Self::Teardown => &["teardown-persistent"],
        }
    }

    /// The phase that contains the others.
    pub(super) fn around(self) -> Option<&'static str> {
        (self == Self::Deploy).then_some("deploy-persistent")
    }
}

/// A step, which is a phase of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) phase: &'static str,
    pub(super) takes: Duration,
    pub(super) code: u8,
}

/// A SIGKILL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kill {
    pub(super) victim: Victim,
    pub(super) moment: Moment,
}

/// Who dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    /// The program alone: its step and its git live on for a moment.
    Program,
    /// The program and all that it started, as when the machine goes.
    Everything,
    /// What the program left in the background when it had ended.
    Background,
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    AfterStart(Duration),
    /// After the last step has said that it ends: while the run is recorded and sent.
    AfterLastStep(Duration),
}

impl Moment {
    /// Twice as early, for a run that had ended before.
    pub(super) fn earlier(self) -> Self {
        match self {
            Self::AfterStart(delay) => Self::AfterStart(delay / 2),
            Self::AfterLastStep(delay) => Self::AfterLastStep(delay / 2),
        }
    }
}

impl Run {
    /// What the program exits with when nobody kills it.
    pub(super) fn expected_code(&self) -> u8 {
        self.steps.iter().map(|step| step.code).find(|code| *code != 0).unwrap_or(0)
    }

    /// Where its rows have to be in the end.
    pub(super) fn destination(&self, remote: Remote) -> Place {
        match (remote, self.policy) {
            (Remote::None, _) | (_, Policy::Never) => Place::Clone(self.clone),
            (Remote::Bare, Policy::Ci | Policy::Inbox | Policy::Always) => Place::Remote,
        }
    }

    /// The last step that runs.
    pub(super) fn last_step(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.code != 0).or(self.steps.last())
    }
}
