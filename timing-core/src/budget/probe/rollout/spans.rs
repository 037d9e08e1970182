//! What a complete update took. Must not be asked about another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::objects::Object;
use super::state;
use super::update::Update;
use crate::budget::probe::Unknown;
use crate::clock::UtcStamp;

type Figures<T> = Result<T, Unknown>;

#[derive(Debug)]
pub(super) struct Spans {
    pub(super) total: Figures<Duration>,
    pub(super) pod_replacement: Figures<Vec<Duration>>,
    pub(super) traffic_switch: Figures<Vec<Duration>>,
    pub(super) stabilisation: Figures<Vec<Duration>>,
}

impl Spans {
    /// Nothing, for one reason.
    pub(super) fn none(why: &Unknown) -> Self {
        Self {
            total: Err(why.clone()),
            pod_replacement: Err(why.clone()),
            traffic_switch: Err(why.clone()),
            stabilisation: Err(why.clone()),
        }
    }
}

/// From when to when the update took place.
#[derive(Debug, Clone, Copy)]
struct Window {
    start: UtcStamp,
    end: UtcStamp,
}

impl Window {
    fn holds(self, at: UtcStamp) -> bool {
        (self.start..=self.end).contains(&at)
    }
}

/// A pod that the update made.
#[derive(Debug)]
struct NewPod<'a> {
    pod: &'a Object,
    created: UtcStamp,
    ready: UtcStamp,
}

pub(super) fn of(update: &Update<'_>) -> Spans {
    let window = match window(update) {
        Ok(window) => window,
        Err(why) => return Spans::none(&why),
    };
    let total = span(window.start, window.end);
    let pods = match new_pods(update, window) {
        Ok(pods) => pods,
        Err(why) => return Spans { total, ..Spans::none(&why) },
    };
    Spans {
        total,
        pod_replacement: pods.iter().map(|pod| span(pod.created, pod.ready)).collect(),
        traffic_switch: traffic_switch(update, window, &pods),
        stabilisation: pods.iter().map(|pod| span(started(pod.pod)?, pod.ready)).collect(),
    }
}

fn span(from: UtcStamp, to: UtcStamp) -> Figures<Duration> {
    let seconds = to.unix_seconds().checked_sub(from.unix_seconds());
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Unknown::because(format_args!(
            "the API says that {to} came after {from}: its clocks differ"
        ))
    })
}

fn window(update: &Update<'_>) -> Figures<Window> {
    let end = state::completed(update).and_then(|condition| condition.last_update_time);
    let end = end.ok_or_else(|| {
        Unknown::because(
            "no condition Progressing with reason NewReplicaSetAvailable says when the update was \
             complete",
        )
    })?;
    let start = start(update)?;
    if end.0 < start {
        return Err(Unknown::because(format_args!(
            "the update was complete at {} and began at {start}: the snapshot was taken between \
             two updates",
            end.0
        )));
    }
    Ok(Window { start, end: end.0 })
}

fn start(update: &Update<'_>) -> Figures<UtcStamp> {
    let name = &update.new.metadata.name;
    if !update.new.was_used_before() {
        return update.new.metadata.creation_timestamp.map(|at| at.0).ok_or_else(|| {
            Unknown::because(format_args!("ReplicaSet {name} has no creationTimestamp"))
        });
    }
    let begins = format!("Scaled up replica set {name} from 0 to ");
    let events = update.events("ScalingReplicaSet", "Deployment");
    let scaled = events.filter(|event| event.message.starts_with(&begins));
    scaled.filter_map(Object::happened).max().ok_or_else(|| {
        Unknown::because(format_args!(
            "ReplicaSet {name} was used before, and no Event says when it was scaled up again \
             (events are kept for an hour)"
        ))
    })
}

/// The pods that the update made, if each says when it was ready.
fn new_pods<'a>(update: &Update<'a>, window: Window) -> Figures<Vec<NewPod<'a>>> {
    let mut found = Vec::new();
    for pod in update.pods(update.new) {
        let name = &pod.metadata.name;
        let unknown = |why: &str| Unknown::because(format_args!("Pod {name} {why}"));
        let created = pod.metadata.creation_timestamp.map(|at| at.0);
        let created = created.ok_or_else(|| unknown("has no creationTimestamp"))?;
        // Scaled up since, or made in place of one that was lost; or on its way out.
        if !window.holds(created) || pod.metadata.deletion_timestamp.is_some() {
            continue;
        }
        if pod.status.container_statuses.0.iter().any(|container| container.restart_count > 0) {
            return Err(unknown("had a container start again, so that its times are of that"));
        }
        let ready = pod.condition("Ready").filter(|condition| condition.status == "True");
        let ready = ready.and_then(|condition| condition.last_transition_time);
        let ready = ready.ok_or_else(|| unknown("is not ready"))?.0;
        if ready > window.end {
            return Err(unknown("turned ready again after the update, which hides the first time"));
        }
        found.push(NewPod { pod, created, ready });
    }
    if found.is_empty() {
        return Err(Unknown::because("none of the pods that the update made are there any more"));
    }
    Ok(found)
}

/// When its last container started.
fn started(pod: &Object) -> Figures<UtcStamp> {
    let name = &pod.metadata.name;
    let containers = &pod.status.container_statuses.0;
    let times: Option<Vec<_>> = containers.iter().map(|container| container.started()).collect();
    times.and_then(|times| times.into_iter().max()).ok_or_else(|| {
        Unknown::because(format_args!("Pod {name} does not say when its containers started"))
    })
}

fn traffic_switch(
    update: &Update<'_>,
    window: Window,
    pods: &[NewPod<'_>],
) -> Figures<Vec<Duration>> {
    let leaving = leaving(update, window);
    check_slices(update, pods, &leaving)?;
    if leaving.len() != pods.len() {
        return Err(Unknown::because(format_args!(
            "{} new pods, but {} old ones are known to have left: events are kept for an hour, \
             and the number of replicas must not change meanwhile",
            pods.len(),
            leaving.len()
        )));
    }
    let mut ready: Vec<UtcStamp> = pods.iter().map(|pod| pod.ready).collect();
    let mut left: Vec<UtcStamp> = leaving.into_values().collect();
    ready.sort_unstable();
    left.sort_unstable();
    if ready.iter().zip(&left).any(|(ready, left)| left < ready) {
        return Err(Unknown::because(
            "old pods left before new ones were ready (maxUnavailable allows it), so that no \
             moment is the switch",
        ));
    }
    ready.into_iter().zip(left).map(|(ready, left)| span(ready, left)).collect()
}

/// Old pods by name, and when each was told to go in the course of the update.
fn leaving(update: &Update<'_>, window: Window) -> BTreeMap<String, UtcStamp> {
    let is_old = |name: &str| update.old.iter().any(|set| set.metadata.name == name);
    let of_old = |pod: &str| pod.rsplit_once('-').is_some_and(|(set, _)| is_old(set));
    let there = update
        .old
        .iter()
        .flat_map(|set| update.pods(set))
        .map(|pod| (pod.metadata.name.as_str(), pod.deletion_asked()));
    let deleted = update
        .events("SuccessfulDelete", "ReplicaSet")
        .filter(|event| is_old(&event.involved_object.name))
        .filter_map(|event| Some((event.message.strip_prefix("Deleted pod: ")?, event.happened())));
    let stopped = update
        .events("Killing", "Pod")
        // A container that fails its liveness probe is killed too.
        .filter(|event| event.message.starts_with("Stopping container"))
        .map(|event| (event.involved_object.name.as_str(), event.happened()))
        .filter(|(pod, _)| of_old(pod));
    let mut times = BTreeMap::new();
    for (pod, at) in there.chain(deleted).chain(stopped) {
        let Some(at) = at.filter(|at| window.holds(*at)) else { continue };
        let known = times.entry(pod.to_owned()).or_insert(at);
        *known = at.min(*known);
    }
    times
}

/// Whether the EndpointSlices show that the switch was carried out.
fn check_slices(
    update: &Update<'_>,
    pods: &[NewPod<'_>],
    leaving: &BTreeMap<String, UtcStamp>,
) -> Figures<()> {
    let endpoints = update.slices().flat_map(|slice| &slice.endpoints.0);
    let ready: BTreeSet<&str> = endpoints
        .filter(|endpoint| endpoint.is_ready())
        .filter_map(|endpoint| endpoint.target_ref.as_ref())
        .filter(|target| target.kind == "Pod")
        .map(|target| target.name.as_str())
        .collect();
    let there = update.old.iter().flat_map(|set| update.pods(set));
    let there = there.map(|pod| pod.metadata.name.as_str());
    let mut old = there.chain(leaving.keys().map(String::as_str));
    if let Some(pod) = old.find(|name| ready.contains(name)) {
        let why =
            format_args!("the old Pod {pod} still gets traffic: an EndpointSlice has it ready");
        return Err(Unknown::because(why));
    }
    let missing = pods.iter().find(|new| !ready.contains(new.pod.metadata.name.as_str()));
    missing.map_or(Ok(()), |new| {
        Err(Unknown::because(format_args!(
            "no EndpointSlice has Pod {} ready, so that nothing shows the switch: is there a \
             Service?",
            new.pod.metadata.name
        )))
    })
}
