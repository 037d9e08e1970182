//! Metrics to a Pushgateway, in place of what the group had there.
//!
//! <https://github.com/prometheus/pushgateway/blob/master/README.md#api>

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL;
use timing_core::budget::probe::Unknown;
use timing_core::budget::probe::http;

/// What the text of [`super::openmetrics`] is for a gateway, which reads no other.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Where the name of a group begins.
const PATH: &str = "/metrics/job";
/// The job of a gateway's address that names no group.
const JOB: &str = "xtask";
/// Longest answer, in bytes.
const ANSWER_LIMIT: u64 = 64 * 1024;
/// Longest reason of a gateway, in characters.
const LONGEST_REASON: usize = 300;

/// Why metrics did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushError {
    /// The address cannot be one of a gateway.
    Address(&'static str),
    /// There was no answer; why.
    NoAnswer(Unknown),
    /// The gateway did not take them.
    Refused {
        /// Its answer's status.
        status: u16,
        /// In its own words.
        reason: String,
    },
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(why) => write!(f, "the Pushgateway's address cannot be used: {why}"),
            Self::NoAnswer(why) => write!(f, "the Pushgateway did not answer: {why}"),
            Self::Refused { status, reason } if reason.is_empty() => {
                write!(f, "the Pushgateway answered {status}, and does not say why")
            }
            Self::Refused { status, reason } => {
                write!(f, "the Pushgateway answered {status}: {reason}")
            }
        }
    }
}

impl std::error::Error for PushError {}

/// Puts `text` in the place of the group's metrics. `address` is that of the gateway, and of the group
/// of `repository` there, or ends with the path of a group of one's own (`/metrics/job/…`).
///
/// # Errors
/// An address that is none, no answer `within` that time, and a refusal.
pub fn push(
    address: &str,
    repository: &str,
    text: &str,
    within: Duration,
) -> Result<(), PushError> {
    let url = group_of(address, repository)?;
    let content = http::Content { media_type: MEDIA_TYPE, bytes: text.as_bytes() };
    let answer = http::put(&url, content, within, ANSWER_LIMIT).map_err(PushError::NoAnswer)?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(PushError::Refused { status: answer.status, reason: reason_of(&answer.body) })
}

/// The URL of the group that is replaced.
fn group_of(address: &str, repository: &str) -> Result<String, PushError> {
    let address = address.trim_end_matches('/');
    if address.contains(['?', '#']) {
        return Err(PushError::Address("it ends with a path; there is nothing to ask for"));
    }
    let named = |path: &str| address.contains(path);
    if named("/metrics/job/") || named("/metrics/job@base64/") {
        return Ok(address.to_owned());
    }
    Ok(format!("{address}{PATH}/{JOB}{}", label("repository", repository)))
}

/// A part of a group's path. A value that a path cannot hold as it is goes as base64.
fn label(name: &str, value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match value {
        // What the gateway has for nothing, which would leave no segment.
        "" => format!("/{name}@base64/="),
        // Not `..`, which some server on the way might take for a way up.
        _ if value.bytes().all(plain) && !value.bytes().all(|byte| byte == b'.') => {
            format!("/{name}/{value}")
        }
        _ => format!("/{name}@base64/{}", BASE64URL.encode(value.as_bytes())),
    }
}

/// The first line of an answer, which may be of anybody.
fn reason_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests;
