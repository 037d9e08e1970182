//! `kind = "process"`: one watch answers for memory and CPU.

use std::time::Duration;

use timing_core::budget::Measured;
use timing_core::budget::probe::Unknown;
use timing_core::budget::probe::http::{self, Load};
use timing_core::budget::probe::process::{Report, Settings, Target, measure as probe};
use timing_core::budget::source::{ProcessSource, ProcessState, Resource, Source, Subject};

use super::http::of_endpoint;
use super::task::{Ask, to_all};
use super::{Machine, figures, still, unknown};

/// Windows of each kind, alternating.
const WINDOWS: u32 = 8;
/// Shorter windows say little of processor time.
const SHORTEST: Duration = Duration::from_millis(100);

pub(super) fn measure(source: &ProcessSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let found = settings(source, machine).and_then(|settings| {
        probe(&settings).map_err(|unknown| match &source.subject {
            Subject::PidFile(_) => absent(&settings, unknown, machine),
            Subject::Container(_) => unknown,
        })
    });
    match found {
        Ok(report) => asks.iter().map(|ask| read(ask, &report)).collect(),
        Err(reason) => to_all(asks, &unknown(reason)),
    }
}

/// What would help, unless the process is there.
fn absent(settings: &Settings, unknown: Unknown, machine: &Machine) -> Unknown {
    let is_there = timing_core::budget::probe::process::Subject::find(&settings.target).is_ok();
    let answers = settings.probed.as_ref().is_none_or(|probed| http::ask(probed).is_ok());
    if is_there && answers { unknown } else { machine.undeployed(&unknown) }
}

fn read(ask: &Ask, report: &Report) -> Measured {
    let Source::Process(source) = &ask.source else { return unknown("this is no process") };
    let usage = match source.state {
        ProcessState::Idle => Some(&report.idle),
        ProcessState::Overhead { .. } => report.overhead.as_ref(),
    };
    match (usage, source.resource) {
        (Some(usage), Resource::Memory) => figures(ask, &usage.memory.values),
        (Some(usage), Resource::Cpu) => figures(ask, &usage.cpu.values),
        (None, _) => unknown("nobody probed it"),
    }
}

fn settings(source: &ProcessSource, machine: &Machine) -> Result<Settings, Unknown> {
    let target = match &source.subject {
        Subject::PidFile(file) => Target::PidFile(machine.path(file)),
        Subject::Container(name) => still::container(name, machine)?,
    };
    let windows = WINDOWS
        .min(u32::try_from(source.duration.as_millis() / SHORTEST.as_millis()).unwrap_or(u32::MAX));
    let repeat = windows.max(1);
    let (probed, probe_interval) = match &source.state {
        ProcessState::Idle => (None, None),
        ProcessState::Overhead { endpoint, rate, interval } => {
            let load = Load::Rate { per_second: f64::from(*rate), connections: 8 };
            (Some(http::Settings { load, ..of_endpoint(endpoint, machine) }), *interval)
        }
    };
    Ok(Settings {
        probed,
        window: source.duration / repeat,
        repeat: usize::try_from(repeat).unwrap_or(1),
        probe_interval,
        ..Settings::new(target)
    })
}
