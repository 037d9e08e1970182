//! What is read of the objects that `kubectl get … -o json` prints: the fields of `apps/v1`
//! Deployments and ReplicaSets, `v1` Pods and Events and `discovery.k8s.io/v1` EndpointSlices that
//! a rolling update can be timed by. Must not know what they mean.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::budget::probe::Unknown;
use crate::budget::probe::document::{self, Few};
use crate::clock::UtcStamp;

/// Most objects of one list; events of a busy namespace are thousands.
const MOST_OBJECTS: usize = 20_000;
/// Most endpoints of a slice; the API server allows as many.
const MOST_ENDPOINTS: usize = 1000;
/// Most conditions, containers or owners of an object.
const MOST_PARTS: usize = 64;

/// A time as the API writes it: RFC 3339, of which whole seconds are kept (`metav1.Time` has no
/// more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At(pub(super) UtcStamp);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        UtcStamp::from_rfc3339(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format_args!("{text:?} is not a time (RFC 3339)")))
    }
}

#[derive(Debug, Deserialize)]
struct Document {
    items: Option<Few<Object, MOST_OBJECTS>>,
}

/// Any object. A field that its kind does not have is empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) metadata: Metadata,
    pub(super) spec: Spec,
    pub(super) status: Status,
    /// Of an EndpointSlice.
    pub(super) endpoints: Few<Endpoint, MOST_ENDPOINTS>,
    /// Of an Event; `events.k8s.io/v1` calls it `regarding`.
    #[serde(alias = "regarding")]
    pub(super) involved_object: Reference,
    pub(super) reason: String,
    /// Of an Event; `events.k8s.io/v1` calls it `note`.
    #[serde(alias = "note")]
    pub(super) message: String,
    #[serde(alias = "deprecatedFirstTimestamp")]
    first_timestamp: Option<At>,
    event_time: Option<At>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) generation: u64,
    pub(super) annotations: Option<Annotations>,
    pub(super) owner_references: Few<Reference, MOST_PARTS>,
    pub(super) creation_timestamp: Option<At>,
    /// When it is to be gone, which is its deletion and the grace period later.
    pub(super) deletion_timestamp: Option<At>,
    pub(super) deletion_grace_period_seconds: Option<u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Annotations {
    /// Counts the templates that a Deployment has had.
    #[serde(rename = "deployment.kubernetes.io/revision")]
    pub(super) revision: Option<String>,
    /// Numbers that a ReplicaSet had before the Deployment came back to it.
    #[serde(rename = "deployment.kubernetes.io/revision-history")]
    pub(super) revision_history: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spec {
    pub(super) replicas: Option<u64>,
    pub(super) paused: bool,
    pub(super) strategy: Strategy,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Strategy {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    pub(super) observed_generation: u64,
    pub(super) replicas: u64,
    pub(super) updated_replicas: u64,
    pub(super) available_replicas: u64,
    pub(super) conditions: Few<Condition, MOST_PARTS>,
    pub(super) container_statuses: Few<Container, MOST_PARTS>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// `True`, `False` or `Unknown`.
    pub(super) status: String,
    pub(super) reason: String,
    pub(super) message: String,
    pub(super) last_transition_time: Option<At>,
    pub(super) last_update_time: Option<At>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Container {
    pub(super) restart_count: u64,
    state: ContainerState,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    running: Option<Running>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Running {
    started_at: Option<At>,
}

/// Boxed, because a hostile slice has many that say nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Endpoint {
    conditions: Option<Box<EndpointConditions>>,
    pub(super) target_ref: Option<Box<Reference>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct EndpointConditions {
    ready: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Object {
    /// The condition of that type.
    pub(super) fn condition(&self, kind: &str) -> Option<&Condition> {
        self.status.conditions.0.iter().find(|condition| condition.kind == kind)
    }

    /// Whether the object is owned by the one of that kind and name.
    pub(super) fn is_of(&self, kind: &str, name: &str) -> bool {
        let owners = &self.metadata.owner_references.0;
        owners.iter().any(|owner| owner.kind == kind && owner.name == name)
    }

    /// Which of the Deployment's templates it has.
    pub(super) fn revision(&self) -> Option<u64> {
        self.metadata.annotations.as_ref()?.revision.as_ref()?.parse().ok()
    }

    /// Whether it had an earlier number too.
    pub(super) fn was_used_before(&self) -> bool {
        self.metadata.annotations.as_ref().is_some_and(|of| of.revision_history.is_some())
    }

    /// When what an Event tells of happened, for the first time.
    pub(super) fn happened(&self) -> Option<UtcStamp> {
        self.first_timestamp.or(self.event_time).map(|at| at.0)
    }

    /// When a pod was told to go: the API says when it is to be gone.
    pub(super) fn deletion_asked(&self) -> Option<UtcStamp> {
        let gone = self.metadata.deletion_timestamp?.0.unix_seconds();
        let grace = self.metadata.deletion_grace_period_seconds?;
        gone.checked_sub(grace).map(UtcStamp::from_unix_seconds)
    }
}

impl Container {
    pub(super) fn started(&self) -> Option<UtcStamp> {
        Some(self.state.running.as_ref()?.started_at?.0)
    }
}

impl Endpoint {
    /// Whether it gets traffic; the API has absence mean that it does.
    pub(super) fn is_ready(&self) -> bool {
        self.conditions.as_ref().and_then(|of| of.ready).unwrap_or(true)
    }
}

/// All objects of the lists, and the single objects, that stand in a row in `text`.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Object>, Unknown> {
    let mut all: Vec<Object> = Vec::new();
    document::parse(text, |document: Document, source| {
        match document.items {
            Some(items) => all.extend(items.0),
            None => all
                .push(serde_json::from_slice(source).map_err(|error| document::not_read(&error))?),
        }
        if all.len() > MOST_OBJECTS {
            let why = format_args!("there are more than {MOST_OBJECTS} objects in it");
            return Err(Unknown::because(why));
        }
        Ok(())
    })?;
    Ok(all)
}
