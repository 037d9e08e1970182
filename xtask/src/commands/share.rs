//! After a run: rows on their way to where others see them.
//!
//! On a workstation nobody waits for the network: a process of its own goes on. In CI that would
//! die with the job, so the run itself sends, once, under a time-out.

use std::io::Write;

use super::background::{self, Work};
use super::registry;
use crate::launch::Variables;
use crate::run::Observer;
use crate::session::shield;
use crate::settings::{Place, Push, RegistrySettings};
use crate::ui::{Reporter, count, unseen};

/// What goes on in the background, and its log beside the journal.
const SYNC: Work = Work { command: ["registry", "sync"], log: "sync.log" };

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
    match background::start(&SYNC, settings, variables) {
        Ok(log) => reporter
            .line(&format!("{} on the way to {remote} in the background ({log})", count(waiting))),
        Err(error) => reporter.warning(&format!(
            "{} not sent to {remote}: starting that in the background failed: {error}; `cargo \
             xtask registry sync` sends them",
            count(waiting)
        )),
    }
}
