//! Where a metric's value comes from: what `budgets.toml` says of it, as data.
//!
//! Nothing is measured here. Texts may hold `{env}`, which [`Source::for_environment`] replaces.
//! Paths are relative to the platform root unless they are absolute.

mod live;
mod remote;
mod still;

pub use live::{
    BootReading, BootSigns, BootSource, BootStart, Connections, Endpoint, HttpReading, HttpSource,
    Load, ProcessSource, ProcessState, Resource, Server, Subject,
};
pub use remote::{
    Combine, GithubRunSource, PrometheusSource, RolloutSource, RolloutSpan, SeriesChoice,
};
pub use still::{
    CommandReading, CommandSource, ImageSource, ManifestFact, ManifestSource, PhaseSource,
};

use super::unit::Unit;
use super::words::words;
use crate::record::Environment;

/// A source and its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Durations that the registry has already.
    Phase(PhaseSource),
    /// A command, timed, or the number that it prints.
    Command(CommandSource),
    /// The size of a container image.
    Image(ImageSource),
    /// Answers of an endpoint.
    Http(HttpSource),
    /// Memory or CPU of something that runs.
    Process(ProcessSource),
    /// A start of a program, until it is ready.
    Boot(BootSource),
    /// A fact of rendered Kubernetes YAML.
    Manifest(ManifestSource),
    /// A moment of a rolling update.
    Rollout(RolloutSource),
    /// A query to Prometheus.
    Prometheus(PrometheusSource),
    /// Jobs and steps of a workflow's run.
    GithubRun(GithubRunSource),
}

words! {
    /// What kind of source it is.
    SourceKind {
        /// Durations that the registry has already.
        Phase = "phase",
        /// A command.
        Command = "command",
        /// A container image.
        Image = "image",
        /// An endpoint.
        Http = "http",
        /// Something that runs.
        Process = "process",
        /// A start.
        Boot = "boot",
        /// Rendered Kubernetes YAML.
        Manifest = "manifest",
        /// A rolling update.
        Rollout = "rollout",
        /// Prometheus.
        Prometheus = "prometheus",
        /// A workflow's run.
        GithubRun = "github-run",
    }
}
impl Source {
    /// Its kind, as the file names it.
    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Phase(_) => SourceKind::Phase,
            Self::Command(_) => SourceKind::Command,
            Self::Image(_) => SourceKind::Image,
            Self::Http(_) => SourceKind::Http,
            Self::Process(_) => SourceKind::Process,
            Self::Boot(_) => SourceKind::Boot,
            Self::Manifest(_) => SourceKind::Manifest,
            Self::Rollout(_) => SourceKind::Rollout,
            Self::Prometheus(_) => SourceKind::Prometheus,
            Self::GithubRun(_) => SourceKind::GithubRun,
        }
    }

    /// The same with the environment's name in place of `{env}`, in every text.
    #[must_use]
    pub fn for_environment(mut self, environment: &Environment) -> Self {
        self.texts(&mut |text| {
            if text.contains("{env}") {
                *text = text.replace("{env}", environment.as_str());
            }
        });
        self
    }

    fn texts(&mut self, visit: &mut impl FnMut(&mut String)) {
        match self {
            Self::Phase(_) => {}
            Self::Command(source) => {
                source.command.iter_mut().chain(&mut source.directory).for_each(visit);
            }
            Self::Image(
                ImageSource::Engine(text)
                | ImageSource::OciLayout(text)
                | ImageSource::Archive(text),
            ) => visit(text),
            Self::Http(source) => source.endpoint.texts(visit),
            Self::Process(source) => {
                let (Subject::PidFile(text) | Subject::Container(text)) = &mut source.subject;
                visit(text);
                if let ProcessState::Overhead { endpoint, .. } = &mut source.state {
                    endpoint.texts(visit);
                }
            }
            Self::Boot(source) => {
                match &mut source.start {
                    BootStart::Command(words) => words.iter_mut().for_each(&mut *visit),
                    BootStart::Container(text) => visit(text),
                }
                source.environment.iter_mut().for_each(|(_, value)| visit(value));
            }
            Self::Manifest(source) => visit(&mut source.file),
            Self::Rollout(source) => {
                let optional = source.namespace.iter_mut().chain(&mut source.file);
                std::iter::once(&mut source.deployment).chain(optional).for_each(visit);
            }
            Self::Prometheus(source) => {
                [&mut source.url, &mut source.query].into_iter().for_each(visit)
            }
            Self::GithubRun(source) => {
                let optional =
                    source.file.iter_mut().chain(&mut source.job).chain(&mut source.step);
                std::iter::once(&mut source.workflow).chain(optional).for_each(visit);
            }
        }
    }
}

impl Source {
    /// What its values are numbers of; `None` where that is the metric's business.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Self::Phase(_) | Self::Rollout(_) | Self::GithubRun(_) => Some(Unit::Seconds),
            Self::Image(_) => Some(Unit::Bytes),
            Self::Prometheus(_) => None,
            Self::Command(source) => match source.reading {
                CommandReading::WallTime => Some(Unit::Seconds),
                CommandReading::Printed => None,
            },
            Self::Http(source) => Some(match source.reading {
                HttpReading::Latency => Unit::Seconds,
                HttpReading::BodySize => Unit::Bytes,
                HttpReading::Errors => Unit::Ratio,
            }),
            Self::Process(source) => Some(match source.resource {
                Resource::Memory => Unit::Bytes,
                Resource::Cpu => Unit::Cpu,
            }),
            Self::Boot(source) => Some(match source.reading {
                BootReading::Ready | BootReading::Component(_) => Unit::Seconds,
                BootReading::MemoryPerFlag(_) => Unit::Bytes,
            }),
            Self::Manifest(source) => Some(source.fact.unit()),
        }
    }
}
