//! `registry …`: commands about the branch that rows are appended to.
//!
//! Each prints what it found on stdout and returns an exit code; none of them deploys anything.

mod audit;
mod doctor;
mod init;
mod publish;
mod site;
mod status;
mod sync;

use std::io::Write;

use timing_core::capture::leave_session;
use timing_core::journal::Journal;
use timing_core::record::ExitCode;

use crate::cli::{Presence, PublishArgs, RegistryCommand};
use crate::settings::{RegistrySettings, ReportSettings};
use crate::ui::Message;
pub(super) use audit::{conclusion, is_sound};
pub(super) use site::{Site, git};

/// Something needs attention.
const ATTENTION: ExitCode = ExitCode(1);

/// A command could not do its work; one line.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Carries out `command`.
pub fn execute(command: RegistryCommand, settings: &RegistrySettings) -> ExitCode {
    let outcome = match command {
        RegistryCommand::Doctor => return print(&doctor::examine(settings)),
        RegistryCommand::Init => Site::find(settings).and_then(|site| init::run(&site)),
        RegistryCommand::Sync(presence) => {
            if presence == Presence::Background {
                leave_session();
            }
            synchronise(settings)
        }
        RegistryCommand::Drain => Site::find(settings).and_then(|site| sync::drain(&site)),
        RegistryCommand::Status => Site::find(settings).and_then(|site| status::run(&site)),
        RegistryCommand::Audit => Site::find(settings).and_then(|site| audit::run(&site)),
        RegistryCommand::Recover(mode) => {
            Site::find(settings).and_then(|site| audit::recover(&site, mode))
        }
    };
    end(outcome)
}

/// Carries out `registry publish-report`.
pub fn publish_report(args: &PublishArgs, settings: &ReportSettings) -> ExitCode {
    end(publish::run(args, settings))
}

fn end(outcome: Result<Answer, Failure>) -> ExitCode {
    match outcome {
        Ok(answer) => print(&answer),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ATTENTION
        }
    }
}

/// Records what earlier runs left, then sends what this machine may send.
pub(super) fn synchronise(settings: &RegistrySettings) -> Result<Answer, Failure> {
    Site::find(settings).and_then(|site| sync::run(&site))
}

/// The journal of the settings' repository.
pub(super) fn journal(settings: &RegistrySettings) -> Result<Journal, Failure> {
    Ok(Site::find(settings)?.journal)
}

/// What a command found: lines for stdout, remarks for stderr, and its exit code.
pub(crate) struct Answer {
    pub(crate) lines: Vec<String>,
    pub(crate) remarks: Vec<Message>,
    pub(crate) exit_code: ExitCode,
}

impl Answer {
    /// An answer with which all is well.
    pub(crate) fn well(lines: Vec<String>) -> Self {
        Self { lines, remarks: Vec::new(), exit_code: ExitCode::SUCCESS }
    }
}

pub(super) fn print(answer: &Answer) -> ExitCode {
    // Nobody is left to be told when these are closed.
    for line in &answer.lines {
        let _ = writeln!(std::io::stdout(), "{line}");
    }
    for remark in &answer.remarks {
        let _ = match remark {
            Message::Note(note) => writeln!(std::io::stderr(), "{note}"),
            Message::Warning(warning) => writeln!(std::io::stderr(), "warning: {warning}"),
        };
    }
    answer.exit_code
}
