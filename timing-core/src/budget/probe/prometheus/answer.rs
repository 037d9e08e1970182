//! The JSON of an answer. Must not know what was asked.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny};

use crate::budget::probe::document::Few;
use crate::budget::probe::http::Fetched;

/// Most series that are looked at.
const MOST_SERIES: usize = 1000;
/// Most points of a series; the server gives 11,000.
const MOST_POINTS: usize = 11_000;
/// Most warnings that are read.
const MOST_WARNINGS: usize = 1000;

/// Seconds since 1970, and the value, which may be no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample(pub(super) f64, pub(super) f64);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, text) = <(f64, String)>::deserialize(deserializer)?;
        let value = text.parse();
        value
            .map(|value| Self(time, value))
            .map_err(|_| D::Error::custom(format_args!("{text:?} is no value of a sample")))
    }
}

/// One series; its labels are not looked at.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Series {
    /// Of an instant query; absent where the sample is a histogram.
    pub(super) value: Option<Sample>,
    /// Of a range query.
    #[serde(default)]
    pub(super) values: Few<Sample, MOST_POINTS>,
}

/// What an answer holds.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Scalar(Sample),
    Vector(Vec<Series>),
    Matrix(Vec<Series>),
    String,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Outcome {
    Scalar(Sample),
    Vector(Few<Series, MOST_SERIES>),
    Matrix(Few<Series, MOST_SERIES>),
    String(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: String,
    data: Option<Outcome>,
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Few<String, MOST_WARNINGS>,
}

/// What the answer holds, or why it holds nothing.
pub(super) fn read(fetched: &Fetched) -> Result<Data, String> {
    let Fetched { status, body } = fetched;
    let answer = match (status, serde_json::from_slice::<Answer>(body)) {
        (_, Ok(answer)) => answer,
        (401 | 403, Err(_)) => {
            return Err(format!("status {status}: it wants to know who asks, and nobody says"));
        }
        (200..=299, Err(error)) => return Err(not_understood(&error)),
        (_, Err(_)) => return Err(format!("status {status}")),
    };
    if answer.status != "success" {
        let Answer { error_type, error, .. } = answer;
        return Err(format!("status {status}, {error_type}: {error}"));
    }
    if !(200..=299).contains(status) {
        return Err(format!("status {status}"));
    }
    if let Some(warning) = answer.warnings.0.first() {
        return Err(format!("it warns: {warning}"));
    }
    match answer.data {
        Some(Outcome::Scalar(sample)) => Ok(Data::Scalar(sample)),
        Some(Outcome::Vector(series)) => Ok(Data::Vector(series.0)),
        Some(Outcome::Matrix(series)) => Ok(Data::Matrix(series.0)),
        Some(Outcome::String(_)) => Ok(Data::String),
        None => Err("its answer has no data".to_owned()),
    }
}

fn not_understood(error: &impl fmt::Display) -> String {
    format!("its answer cannot be read: {error}")
}
