//! What goes on when a run is over: a process of its own, which nobody waits for.

use std::fs::File;
use std::io::{self, Write};

use timing_core::capture::{self, Command};
use timing_core::clock::{Clock, SystemClock};
use timing_core::journal::Journal;

use super::registry;
use crate::cli::BACKGROUND;
use crate::launch::{Variables, this_program};
use crate::regular::{self, Links};
use crate::settings::RegistrySettings;

/// A log starts anew beyond this length.
const LONGEST_LOG: u64 = 256 * 1024;

/// A command of this program that can do without a terminal.
pub(super) struct Work {
    /// Its words; it takes `--background` and `--repo`.
    pub(super) command: [&'static str; 2],
    /// Where its output goes, below the journal.
    pub(super) log: &'static str,
}

/// Starts `work` for the repository of `settings`; returns the path of its log.
///
/// # Errors
///
/// When the journal or the log cannot be used, or the process not be started.
pub(super) fn start(
    work: &Work,
    settings: &RegistrySettings,
    variables: &Variables,
) -> io::Result<String> {
    let journal = registry::journal(settings).map_err(io::Error::other)?;
    start_beside(&journal, work, settings, variables)
}

/// The same where the journal is known.
///
/// # Errors
///
/// When the log cannot be used, or the process not be started.
pub(super) fn start_beside(
    journal: &Journal,
    work: &Work,
    settings: &RegistrySettings,
    variables: &Variables,
) -> io::Result<String> {
    let (log, path) = log(journal, work)?;
    let not_text = |what: &str| io::Error::other(format!("{what} is not UTF-8"));
    let program = this_program();
    let program = program.to_str().ok_or_else(|| not_text("this program's path"))?;
    let repository =
        settings.repository.to_str().ok_or_else(|| not_text("the repository's path"))?;
    let [family, command] = work.command;
    let arguments = [family, command, &format!("--{BACKGROUND}"), "--repo", repository];
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

fn log(journal: &Journal, work: &Work) -> io::Result<(File, String)> {
    let path = journal.directory().join(work.log);
    let mut log = regular::append(&path, Links::Refused)?;
    if log.metadata()?.len() > LONGEST_LOG {
        log.set_len(0)?;
    }
    writeln!(log, "[{}] {}", SystemClock.now(), work.command.join(" "))?;
    Ok((log, path.display().to_string()))
}
