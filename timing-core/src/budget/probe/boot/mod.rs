//! How long a command takes from its start until it is ready, what its parts took by its own account,
//! and what memory it has then; with switches on and off.
//!
//! Ready is what a line of its output says, or an endpoint that answers, or both. The command is
//! stopped afterwards, with everything it started.

mod child;
mod output;
mod settings;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub use settings::{Flag, MOST_BOOTS, Settings};

use super::{Figure, Unknown, http};
use crate::capture::Signals;
use child::Child;
use settings::Checked;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Seconds from the start until it was ready.
    pub ready: Figure,
    /// Seconds that each component took, as the output says.
    pub components: BTreeMap<String, Figure>,
    /// Resident bytes of all of its processes once it was ready; pages that they share count for
    /// each of them. `None` where the system does not say.
    pub memory: Option<Figure>,
}

/// What switches cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Without any of the flags.
    pub baseline: Report,
    /// With one of them, by its name.
    pub alone: BTreeMap<String, Report>,
    /// With all of them.
    pub all: Report,
    /// Bytes that each adds to the baseline alone; the boots of one round are compared.
    pub memory_per_flag: BTreeMap<String, Figure>,
}

/// One boot.
#[derive(Debug, Clone)]
struct Boot {
    ready: Duration,
    components: BTreeMap<String, Duration>,
    memory: Option<u64>,
}

/// How often a command that boots is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How often an endpoint that does not answer yet is asked, and how long one answer may take.
const ASK_EVERY: Duration = Duration::from_millis(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Boots the command `repeat` times, one after the other.
///
/// # Errors
/// Settings that cannot be measured with, and a boot of which one does not become ready.
pub fn measure(settings: &Settings) -> Result<Report, Unknown> {
    let checked = settings.check(1)?;
    let none = Signals::none();
    let boots: Result<Vec<Boot>, Unknown> =
        (0..settings.repeat).map(|_| once(&checked, &[], &none)).collect();
    report(&boots?)
}

/// Boots the command `repeat` times with each of `variants`, one after the other, round by round, so
/// that what drifts is in all of them. One that fails is not booted again. A signal in `signals`
/// stops the command.
///
/// # Errors
/// As [`measure`] does, for each of them.
pub fn each(
    settings: &Settings,
    variants: &[Flag],
    signals: &Signals,
) -> Vec<Result<Report, Unknown>> {
    let checked = match settings.check(variants.len()) {
        Ok(checked) => checked,
        Err(unknown) => return variants.iter().map(|_| Err(unknown.clone())).collect(),
    };
    let mut found: Vec<Result<Vec<Boot>, Unknown>> =
        variants.iter().map(|_| Ok(Vec::new())).collect();
    for _ in 0..settings.repeat {
        for (variant, found) in variants.iter().zip(&mut found) {
            let Ok(boots) = found else { continue };
            match once(&checked, &[variant], signals) {
                Ok(boot) => boots.push(boot),
                Err(unknown) => *found = Err(unknown),
            }
        }
    }
    found.into_iter().map(|boots| report(&boots?)).collect()
}

/// Boots the command `repeat` times without any of `flags`, with each alone, and with all.
///
/// # Errors
/// As [`measure`] does.
pub fn matrix(settings: &Settings, flags: &[Flag]) -> Result<Matrix, Unknown> {
    let checked = settings.check(flags.len().saturating_add(2))?;
    let all: Vec<&Flag> = flags.iter().collect();
    let mut cells: Vec<(Vec<&Flag>, Vec<Boot>)> = vec![(Vec::new(), Vec::new()), (all, Vec::new())];
    cells.extend(flags.iter().map(|flag| (vec![flag], Vec::new())));
    // Round by round, so that what drifts is in all of them.
    for _ in 0..settings.repeat {
        for (on, boots) in &mut cells {
            boots.push(once(&checked, on, &Signals::none())?);
        }
    }
    let mut cells = cells.into_iter();
    let (Some((_, baseline)), Some((_, all))) = (cells.next(), cells.next()) else {
        return Err(Unknown::because("booting: nothing was booted"));
    };
    let mut matrix = Matrix {
        baseline: report(&baseline)?,
        alone: BTreeMap::new(),
        all: report(&all)?,
        memory_per_flag: BTreeMap::new(),
    };
    for (flag, (_, boots)) in flags.iter().zip(cells) {
        matrix.alone.insert(flag.name.clone(), report(&boots)?);
        let added = boots
            .iter()
            .zip(&baseline)
            .filter_map(|(with, without)| Some(bytes(with.memory?) - bytes(without.memory?)));
        if let Some(figure) = Figure::of(added) {
            matrix.memory_per_flag.insert(flag.name.clone(), figure);
        }
    }
    Ok(matrix)
}

fn report(boots: &[Boot]) -> Result<Report, Unknown> {
    let mut components: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, took) in boots.iter().flat_map(|boot| &boot.components) {
        components.entry(name.clone()).or_default().push(took.as_secs_f64());
    }
    let ready = Figure::of(boots.iter().map(|boot| boot.ready.as_secs_f64()))
        .ok_or_else(|| Unknown::because("booting: nothing was booted"))?;
    Ok(Report {
        ready,
        components: components
            .into_iter()
            .filter_map(|(name, took)| Some((name, Figure::of(took)?)))
            .collect(),
        memory: Figure::of(boots.iter().filter_map(|boot| boot.memory).map(bytes)),
    })
}

/// Boots the command once, and stops it.
fn once(checked: &Checked<'_>, on: &[&Flag], signals: &Signals) -> Result<Boot, Unknown> {
    // Nothing is started for somebody who wants everything to end.
    stopped(checked, signals)?;
    let started = Instant::now();
    let mut child = Child::start(checked, on)?;
    let ready = until_ready(checked, &mut child, started, signals)?;
    // What it needs for its start is given back, and its last threads have started.
    std::thread::sleep(checked.settings.settle);
    child.look();
    if let Some(how) = child.ended() {
        return Err(checked.unknown(&format!("it was ready and ended then: {how}")));
    }
    let memory = child.memory();
    let components = child.observed().components;
    Ok(Boot { ready, components, memory })
}

fn until_ready(
    checked: &Checked<'_>,
    child: &mut Child,
    started: Instant,
    signals: &Signals,
) -> Result<Duration, Unknown> {
    let settings = checked.settings;
    let mut looked = started;
    let mut last = String::new();
    loop {
        let observed = child.observed();
        let line = observed.ready.as_ref();
        if checked.ready_line.is_none() || line.is_some() {
            match &settings.ready_url {
                Some(url) => {
                    let address = line.and_then(|(_, address)| address.as_deref());
                    match answers(&url.replace("{address}", address.unwrap_or("{address}"))) {
                        Ok(()) => return Ok(started.elapsed()),
                        Err(why) => last = why,
                    }
                }
                None => return Ok(line.map_or(Duration::ZERO, |(at, _)| *at)),
            }
        }
        stopped(checked, signals)?;
        if let Some(how) = child.ended() {
            let said = child.last_words();
            return Err(checked.unknown(&format!("it ended before it was ready: {how}{said}")));
        }
        if started.elapsed() >= settings.timeout {
            let (said, limit) = (child.last_words(), settings.timeout);
            let last = if last.is_empty() { last } else { format!("; {last}") };
            return Err(checked.unknown(&format!("not ready within {limit:?}{last}{said}")));
        }
        if looked.elapsed() > ASK_EVERY * 5 {
            child.look();
            looked = Instant::now();
        }
        let pause = if last.is_empty() { LOOK_EVERY } else { ASK_EVERY };
        std::thread::sleep(pause);
    }
}

fn stopped(checked: &Checked<'_>, signals: &Signals) -> Result<(), Unknown> {
    match signals.received() {
        Some(signal) => Err(checked.unknown(&format!("stopped by {signal}"))),
        None => Ok(()),
    }
}

/// Whether the endpoint answers with 2xx, or why not.
fn answers(url: &str) -> Result<(), String> {
    let settings = http::Settings {
        timeout: ANSWER_WITHIN,
        connection: http::Connection::PerRequest,
        ..http::Settings::new(url)
    };
    match http::ask(&settings) {
        Ok(200..=299) => Ok(()),
        Ok(status) => Err(format!("GET {url}: status {status}")),
        Err(unknown) => Err(unknown.to_string()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to eight pebibytes")]
fn bytes(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
