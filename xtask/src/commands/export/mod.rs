//! `export …`, and what a run does at its end so that others are told of it.

mod after;
mod metrics;
mod status;
mod tell;

use std::io::Write;
use std::time::{Duration, Instant};

use timing_core::capture::leave_session;
use timing_core::record::ExitCode;

use super::registry::{Answer, Failure, Site, print};
use crate::cli::{ExportCommand, Presence};
use crate::export::Sink;
use crate::export::send::{Sender, Sent, runs};
use crate::export::spool::{Bounds, Spool};
use crate::settings::{EnvSnapshot, ExportSettings};
use crate::ui::Message;
pub(super) use after::{Exporting, Finished, parent_of};

/// Something waits, or was given up.
const ATTENTION: ExitCode = ExitCode(1);

/// All that one sender does. What it does not come to waits for the next.
const ENOUGH: Duration = Duration::from_secs(300);

/// How often somebody who waits for another sender looks again, and for how long.
const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries out `command`.
pub fn execute(command: ExportCommand, settings: &ExportSettings) -> ExitCode {
    let outcome = match command {
        ExportCommand::Send(presence) => {
            if presence == Presence::Background {
                leave_session();
            }
            Site::find(&settings.registry).and_then(|site| send(&site, settings, presence))
        }
        ExportCommand::Status => {
            Site::find(&settings.registry).and_then(|site| status::run(&site, &settings.exports))
        }
    };
    match outcome {
        Ok(answer) => print(&answer),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ATTENTION
        }
    }
}

fn send(site: &Site<'_>, settings: &ExportSettings, presence: Presence) -> Result<Answer, Failure> {
    let spool = Spool::beside(&site.journal);
    let sinks = Sink::wanted(&settings.exports);
    let sender = Sender {
        spool: &spool,
        sinks: &sinks,
        until: Instant::now() + ENOUGH,
        bounds: Bounds::USUAL,
    };
    let variables = EnvSnapshot::of_process();
    let mut teller = tell::Teller::new(settings, &variables);
    let about = |error: std::io::Error| {
        Failure::from(format!("{} cannot be used: {error}", spool.directory().display()))
    };
    let patient = Instant::now() + PATIENCE;
    let sent = loop {
        let sent = sender.send(&mut teller).map_err(about)?;
        // Who typed it wants to know what came of it; who was started by a run knows that the
        // other takes its run along.
        if !sent.is_busy || presence == Presence::Background || Instant::now() > patient {
            break sent;
        }
        std::thread::sleep(LOOK);
    };
    if !sent.is_busy {
        spool.note_trouble(trouble(&sent.failures).as_deref());
    }
    Ok(answer(&sent, &sinks))
}

/// The first of `failures`, and how many there are beside it.
fn trouble(failures: &[String]) -> Option<String> {
    let first = failures.first()?;
    Some(match failures.len() {
        1 => first.clone(),
        all => format!("{first} (and {} more)", all - 1),
    })
}

fn answer(sent: &Sent, sinks: &[Sink]) -> Answer {
    if sent.is_busy {
        return Answer::well(vec!["another sender is at work".to_owned()]);
    }
    let mut lines: Vec<String> =
        sent.told.iter().map(|(sink, count)| format!("told {sink} of {}", runs(*count))).collect();
    let is_well = sent.waiting == 0 && sent.given_up == 0;
    if sinks.is_empty() {
        lines.push("nothing is configured to be exported; see [export] in xtask.toml".to_owned());
    } else if sent.waiting > 0 {
        lines.push(format!("still waiting: {}", runs(sent.waiting)));
    } else if lines.is_empty() {
        lines.push("nothing waited to be exported".to_owned());
    }
    Answer {
        lines,
        remarks: sent.remarks.iter().chain(&sent.failures).cloned().map(Message::Warning).collect(),
        exit_code: if is_well { ExitCode::SUCCESS } else { ATTENTION },
    }
}
