//! One workload: its containers, what they may use, how they are probed.

use std::fmt;

use super::rollout::Rollout;
use super::yaml::{Node, Value};
use super::{Fact, Given, Origin};
use crate::budget::probe::Unknown;
use crate::budget::words::words;
use crate::budget::{Amount, Unit};
use crate::shown::excerpt;

/// A workload of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// As `Deployment`.
    pub kind: String,
    /// Its `metadata.name`.
    pub name: String,
    /// The line that it begins on.
    pub line: usize,
    /// How many pods are wanted; 1 where it is not said.
    pub replicas: Given<u32>,
    /// How pods are replaced; of Deployments.
    pub rollout: Option<Rollout>,
    /// Those that run as long as the pod does; at least one.
    pub containers: Vec<Container>,
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// What it asks for. Where that is not said and a limit is, the API takes the limit.
    pub requests: Resources,
    /// What it may use.
    pub limits: Resources,
    /// `livenessProbe`
    pub liveness: Option<Probe>,
    /// `readinessProbe`
    pub readiness: Option<Probe>,
    /// `startupProbe`
    pub startup: Option<Probe>,
}

/// Amounts of what a node has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resources {
    /// In cores.
    pub cpu: Option<Given<Amount>>,
    /// In bytes.
    pub memory: Option<Given<Amount>>,
}

words! {
    /// What a probe is for.
    Prober {
        /// Whether to restart the container.
        Liveness = "livenessProbe",
        /// Whether to send it traffic.
        Readiness = "readinessProbe",
        /// Whether it has started.
        Startup = "startupProbe",
    }
}

/// How a container is probed. 0 is as good as nothing, and the API takes its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Seconds between two questions; 10 by default.
    pub period: Given<u32>,
    /// Failures in a row that count; 3 by default.
    pub failures: Given<u32>,
    /// Seconds that an answer may take; 1 by default.
    pub timeout: Given<u32>,
    /// `httpGet.path`
    pub path: Option<String>,
}

/// What the API would refuse, and on which line.
#[derive(Debug)]
pub(super) struct Fault {
    line: usize,
    what: String,
}

impl Fault {
    /// Of `key`, whose value is at `node`.
    pub(super) fn new(node: Node<'_>, key: &str, what: impl fmt::Display) -> Self {
        let written = match node.value() {
            Value::Plain(text) => format!(" {}", excerpt(text)),
            Value::Text(text) => format!(" {:?}", excerpt(text)),
            _ => String::new(),
        };
        Self { line: node.line(), what: format!("{key}{written} {what}") }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// The number at `node`, as the API has it: in digits, without quotes.
pub(super) fn whole(node: Node<'_>, key: &str) -> Result<u32, Fault> {
    let error = || Fault::new(node, key, "is no whole number from 0 to 2147483647");
    match node.value() {
        Value::Plain(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok().filter(|number| i32::try_from(*number).is_ok()).ok_or_else(error)
        }
        _ => Err(error()),
    }
}

fn text(node: Node<'_>, key: &str) -> Result<String, Fault> {
    match node.value() {
        Value::Plain(text) | Value::Text(text) => Ok(text.to_owned()),
        _ => Err(Fault::new(node, key, "is no text")),
    }
}

impl Workload {
    /// From the object at `object`.
    pub(super) fn read(kind: &str, name: &str, object: Node<'_>) -> Result<Self, Fault> {
        let path: &[&str] = match kind {
            "Pod" => &["spec"],
            "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
            _ => &["spec", "template", "spec"],
        };
        let pod = path.iter().try_fold(object, |node, key| node.get(key)).ok_or_else(|| {
            Fault::new(object, "it", format_args!("has no pods: {} is missing", path.join(".")))
        })?;
        let spec = object.get("spec").unwrap_or(object);
        let replicas = spec.get("replicas").map(|node| whole(node, "replicas")).transpose()?;
        let is_deployment = kind == "Deployment";
        let list = pod.get("containers");
        let containers = list.into_iter().flat_map(Node::items).map(Container::read);
        let containers: Vec<Container> = containers.collect::<Result<_, _>>()?;
        if containers.is_empty() {
            return Err(Fault::new(pod, "it", "has no containers"));
        }
        Ok(Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            line: object.line(),
            replicas: Given::new(replicas, 1),
            rollout: is_deployment.then(|| Rollout::read(spec)).transpose()?,
            containers,
        })
    }

    /// The container of that name; without a name, the only one.
    ///
    /// # Errors
    ///
    /// When there is none of that name, or more than one without.
    pub fn named_container(&self, name: Option<&str>) -> Result<&Container, Unknown> {
        let is_meant = |container: &&Container| name.is_none_or(|name| container.name == name);
        let mut meant = self.containers.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(container), None) => Ok(container),
            (first, _) => {
                let names: Vec<&str> = self.containers.iter().map(|c| excerpt(&c.name)).collect();
                let (of, names) = (format!("{} {}", self.kind, self.name), names.join(", "));
                Err(Unknown::because(match (first, name) {
                    (None, Some(name)) => format!("{of} has no container {name}, but {names}"),
                    _ => format!("{of} has several containers, say which is meant: {names}"),
                }))
            }
        }
    }

    /// That `container` does not say it.
    pub(super) fn silent(&self, container: &Container, what: &str) -> Unknown {
        let (kind, name, container) = (&self.kind, &self.name, &container.name);
        Unknown::because(format_args!("container {container} of {kind} {name} {what}"))
    }
}

impl Container {
    fn read(node: Node<'_>) -> Result<Self, Fault> {
        let name =
            node.get("name").ok_or_else(|| Fault::new(node, "a container", "has no name"))?;
        let resources = node.get("resources");
        let of = |key| resources.and_then(|resources| resources.get(key));
        let limits = Resources::read(of("limits"), "limits")?;
        let requests = Resources::read(of("requests"), "requests")?.or(limits);
        let probe = |prober: Prober| {
            node.get(prober.word()).map(|node| Probe::read(node, prober)).transpose()
        };
        Ok(Self {
            name: text(name, "name")?,
            requests,
            limits,
            liveness: probe(Prober::Liveness)?,
            readiness: probe(Prober::Readiness)?,
            startup: probe(Prober::Startup)?,
        })
    }

    /// How it is probed for that.
    #[must_use]
    pub fn probe(&self, prober: Prober) -> Option<&Probe> {
        match prober {
            Prober::Liveness => self.liveness.as_ref(),
            Prober::Readiness => self.readiness.as_ref(),
            Prober::Startup => self.startup.as_ref(),
        }
    }

    pub(super) fn quantity(&self, fact: Fact) -> Option<Given<Amount>> {
        match fact {
            Fact::RequestsCpu => self.requests.cpu,
            Fact::RequestsMemory => self.requests.memory,
            Fact::LimitsCpu => self.limits.cpu,
            Fact::LimitsMemory => self.limits.memory,
            _ => None,
        }
    }
}

impl Resources {
    fn read(node: Option<Node<'_>>, what: &str) -> Result<Self, Fault> {
        let read = |key: &str, unit| {
            let node = node.and_then(|node| node.get(key));
            node.map(|node| quantity(node, &format!("{what}.{key}"), unit)).transpose()
        };
        Ok(Self { cpu: read("cpu", Unit::Cpu)?, memory: read("memory", Unit::Bytes)? })
    }

    fn or(self, limits: Self) -> Self {
        let or = |own: Option<Given<Amount>>, limit: Option<Given<Amount>>| {
            own.or(limit.map(|limit| Given { origin: Origin::Defaulted, ..limit }))
        };
        Self { cpu: or(self.cpu, limits.cpu), memory: or(self.memory, limits.memory) }
    }
}

fn quantity(node: Node<'_>, key: &str, unit: Unit) -> Result<Given<Amount>, Fault> {
    let text = text(node, key)?;
    // A budget's file may say 150MB and 64 Mi; the API refuses both.
    if text.ends_with('B') || text.contains(char::is_whitespace) {
        return Err(Fault::new(node, key, "is no quantity: the API knows 150M and 64Mi, no B"));
    }
    let value = unit.parse(&text).map_err(|error| Fault::new(node, key, error_of(&error)))?;
    Ok(Given { value, origin: Origin::Written })
}

/// Without the text, which the fault says already.
fn error_of(error: &crate::budget::NotAQuantity) -> String {
    let error = error.to_string();
    error
        .rsplit_once("\" ")
        .or_else(|| error.split_once("… "))
        .map_or(error.clone(), |(_, why)| why.to_owned())
}

impl Probe {
    fn read(node: Node<'_>, prober: Prober) -> Result<Self, Fault> {
        let number = |key: &str, default| -> Result<_, Fault> {
            let name = format!("{prober}.{key}");
            let written = node.get(key).map(|node| whole(node, &name)).transpose()?;
            Ok(Given::new(written.filter(|number| *number > 0), default))
        };
        let path = node.get("httpGet").and_then(|get| get.get("path"));
        Ok(Self {
            period: number("periodSeconds", 10)?,
            failures: number("failureThreshold", 3)?,
            timeout: number("timeoutSeconds", 1)?,
            path: path.map(|node| text(node, "httpGet.path")).transpose()?,
        })
    }
}
