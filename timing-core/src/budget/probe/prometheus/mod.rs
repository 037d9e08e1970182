//! What Prometheus answers to a query, as one number.
//!
//! The protocol is the HTTP API v1, <https://prometheus.io/docs/prometheus/latest/querying/api/>:
//! `query` for what is now, `query_range` for what was throughout a window. The window ends at the
//! server's own time, which is asked for first, so that clocks need not agree.
//!
//! *Sustained*: the value is what the query was not below at any point of the window (its minimum;
//! its maximum where low values are bad). So it is beyond a limit exactly when all points are. Points
//! lie a step apart from the beginning of the window to its end; what happens between two is not
//! seen. A point that is missing, or is no finite number, might have ended the state or not: then
//! nothing is known, and the reason says how many. A series that began within the window has such
//! points too.
//!
//! Warnings in an answer mean that it may be incomplete, so they are reasons as errors are.

mod answer;
mod settings;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Unknown;
use super::http;
use answer::{Data, Sample, Series};

pub use settings::{Across, Bad, Settings, Sustained};

/// Longest answer, in bytes.
const LONGEST: u64 = 4 << 20;

/// What the query came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// A finite number.
    pub value: f64,
    /// Series that it was taken from; 1 for a scalar.
    pub series: usize,
    /// Points of each.
    pub points: usize,
}

/// Asks the query, in at most twice the time-out.
///
/// # Errors
/// Settings that cannot be asked with; a server that cannot be reached, is not Prometheus, says
/// nothing in time or too much; an error or a warning in its answer; no series, or several without a
/// choice among them; points that are missing or no finite numbers.
pub fn ask(settings: &Settings) -> Result<Found, Unknown> {
    settings.check()?;
    match settings.sustained {
        None => now(settings),
        Some(sustained) => throughout(settings, sustained),
    }
}

fn now(settings: &Settings) -> Result<Found, Unknown> {
    let data = get(settings, "query", &[("query", &settings.query)])?;
    match data {
        Data::Scalar(sample) => Ok(Found { value: finite(sample)?, series: 1, points: 1 }),
        Data::Vector(series) => {
            let values = series.iter().map(|one| match one.value {
                Some(sample) => finite(sample),
                None => Err(Unknown::because("the answer is a histogram, not a number")),
            });
            let values: Vec<f64> = values.collect::<Result<_, _>>()?;
            chosen(settings.across, &values, 1)
        }
        Data::Matrix(_) => Err(Unknown::because(
            "the answer is a range of values: the query has to come to one, as max_over_time(…) does",
        )),
        Data::String => Err(Unknown::because("the answer is a text, not a number")),
    }
}

fn throughout(settings: &Settings, sustained: Sustained) -> Result<Found, Unknown> {
    let end = match get(settings, "query", &[("query", "time()")])? {
        Data::Scalar(Sample(time, _)) if time.is_finite() => time,
        _ => return Err(Unknown::because("the server does not say what time it has")),
    };
    let (step, steps) = sustained.steps();
    let start = end - step.as_secs_f64() * f64::from(steps);
    let data = get(
        settings,
        "query_range",
        &[
            ("query", &settings.query),
            ("start", &format!("{start:.3}")),
            ("end", &format!("{end:.3}")),
            ("step", &format!("{:.3}", step.as_secs_f64())),
        ],
    )?;
    let Data::Matrix(series) = data else {
        return Err(Unknown::because("the answer to a range query is no range of values"));
    };
    let points = usize::try_from(steps).unwrap_or(usize::MAX).saturating_add(1);
    let values = series.iter().map(|one| held(one, points, (start, end), sustained.bad));
    let values: Vec<f64> = values.collect::<Result<_, _>>()?;
    chosen(settings.across, &values, points)
}

/// What a series was throughout.
fn held(
    series: &Series,
    points: usize,
    (start, end): (f64, f64),
    bad: Bad,
) -> Result<f64, Unknown> {
    let samples = &series.values.0;
    // Times have milliseconds; what was asked for is rounded to them.
    let within = |sample: &Sample| (start - 0.01..=end + 0.01).contains(&sample.0);
    let forward = samples.windows(2).all(|two| two[0].0 < two[1].0);
    if samples.len() > points || !forward || !samples.iter().all(within) {
        return Err(Unknown::because("the answer is about other times than were asked for"));
    }
    if samples.len() < points {
        return Err(Unknown::because(format_args!(
            "{} of the {points} points of the window are missing",
            points - samples.len()
        )));
    }
    let values: Vec<f64> = samples.iter().map(|one| finite(*one)).collect::<Result<_, _>>()?;
    Ok(match bad {
        Bad::High => values.into_iter().fold(f64::INFINITY, f64::min),
        Bad::Low => values.into_iter().fold(f64::NEG_INFINITY, f64::max),
    })
}

fn finite(Sample(_, value): Sample) -> Result<f64, Unknown> {
    if value.is_finite() {
        return Ok(value);
    }
    let hint =
        if value.is_nan() { ": nothing there to compute it from, as without traffic" } else { "" };
    let sign = if value == f64::INFINITY { "+" } else { "" };
    let name = if value.is_nan() {
        "NaN".to_owned()
    } else {
        format!("{sign}{value}").replace("inf", "Inf")
    };
    Err(Unknown::because(format_args!("the query comes to {name}{hint}")))
}

/// The value of the series that counts.
fn chosen(across: Across, values: &[f64], points: usize) -> Result<Found, Unknown> {
    let found = |value| Ok(Found { value, series: values.len(), points });
    match (values, across) {
        ([], _) => Err(Unknown::because("no series answers to the query")),
        ([value], _) => found(*value),
        (_, Across::One) => Err(Unknown::because(format_args!(
            "{} series answer to the query: narrow it, or choose the highest or the lowest",
            values.len()
        ))),
        (_, Across::Highest) => found(values.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        (_, Across::Lowest) => found(values.iter().copied().fold(f64::INFINITY, f64::min)),
    }
}

fn get(settings: &Settings, what: &str, parameters: &[(&str, &str)]) -> Result<Data, Unknown> {
    let limit = format!("{}ms", settings.timeout.as_millis().max(1));
    let url = settings.address(what, parameters.iter().chain(&[("timeout", limit.as_str())]));
    let fetched = http::fetch(&url, settings.timeout, LONGEST)?;
    answer::read(&fetched)
        .map_err(|why| Unknown::because(format_args!("Prometheus at {}: {why}", settings.base())))
}

/// Longest window and time-out.
const LONGEST_TIME: Duration = Duration::from_secs(31 * 24 * 3600);
