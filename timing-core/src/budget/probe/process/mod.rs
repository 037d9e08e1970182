//! Memory and processor time of something that runs, left alone and while it is probed: what probing
//! costs it is the difference.
//!
//! Windows alternate, so that what drifts is in both kinds, and each figure has its spread. Memory is
//! what is resident: the share of each user of a page (PSS) would change with strangers that come and
//! go. Memory that was once taken is rarely given back, hence the overhead of memory is the largest
//! that was seen while probed against the first window in which nobody probed.

mod cgroup;
mod linux;
mod subject;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use subject::{Memory, Subject};

use super::{Figure, Unknown, http};

/// What is measured, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What is looked at.
    pub target: Target,
    /// How it is probed in every other window; without, it is only left alone.
    pub probed: Option<http::Settings>,
    /// Length of a window; that of a probed one is this too, whatever `probed` says.
    pub window: Duration,
    /// How many windows of each kind.
    pub repeat: usize,
    /// Given this, the overhead of the processor is what one request in each such interval costs, and
    /// not what the load of `probed` does: probes are rare and cheap, and only many can be measured.
    pub probe_interval: Option<Duration>,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The process of this number.
    Pid(u32),
    /// The process whose number a file holds.
    PidFile(PathBuf),
    /// All processes of a container: the directory of its control group (version 2).
    Cgroup(PathBuf),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// While it was left alone.
    pub idle: Usage,
    /// While it was probed.
    pub probed: Option<Usage>,
    /// What probing adds.
    pub overhead: Option<Usage>,
    /// The most memory that it ever had, in bytes, where the system says so.
    pub peak_memory: Option<u64>,
}

/// Use of the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// Resident bytes.
    pub memory: Figure,
    /// Processors: 1 is one that does nothing else, 0.001 is Kubernetes' `1m`.
    pub cpu: Figure,
}

/// Longest sum of all windows.
const LONGEST: Duration = Duration::from_secs(3600);
/// How often memory is read in a window.
const LOOKS: u32 = 5;

impl Settings {
    /// Five windows of half a second, nobody probes.
    #[must_use]
    pub fn new(target: Target) -> Self {
        let window = Duration::from_millis(500);
        Self { target, probed: None, window, repeat: 5, probe_interval: None }
    }

    fn check(&self) -> Result<(), Unknown> {
        let windows = u32::try_from(self.repeat).unwrap_or(u32::MAX).saturating_mul(2);
        let whole = self.window.saturating_mul(windows);
        if self.repeat == 0 || self.window < Duration::from_millis(10) || whole > LONGEST {
            return Err(Unknown::because(
                "measuring a process: a window is 10 ms at least, and all together an hour at most",
            ));
        }
        if self.probe_interval.is_some_and(|interval| interval.is_zero()) {
            return Err(Unknown::because("measuring a process: the probe interval is above 0 s"));
        }
        Ok(())
    }
}

/// One window.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// The largest of some readings, in bytes.
    memory: u64,
    /// Processor time, in seconds.
    cpu: f64,
    /// Length, in seconds.
    length: f64,
    /// Requests that were made in it.
    requests: u64,
}

/// Measures the target.
///
/// # Errors
/// Nobody there, somebody else there meanwhile, nothing to be read of it, or a probe that fails.
pub fn measure(settings: &Settings) -> Result<Report, Unknown> {
    settings.check()?;
    let subject = Subject::find(&settings.target)?;
    let (mut idle, mut probed) = (Vec::new(), Vec::new());
    for _ in 0..settings.repeat {
        idle.push(window(&subject, settings.window, || {
            std::thread::sleep(settings.window);
            Ok(0)
        })?);
        if let Some(load) = &settings.probed {
            let load = http::Settings {
                duration: settings.window,
                warm_up: Duration::ZERO,
                ..load.clone()
            };
            probed.push(window(&subject, settings.window, || {
                let report = http::measure(&load)?;
                // And the one that is made alone.
                Ok(report.statuses.values().sum::<u64>() + 1)
            })?);
        }
    }
    let report = || {
        Some(Report {
            idle: usage(&idle)?,
            probed: usage(&probed),
            overhead: overhead(&idle, &probed, settings.probe_interval),
            peak_memory: subject.memory().ok()?.peak,
        })
    };
    report().ok_or_else(|| Unknown::because(format!("{subject}: it ended while it was measured")))
}

/// Watches `subject` while `busy` goes on.
fn window(
    subject: &Subject,
    length: Duration,
    busy: impl FnOnce() -> Result<u64, Unknown> + Send,
) -> Result<Window, Unknown> {
    let (cpu, begun) = (subject.cpu()?, Instant::now());
    let (requests, memory) = std::thread::scope(|scope| {
        let busy = scope.spawn(busy);
        let mut most = Ok(0);
        for _ in 0..LOOKS {
            std::thread::sleep(length / (LOOKS + 1));
            most = most.and_then(|most: u64| Ok(most.max(subject.memory()?.resident)));
        }
        let requests = busy.join().unwrap_or_else(|_| Err(Unknown::because("the probe failed")));
        (requests, most)
    });
    let (spent, length) = (subject.cpu()?.saturating_sub(cpu), begun.elapsed());
    // The number may have gone to another process since the beginning.
    subject.check()?;
    Ok(Window {
        memory: memory?,
        cpu: spent.as_secs_f64(),
        length: length.as_secs_f64(),
        requests: requests?,
    })
}

fn usage(windows: &[Window]) -> Option<Usage> {
    Some(Usage {
        memory: Figure::of(windows.iter().map(|window| bytes(window.memory)))?,
        cpu: Figure::of(windows.iter().map(|window| window.cpu / window.length))?,
    })
}

fn overhead(idle: &[Window], probed: &[Window], interval: Option<Duration>) -> Option<Usage> {
    let first = bytes(idle.first()?.memory);
    let memory = Figure::of(probed.iter().map(|window| bytes(window.memory) - first))?;
    let cpu = Figure::of(idle.iter().zip(probed).map(|(idle, probed)| {
        let added = probed.cpu - idle.cpu / idle.length * probed.length;
        match interval {
            #[expect(clippy::cast_precision_loss, reason = "100000 at most")]
            Some(interval) => added / probed.requests.max(1) as f64 / interval.as_secs_f64(),
            None => added / probed.length,
        }
    }))?;
    Some(Usage { memory, cpu })
}

#[expect(clippy::cast_precision_loss, reason = "exact up to eight pebibytes")]
fn bytes(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
