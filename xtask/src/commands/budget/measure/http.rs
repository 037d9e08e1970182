//! `kind = "http"`: one load answers for times, sizes and errors.

use timing_core::budget::probe::Unknown;
use timing_core::budget::probe::http::{
    Connection, Expected, Load, Report, Settings, ask, measure as probe,
};
use timing_core::budget::source::{
    Connections, Endpoint, HttpReading, HttpSource, Load as Asked, Server, Source,
};
use timing_core::budget::{Amount, Measured};

use super::task::{Ask, to_all};
use super::{Machine, chosen, unknown};

/// Most requests under way at once where a rate is kept.
const CONNECTIONS: usize = 32;

pub(super) fn measure(source: &HttpSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let settings = settings(source, machine);
    match probe(&settings) {
        Ok(report) => asks.iter().map(|ask| read(ask, &report)).collect(),
        Err(unknown_now) => {
            let reason = match ask(&settings) {
                Ok(_) => unknown_now,
                Err(_) => missing(&source.endpoint, &unknown_now, machine),
            };
            to_all(asks, &unknown(reason))
        }
    }
}

/// What would help against an endpoint that does not answer.
pub(super) fn missing(endpoint: &Endpoint, unknown: &Unknown, machine: &Machine) -> Unknown {
    match &endpoint.server {
        Server::AddressFile(_) => machine.undeployed(unknown),
        Server::Url(_) => unknown.clone(),
    }
}

fn read(ask: &Ask, report: &Report) -> Measured {
    let Source::Http(source) = &ask.source else { return unknown("this is no endpoint") };
    match source.reading {
        HttpReading::Latency => {
            let times: Vec<Amount> =
                report.times.iter().map(|time| Amount::from_duration(*time)).collect();
            chosen(ask, &times)
        }
        HttpReading::BodySize => {
            let sizes: Vec<Amount> = report.sizes.iter().map(|size| Amount::whole(*size)).collect();
            chosen(ask, &sizes)
        }
        HttpReading::Errors => errors(report),
    }
}

/// The part of the requests that got no good answer.
fn errors(report: &Report) -> Measured {
    let made: u64 = report.statuses.values().chain(report.failures.values()).sum();
    let good = u64::try_from(report.sizes.len()).unwrap_or(u64::MAX);
    let bad = Amount::whole(made.saturating_sub(good));
    match bad.over(Amount::whole(made)).and_then(Amount::from_f64) {
        Some(value) => Measured::Known { value, samples: made },
        None => unknown("no request was made"),
    }
}

fn settings(source: &HttpSource, machine: &Machine) -> Settings {
    Settings {
        load: match source.load {
            Asked::Rate(rate) => {
                Load::Rate { per_second: f64::from(rate), connections: CONNECTIONS }
            }
            Asked::Concurrency(workers) => Load::Concurrency {
                workers: usize::try_from(workers).unwrap_or(usize::MAX),
                expected_interval: None,
            },
        },
        duration: source.duration,
        warm_up: source.warm_up,
        timeout: source.timeout,
        connection: match source.connections {
            Connections::KeptAlive => Connection::KeepAlive,
            Connections::OneEach => Connection::PerRequest,
        },
        expected: Expected::Status(source.status),
        // Errors are what is asked for; otherwise a server that fails has no times.
        tolerated: match source.reading {
            HttpReading::Errors => 1.0,
            HttpReading::Latency | HttpReading::BodySize => 0.01,
        },
        ..of_endpoint(&source.endpoint, machine)
    }
}

/// An endpoint, asked as the probe sees fit.
pub(super) fn of_endpoint(endpoint: &Endpoint, machine: &Machine) -> Settings {
    let path = &endpoint.path;
    match &endpoint.server {
        Server::AddressFile(file) => Settings {
            address_file: Some(machine.path(file)),
            ..Settings::new(format!("http://{{address}}{path}"))
        },
        Server::Url(base) => Settings::new(format!("{}{path}", base.trim_end_matches('/'))),
    }
}
