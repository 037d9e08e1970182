//! How an endpoint answers: times, statuses and the size of its answers, under a load.
//!
//! Redirects, bodies, heads and times are bounded, and the first request is made alone: where it has
//! no answer, that is the result. A request without the expected answer counts with the time-out at
//! least, because nobody was served sooner; where there are more of them than is tolerated, nothing
//! is said.

mod client;
mod fault;
mod head;
mod load;
mod report;
mod settings;
mod url;
mod wire;

pub use report::{Body, Latency, Pace, Report};
pub use settings::{Connection, Expected, Load, MOST_AT_ONCE, MOST_REQUESTS, Settings};

use super::Unknown;
use client::Client;
use fault::Fault;
use wire::Answer;

/// Measures the endpoint. Takes warm-up and duration, and six time-outs more at most.
///
/// # Errors
/// Settings that cannot be measured with, an endpoint that does not answer, and one of whose answers
/// too many are not what was expected.
pub fn measure(settings: &Settings) -> Result<Report, Unknown> {
    settings.check()?;
    let client = Client::new(settings)?;
    client.get().map_err(|fault| Unknown::because(format!("GET {}: {fault}", client.url())))?;
    if !settings.warm_up.is_zero() {
        drop(load::run(settings.load, settings.warm_up, settings.timeout, || client.get()));
    }
    let done = load::run(settings.load, settings.duration, settings.timeout, || client.get());
    report::of(settings, &client.url().to_string(), done)
}

/// Asks once, and says the status of the answer.
///
/// # Errors
/// As [`measure`] does.
pub fn ask(settings: &Settings) -> Result<u16, Unknown> {
    settings.check()?;
    let client = Client::new(settings)?;
    match client.get() {
        Ok(answer) => Ok(answer.status),
        Err(fault) => Err(Unknown::because(format!("GET {}: {fault}", client.url()))),
    }
}

/// What came of one request.
type Outcome = Result<Answer, Fault>;

#[cfg(test)]
mod tests;
