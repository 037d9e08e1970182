//! What needs nothing that runs: commands, images, manifests; and containers through their client.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use timing_core::budget::probe::Unknown;
use timing_core::budget::probe::boot::{Report, Settings, each};
use timing_core::budget::probe::command::{Printed, Repeat, Run, numbers, output, wall_times};
use timing_core::budget::probe::image::{Engine, of_archive, of_engine, of_layout};
use timing_core::budget::probe::manifest::{Selector, read_file};
use timing_core::budget::probe::process::Target;
use timing_core::budget::source::{
    CommandReading, CommandSource, ImageSource, ManifestSource, Source,
};
use timing_core::budget::{Amount, Measured};
use timing_core::capture::Command;

use super::task::{Ask, to_all};
use super::{Machine, chosen, unknown};

/// The client of container engines.
const CLIENT: &str = "docker";
/// How long it may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn command(source: &CommandSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let Some((program, arguments)) = source.command.split_first() else {
        return to_all(asks, &unknown("there is no command"));
    };
    let directory = source.directory.as_deref().map(|directory| machine.path(directory));
    let command = Command {
        program,
        arguments,
        environment: &machine.variables,
        directory: directory.as_deref().unwrap_or(&machine.directory),
    };
    let run = Run { command: &command, timeout: source.timeout };
    let repeat = Repeat {
        warm_up: source.warm_up,
        repetitions: NonZeroU32::new(source.repetitions).unwrap_or(NonZeroU32::MIN),
    };
    let found = match (source.reading, asks.first()) {
        (CommandReading::Printed, Some(ask)) => {
            numbers(&run, repeat, &Printed::LastLine, ask.unit, &machine.signals)
        }
        _ => wall_times(&run, repeat, &machine.signals),
    };
    match found {
        Ok(values) => asks.iter().map(|ask| chosen(ask, &values)).collect(),
        Err(reason) => to_all(asks, &unknown(reason)),
    }
}

pub(super) fn image(source: &ImageSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let engine = Engine {
        client: CLIENT,
        environment: &machine.variables,
        directory: &machine.directory,
        timeout: ANSWER_WITHIN,
    };
    let found = match source {
        ImageSource::Engine(image) => of_engine(&engine, image, &machine.signals),
        ImageSource::OciLayout(directory) => of_layout(&machine.path(directory)),
        ImageSource::Archive(file) => of_archive(&machine.path(file)),
    };
    to_all(
        asks,
        &match found {
            Ok(size) => Measured::Known { value: Amount::whole(size.bytes), samples: 1 },
            Err(reason) => unknown(reason),
        },
    )
}

pub(super) fn manifest(source: &ManifestSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let selector = source.object.as_deref().map(Selector::of).unwrap_or_default();
    let workload = match read_file(&machine.path(&source.file), &selector) {
        Ok(workload) => workload,
        Err(reason) => return to_all(asks, &unknown(reason)),
    };
    let fact = |ask: &Ask| {
        let Source::Manifest(source) = &ask.source else { return unknown("this is no manifest") };
        match workload.fact(source.fact, source.container.as_deref()) {
            Ok(given) => Measured::Known { value: given.value, samples: 1 },
            Err(reason) => unknown(reason),
        }
    };
    asks.iter().map(fact).collect()
}

/// Boots a container of `image` in each of `cells`.
pub(super) fn booted(
    settings: &Settings,
    image: &str,
    cells: &[Vec<(String, String)>],
    machine: &Machine,
) -> Vec<Result<Report, Unknown>> {
    let of = |cell: &Vec<(String, String)>| {
        // The client hands SIGTERM on, and `--init` makes it count for any program.
        let words = [CLIENT, "run", "--rm", "--init", "--pull", "never"].map(str::to_owned);
        let variables = cell.iter().map(|(name, value)| format!("--env={name}={value}"));
        let command = words.into_iter().chain(variables).chain([image.to_owned()]).collect();
        let settings = Settings { command, ..settings.clone() };
        let none =
            timing_core::budget::probe::boot::Flag { name: String::new(), environment: Vec::new() };
        let report = each(&settings, &[none], &machine.signals).into_iter().next();
        // What the client takes is not what the container takes.
        let report = report.unwrap_or_else(|| Err(Unknown::because("nothing was booted")));
        report.map(|report| Report { memory: None, ..report })
    };
    cells.iter().map(of).collect()
}

/// The control group of a container, as the first of its processes has it.
pub(super) fn container(name: &str, machine: &Machine) -> Result<Target, Unknown> {
    let arguments =
        ["container", "inspect", "--format", "{{.State.Pid}}", "--", name].map(str::to_owned);
    let command = Command {
        program: CLIENT,
        arguments: &arguments,
        environment: &machine.variables,
        directory: &machine.directory,
    };
    let run = Run { command: &command, timeout: ANSWER_WITHIN };
    let said = output(&run, 4096, &machine.signals)?;
    let said = String::from_utf8_lossy(&said);
    let refused = |why: &str| Unknown::because(format_args!("container {name}: {why}"));
    let pid: u32 = said.trim().parse().map_err(|_| refused("the engine names no process of it"))?;
    if pid == 0 {
        return Err(refused("it does not run"));
    }
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup"))
        .map_err(|error| refused(&format!("reading its control group: {error}")))?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"));
    let path = path.ok_or_else(|| refused("it has no control group of version 2"))?;
    Ok(Target::Cgroup(Path::new("/sys/fs/cgroup").join(path)))
}
