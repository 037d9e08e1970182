//! One line of a log from which CloudWatch takes metrics: its embedded metric format.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
//! Names of dimensions and metrics are members of the same object; what is in it besides can be
//! searched for, and is no series.

use std::time::Duration;

use serde::Serialize;
use timing_core::record::{ExitCode, ResourceCounts};

use crate::export::run::PipelineResult;

/// Where CloudWatch shows the metrics.
pub const NAMESPACE: &str = "xtask";

/// By which the metrics are told apart: each list is a series of its own for each of its values.
const DIMENSIONS: [&[&str]; 2] = [&["environment", "phase"], &["environment", "phase", "result"]];

/// A phase that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Phase<'a> {
    /// When it ended, in milliseconds since 1970.
    pub end_millis: u64,
    /// Where.
    pub environment: &'a str,
    /// Which.
    pub phase: &'a str,
    /// How it ended.
    pub ending: PipelineResult,
    /// How long it took.
    pub duration: Duration,
    /// Its exit code.
    pub exit_code: ExitCode,
    /// What it did to resources.
    pub resources: ResourceCounts,
    /// The run that it is of.
    pub run: &'a str,
    /// The commit that was checked out.
    pub sha: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    aws: Aws,
    environment: &'a str,
    phase: &'a str,
    result: &'static str,
    run: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<&'a str>,
    #[serde(rename = "RunDuration")]
    duration: f64,
    #[serde(rename = "ExitCode")]
    exit_code: u8,
    #[serde(rename = "ResourcesAdded")]
    added: u64,
    #[serde(rename = "ResourcesChanged")]
    changed: u64,
    #[serde(rename = "ResourcesDestroyed")]
    destroyed: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Aws {
    timestamp: u64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [&'static [&'static str]; 2],
    metrics: [Definition; 5],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

/// The line of `phase`, with its end.
///
/// # Errors
/// None that these values could have; the encoder's signature has one.
pub fn line(phase: &Phase<'_>) -> serde_json::Result<String> {
    let metric = |name, unit| Definition { name, unit };
    let directive = Directive {
        namespace: NAMESPACE,
        dimensions: DIMENSIONS,
        metrics: [
            metric("RunDuration", "Seconds"),
            metric("ExitCode", "None"),
            metric("ResourcesAdded", "Count"),
            metric("ResourcesChanged", "Count"),
            metric("ResourcesDestroyed", "Count"),
        ],
    };
    let line = Line {
        aws: Aws { timestamp: phase.end_millis, cloud_watch_metrics: [directive] },
        environment: phase.environment,
        phase: phase.phase,
        result: phase.ending.word(),
        run: phase.run,
        sha: phase.sha,
        duration: phase.duration.as_secs_f64(),
        exit_code: phase.exit_code.0,
        added: phase.resources.added,
        changed: phase.resources.changed,
        destroyed: phase.resources.destroyed,
    };
    serde_json::to_string(&line).map(|line| line + "\n")
}

#[cfg(test)]
mod tests;
