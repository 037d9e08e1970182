//! The figures of a measurement, from what each request came to.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Outcome;
use super::fault::Fault;
use super::load::{Done, nanoseconds, put_back};
use super::settings::{Load, Settings};
use crate::budget::probe::Unknown;
use crate::stats::quantile;

/// What was measured of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How long answers took.
    pub latency: Latency,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, u64>,
    /// How large answers were, of those that were as expected.
    pub body: Body,
    /// How long each answer took; first those that were made, in the order of sending.
    pub times: Vec<Duration>,
    /// Bytes of each body that was as expected.
    pub sizes: Vec<u64>,
    /// How many requests had no answer, by reason.
    pub failures: BTreeMap<String, u64>,
    /// Whether requests were sent when they should have been.
    pub pace: Pace,
}

/// Exact quantiles of all times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// Half took no longer.
    pub p50: Duration,
    /// 95 % took no longer.
    pub p95: Duration,
    /// 99 % took no longer.
    pub p99: Duration,
    /// None took longer.
    pub max: Duration,
    /// How many times there were, those included that stand for requests that were never sent.
    pub samples: usize,
}

/// Bytes of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    /// Half were no larger.
    pub median: u64,
    /// None was larger.
    pub max: u64,
}

/// Whether requests were sent when they should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At the rate that was asked for.
    Kept,
    /// More than one in a hundred began late: all connections were busy, or this machine was. The
    /// times are those from when the requests were due all the same.
    Behind {
        /// How many.
        late: usize,
        /// Of how many.
        of: usize,
    },
    /// There was no rate to keep.
    Closed,
}

/// The report of what was `done` to `url`.
pub(super) fn of(settings: &Settings, url: &str, done: Done<Outcome>) -> Result<Report, Unknown> {
    let total = done.sent.len();
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    let mut failures: BTreeMap<String, u64> = BTreeMap::new();
    let (mut times, mut bodies) = (Vec::with_capacity(total), Vec::new());
    for sent in done.sent {
        let outcome = sent.outcome.unwrap_or(Err(Fault::NotSent));
        let time = match outcome {
            Ok(answer) => {
                *statuses.entry(answer.status).or_default() += 1;
                if settings.expected.fits(answer.status) {
                    bodies.push(answer.body);
                    sent.time
                } else {
                    sent.time.max(nanoseconds(settings.timeout))
                }
            }
            Err(fault) => {
                *failures.entry(fault.to_string()).or_default() += 1;
                sent.time.max(nanoseconds(settings.timeout))
            }
        };
        times.push(time);
    }
    let unserved = total - bodies.len();
    #[expect(clippy::cast_precision_loss, reason = "100000 at most")]
    if bodies.is_empty() || unserved as f64 > settings.tolerated * total as f64 {
        return Err(too_many(url, unserved, total, &statuses, &failures));
    }
    if let Load::Concurrency { expected_interval: Some(interval), .. } = settings.load {
        put_back(&mut times, interval);
    }
    let pace = match settings.load {
        Load::Concurrency { .. } => Pace::Closed,
        Load::Rate { .. } if done.late * 100 > total => Pace::Behind { late: done.late, of: total },
        Load::Rate { .. } => Pace::Kept,
    };
    let all = times.iter().map(|time| Duration::from_nanos(*time)).collect();
    let (Some(latency), Some(body)) = (latency(times), body(bodies.clone())) else {
        return Err(Unknown::because(format!("GET {url}: no request was made")));
    };
    Ok(Report { latency, statuses, body, times: all, sizes: bodies, failures, pace })
}

fn too_many(
    url: &str,
    unserved: usize,
    total: usize,
    statuses: &BTreeMap<u16, u64>,
    failures: &BTreeMap<String, u64>,
) -> Unknown {
    let answers = statuses.iter().map(|(status, count)| format!("status {status} × {count}"));
    let faults = failures.iter().map(|(why, count)| format!("{why} × {count}"));
    let seen: Vec<_> = answers.chain(faults).take(4).collect();
    Unknown::because(format!(
        "GET {url}: {unserved} of {total} requests were not answered as expected ({})",
        seen.join(", ")
    ))
}

fn latency(mut times: Vec<u64>) -> Option<Latency> {
    times.sort_unstable();
    let at = |share| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "of u64")]
        quantile(&times, share).map(|time| Duration::from_nanos(time.round() as u64))
    };
    Some(Latency {
        p50: at(0.5)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        max: at(1.0)?,
        samples: times.len(),
    })
}

fn body(mut sizes: Vec<u64>) -> Option<Body> {
    sizes.sort_unstable();
    Some(Body { median: *sizes.get(sizes.len() / 2)?, max: *sizes.last()? })
}
