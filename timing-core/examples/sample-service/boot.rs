//! The boot: five components, one after the other, each with its duration. Must not know what a
//! component does.

use std::fmt;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::address_file::AddressFile;
use crate::arguments::ServeOptions;
use crate::database::Database;
use crate::features::Features;
use crate::http::{client, server};
use crate::orchestrator::Orchestrator;
use crate::process;
use crate::service::Service;
use crate::telemetry::Telemetry;

/// The budget of the last component.
const READINESS_LIMIT: Duration = Duration::from_secs(3);
const READINESS_PATH: &str = "/healthz?readiness=1";
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// The parts of a boot, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    Observability,
    DatabaseStub,
    Orchestrator,
    HttpBind,
    ReadinessProbe,
}

impl Component {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] = [
        Self::Observability,
        Self::DatabaseStub,
        Self::Orchestrator,
        Self::HttpBind,
        Self::ReadinessProbe,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Observability => "observability",
            Self::DatabaseStub => "database-stub",
            Self::Orchestrator => "orchestrator",
            Self::HttpBind => "http-bind",
            Self::ReadinessProbe => "readiness-probe",
        }
    }
}

/// How long each component took.
#[derive(Debug)]
pub(crate) struct BootReport(Vec<(Component, Duration)>);

impl BootReport {
    pub(crate) fn new(components: Vec<(Component, Duration)>) -> Self {
        Self(components)
    }

    pub(crate) fn components(&self) -> impl Iterator<Item = (Component, Duration)> + '_ {
        self.0.iter().copied()
    }
}

/// Times components and writes one line for each as soon as it is up.
pub(crate) struct BootLog<W> {
    out: W,
    started: Instant,
    components: Vec<(Component, Duration)>,
}

impl<W: Write> BootLog<W> {
    pub(crate) fn new(out: W) -> Self {
        process::note_start();
        Self { out, started: Instant::now(), components: Vec::new() }
    }

    /// Runs `work`; a component that fails has no line.
    fn component<T, E>(
        &mut self,
        component: Component,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let started = Instant::now();
        let made = work()?;
        let duration = started.elapsed();
        self.components.push((component, duration));
        let (name, took) = (component.name(), Milliseconds(duration));
        self.line(format_args!("boot component={name} duration_ms={took}"));
        Ok(made)
    }

    fn report(&self) -> BootReport {
        BootReport::new(self.components.clone())
    }

    fn ready(mut self, address: SocketAddr) {
        let took = Milliseconds(self.started.elapsed());
        self.line(format_args!("boot ready duration_ms={took} address={address}"));
    }

    /// A log that nobody reads any more does not stop the boot.
    fn line(&mut self, text: fmt::Arguments<'_>) {
        let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
    }
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0.as_secs_f64() * 1000.0)
    }
}

/// A service that answers, on threads of its own.
pub(crate) struct Running {
    pub(crate) address_file: Option<AddressFile>,
}

#[derive(Debug)]
pub(crate) enum BootError {
    Bind(SocketAddr, io::Error),
    AddressFile(PathBuf, io::Error),
    Thread(io::Error),
    NotReady(String),
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(address, error) => {
                write!(
                    f,
                    "listening on {address}: {error}; choose another with --listen or PF_LISTEN"
                )
            }
            Self::AddressFile(path, error) => {
                write!(f, "writing the address file {}: {error}", path.display())
            }
            Self::Thread(error) => write!(f, "starting the thread that accepts: {error}"),
            Self::NotReady(why) => {
                write!(f, "not ready within {} s: {why}", READINESS_LIMIT.as_secs())
            }
        }
    }
}

/// Boots the five components; the log holds a line for each that came up.
pub(crate) fn boot<W: Write>(
    options: &ServeOptions,
    features: Features,
    mut log: BootLog<W>,
) -> Result<Running, BootError> {
    let telemetry =
        log.component(Component::Observability, || Ok(Telemetry::initialise(&features)))?;
    let database =
        log.component(Component::DatabaseStub, || Ok(Database::open(options.database_latency)))?;
    let orchestrator =
        log.component(Component::Orchestrator, || Ok(Orchestrator::set_up(&features)))?;
    let service = Arc::new(Service {
        features,
        telemetry,
        database,
        orchestrator,
        open: AtomicBool::new(false),
        boot: OnceLock::new(),
    });
    let (address, address_file) =
        log.component(Component::HttpBind, || bind(options, Arc::clone(&service)))?;
    log.component(Component::ReadinessProbe, || {
        service.open.store(true, Ordering::Release);
        wait_until_ready(address)
    })?;
    // Before the line that says so: who has read it finds the report in the first scrape.
    // Nobody else sets it, hence the result is always `Ok`.
    let _ = service.boot.set(log.report());
    log.ready(address);
    Ok(Running { address_file })
}

fn bind(
    options: &ServeOptions,
    service: Arc<Service>,
) -> Result<(SocketAddr, Option<AddressFile>), BootError> {
    let refused = |error| BootError::Bind(options.listen, error);
    let listener = TcpListener::bind(options.listen).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    server::start(listener, service, server::Limits::default()).map_err(BootError::Thread)?;
    let write = |path: &PathBuf| {
        AddressFile::write(path, address).map_err(|e| BootError::AddressFile(path.clone(), e))
    };
    let address_file = options.address_file.as_ref().map(write).transpose()?;
    Ok((address, address_file))
}

/// Asks as a probe would, over the network, until the answer is yes.
fn wait_until_ready(address: SocketAddr) -> Result<(), BootError> {
    let started = Instant::now();
    loop {
        let left = READINESS_LIMIT.saturating_sub(started.elapsed());
        let why = match client::get(address, READINESS_PATH, left) {
            Ok(answer) if answer.is_success() => return Ok(()),
            Ok(answer) => format!("{} {}", answer.status, answer.body.trim_end()),
            Err(error) => error.to_string(),
        };
        if started.elapsed() + RETRY_AFTER >= READINESS_LIMIT {
            return Err(BootError::NotReady(why));
        }
        std::thread::sleep(RETRY_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{self, Mode};

    fn options(listen: SocketAddr) -> ServeOptions {
        match arguments::parse([], |name| (name == "PF_LISTEN").then(|| listen.to_string())) {
            Ok(Mode::Serve(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_component_has_a_line_a_program_can_read() {
        let mut out = Vec::new();
        let features = Features::read(|_| None).unwrap();
        boot(&options("127.0.0.1:0".parse().unwrap()), features, BootLog::new(&mut out)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let names: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("boot component=")?.split_once(" duration_ms="))
            .map(|(name, duration)| (name, duration.parse::<f64>().unwrap() >= 0.0))
            .collect();
        assert_eq!(names, Component::ALL.map(|component| (component.name(), true)));
        let last = text.lines().last().unwrap();
        let (_, address) = last.split_once(" address=").unwrap();
        assert!(last.starts_with("boot ready duration_ms="), "{last}");
        let answer = client::get(address.parse().unwrap(), "/metrics", READINESS_LIMIT).unwrap();
        assert!(answer.body.contains("pf_boot_seconds{component=\"http-bind\"}"));
    }

    #[test]
    fn a_port_that_is_taken_stops_the_boot_and_says_so() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = other.local_addr().unwrap();
        let features = Features::read(|_| None).unwrap();
        let mut out = Vec::new();
        let error = boot(&options(taken), features, BootLog::new(&mut out)).err().unwrap();
        assert!(error.to_string().starts_with(&format!("listening on {taken}: ")), "{error}");
        assert!(!String::from_utf8(out).unwrap().contains("http-bind"));
    }
}
