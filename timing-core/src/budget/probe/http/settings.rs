//! What is asked, how often and within which limits.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::url::Url;
use crate::budget::probe::Unknown;
use crate::shown::shown;

/// Most requests of one measurement; a closed loop ends early when it has made them.
pub const MOST_REQUESTS: usize = 100_000;
/// Most requests under way at once.
pub const MOST_AT_ONCE: usize = 256;
/// Longest time that any setting may take.
const LONGEST: Duration = Duration::from_secs(3600);
/// The place in a URL that an address file fills.
const ADDRESS: &str = "{address}";

/// What is measured, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `http://HOST:PORT/PATH?QUERY`; `{address}` in it stands for what the address file holds.
    pub url: String,
    /// A file whose first line is `HOST:PORT`.
    pub address_file: Option<PathBuf>,
    /// When requests are sent.
    pub load: Load,
    /// For how long.
    pub duration: Duration,
    /// For how long before that, without counting.
    pub warm_up: Duration,
    /// For one whole request: connecting, sending, head, body and redirects.
    pub timeout: Duration,
    /// Whether connections serve several requests.
    pub connection: Connection,
    /// Most redirects that are followed; where it is 0, the redirect is the answer.
    pub redirects: u8,
    /// Longest body, in bytes.
    pub body_limit: u64,
    /// Which answers are as they should be.
    pub expected: Expected,
    /// Share (0 to 1) of requests without such an answer beyond which nothing is said of the rest.
    pub tolerated: f64,
}

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// So many each second, whether answers come or not. A request's time counts from when it was
    /// to be sent.
    Rate {
        /// Above 0.
        per_second: f64,
        /// Most under way at once.
        connections: usize,
    },
    /// One after another by each of the workers. A request's time counts from when it was sent.
    Concurrency {
        /// Requests under way at once.
        workers: usize,
        /// Each worker begins a request this often at most, and each that it could not begin
        /// because it waited for an answer counts with the time it would have waited.
        expected_interval: Option<Duration>,
    },
}

/// Whether a connection serves several requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// It does, and connecting is no part of most requests' times.
    KeepAlive,
    /// It does not, and connecting is part of each request's time.
    PerRequest,
}

/// Which answers are as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Any status from 200 to 299.
    Success,
    /// This status.
    Status(u16),
}

impl Expected {
    pub(super) fn fits(self, status: u16) -> bool {
        match self {
            Self::Success => (200..300).contains(&status),
            Self::Status(expected) => status == expected,
        }
    }
}

impl Settings {
    /// 50 requests a second for two seconds, kept connections, 2 s for each, redirects not followed.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            address_file: None,
            load: Load::Rate { per_second: 50.0, connections: 32 },
            duration: Duration::from_secs(2),
            warm_up: Duration::from_millis(200),
            timeout: Duration::from_secs(2),
            connection: Connection::KeepAlive,
            redirects: 0,
            body_limit: 1 << 20,
            expected: Expected::Success,
            tolerated: 0.01,
        }
    }

    /// Requests that `duration` has at the given rate.
    pub(super) fn planned(per_second: f64, duration: Duration) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let count = (per_second * duration.as_secs_f64()).round() as usize;
        count.max(1)
    }

    /// What nobody could measure is refused before anything is sent.
    pub(super) fn check(&self) -> Result<(), Unknown> {
        let refuse = |why: &str| Err(Unknown::because(format!("probing {}: {why}", self.url)));
        let times = [self.duration, self.timeout];
        if times.iter().any(|time| time.is_zero() || *time > LONGEST) || self.warm_up > LONGEST {
            return refuse("duration and time-out are above 0 s, and no time is over an hour");
        }
        if !(0.0..=1.0).contains(&self.tolerated) {
            return refuse("the tolerated share is from 0 to 1");
        }
        match self.load {
            Load::Rate { per_second, .. } if !(per_second > 0.0 && per_second.is_finite()) => {
                refuse("the rate is above 0 requests a second")
            }
            Load::Rate { per_second, .. }
                if Self::planned(per_second, self.duration.max(self.warm_up)) > MOST_REQUESTS =>
            {
                refuse("at this rate it would take more than 100000 requests")
            }
            Load::Rate { connections: at_once, .. }
            | Load::Concurrency { workers: at_once, .. }
                if at_once == 0 || at_once > MOST_AT_ONCE =>
            {
                refuse("from 1 to 256 requests are under way at once")
            }
            Load::Concurrency { expected_interval: Some(interval), .. }
                if interval < Duration::from_micros(100) =>
            {
                refuse("the expected interval is 100 µs at least")
            }
            Load::Rate { .. } | Load::Concurrency { .. } => Ok(()),
        }
    }

    /// The URL with the address in its place.
    pub(super) fn resolved_url(&self) -> Result<Url, Unknown> {
        let text = match &self.address_file {
            Some(path) => self.url.replace(ADDRESS, &first_line(path)?),
            None => self.url.clone(),
        };
        Url::parse(&text).map_err(Unknown::because)
    }
}

/// The first line of a small file.
fn first_line(path: &Path) -> Result<String, Unknown> {
    let unknown = |why: String| {
        Unknown::because(format!("reading the address in {}: {why}; does it run?", shown(path)))
    };
    let is_file = path.metadata().map_err(|error| unknown(error.to_string()))?.is_file();
    if !is_file {
        return Err(unknown("it is not a file".to_owned()));
    }
    let file = std::fs::File::open(path).map_err(|error| unknown(error.to_string()))?;
    let mut text = String::new();
    file.take(1024).read_to_string(&mut text).map_err(|error| unknown(error.to_string()))?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(unknown("it holds none".to_owned())),
    }
}
