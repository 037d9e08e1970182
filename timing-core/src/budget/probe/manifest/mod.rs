//! Facts of rendered Kubernetes manifests: what a workload's containers ask for and may use, how its
//! update goes, how it is probed.
//!
//! What is meant is found as the API reference has it (kubernetes.io, "Deployment", "Container",
//! "Probe", "Quantity"), with its defaults, and a default is told from what is written. What the API
//! would refuse, and what a manifest does not say, is the reason of an [`Unknown`]. This module asks
//! no cluster.

mod objects;
mod rollout;
mod workload;
mod yaml;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Unknown;
use super::command::{self, Run};
use crate::budget::words::words;
use crate::budget::{Amount, Unit};
use crate::capture::Signals;
use crate::shown::shown;
use objects::Selected;
use yaml::LONGEST;

pub use objects::Selector;
pub use rollout::{Pods, Rollout};
pub use workload::{Container, Probe, Prober, Resources, Workload};

words! {
    /// What of a workload is asked for.
    Fact {
        /// `resources.requests.cpu`, in cores.
        RequestsCpu = "requests.cpu",
        /// `resources.requests.memory`, in bytes.
        RequestsMemory = "requests.memory",
        /// `resources.limits.cpu`, in cores.
        LimitsCpu = "limits.cpu",
        /// `resources.limits.memory`, in bytes.
        LimitsMemory = "limits.memory",
        /// How many pods an update takes away before others are there.
        MaxUnavailable = "max-unavailable",
        /// How many pods an update adds before others are gone.
        MaxSurge = "max-surge",
        /// How many pods are wanted.
        Replicas = "replicas",
        /// Between two questions of the liveness probe.
        LivenessPeriod = "liveness-period",
        /// Failures of the liveness probe in a row that mean a restart.
        LivenessFailures = "liveness-failures",
        /// What an answer to the liveness probe may take.
        LivenessTimeout = "liveness-timeout",
        /// Between two questions of the readiness probe.
        ReadinessPeriod = "readiness-period",
        /// Failures of the readiness probe in a row that mean no traffic.
        ReadinessFailures = "readiness-failures",
        /// What an answer to the readiness probe may take.
        ReadinessTimeout = "readiness-timeout",
        /// Between two questions of the startup probe.
        StartupPeriod = "startup-period",
        /// Failures of the startup probe in a row that mean a restart.
        StartupFailures = "startup-failures",
        /// What an answer to the startup probe may take.
        StartupTimeout = "startup-timeout",
    }
}

impl Fact {
    /// What it is a number of.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::RequestsCpu | Self::LimitsCpu => Unit::Cpu,
            Self::RequestsMemory | Self::LimitsMemory => Unit::Bytes,
            Self::LivenessPeriod
            | Self::LivenessTimeout
            | Self::ReadinessPeriod
            | Self::ReadinessTimeout
            | Self::StartupPeriod
            | Self::StartupTimeout => Unit::Seconds,
            Self::MaxUnavailable
            | Self::MaxSurge
            | Self::Replicas
            | Self::LivenessFailures
            | Self::ReadinessFailures
            | Self::StartupFailures => Unit::Count,
        }
    }
}

/// Whether somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It stands in the manifest.
    Written,
    /// It does not, and the API takes this instead.
    Defaulted,
}

/// A value, and whether somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<T> {
    /// What holds.
    pub value: T,
    /// Whether it is written.
    pub origin: Origin,
}

impl<T> Given<T> {
    fn new(written: Option<T>, default: T) -> Self {
        match written {
            Some(value) => Self { value, origin: Origin::Written },
            None => Self { value: default, origin: Origin::Defaulted },
        }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Given<U> {
        Given { value: change(self.value), origin: self.origin }
    }
}

/// The workload that `selector` means, of the manifests in the file at `path`.
///
/// # Errors
///
/// When the file cannot be read, is longer than 16 MiB or is no YAML, when nothing or more than one
/// thing is meant, and when the API would refuse what is.
pub fn read_file(path: &Path, selector: &Selector) -> Result<Workload, Unknown> {
    let fault = |what: &dyn std::fmt::Display| {
        Unknown::because(format_args!("reading manifests from {}: {what}", shown(path)))
    };
    let file = File::open(path).map_err(|error| fault(&error))?;
    // A pipe that nobody writes to would be waited for.
    if !file.metadata().map_err(|error| fault(&error))?.is_file() {
        return Err(fault(&"this is no regular file"));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| fault(&error))?;
    read_text(&bytes, selector).map_err(|reason| fault(&reason))
}

/// The workload that `selector` means, of the manifests that a command prints, as `helm template`.
///
/// # Errors
///
/// When the command fails, takes too long or is missing, and as for [`read_file`].
pub fn render(run: &Run<'_>, selector: &Selector, signals: &Signals) -> Result<Workload, Unknown> {
    let printed = command::output(run, LONGEST, signals)?;
    let program = run.command.program;
    read_text(&printed, selector)
        .map_err(|reason| Unknown::because(format_args!("manifests of {program}: {reason}")))
}

/// The same of manifests in memory.
///
/// # Errors
///
/// As for [`read_file`].
pub fn read_text(bytes: &[u8], selector: &Selector) -> Result<Workload, Unknown> {
    if bytes.len() > LONGEST {
        return Err(Unknown::because(format_args!("longer than {} MiB", LONGEST >> 20)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Unknown::because(format_args!("not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    let mut selected = Selected::new(selector);
    let stopped = yaml::documents(text, |document| selected.look_at(document).err());
    match stopped {
        Err(fault) => Err(Unknown::because(fault)),
        Ok(Some(fault)) => Err(fault),
        Ok(None) => selected.only(),
    }
}

impl Workload {
    /// A fact, and whether it is written; of a container's facts, of the container named, or of the
    /// only one.
    ///
    /// # Errors
    ///
    /// When the manifest does not say it.
    pub fn fact(&self, fact: Fact, container: Option<&str>) -> Result<Given<Amount>, Unknown> {
        let named = self.named_container(container);
        match fact {
            Fact::Replicas => Ok(self.replicas.map(|number| Amount::whole(number.into()))),
            Fact::MaxUnavailable => self.max_unavailable(),
            Fact::MaxSurge => self.max_surge(),
            Fact::RequestsCpu | Fact::RequestsMemory | Fact::LimitsCpu | Fact::LimitsMemory => {
                let container = named?;
                let quantity = container.quantity(fact);
                quantity.ok_or_else(|| self.silent(container, &format!("sets no {fact}")))
            }
            Fact::LivenessPeriod | Fact::LivenessFailures | Fact::LivenessTimeout => {
                self.of_probe(named?, Prober::Liveness, fact)
            }
            Fact::ReadinessPeriod | Fact::ReadinessFailures | Fact::ReadinessTimeout => {
                self.of_probe(named?, Prober::Readiness, fact)
            }
            Fact::StartupPeriod | Fact::StartupFailures | Fact::StartupTimeout => {
                self.of_probe(named?, Prober::Startup, fact)
            }
        }
    }

    fn of_probe(
        &self,
        container: &Container,
        prober: Prober,
        fact: Fact,
    ) -> Result<Given<Amount>, Unknown> {
        let probe = container.probe(prober);
        let probe = probe.ok_or_else(|| self.silent(container, &format!("has no {prober}")))?;
        let number = match fact {
            Fact::LivenessFailures | Fact::ReadinessFailures | Fact::StartupFailures => {
                probe.failures
            }
            Fact::LivenessTimeout | Fact::ReadinessTimeout | Fact::StartupTimeout => probe.timeout,
            _ => probe.period,
        };
        Ok(number.map(|number| Amount::whole(number.into())))
    }
}
