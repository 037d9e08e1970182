//! What a source is measured with: the keys of the file with what holds, defaults included.

use std::time::Duration;

use timing_core::budget::source::{
    BootReading, BootSource, BootStart, CommandSource, Connections, Endpoint, GithubRunSource,
    HttpSource, ImageSource, Load, ManifestSource, PhaseSource, ProcessSource, ProcessState,
    PrometheusSource, RolloutSource, Server, Source, Subject,
};
use timing_core::budget::{Amount, Unit};
use timing_core::record::mask_arguments;

type Lines = Vec<(&'static str, String)>;

pub(super) fn parameters(source: &Source) -> Lines {
    match source {
        Source::Phase(source) => phase(source),
        Source::Command(source) => command(source),
        Source::Image(source) => vec![match source {
            ImageSource::Engine(image) => ("image", image.clone()),
            ImageSource::OciLayout(directory) => ("oci_layout", directory.clone()),
            ImageSource::Archive(file) => ("archive", file.clone()),
        }],
        Source::Http(source) => http(source),
        Source::Process(source) => process(source),
        Source::Boot(source) => boot(source),
        Source::Manifest(source) => manifest(source),
        Source::Rollout(source) => rollout(source),
        Source::Prometheus(source) => prometheus(source),
        Source::GithubRun(source) => github_run(source),
    }
}

fn span(length: Duration) -> String {
    Unit::Seconds.exact(Amount::from_duration(length))
}

fn words(command: &[String]) -> String {
    mask_arguments(command).join(" ")
}

/// Those of `lines` that are said.
fn said(lines: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Lines {
    lines.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn phase(source: &PhaseSource) -> Lines {
    match source {
        PhaseSource::Sum(phases) => {
            let phases: Vec<&str> = phases.iter().map(|phase| phase.as_str()).collect();
            vec![("phases", phases.join(", "))]
        }
        PhaseSource::Span { first, last } => {
            vec![("first", first.to_string()), ("last", last.to_string())]
        }
    }
}

fn command(source: &CommandSource) -> Lines {
    said([
        ("command", Some(words(&source.command))),
        ("directory", source.directory.clone()),
        ("reading", Some(source.reading.to_string())),
        ("warm_up", Some(source.warm_up.to_string())),
        ("repetitions", Some(source.repetitions.to_string())),
        ("timeout", Some(span(source.timeout))),
    ])
}

fn endpoint(endpoint: &Endpoint) -> Lines {
    let server = match &endpoint.server {
        Server::AddressFile(file) => ("address_file", file.clone()),
        Server::Url(url) => ("base_url", url.clone()),
    };
    vec![server, ("path", endpoint.path.clone())]
}

fn http(source: &HttpSource) -> Lines {
    let mut lines = endpoint(&source.endpoint);
    let is_kept = source.connections == Connections::KeptAlive;
    lines.extend([
        ("reading", source.reading.to_string()),
        match source.load {
            Load::Rate(rate) => ("rate", format!("{rate} a second")),
            Load::Concurrency(number) => ("concurrency", number.to_string()),
        },
        ("duration", span(source.duration)),
        ("warm_up", span(source.warm_up)),
        ("keep_alive", is_kept.to_string()),
        ("timeout", span(source.timeout)),
        ("status", source.status.to_string()),
    ]);
    lines
}

fn process(source: &ProcessSource) -> Lines {
    let mut lines = vec![
        match &source.subject {
            Subject::PidFile(file) => ("pid_file", file.clone()),
            Subject::Container(name) => ("container", name.clone()),
        },
        ("resource", source.resource.to_string()),
    ];
    if let ProcessState::Overhead { endpoint: asked, rate, interval } = &source.state {
        lines.extend(endpoint(asked));
        lines.push(("rate", format!("{rate} a second")));
        lines.extend(interval.map(|interval| ("interval", span(interval))));
    }
    lines.push(("duration", span(source.duration)));
    lines
}

fn boot(source: &BootSource) -> Lines {
    let mut lines = vec![match &source.start {
        BootStart::Command(command) => ("command", words(command)),
        BootStart::Container(image) => ("container", image.clone()),
    }];
    let variables = source.environment.iter().map(|(name, value)| format!("{name}={value}"));
    lines.extend(variables.map(|variable| ("environment", words(&[variable]))));
    match &source.reading {
        BootReading::Ready => {}
        BootReading::Component(name) => {
            lines.push(("component", name.clone()));
            lines.push(("component_line", source.signs.component_line.clone()));
        }
        BootReading::MemoryPerFlag(flags) => lines.push(("flags", flags.join(", "))),
    }
    lines.extend(said([
        ("ready_line", source.signs.ready_line.clone()),
        ("ready_url", source.signs.ready_url.clone()),
        ("repetitions", Some(source.repetitions.to_string())),
        ("timeout", Some(span(source.timeout))),
    ]));
    lines
}

fn manifest(source: &ManifestSource) -> Lines {
    said([
        ("file", Some(source.file.clone())),
        ("object", source.object.clone()),
        ("container", source.container.clone()),
        ("fact", Some(source.fact.to_string())),
    ])
}

fn rollout(source: &RolloutSource) -> Lines {
    said([
        ("deployment", Some(source.deployment.clone())),
        ("namespace", source.namespace.clone()),
        ("file", source.file.clone()),
        ("span", Some(source.span.to_string())),
    ])
}

fn prometheus(source: &PrometheusSource) -> Lines {
    said([
        ("url", Some(source.url.clone())),
        ("query", Some(source.query.clone())),
        ("sustained", source.sustained.map(span)),
        ("step", source.step.map(span)),
        ("series", Some(source.series.to_string())),
        ("timeout", Some(span(source.timeout))),
    ])
}

fn github_run(source: &GithubRunSource) -> Lines {
    said([
        ("workflow", Some(source.workflow.clone())),
        ("file", source.file.clone()),
        ("job", source.job.clone()),
        ("step", source.step.clone()),
        ("combine", Some(source.combine.to_string())),
    ])
}
