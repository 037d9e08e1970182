//! The logs that are open: one for each phase around the command that runs.

use std::io::{self, ErrorKind};
use std::path::Path;

use timing_core::log::{Closing, Log, LogName, Opening};
use timing_core::record::LogPath;

use super::{Capture, Context, PhaseEnded};
use crate::plan::PhasePlan;
use timing_core::clock::UtcStamp;

/// Logs from the outermost phase to the innermost; `None` for one that could not be created.
#[derive(Debug, Default)]
pub(super) struct Logs {
    open: Vec<Option<Log>>,
    warnings: Vec<String>,
    /// What has been said already.
    said: Vec<Trouble>,
}

/// What is worth one warning in a run, however many logs it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Logs cannot be created where they belong.
    Directory,
    /// The disk does not take what is written.
    Disk,
}

/// Why a log could not be created.
struct NotCreated {
    trouble: Trouble,
    reason: String,
}

impl Logs {
    /// Opens the log of a phase that starts.
    pub(super) fn open(
        &mut self,
        context: &Context<'_>,
        plan: &PhasePlan,
        start: UtcStamp,
        command: &str,
    ) -> Option<&LogPath> {
        let log = match context.capture {
            Capture::Off => None,
            Capture::Shown | Capture::Compact => self.create(context, plan, start, command),
        };
        self.open.push(log);
        self.open.last()?.as_ref().map(Log::path)
    }

    fn create(
        &mut self,
        context: &Context<'_>,
        plan: &PhasePlan,
        start: UtcStamp,
        command: &str,
    ) -> Option<Log> {
        let name = LogName {
            phase: &plan.phase,
            environment: context.environment,
            build_id: &plan.build_id,
            suffix: plan.log_suffix.as_ref().map(crate::plan::Cluster::as_str),
            start,
            run: context.run,
        };
        let opening = Opening {
            start,
            phase: &plan.phase,
            environment: context.environment,
            build_id: &plan.build_id,
            run: context.run,
            command,
        };
        create(context.repository, &name, &opening)
            .inspect_err(|NotCreated { trouble, reason }| {
                self.warn(*trouble, || {
                    format!(
                        "{} has no log: creating one below {} failed: {reason}",
                        plan.phase,
                        context.repository.display()
                    )
                });
            })
            .ok()
    }

    fn warn(&mut self, trouble: Trouble, warning: impl FnOnce() -> String) {
        if !self.said.contains(&trouble) {
            self.said.push(trouble);
            self.warnings.push(format!("{}{}", warning(), trouble.of_later_logs()));
        }
    }

    /// Closes the innermost log.
    pub(super) fn close(&mut self, phase: &PhaseEnded, end: UtcStamp) {
        let closing = Closing {
            end,
            phase: &phase.phase,
            exit_code: phase.exit_code,
            duration: phase.duration,
            resources: phase.resources,
        };
        if let Some(Some(mut log)) = self.open.pop() {
            let written = log.line(closing);
            self.note(&log, written);
        }
    }

    /// Output of the command that runs: into every open log.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.each(|log| log.write(bytes));
    }

    /// A line of ours: into every open log.
    pub(super) fn line(&mut self, line: &str) {
        self.each(|log| log.line(line));
    }

    fn each(&mut self, mut write: impl FnMut(&mut Log) -> std::io::Result<()>) {
        let mut open = std::mem::take(&mut self.open);
        for log in open.iter_mut().flatten() {
            let written = write(log);
            self.note(log, written);
        }
        self.open = open;
    }

    fn note(&mut self, log: &Log, written: std::io::Result<()>) {
        if let Err(error) = written {
            self.warn(Trouble::Disk, || {
                format!("{} is incomplete: writing it failed: {error}", log.path())
            });
        }
    }

    /// The log of the innermost phase that has one.
    pub(super) fn innermost(&self) -> Option<&Log> {
        self.open.iter().rev().flatten().next()
    }

    /// What went wrong since this was last asked.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}

impl Trouble {
    /// What a failed creation tells of.
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Disk,
            _ => Self::Directory,
        }
    }

    /// That nothing is said of the others.
    fn of_later_logs(self) -> &'static str {
        match self {
            Self::Directory => "; no more is said of other logs of this run",
            Self::Disk => "; other logs of this run may be missing or incomplete too",
        }
    }
}

fn create(repository: &Path, name: &LogName<'_>, opening: &Opening<'_>) -> Result<Log, NotCreated> {
    let refused =
        |error: &io::Error| NotCreated { trouble: Trouble::of(error), reason: error.to_string() };
    let path = name
        .path()
        .map_err(|error| NotCreated { trouble: Trouble::Directory, reason: error.to_string() })?;
    let mut log = Log::create(repository, path).map_err(|error| refused(&error))?;
    match log.line(opening) {
        Ok(()) => Ok(log),
        Err(error) => {
            // No row names it, and nothing is in it.
            let _ = std::fs::remove_file(repository.join(log.path().as_str()));
            Err(NotCreated { trouble: Trouble::Disk, reason: error.to_string() })
        }
    }
}
