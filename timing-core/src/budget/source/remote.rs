//! Sources that ask somebody else: a cluster, Prometheus, GitHub.

use std::time::Duration;

use crate::budget::words::words;

/// `kind = "rollout"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RolloutSource {
    /// The Deployment.
    pub deployment: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// A file of `kubectl get … -o json`, instead of asking a cluster.
    pub file: Option<String>,
    /// Which span of the update.
    pub span: RolloutSpan,
}

/// A span of a rolling update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RolloutSpan {
    /// From a new pod's creation until it is ready.
    PodReplacement,
    /// From a new pod's readiness until the old one is told to go, which takes it out of the
    /// Service's endpoints.
    TrafficSwitch,
    /// From the start of a new pod's containers until its probes succeed.
    Stabilisation,
    /// From the first change to the last.
    Total,
}

/// `kind = "prometheus"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PrometheusSource {
    /// `url`: of the server.
    pub url: String,
    /// `query`: PromQL whose result is the value.
    pub query: String,
    /// `sustained`: the value is what the query was not below for so long; absent, what it is now.
    pub sustained: Option<Duration>,
    /// `step`: how far the points are apart that `sustained` looks at; a thirtieth of it when absent.
    pub step: Option<Duration>,
    /// `series`: which one counts where several answer.
    pub series: SeriesChoice,
    /// An answer that takes longer is none.
    pub timeout: Duration,
}

/// `kind = "github-run"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GithubRunSource {
    /// The workflow's file name.
    pub workflow: String,
    /// A file with the run's JSON, instead of asking.
    pub file: Option<String>,
    /// Only jobs of this name, in which `*` stands for anything; absent, the whole run.
    pub job: Option<String>,
    /// Only steps of this name, likewise, of these jobs.
    pub step: Option<String>,
    /// `combine`: what several durations come to.
    pub combine: Combine,
}

/// Which of several series counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeriesChoice {
    /// There has to be one.
    One,
    /// The one with the greatest value.
    Highest,
    /// The one with the least value.
    Lowest,
}

/// What several durations come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Combine {
    /// From the first start to the last end.
    Span,
    /// One after the other.
    Sum,
}

words!(of RolloutSpan {
    PodReplacement = "pod-replacement",
    TrafficSwitch = "traffic-switch",
    Stabilisation = "stabilisation",
    Total = "total",
});

words!(of SeriesChoice { One = "one", Highest = "highest", Lowest = "lowest" });
words!(of Combine { Span = "span", Sum = "sum" });
