//! What others know: a cluster's API server, Prometheus, GitHub; each through a client of the user's
//! or from a file.

use std::time::Duration;

use timing_core::budget::probe::document::{self, Asking};
use timing_core::budget::probe::github_run::{self, Glob, Part, Which};
use timing_core::budget::probe::prometheus::{self, Across, Bad, Sustained};
use timing_core::budget::probe::{Unknown, rollout};
use timing_core::budget::source::{
    Combine, GithubRunSource, PrometheusSource, RolloutSource, RolloutSpan, SeriesChoice, Source,
};
use timing_core::budget::{Amount, Direction, Measured};

use super::task::{Ask, to_all};
use super::{Machine, chosen, unknown};

/// How long a client may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

fn asking(machine: &Machine) -> Asking<'_> {
    Asking {
        environment: &machine.variables,
        directory: &machine.directory,
        timeout: ANSWER_WITHIN,
        signals: &machine.signals,
    }
}

pub(super) fn rollout(source: &RolloutSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let settings = rollout::Settings {
        deployment: source.deployment.clone(),
        namespace: source.namespace.clone(),
        revision: None,
    };
    let found = match &source.file {
        Some(file) => {
            document::read(&machine.path(file)).and_then(|text| rollout::read(&text, &settings))
        }
        None => rollout::ask(&settings, &asking(machine)),
    };
    match found {
        Ok(report) => asks.iter().map(|ask| of_update(ask, &report)).collect(),
        Err(reason) => to_all(asks, &unknown(reason)),
    }
}

fn of_update(ask: &Ask, report: &rollout::Report) -> Measured {
    let Source::Rollout(source) = &ask.source else { return unknown("this is no update") };
    let total = || report.total.clone().map(|total| vec![total]);
    let times = match source.span {
        RolloutSpan::PodReplacement => report.pod_replacement.clone(),
        RolloutSpan::TrafficSwitch => report.traffic_switch.clone(),
        RolloutSpan::Stabilisation => report.stabilisation.clone(),
        RolloutSpan::Total => total(),
    };
    match times {
        Ok(times) => {
            let amounts: Vec<Amount> =
                times.iter().map(|time| Amount::from_duration(*time)).collect();
            chosen(ask, &amounts)
        }
        Err(reason) => unknown(reason),
    }
}

pub(super) fn prometheus(source: &PrometheusSource, asks: &[Ask]) -> Vec<Measured> {
    let bad = match asks.first().map(|ask| ask.direction) {
        Some(Direction::Higher) => Bad::Low,
        _ => Bad::High,
    };
    let settings = prometheus::Settings {
        url: source.url.clone(),
        query: source.query.clone(),
        sustained: source.sustained.map(|window| Sustained { window, step: source.step, bad }),
        across: match source.series {
            SeriesChoice::One => Across::One,
            SeriesChoice::Highest => Across::Highest,
            SeriesChoice::Lowest => Across::Lowest,
        },
        timeout: source.timeout,
    };
    let found = prometheus::ask(&settings).and_then(|found| {
        let value = Amount::from_f64(found.value);
        let value = value.ok_or_else(|| Unknown::because("it is too large a number"))?;
        let samples = u64::try_from(found.points).unwrap_or(u64::MAX);
        Ok(Measured::Known { value, samples })
    });
    to_all(asks, &found.unwrap_or_else(unknown))
}

pub(super) fn github_run(
    source: &GithubRunSource,
    asks: &[Ask],
    machine: &Machine,
) -> Vec<Measured> {
    let part = match (&source.job, &source.step) {
        (None, _) => Part::Run,
        (Some(job), None) => Part::Jobs(Glob::new(job)),
        (Some(job), Some(step)) => Part::Steps { job: Glob::new(job), step: Glob::new(step) },
    };
    let combine = match source.combine {
        Combine::Span => github_run::Combine::Span,
        Combine::Sum => github_run::Combine::Sum,
    };
    let settings = github_run::Settings { part, combine, attempt: None };
    let which = Which { workflow: source.workflow.clone(), commit: None };
    let found = match &source.file {
        Some(file) => {
            document::read(&machine.path(file)).and_then(|text| github_run::read(&text, &settings))
        }
        None => github_run::ask(&which, &settings, &asking(machine)),
    };
    let found = found.map(|report| Measured::Known {
        value: Amount::from_duration(report.duration),
        samples: 1,
    });
    to_all(asks, &found.unwrap_or_else(unknown))
}
