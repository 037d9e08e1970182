//! `registry sync` and `registry drain`: rows to where they belong.

use timing_core::addition;
use timing_core::clock::{Clock, SystemClock};
use timing_core::deposit::{Delivered, Deposited, Depot, Own};
use timing_core::record::{ExitCode, RunId};
use timing_core::registry::{InboxName, LocalBranch, Source, SyncError, SyncPolicy};

use super::site::Site;
use super::{ATTENTION, Answer, Failure};
use crate::session::{PATIENCE, RECORDER};
use crate::settings::{Place, Push};
use crate::ui::{self, Message, count};

/// What this machine may send, by policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// The registry's branch.
    Branch,
    /// An inbox of its own.
    Inbox,
    /// Nothing.
    Nothing,
}

pub(super) fn sending(site: &Site<'_>) -> Sending {
    match (site.has_remote, site.settings.push, site.settings.place) {
        (false, _, _) | (_, Push::Never, _) | (_, Push::Ci, Place::Workstation) => Sending::Nothing,
        (_, Push::Always, _) | (_, Push::Ci | Push::Inbox, Place::Ci) => Sending::Branch,
        (_, Push::Inbox, Place::Workstation) => Sending::Inbox,
    }
}

/// Records what earlier runs left, then sends what this machine may send.
pub(super) fn run(site: &Site<'_>) -> Result<Answer, Failure> {
    let depot = depot(site);
    let own = Own { additions: &[], source: &Source::default(), recorder: RECORDER };
    let deposited = depot.deposit(&own, SystemClock.now())?;
    let mut answer = local(site, &deposited);
    if deposited.waiting > 0 || sending(site) == Sending::Branch {
        send(site, &depot, &mut answer)?;
    }
    Ok(answer)
}

fn depot<'a>(site: &'a Site<'_>) -> Depot<'a> {
    Depot {
        journal: &site.journal,
        registry: &site.registry,
        destination: site.destination(),
        patience: PATIENCE,
    }
}

fn local(site: &Site<'_>, deposited: &Deposited) -> Answer {
    let rows = deposited.appended.as_ref().map_or(0, |appended| appended.rows);
    let line = match rows {
        0 => format!("nothing was left to record on {}", site.settings.branch),
        rows => format!("recorded {} on {}", count(rows), site.settings.branch),
    };
    Answer { remarks: ui::beside(deposited), ..Answer::well(vec![line]) }
}

fn send(site: &Site<'_>, depot: &Depot<'_>, answer: &mut Answer) -> Result<(), Failure> {
    let (policy, now) = (SyncPolicy::default(), SystemClock.now());
    let remote = &site.settings.remote;
    match sending(site) {
        Sending::Nothing => {
            answer.lines.extend(ui::unseen(depot_waiting(site), site.settings.push));
            Ok(())
        }
        Sending::Branch => {
            let delivered = depot.sync(&policy, RECORDER, now)?;
            let said = |synced: &timing_core::registry::Synced| {
                let mut lines = vec![format!("{remote} lacked {}", count(synced.rows))];
                if let LocalBranch::Left(why) = &synced.local {
                    lines.push(why.to_string());
                }
                lines
            };
            report(delivered, said, answer);
            Ok(())
        }
        Sending::Inbox => {
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            let name = InboxName::new(&host, &RunId::generate(now));
            let delivered = depot.push_inbox(&name, &policy, RECORDER, now)?;
            let branch = name.branch();
            report(delivered, |_| vec![format!("sent to {remote} as {branch}")], answer);
            Ok(())
        }
    }
}

fn depot_waiting(site: &Site<'_>) -> usize {
    site.journal.outbox().map_or(0, |(waiting, _)| addition::rows(&waiting).count())
}

fn report<T>(delivered: Delivered<T>, said: impl FnOnce(&T) -> Vec<String>, answer: &mut Answer) {
    match &delivered.outcome {
        Ok(outcome) => answer.lines.extend(said(outcome)),
        Err(error) => {
            answer.exit_code = ATTENTION;
            answer.remarks.push(failed(error, delivered.waiting));
        }
    }
    answer.remarks.extend(delivered.warnings.into_iter().map(Message::Warning));
}

fn failed(error: &SyncError, waiting: usize) -> Message {
    let verb = if waiting == 1 { "waits" } else { "wait" };
    Message::Warning(format!("{error}; {} {verb} in the journal", count(waiting)))
}

/// Takes the inboxes of the remote in.
pub(super) fn drain(site: &Site<'_>) -> Result<Answer, Failure> {
    let drained = site.registry.drain(&SyncPolicy::default(), RECORDER, SystemClock.now())?;
    let rows = drained.synced.as_ref().map_or(0, |synced| synced.rows);
    let mut answer =
        Answer::well(vec![format!("merged {} of {} inboxes", count(rows), drained.merged.len())]);
    for kept in drained.kept {
        answer.exit_code = ATTENTION;
        answer.remarks.push(Message::Warning(format!("{} stays: {}", kept.branch, kept.reason)));
    }
    if let Some(LocalBranch::Left(why)) = drained.synced.map(|synced| synced.local) {
        answer.remarks.push(Message::Note(why.to_string()));
    }
    debug_assert!(answer.exit_code == ExitCode::SUCCESS || !answer.remarks.is_empty());
    Ok(answer)
}
