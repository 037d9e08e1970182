//! Which budgets are measured together.

use std::collections::HashMap;

use timing_core::budget::source::{
    BootReading, CommandReading, HttpReading, ManifestFact, PhaseSource, Resource, RolloutSpan,
    Source,
};
use timing_core::budget::{Budget, Direction, Measured, Statistic, Unit};

use super::{Machine, boot, http, process, recorded, remote, still};

/// What is asked of a source for one budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    /// The budget's place among those that are measured.
    pub(super) place: usize,
    /// What it is called.
    pub(super) name: String,
    /// Where its value comes from.
    pub(super) source: Source,
    /// In what the value is counted.
    pub(super) unit: Unit,
    /// Which of many values counts.
    pub(super) statistic: Statistic,
    /// Which values are better.
    pub(super) direction: Direction,
}

/// Asks that one measurement answers; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) asks: Vec<Ask>,
}

/// How something is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Somebody knows: a file, the registry, a server. Others may ask at the same time.
    Asked,
    /// It is tried on this machine, which is left alone meanwhile.
    Timed,
}

/// The tasks of `budgets`, in the order of the first ask of each.
pub(super) fn tasks(budgets: &[Budget<'_>]) -> Vec<Task> {
    let mut places: HashMap<What, usize> = HashMap::new();
    let mut tasks: Vec<Task> = Vec::new();
    for (place, budget) in budgets.iter().enumerate() {
        let metric = budget.metric;
        let ask = Ask {
            place,
            name: budget.to_string(),
            source: budget.source(),
            unit: metric.unit,
            statistic: metric.statistic,
            direction: metric.direction,
        };
        let at = *places.entry(what(&ask)).or_insert(tasks.len());
        match tasks.get_mut(at) {
            Some(task) => task.asks.push(ask),
            None => tasks.push(Task { asks: vec![ask] }),
        }
    }
    tasks
}

/// What is done: a source without what is only read off the result, and what else it depends on.
type What = (Source, Option<Unit>, Option<Direction>);

fn what(ask: &Ask) -> What {
    let mut source = ask.source.clone();
    let (mut unit, mut direction) = (None, None);
    match &mut source {
        Source::Phase(source) => *source = PhaseSource::Sum(Vec::new()),
        // What is printed is read in the unit.
        Source::Command(source) => {
            unit = (source.reading == CommandReading::Printed).then_some(ask.unit);
        }
        // Errors are counted where nothing else could be said for them.
        Source::Http(source) if source.reading != HttpReading::Errors => {
            source.reading = HttpReading::Latency;
        }
        Source::Process(source) => source.resource = Resource::Memory,
        // All environments that one command is started in take turns.
        Source::Boot(source) => {
            source.environment.clear();
            source.reading = BootReading::Ready;
        }
        Source::Manifest(source) => {
            source.container = None;
            source.fact = ManifestFact::RequestsCpu;
        }
        Source::Rollout(source) => source.span = RolloutSpan::Total,
        // On which side it is bad to stay.
        Source::Prometheus(_) => direction = Some(ask.direction),
        Source::Http(_) | Source::Image(_) | Source::GithubRun(_) => {}
    }
    (source, unit, direction)
}

impl Task {
    pub(super) fn way(&self) -> Way {
        match self.source() {
            Some(
                Source::Command(_)
                | Source::Http(_)
                | Source::Process(_)
                | Source::Boot(_)
                // Who builds an image stands before it in the file.
                | Source::Image(_),
            ) => Way::Timed,
            _ => Way::Asked,
        }
    }

    pub(super) fn source(&self) -> Option<&Source> {
        self.asks.first().map(|ask| &ask.source)
    }

    /// What was found for each of the asks, in their order.
    pub(super) fn measure(&self, machine: &Machine) -> Vec<Measured> {
        let asks = &self.asks;
        let Some(source) = self.source() else { return Vec::new() };
        match source {
            Source::Phase(_) => recorded::measure(asks, machine),
            Source::Command(source) => still::command(source, asks, machine),
            Source::Image(source) => still::image(source, asks, machine),
            Source::Http(source) => http::measure(source, asks, machine),
            Source::Process(source) => process::measure(source, asks, machine),
            Source::Boot(source) => boot::measure(source, asks, machine),
            Source::Manifest(source) => still::manifest(source, asks, machine),
            Source::Rollout(source) => remote::rollout(source, asks, machine),
            Source::Prometheus(source) => remote::prometheus(source, asks),
            Source::GithubRun(source) => remote::github_run(source, asks, machine),
        }
    }
}

/// The same answer to everybody.
pub(super) fn to_all(asks: &[Ask], measured: &Measured) -> Vec<Measured> {
    asks.iter().map(|_| measured.clone()).collect()
}
