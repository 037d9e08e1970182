//! What is asked about budgets, as it was typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use timing_core::budget::tune::Loosening;

use crate::cli::timings::Format;
use crate::settings::Span;

/// What is asked of the budgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BudgetCommand {
    /// The metrics and what is asked of them.
    List,
    /// What is overdue or doubtful in the file.
    Lint,
    /// Everything that is known of one metric.
    Explain(String),
    /// What the values are, without judging them.
    Measure(Keeping),
    /// Whether the values hold.
    Check(CheckFormat, Evidence),
    /// What values are compared with, and what of it is accepted.
    Baseline(BaselineChange),
    /// What the file would have flagged in the last so many measurements of each metric.
    Replay(NonZeroUsize),
    /// The budgets in somebody else's form.
    Export(ExportFormat),
    /// Thresholds of what runs, over and over.
    Watch(WatchArgs),
    /// What the measurements say of the limits and of resources.
    Tune(TuneArgs),
}

/// Whose form the budgets are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Alerting rules of Prometheus.
    Rules,
    /// Measurements and limits, as Prometheus scrapes them.
    Metrics,
    /// A dashboard of Grafana.
    Grafana,
}

impl ExportFormat {
    pub(super) const ALL: [(&'static str, Self); 3] = [
        ("prometheus-rules", Self::Rules),
        ("prometheus-metrics", Self::Metrics),
        ("grafana", Self::Grafana),
    ];
}

/// How long is watched, and how often is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchArgs {
    /// `--for TIME`
    pub period: Option<Span>,
    /// `--interval TIME`
    pub interval: Span,
}

/// What is to be tuned, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TuneArgs {
    /// Limits, shown as a difference of the file.
    Show(Loosening),
    /// Limits, written into the file.
    Write(Loosening),
    /// `--resources`
    Resources,
}

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// What is measured now.
    Measured(Keeping),
    /// `--no-measure`, or measurements of a file: the newest there is of each.
    Stored,
}

/// What becomes of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// They are recorded, unless the environment says otherwise.
    Recorded,
    /// `--no-record`
    Forgotten,
}

/// What is to be accepted as a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineChange {
    /// Nothing.
    None,
    /// `--set`: the rolling baseline of every metric that has none accepted.
    Set {
        /// `--why TEXT`
        why: String,
    },
    /// `--accept METRIC --why TEXT`: its newest measurement.
    Accept {
        /// Which metric.
        metric: String,
        /// Why.
        why: String,
    },
}

/// How a check is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckFormat {
    /// As every other answer.
    Plain(Format),
    /// Annotations for GitHub's log.
    Github,
}

/// What all of them are given; unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetArgs {
    /// `--repo DIR`
    pub repo: Option<PathBuf>,
    /// `--file PATH`
    pub file: Option<PathBuf>,
    /// `--measurements PATH`
    pub measurements: Option<PathBuf>,
    /// `--env NAME`
    pub environment: Option<String>,
    /// `--phase NAME`
    pub phase: Option<String>,
    /// `--only GLOB`, as often as it was given.
    pub only: Vec<String>,
    /// `--format NAME`
    pub format: Format,
}
