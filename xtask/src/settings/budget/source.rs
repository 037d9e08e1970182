//! `source`: where a metric's value comes from. What may be said depends on `kind`.

use std::time::Duration;

use timing_core::budget::source::{
    BootReading, BootSigns, BootSource, BootStart, Combine, CommandReading, CommandSource,
    Connections, Endpoint, GithubRunSource, HttpReading, HttpSource, ImageSource, Load,
    ManifestFact, ManifestSource, PhaseSource, ProcessSource, ProcessState, PrometheusSource,
    Resource, RolloutSource, RolloutSpan, SeriesChoice, Server, Source, SourceKind, Subject,
};

use super::section::Section;
use crate::settings::config::ConfigError;

type Read<T> = Result<T, ConfigError>;

fn keys(kind: SourceKind) -> &'static [&'static str] {
    match kind {
        SourceKind::Phase => &["kind", "phase", "phases", "first", "last"],
        SourceKind::Command => {
            &["kind", "command", "directory", "reading", "warm_up", "repetitions", "timeout"]
        }
        SourceKind::Image => &["kind", "image", "oci_layout", "archive"],
        SourceKind::Http => &[
            "kind",
            "address_file",
            "base_url",
            "path",
            "reading",
            "rate",
            "concurrency",
            "duration",
            "warm_up",
            "keep_alive",
            "timeout",
            "status",
        ],
        SourceKind::Process => &[
            "kind",
            "pid_file",
            "container",
            "resource",
            "address_file",
            "base_url",
            "path",
            "rate",
            "interval",
            "duration",
        ],
        SourceKind::Boot => &[
            "kind",
            "command",
            "container",
            "environment",
            "component",
            "flags",
            "ready_line",
            "ready_url",
            "component_line",
            "repetitions",
            "timeout",
        ],
        SourceKind::Manifest => &["kind", "file", "object", "container", "fact"],
        SourceKind::Rollout => &["kind", "deployment", "namespace", "file", "span"],
        SourceKind::Prometheus => {
            &["kind", "url", "query", "sustained", "step", "series", "timeout"]
        }
        SourceKind::GithubRun => &["kind", "workflow", "file", "job", "step", "combine"],
    }
}

/// More requests a second, or at a time, are no measurement but an attack.
const MOST_REQUESTS: u32 = 10_000;
/// Nobody waits for more.
const MOST_REPETITIONS: u32 = 1000;

/// Reads the `source` of a metric.
pub(super) fn source(section: Section<'_>) -> Read<Source> {
    let kind = section.required_word("kind", SourceKind::WORDS)?;
    let from = From(section.of(keys(kind))?);
    Ok(match kind {
        SourceKind::Phase => Source::Phase(from.phase()?),
        SourceKind::Command => Source::Command(from.command()?),
        SourceKind::Image => Source::Image(from.image()?),
        SourceKind::Http => Source::Http(from.http()?),
        SourceKind::Process => Source::Process(from.process()?),
        SourceKind::Boot => Source::Boot(from.boot()?),
        SourceKind::Manifest => Source::Manifest(from.manifest()?),
        SourceKind::Rollout => Source::Rollout(from.rollout()?),
        SourceKind::Prometheus => Source::Prometheus(from.prometheus()?),
        SourceKind::GithubRun => Source::GithubRun(from.github_run()?),
    })
}

struct From<'a>(Section<'a>);

impl From<'_> {
    /// Exactly one of `keys`, by its place among them.
    fn one<const N: usize>(&self, keys: [&'static str; N]) -> Read<(usize, String)> {
        let mut found = None;
        for (place, key) in keys.iter().enumerate() {
            if let Some(text) = self.0.line_of_text(key)?
                && found.replace((place, text)).is_some()
            {
                return Err(self.0.error_here(format!("give one of {}", keys.join(", "))));
            }
        }
        found.ok_or_else(|| self.0.error_here(format!("give one of {}", keys.join(", "))))
    }

    fn texts(&self, key: &str) -> Read<Option<Vec<String>>> {
        let list = self.0.list(key)?;
        Ok(list.map(|list| list.into_iter().map(|at| at.text).collect()))
    }

    fn required_texts(&self, key: &str) -> Read<Vec<String>> {
        let missing = || self.0.error_here(format!("{key} is missing, and it is required here"));
        self.texts(key)?.ok_or_else(missing)
    }

    fn span(&self, key: &str, usual: Duration) -> Read<Duration> {
        let span = self.0.span(key)?.unwrap_or(usual);
        if span.is_zero() && key != "warm_up" {
            return Err(self.0.error_here(format!("{key} has to be more than nothing")));
        }
        Ok(span)
    }

    fn optional_span(&self, key: &str) -> Read<Option<Duration>> {
        self.0.text(key)?.map(|_| self.span(key, Duration::ZERO)).transpose()
    }

    fn phase(&self) -> Read<PhaseSource> {
        let one = self.0.parsed("phase")?.map(|phase| vec![phase]);
        let sum = self.0.parsed_list("phases")?;
        let ends = (self.0.parsed("first")?, self.0.parsed("last")?);
        match (one, sum, ends) {
            (Some(phases), None, (None, None)) | (None, Some(phases), (None, None)) => {
                Ok(PhaseSource::Sum(phases))
            }
            (None, None, (Some(first), Some(last))) => Ok(PhaseSource::Span { first, last }),
            _ => Err(self.0.error_here("give phase, or phases, or first and last")),
        }
    }

    fn command(&self) -> Read<CommandSource> {
        Ok(CommandSource {
            command: self.required_texts("command")?,
            directory: self.0.line_of_text("directory")?,
            reading: self
                .0
                .word("reading", CommandReading::WORDS)?
                .unwrap_or(CommandReading::WallTime),
            warm_up: self.0.number("warm_up", 0, MOST_REPETITIONS)?.unwrap_or(0),
            repetitions: self.0.number("repetitions", 1, MOST_REPETITIONS)?.unwrap_or(1),
            timeout: self.span("timeout", Duration::from_secs(600))?,
        })
    }

    fn image(&self) -> Read<ImageSource> {
        Ok(match self.one(["image", "oci_layout", "archive"])? {
            (0, image) => ImageSource::Engine(image),
            (1, directory) => ImageSource::OciLayout(directory),
            (_, file) => ImageSource::Archive(file),
        })
    }

    fn endpoint(&self) -> Read<Endpoint> {
        let server = match self.one(["address_file", "base_url"])? {
            (0, file) => Server::AddressFile(file),
            (_, url) => Server::Url(url),
        };
        let path = self.0.required("path")?;
        if !path.text.starts_with('/') || path.text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(self.0.error(&path, "path has to start with / and hold no blank"));
        }
        Ok(Endpoint { server, path: path.text })
    }

    fn http(&self) -> Read<HttpSource> {
        let load = match (
            self.0.number("rate", 1, MOST_REQUESTS)?,
            self.0.number("concurrency", 1, MOST_REQUESTS)?,
        ) {
            (Some(_), Some(_)) => {
                return Err(self.0.error_here("give rate or concurrency, not both"));
            }
            (None, Some(number)) => Load::Concurrency(number),
            (rate, None) => Load::Rate(rate.unwrap_or(50)),
        };
        Ok(HttpSource {
            endpoint: self.endpoint()?,
            reading: self.0.word("reading", HttpReading::WORDS)?.unwrap_or(HttpReading::Latency),
            load,
            duration: self.span("duration", Duration::from_secs(4))?,
            warm_up: self.span("warm_up", Duration::from_millis(500))?,
            connections: match self.0.switch("keep_alive")? {
                Some(false) => Connections::OneEach,
                _ => Connections::KeptAlive,
            },
            timeout: self.span("timeout", Duration::from_secs(5))?,
            status: self
                .0
                .number("status", 100, 599)?
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or(200),
        })
    }

    fn process(&self) -> Read<ProcessSource> {
        let state = if self.0.text("path")?.is_some() {
            ProcessState::Overhead {
                endpoint: self.endpoint()?,
                rate: self.0.number("rate", 1, MOST_REQUESTS)?.unwrap_or(50),
                interval: self.optional_span("interval")?,
            }
        } else {
            ProcessState::Idle
        };
        Ok(ProcessSource {
            subject: match self.one(["pid_file", "container"])? {
                (0, file) => Subject::PidFile(file),
                (_, container) => Subject::Container(container),
            },
            resource: self.0.required_word("resource", Resource::WORDS)?,
            state,
            duration: self.span("duration", Duration::from_secs(4))?,
        })
    }

    fn boot(&self) -> Read<BootSource> {
        let start = match (self.texts("command")?, self.0.line_of_text("container")?) {
            (Some(command), None) => BootStart::Command(command),
            (None, Some(image)) => BootStart::Container(image),
            _ => return Err(self.0.error_here("give one of command, container")),
        };
        let reading = match (self.0.line_of_text("component")?, self.texts("flags")?) {
            (None, None) => BootReading::Ready,
            (Some(component), None) => BootReading::Component(component),
            (None, Some(flags)) => BootReading::MemoryPerFlag(flags),
            _ => return Err(self.0.error_here("give component or flags, not both")),
        };
        Ok(BootSource {
            start,
            environment: self.variables()?,
            reading,
            signs: self.signs()?,
            repetitions: self.0.number("repetitions", 1, MOST_REPETITIONS)?.unwrap_or(3),
            timeout: self.span("timeout", Duration::from_secs(30))?,
        })
    }

    /// As the sample service says it, where nothing else is said.
    fn signs(&self) -> Read<BootSigns> {
        let ready_url = self.0.line_of_text("ready_url")?;
        let ready_line = match self.0.line_of_text("ready_line")? {
            None if ready_url.is_none() => Some(r"^boot ready\b".to_owned()),
            given => given,
        };
        let component_line = self.0.line_of_text("component_line")?;
        let component_line = component_line.unwrap_or_else(|| {
            r"^boot component=(?<name>\S+) duration_ms=(?<ms>[0-9.]+)".to_owned()
        });
        Ok(BootSigns { ready_line, ready_url, component_line })
    }

    fn variables(&self) -> Read<Vec<(String, String)>> {
        let Some(section) = self.0.any_section("environment")? else { return Ok(Vec::new()) };
        section.entries()?.into_iter().map(|(name, value)| Ok((name.text, value.text))).collect()
    }

    fn manifest(&self) -> Read<ManifestSource> {
        Ok(ManifestSource {
            file: self.0.required_line("file")?,
            object: self.0.line_of_text("object")?,
            container: self.0.line_of_text("container")?,
            fact: self.0.required_word("fact", ManifestFact::WORDS)?,
        })
    }

    fn rollout(&self) -> Read<RolloutSource> {
        Ok(RolloutSource {
            deployment: self.0.required_line("deployment")?,
            namespace: self.0.line_of_text("namespace")?,
            file: self.0.line_of_text("file")?,
            span: self.0.required_word("span", RolloutSpan::WORDS)?,
        })
    }

    fn prometheus(&self) -> Read<PrometheusSource> {
        let (sustained, step) = (self.0.span("sustained")?, self.0.span("step")?);
        if step.is_some() && sustained.is_none() {
            return Err(self.0.error_here("a step is one of a window: give sustained too"));
        }
        let series = self.0.word("series", SeriesChoice::WORDS)?.unwrap_or(SeriesChoice::One);
        Ok(PrometheusSource {
            url: self.0.required_line("url")?,
            query: self.0.required_line("query")?,
            sustained,
            step,
            series,
            timeout: self.span("timeout", Duration::from_secs(10))?,
        })
    }

    fn github_run(&self) -> Read<GithubRunSource> {
        let (job, step) = (self.0.line_of_text("job")?, self.0.line_of_text("step")?);
        if step.is_some() && job.is_none() {
            return Err(self.0.error_here("a step is one of a job: give job too"));
        }
        Ok(GithubRunSource {
            workflow: self.0.required_line("workflow")?,
            file: self.0.line_of_text("file")?,
            job,
            step,
            combine: self.0.word("combine", Combine::WORDS)?.unwrap_or(Combine::Span),
        })
    }
}
