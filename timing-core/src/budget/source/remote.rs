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
    /// From a new pod's readiness until the old one gets no more traffic.
    TrafficSwitch,
    /// From a new pod's start until its probes succeed.
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
    /// Only this job; absent, the whole run.
    pub job: Option<String>,
    /// Only this step of the job.
    pub step: Option<String>,
}

words!(of RolloutSpan {
    PodReplacement = "pod-replacement",
    TrafficSwitch = "traffic-switch",
    Stabilisation = "stabilisation",
    Total = "total",
});
