//! After a run: rows on their way to where others see them.
//!
//! On a workstation nobody waits for the network: a process of its own goes on. In CI that would
//! die with the job, so the run itself sends, once, under a time-out.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

use timing_core::capture::{self, Command};
use timing_core::clock::{Clock, SystemClock};
use timing_core::journal::Journal;

use super::registry;
use crate::cli::BACKGROUND;
use crate::launch::{Variables, this_program};
use crate::run::Observer;
use crate::session::shield;
use crate::settings::{Place, Push, RegistrySettings};
use crate::ui::{Reporter, count, unseen};

/// The log of synchronisations in the background starts anew beyond this length.
const LONGEST_LOG: u64 = 256 * 1024;

/// Sends the rows that wait, or says why it does not.
pub(super) fn after_run<W: Write>(
    waiting: usize,
    settings: &RegistrySettings,
    variables: &Variables,
    reporter: &mut Reporter<W>,
) {
    if waiting == 0 {
        return;
    }
    match (settings.push, settings.place) {
        (Push::Never, _) => {}
        (Push::Ci, Place::Workstation) => {
            if let Some(line) = unseen(waiting, settings.push) {
                reporter.line(&line);
            }
        }
        (Push::Ci | Push::Inbox | Push::Always, Place::Ci) => now(settings, reporter),
        (Push::Inbox | Push::Always, Place::Workstation) => {
            later(waiting, settings, variables, reporter);
        }
    }
}

fn now<W: Write>(settings: &RegistrySettings, reporter: &mut Reporter<W>) {
    match shield("sending the rows", || registry::synchronise(settings)) {
        Ok(Ok(answer)) => {
            for line in answer.lines {
                reporter.line(&line);
            }
            for remark in &answer.remarks {
                reporter.message(remark);
            }
        }
        Ok(Err(error)) => reporter.warning(&format!("the rows were not sent: {error}")),
        Err(reason) => reporter.warning(&reason),
    }
}

fn later<W: Write>(
    waiting: usize,
    settings: &RegistrySettings,
    variables: &Variables,
    reporter: &mut Reporter<W>,
) {
    let remote = &settings.remote;
    match start(settings, variables) {
        Ok(log) => reporter
            .line(&format!("{} on the way to {remote} in the background ({log})", count(waiting))),
        Err(error) => reporter.warning(&format!(
            "{} not sent to {remote}: starting that in the background failed: {error}; `cargo \
             xtask registry sync` sends them",
            count(waiting)
        )),
    }
}

fn start(settings: &RegistrySettings, variables: &Variables) -> io::Result<String> {
    let (log, path) = log(settings)?;
    let not_text = |what: &str| io::Error::other(format!("{what} is not UTF-8"));
    let program = this_program();
    let program = program.to_str().ok_or_else(|| not_text("this program's path"))?;
    let repository =
        settings.repository.to_str().ok_or_else(|| not_text("the repository's path"))?;
    let arguments = ["registry", "sync", &format!("--{BACKGROUND}"), "--repo", repository];
    capture::detach(
        &Command {
            program,
            arguments: &arguments.map(str::to_owned),
            environment: variables,
            directory: &settings.repository,
        },
        &log,
    )?;
    Ok(path)
}

/// The log of synchronisations, beside the journal.
fn log(settings: &RegistrySettings) -> io::Result<(File, String)> {
    let journal = registry::journal(settings).map_err(io::Error::other)?;
    let path = Journal::directory(&journal).join("sync.log");
    let long = std::fs::metadata(&path).is_ok_and(|log| log.len() > LONGEST_LOG);
    let mut log = OpenOptions::new().append(true).create(true).open(&path)?;
    if long {
        log.set_len(0)?;
    }
    writeln!(log, "[{}] registry sync", SystemClock.now())?;
    Ok((log, path.display().to_string()))
}
