//! Why a request has no answer.

use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// What went wrong with one request. Its text is the same for all requests that failed alike, so
/// that they can be counted by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The host's name leads nowhere.
    Name(String),
    /// No connection.
    Connect(String),
    /// Nothing more came in time.
    TimedOut(Duration),
    /// The connection broke, or was closed in the middle of the answer.
    Broken(String),
    /// What came is not HTTP/1.
    NotHttp(&'static str),
    /// The head of the answer is longer than anyone needs.
    HeadTooLarge,
    /// The body is longer than was allowed, in bytes.
    BodyTooLarge(u64),
    /// Redirected more often than was allowed.
    Redirects(u8),
    /// Redirected to what cannot be asked.
    BadRedirect(String),
    /// Its turn never came: everything before it took too long.
    NotSent,
}

impl Fault {
    /// Of an error on an open connection.
    pub(super) fn of(error: &io::Error, limit: Duration) -> Self {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::TimedOut(limit),
            _ => Self::Broken(error.to_string()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(why) => write!(f, "the host's address is not known: {why}"),
            Self::Connect(why) => write!(f, "cannot be connected to: {why}"),
            Self::TimedOut(limit) => write!(f, "no complete answer within {limit:?}"),
            Self::Broken(why) => write!(f, "the connection ended before the answer did: {why}"),
            Self::NotHttp(why) => write!(f, "the answer is not HTTP/1: {why}"),
            Self::HeadTooLarge => {
                write!(f, "the head of the answer is longer than {} bytes", super::wire::HEAD_LIMIT)
            }
            Self::BodyTooLarge(limit) => {
                write!(f, "the body of the answer is longer than {limit} bytes")
            }
            Self::Redirects(0) => f.write_str("redirected"),
            Self::Redirects(most) => write!(f, "redirected more than {most} times"),
            Self::BadRedirect(why) => write!(f, "redirected to what cannot be asked: {why}"),
            Self::NotSent => f.write_str("not sent: those before it took too long"),
        }
    }
}
