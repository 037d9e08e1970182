//! What is asked of the history: every part checked and typed.

pub(super) mod moment;

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use timing_core::clock::UtcStamp;
use timing_core::history::Filter;

use crate::cli::TimingsArgs;
use moment::Moment;

/// A question as it will be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where rows come from.
    pub origin: Origin,
    /// Which rows.
    pub filter: Filter,
    /// The second after the last that it is about: after `--until`, or after now.
    pub end: UtcStamp,
    /// How many of them, the newest; all when it is not said.
    pub last: Option<NonZeroUsize>,
    /// When it was asked.
    pub now: UtcStamp,
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The branch, here and as it was last fetched, and the journal.
    Registry,
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// A part of a question that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    flag: &'static str,
    reason: String,
}

impl QueryError {
    pub(super) fn new(flag: &'static str, reason: impl fmt::Display) -> Self {
        Self { flag, reason: reason.to_string() }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--{}: {}", self.flag, self.reason)
    }
}

impl std::error::Error for QueryError {}

impl Query {
    /// The question that was typed at `now`.
    ///
    /// # Errors
    ///
    /// When an environment or a time is none.
    pub fn resolve(args: &TimingsArgs, now: UtcStamp) -> Result<Self, QueryError> {
        let environment = args.environment.as_deref().map(str::parse).transpose();
        let refuse = |flag| move |reason: String| QueryError::new(flag, reason);
        let moment = |flag, text: &Option<String>| {
            text.as_deref().map(|text| Moment::parse(text, now)).transpose().map_err(refuse(flag))
        };
        let (since, until) = (moment("since", &args.since)?, moment("until", &args.until)?);
        let (since, before) = (since.map(Moment::first), until.map(Moment::after));
        if let (Some(since), Some(before)) = (since, before)
            && before <= since
        {
            return Err(refuse("until")("ends before --since begins".to_owned()));
        }
        Ok(Self {
            origin: match &args.file {
                None => Origin::Registry,
                Some(path) if path.as_os_str() == "-" => Origin::Stdin,
                Some(path) => Origin::File(path.clone()),
            },
            filter: Filter {
                environment: environment.map_err(|error: timing_core::record::InvalidName| {
                    refuse("env")(error.to_string())
                })?,
                phases: args.phases.clone(),
                build_id: args.build_id.clone(),
                since,
                before,
            },
            end: before.unwrap_or_else(|| now.plus_seconds(1)),
            last: args.last,
            now,
        })
    }
}
