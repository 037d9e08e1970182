//! `kind = "boot"`: the environments that one command is asked for in are booted in turns, each once
//! for all budgets that want it.

use std::ffi::OsString;

use timing_core::budget::probe::Unknown;
use timing_core::budget::probe::boot::{Flag, Report, Settings, each};
use timing_core::budget::source::{BootReading, BootSource, BootStart, Source};
use timing_core::budget::{Amount, Measured};

use super::scratch::Scratch;
use super::task::{Ask, to_all};
use super::{Machine, chosen, figures, still, unknown};

/// Variables by name, as one boot has them.
type Cell = Vec<(String, String)>;

/// Which boots answer an ask.
enum Wanted {
    /// This one.
    One(usize),
    /// Those with one flag on each, beside one with none.
    Each { none: usize, alone: Vec<usize> },
}

pub(super) fn measure(source: &BootSource, asks: &[Ask], machine: &Machine) -> Vec<Measured> {
    let mut cells: Vec<Cell> = Vec::new();
    let wanted: Vec<Option<Wanted>> = asks.iter().map(|ask| wanted(ask, &mut cells)).collect();
    let scratch = match Scratch::new() {
        Ok(scratch) => scratch,
        Err(error) => {
            let reason = format_args!("making a directory for a boot: {error}");
            return to_all(asks, &unknown(reason));
        }
    };
    let settings = settings(source, &scratch, machine);
    let reports = match &source.start {
        BootStart::Command(_) => each(&settings, &flags(&cells), &machine.signals),
        BootStart::Container(image) => still::booted(&settings, image, &cells, machine),
    };
    let reports: Vec<Result<Report, Unknown>> = reports
        .into_iter()
        .map(|report| report.map_err(|unknown| missing(source, &unknown, machine)))
        .collect();
    let read = |(ask, wanted): (&Ask, &Option<Wanted>)| match wanted {
        Some(wanted) => read(ask, wanted, &reports).unwrap_or_else(unknown),
        None => unknown("this is no boot"),
    };
    asks.iter().zip(&wanted).map(read).collect()
}

fn missing(source: &BootSource, unknown: &Unknown, machine: &Machine) -> Unknown {
    match &source.start {
        BootStart::Command(words) => match words.first() {
            Some(program) if program.contains('/') => {
                machine.without(unknown, &[&machine.path(program)])
            }
            _ => unknown.clone(),
        },
        BootStart::Container(_) => unknown.clone(),
    }
}

/// The boots that `ask` wants; those that are new are put to `cells`.
fn wanted(ask: &Ask, cells: &mut Vec<Cell>) -> Option<Wanted> {
    let Source::Boot(source) = &ask.source else { return None };
    let mut place = |cell: Cell| match cells.iter().position(|known| *known == cell) {
        Some(place) => place,
        None => {
            cells.push(cell);
            cells.len() - 1
        }
    };
    let BootReading::MemoryPerFlag(flags) = &source.reading else {
        return Some(Wanted::One(place(cell(&source.environment, &[], ""))));
    };
    let none = place(cell(&source.environment, flags, ""));
    let alone = flags.iter().map(|flag| place(cell(&source.environment, flags, flag))).collect();
    Some(Wanted::Each { none, alone })
}

/// `environment` with the flag `on` set, and the other `flags` not; sorted, so that equal ones are
/// equal.
fn cell(environment: &[(String, String)], flags: &[String], on: &str) -> Cell {
    let others = environment.iter().filter(|(name, _)| !flags.contains(name)).cloned();
    let switches = flags.iter().map(|flag| (flag.clone(), (flag == on).to_string()));
    let mut cell: Cell = others.chain(switches).collect();
    cell.sort_unstable();
    cell
}

fn flags(cells: &[Cell]) -> Vec<Flag> {
    let of = |(name, value): &(String, String)| (OsString::from(name), OsString::from(value));
    let flag =
        |cell: &Cell| Flag { name: String::new(), environment: cell.iter().map(of).collect() };
    cells.iter().map(flag).collect()
}

fn read(
    ask: &Ask,
    wanted: &Wanted,
    reports: &[Result<Report, Unknown>],
) -> Result<Measured, Unknown> {
    let report = |place: usize| match reports.get(place) {
        Some(report) => report.as_ref().map_err(Clone::clone),
        None => Err(Unknown::because("nothing was booted")),
    };
    let Source::Boot(source) = &ask.source else { return Ok(unknown("this is no boot")) };
    match (wanted, &source.reading) {
        (Wanted::One(place), BootReading::Component(name)) => {
            let components = &report(*place)?.components;
            let figure = components.get(name).ok_or_else(|| {
                let known: Vec<&str> = components.keys().map(String::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                Unknown::because(format_args!(
                    "its output names no component {name:?}; it names {known}"
                ))
            })?;
            Ok(figures(ask, &figure.values))
        }
        (Wanted::One(place), _) => Ok(figures(ask, &report(*place)?.ready.values)),
        (Wanted::Each { none, alone }, _) => {
            let without = memory(report(*none)?)?;
            let mut most: Option<(Amount, usize)> = None;
            for place in alone {
                let with = memory(report(*place)?)?;
                let added: Vec<Amount> =
                    with.iter().zip(&without).map(|(with, without)| with.minus(*without)).collect();
                if let Measured::Known { value, .. } = chosen(ask, &added) {
                    most = most.max(Some((value, added.len())));
                }
            }
            Ok(match most {
                Some((value, samples)) => {
                    Measured::Known { value, samples: u64::try_from(samples).unwrap_or(u64::MAX) }
                }
                None => unknown("no flag was booted"),
            })
        }
    }
}

fn memory(report: &Report) -> Result<Vec<Amount>, Unknown> {
    let figure = report.memory.as_ref();
    let figure =
        figure.ok_or_else(|| Unknown::because("this system does not say what memory it has"))?;
    Ok(figure.values.iter().filter_map(|bytes| Amount::from_f64(*bytes)).collect())
}

fn settings(source: &BootSource, scratch: &Scratch, machine: &Machine) -> Settings {
    let address_file = scratch.file("address");
    let command = match &source.start {
        BootStart::Command(words) => {
            words.iter().map(|word| word.replace("{address_file}", &address_file)).collect()
        }
        // Named when it is started.
        BootStart::Container(_) => Vec::new(),
    };
    Settings {
        ready_line: source.signs.ready_line.clone(),
        ready_url: source.signs.ready_url.clone(),
        component_line: Some(source.signs.component_line.clone()),
        timeout: source.timeout,
        repeat: usize::try_from(source.repetitions).unwrap_or(usize::MAX),
        ..Settings::new(command, machine.directory.clone(), machine.variables.clone())
    }
}
