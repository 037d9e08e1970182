//! What a Deployment's rolling update took, from what the API server says of it afterwards.
//!
//! One snapshot of Deployment, ReplicaSets, Pods, EndpointSlices and Events is all there is: no
//! watching. The API keeps whole seconds, so that a figure of *n* seconds was longer than *n* − 1
//! and shorter than *n* + 1. What each figure is made of:
//!
//! | figure | from | to |
//! | --- | --- | --- |
//! | total | the new ReplicaSet's `creationTimestamp`; where it was used before (`kubectl rollout undo`), its Event "Scaled up replica set … from 0 to …" | `lastUpdateTime` of the Deployment's condition `Progressing` with reason `NewReplicaSetAvailable` |
//! | pod replacement | a new pod's `creationTimestamp` | `lastTransitionTime` of its condition `Ready` |
//! | stabilisation | `startedAt` of the pod's last container to start (images are pulled before) | the same |
//! | traffic switch | the *n*th readiness of a new pod | the *n*th old pod told to go: the Event "Deleted pod: …" of its ReplicaSet, "Stopping container …" of the pod, or `deletionTimestamp` less the grace period |
//!
//! New pods are those that the update made and that are still there. A pod that is told to go is
//! taken out of the EndpointSlices at once; no field says when that reached them or the nodes'
//! proxies. So the switch is timed to the order, and told only when the slices show that it was
//! carried out: all new pods ready in one, no old one. Events live for an hour, and old pods are
//! gone when their grace period is over: after that nobody can tell it.
//!
//! A pod whose containers started again, or that turned ready only after the update was complete,
//! says when it was ready last, not first; then nothing is told of the pods.
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/> and its
//! neighbours describe the fields, <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status>
//! the conditions.

mod objects;
mod spans;
mod state;
mod update;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Unknown;
use super::document::Asking;

pub use state::State;

/// Which update is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The Deployment's name.
    pub deployment: String,
    /// Its namespace; where none is given, the one that kubectl is set to, or the only one in a file
    /// that has a Deployment of that name.
    pub namespace: Option<String>,
    /// The update to this revision (`deployment.kubernetes.io/revision`); the latest when absent.
    pub revision: Option<u64>,
}

/// How an update went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How far it came. Only of one that is complete are there figures.
    pub state: State,
    /// To which revision it led.
    pub revision: u64,
    /// From the first change to the last.
    pub total: Result<Duration, Unknown>,
    /// Of each new pod, from its creation until it was ready.
    pub pod_replacement: Result<Vec<Duration>, Unknown>,
    /// Of each old pod, from the readiness of a new one until it was told to go.
    pub traffic_switch: Result<Vec<Duration>, Unknown>,
    /// Of each new pod, from the start of its containers until it was ready.
    pub stabilisation: Result<Vec<Duration>, Unknown>,
}

/// How far a time of the API may be from the truth, either way.
pub const RESOLUTION: Duration = Duration::from_secs(1);

/// Reads how the update went from what `kubectl get deployments,replicasets,pods,endpointslices,events
/// --output json` printed; objects may also stand alone, and in several documents in a row.
///
/// # Errors
/// JSON that cannot be read, or in which the Deployment or its new ReplicaSet is not found.
pub fn read(text: &[u8], settings: &Settings) -> Result<Report, Unknown> {
    let objects = objects::parse(text)?;
    let update = update::Update::find(&objects, settings)?;
    let state = state::of(&update, settings);
    let figures = match &state {
        State::Complete => spans::of(&update),
        other => spans::Spans::none(&Unknown::because(other)),
    };
    Ok(Report {
        state,
        revision: update.revision,
        total: figures.total,
        pod_replacement: figures.pod_replacement,
        traffic_switch: figures.traffic_switch,
        stabilisation: figures.stabilisation,
    })
}

/// The same of the cluster that the user's kubectl talks to.
///
/// # Errors
/// As [`read`], and when kubectl fails, says nothing in time or too much.
pub fn ask(settings: &Settings, asking: &Asking<'_>) -> Result<Report, Unknown> {
    read(&asking.ask("kubectl", &arguments(settings, asking.timeout))?, settings)
}

/// What kubectl is asked.
fn arguments(settings: &Settings, timeout: Duration) -> Vec<String> {
    let kinds = "deployments.apps,replicasets.apps,pods,endpointslices.discovery.k8s.io,events";
    let mut arguments = vec!["get".to_owned(), kinds.to_owned(), "--output=json".to_owned()];
    arguments.push(format!("--request-timeout={}ms", timeout.as_millis().max(1)));
    // One word, so that a name that begins with a dash is no option.
    arguments.extend(settings.namespace.iter().map(|name| format!("--namespace={name}")));
    arguments
}
