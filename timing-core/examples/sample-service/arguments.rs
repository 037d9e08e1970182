//! The command line, parsed once. Must not know what is done with it.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
usage: sample-service [--listen ADDRESS] [--beyond-loopback] [--address-file FILE]
       sample-service --probe ADDRESS PATH

  --listen ADDRESS     loopback address and port (default: PF_LISTEN, then 127.0.0.1:0)
  --beyond-loopback    any address may be listened on: for a container, which is a network of its own
  --address-file FILE  where the bound address is written; the service stops when FILE goes
  --probe ADDRESS PATH one GET: exit code 0 if it is answered with 2xx, otherwise 1

  PF_ORCH_ENABLED, PF_METRICS_ENABLED (default true), PF_CACHE_ENABLED, PF_POLICY_ENABLED,
  PF_TRACING_ENABLED (default false) choose what is initialised.
  PF_DATABASE_LATENCY_MS makes each check of the database take so much longer.
";

const DEFAULT_LISTEN: &str = "127.0.0.1:0";

/// What the service was asked to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Serve(ServeOptions),
    Probe { address: SocketAddr, target: String },
    Help,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    /// A loopback address unless somebody insisted; port 0 lets the system choose.
    pub(crate) listen: SocketAddr,
    pub(crate) address_file: Option<PathBuf>,
    /// What each check of the database takes longer.
    pub(crate) database_latency: Duration,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Loopback,
    Anywhere,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ArgumentError {
    Unknown(String),
    Missing(&'static str),
    NotAnAddress(String),
    NotLoopback(SocketAddr),
    NotAPath(String),
    NotALatency(String),
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(text) => write!(f, "unknown argument {text:?}"),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::NotAnAddress(text) => {
                write!(f, "{text:?} is not an address of the form 127.0.0.1:8080")
            }
            Self::NotLoopback(address) => {
                write!(
                    f,
                    "{address} is not a loopback address: this service stays on the machine \
                     unless --beyond-loopback is given"
                )
            }
            Self::NotALatency(text) => write!(
                f,
                "PF_DATABASE_LATENCY_MS={text:?} is not a number of milliseconds up to 60000"
            ),
            Self::NotAPath(text) => write!(f, "{text:?} is not a path that starts with '/'"),
        }
    }
}

/// Parses `arguments` (without the program's name); `lookup` reads an environment variable.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Mode, ArgumentError> {
    let mut listen = lookup("PF_LISTEN");
    let mut address_file = None;
    let mut reach = Reach::Loopback;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--help" | "-h") => return Ok(Mode::Help),
            Some("--listen") => {
                let value = arguments.next().ok_or(ArgumentError::Missing("--listen's ADDRESS"))?;
                listen = Some(value.to_string_lossy().into_owned());
            }
            Some("--address-file") => {
                let value =
                    arguments.next().ok_or(ArgumentError::Missing("--address-file's FILE"))?;
                address_file = Some(PathBuf::from(value));
            }
            Some("--beyond-loopback") => reach = Reach::Anywhere,
            Some("--probe") => return parse_probe(arguments),
            _ => return Err(ArgumentError::Unknown(argument.to_string_lossy().into_owned())),
        }
    }
    let listen = parse_address(listen.as_deref().unwrap_or(DEFAULT_LISTEN))?;
    if reach == Reach::Loopback && !listen.ip().is_loopback() {
        return Err(ArgumentError::NotLoopback(listen));
    }
    let database_latency = parse_latency(lookup("PF_DATABASE_LATENCY_MS"))?;
    Ok(Mode::Serve(ServeOptions { listen, address_file, database_latency }))
}

fn parse_probe(mut rest: impl Iterator<Item = OsString>) -> Result<Mode, ArgumentError> {
    let address = rest.next().ok_or(ArgumentError::Missing("--probe's ADDRESS"))?;
    let target = rest.next().ok_or(ArgumentError::Missing("--probe's PATH"))?;
    if let Some(extra) = rest.next() {
        return Err(ArgumentError::Unknown(extra.to_string_lossy().into_owned()));
    }
    let address = parse_address(&address.to_string_lossy())?;
    let target = target.to_string_lossy().into_owned();
    // It is written into a request line: a blank or a line break would end it early.
    if !target.starts_with('/') || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(ArgumentError::NotAPath(target));
    }
    Ok(Mode::Probe { address, target })
}

/// A check that takes longer than a minute would be a service that hangs.
fn parse_latency(text: Option<String>) -> Result<Duration, ArgumentError> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(Duration::ZERO);
    };
    match text.trim().parse() {
        Ok(milliseconds @ 0..=60_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(ArgumentError::NotALatency(text)),
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, ArgumentError> {
    text.trim().parse().map_err(|_| ArgumentError::NotAnAddress(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str], listen: Option<&str>) -> Result<Mode, ArgumentError> {
        parse(arguments.iter().map(OsString::from), |name| {
            (name == "PF_LISTEN").then(|| listen.map(str::to_owned)).flatten()
        })
    }

    fn serving(listen: &str) -> Result<Mode, ArgumentError> {
        let listen = listen.parse().unwrap();
        Ok(Mode::Serve(ServeOptions {
            listen,
            address_file: None,
            database_latency: Duration::ZERO,
        }))
    }

    #[test]
    fn the_argument_beats_the_environment_beats_the_default() {
        assert_eq!(parsed(&[], None), serving("127.0.0.1:0"));
        assert_eq!(parsed(&[], Some("127.0.0.1:81")), serving("127.0.0.1:81"));
        assert_eq!(parsed(&["--listen", "[::1]:82"], Some("127.0.0.1:81")), serving("[::1]:82"));
    }

    #[test]
    fn only_loopback_is_listened_on_unless_somebody_insists() {
        let refused = parsed(&["--listen", "0.0.0.0:80"], None);
        assert_eq!(refused, Err(ArgumentError::NotLoopback("0.0.0.0:80".parse().unwrap())));
        let insisted = parsed(&["--beyond-loopback"], Some("0.0.0.0:80"));
        assert_eq!(insisted, serving("0.0.0.0:80"));
    }

    #[test]
    fn a_probe_cannot_smuggle_a_second_header() {
        let refused = parsed(&["--probe", "127.0.0.1:1", "/ HTTP/1.1\r\nX: y"], None);
        assert!(matches!(refused, Err(ArgumentError::NotAPath(_))), "{refused:?}");
        assert!(matches!(
            parsed(&["--probe", "127.0.0.1:1", "/a?b=c"], None),
            Ok(Mode::Probe { .. })
        ));
    }

    #[test]
    fn a_slow_database_is_asked_for_in_milliseconds() {
        let latency = |text: &str| {
            let mode = parse([], |name| (name == "PF_DATABASE_LATENCY_MS").then(|| text.into()))?;
            Ok(matches!(mode, Mode::Serve(options) if options.database_latency.as_millis() == 600))
        };
        assert_eq!(latency("600"), Ok(true));
        assert_eq!(latency(""), Ok(false));
        for text in ["60001", "-1", "0.5", "fast"] {
            assert_eq!(latency(text), Err(ArgumentError::NotALatency(text.to_owned())));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(parsed(&["--probe"], None), Err(ArgumentError::Missing("--probe's ADDRESS")));
        assert_eq!(parsed(&["--port"], None), Err(ArgumentError::Unknown("--port".to_owned())));
    }
}
