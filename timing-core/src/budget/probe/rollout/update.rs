//! The objects that take part in one update. Must not know what it took.

use super::Settings;
use super::objects::Object;
use crate::budget::probe::Unknown;

/// One Deployment with what belongs to it.
#[derive(Debug)]
pub(super) struct Update<'a> {
    pub(super) deployment: &'a Object,
    pub(super) revision: u64,
    /// The ReplicaSet of that revision.
    pub(super) new: &'a Object,
    /// Its other ReplicaSets that are still there.
    pub(super) old: Vec<&'a Object>,
    /// All objects of the namespace.
    all: Vec<&'a Object>,
}

impl<'a> Update<'a> {
    pub(super) fn find(objects: &'a [Object], settings: &Settings) -> Result<Self, Unknown> {
        let deployment = deployment(objects, settings)?;
        let name = &deployment.metadata.name;
        let namespace = &deployment.metadata.namespace;
        let unknown = |why: String| Unknown::because(format!("Deployment {name}: {why}"));
        if deployment.spec.strategy.kind == "Recreate" {
            let why = "its strategy is Recreate, so that there is no rolling update";
            return Err(unknown(why.to_owned()));
        }
        let revision = deployment.revision().ok_or_else(|| {
            unknown("no annotation deployment.kubernetes.io/revision says its revision".to_owned())
        })?;
        let all: Vec<_> =
            objects.iter().filter(|object| object.metadata.namespace == *namespace).collect();
        let (mut new, old): (Vec<&Object>, Vec<&Object>) = all
            .iter()
            .filter(|object| object.kind == "ReplicaSet" && object.is_of("Deployment", name))
            .partition(|set| set.revision() == Some(revision));
        match (new.pop(), new.is_empty()) {
            (Some(new), true) => Ok(Self { deployment, revision, new, old, all }),
            (None, _) => {
                Err(unknown(format!("the ReplicaSet of its revision {revision} is missing")))
            }
            _ => Err(unknown(format!("several ReplicaSets say that they are revision {revision}"))),
        }
    }

    fn of_kind(&self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.all.iter().copied().filter(move |object| object.kind == kind)
    }

    /// Pods of a ReplicaSet.
    pub(super) fn pods(&self, set: &'a Object) -> impl Iterator<Item = &'a Object> {
        self.of_kind("Pod").filter(|pod| pod.is_of("ReplicaSet", &set.metadata.name))
    }

    pub(super) fn slices(&self) -> impl Iterator<Item = &'a Object> {
        self.of_kind("EndpointSlice")
    }

    /// Events of that reason about objects of that kind.
    pub(super) fn events(
        &self,
        reason: &'a str,
        about: &'a str,
    ) -> impl Iterator<Item = &'a Object> {
        self.of_kind("Event")
            .filter(move |event| event.reason == reason && event.involved_object.kind == about)
    }
}

fn deployment<'a>(objects: &'a [Object], settings: &Settings) -> Result<&'a Object, Unknown> {
    let Settings { deployment: name, namespace, .. } = settings;
    let mut found = objects.iter().filter(|object| {
        object.kind == "Deployment"
            && object.metadata.name == *name
            && namespace.as_ref().is_none_or(|namespace| object.metadata.namespace == *namespace)
    });
    let place = namespace.as_ref().map_or_else(String::new, |of| format!(" in namespace {of}"));
    match (found.next(), found.next()) {
        (Some(deployment), None) => Ok(deployment),
        (None, _) => Err(Unknown::because(format!("there is no Deployment {name}{place}"))),
        _ => Err(Unknown::because(format!(
            "there are several Deployments {name}{place}: say which namespace"
        ))),
    }
}
