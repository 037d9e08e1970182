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

use std::time::Duration;

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

/// An answer with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its status; a redirect is not followed.
    pub status: u16,
    /// Its body, of at most the bytes that were allowed.
    pub body: Vec<u8>,
}

/// Asks once, and keeps the body of the answer, whatever its status.
///
/// # Errors
/// A URL that cannot be asked, no answer within `timeout`, and one longer than `body_limit` bytes.
pub fn fetch(url: &str, timeout: Duration, body_limit: u64) -> Result<Fetched, Unknown> {
    let settings = Settings { timeout, body_limit, ..Settings::new(url) };
    settings.check()?;
    let client = Client::new(&settings)?;
    // Without what is asked, which is long and encoded.
    let place = client.url().to_string();
    let place = place.split('?').next().unwrap_or_default();
    client.fetch().map_err(|fault| Unknown::because(format!("GET {place}: {fault}")))
}

/// What is sent along with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content<'a> {
    /// Its media type, in printable ASCII.
    pub media_type: &'a str,
    /// Itself.
    pub bytes: &'a [u8],
}

/// Puts `content` to where `url` leads, once, and keeps the body of the answer, whatever its status.
/// Everything together takes `timeout` at most.
///
/// # Errors
/// As [`fetch`] does.
pub fn put(
    url: &str,
    content: Content<'_>,
    timeout: Duration,
    body_limit: u64,
) -> Result<Fetched, Unknown> {
    let settings = Settings { timeout, body_limit, ..Settings::new(url) };
    settings.check()?;
    let client = Client::new(&settings)?;
    client.put(content).map_err(|fault| Unknown::because(format!("PUT {}: {fault}", client.url())))
}

/// What came of one request.
type Outcome = Result<Answer, Fault>;

#[cfg(test)]
mod tests;
