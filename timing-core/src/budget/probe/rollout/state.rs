//! How far an update came, as `kubectl rollout status` judges it.

use std::fmt;

use super::Settings;
use super::objects::Condition;
use super::update::Update;

/// How far an update came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// All pods are new and available.
    Complete,
    /// It is under way: what is missing.
    InProgress(String),
    /// The controller has given up: its reason (as `ProgressDeadlineExceeded`) and message.
    Failed {
        /// In one word.
        reason: String,
        /// In the controller's words.
        message: String,
    },
    /// Somebody paused it (`kubectl rollout pause`).
    Paused,
    /// Another one has taken its place; to this revision.
    Superseded {
        /// Which is the latest.
        by: u64,
    },
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("the update is complete"),
            Self::InProgress(missing) => write!(f, "the update is under way: {missing}"),
            Self::Failed { reason, message } => write!(f, "the update failed: {reason}: {message}"),
            Self::Paused => f.write_str("the update is paused"),
            Self::Superseded { by } => {
                write!(f, "the update was superseded by the one to revision {by}")
            }
        }
    }
}

/// The condition that says so of an update that is complete.
pub(super) fn completed<'a>(update: &'a Update<'_>) -> Option<&'a Condition> {
    let progressing = update.deployment.condition("Progressing")?;
    (progressing.reason == "NewReplicaSetAvailable").then_some(progressing)
}

pub(super) fn of(update: &Update<'_>, settings: &Settings) -> State {
    let (spec, status) = (&update.deployment.spec, &update.deployment.status);
    if let Some(wanted) = settings.revision {
        if wanted < update.revision {
            return State::Superseded { by: update.revision };
        }
        if wanted > update.revision {
            let is = update.revision;
            return State::InProgress(format!("the Deployment is at revision {is}, not {wanted}"));
        }
    }
    if status.observed_generation < update.deployment.metadata.generation {
        let why = "the controller has not yet seen the latest change";
        return State::InProgress(why.to_owned());
    }
    // While it is paused, the controller sets conditions and counts of no update.
    if spec.paused {
        return State::Paused;
    }
    let progressing = update.deployment.condition("Progressing");
    if let Some(condition) = progressing.filter(|condition| condition.status == "False") {
        let (reason, message) = (condition.reason.clone(), condition.message.clone());
        return State::Failed { reason, message };
    }
    let wanted = spec.replicas.unwrap_or(1);
    let missing = |count: u64, what: &str| {
        (count < wanted).then(|| format!("{count} of {wanted} pods are {what}"))
    };
    let left = status.replicas.saturating_sub(status.updated_replicas);
    let missing = missing(status.updated_replicas, "new")
        .or_else(|| (left > 0).then(|| format!("{left} old pods are left")))
        .or_else(|| missing(status.available_replicas, "available"));
    missing.map_or(State::Complete, State::InProgress)
}
