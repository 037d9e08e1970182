//! Where the rows of a run went.

use timing_core::deposit::Deposited;
use timing_core::git::BranchName;

use crate::session::{Expectation, Kept, Report};
use crate::settings::Push;

/// Something to be said of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Good to know.
    Note(String),
    /// Something failed.
    Warning(String),
}

/// What is to be said of `report`.
#[must_use]
pub fn rows(report: &Report) -> Vec<Message> {
    match report {
        Report::Recorded { rows, branch, deposited } => recorded(*rows, branch, deposited),
        Report::TakenAlong { rows, branch } => vec![Message::Note(format!(
            "recorded {} on {branch}, by another run at the same time",
            count(*rows)
        ))],
        Report::NotRecorded { rows, reason, kept, expected } => {
            vec![not_recorded(rows, reason, kept, *expected)]
        }
    }
}

fn recorded(rows: usize, branch: &BranchName, deposited: &Deposited) -> Vec<Message> {
    let commit = deposited.appended.as_ref().map(|appended| appended.commit.to_string());
    let commit = commit.as_deref().and_then(|commit| commit.get(..12)).unwrap_or("no commit");
    let mut messages =
        vec![Message::Note(format!("recorded {} on {branch} ({commit})", count(rows)))];
    messages.extend(beside(deposited));
    messages
}

/// What a deposit did beside recording the rows of its own run.
#[must_use]
pub fn beside(deposited: &Deposited) -> Vec<Message> {
    let mut messages = Vec::new();
    if deposited.taken_along > 0 {
        let number = count(deposited.taken_along);
        messages.push(Message::Note(format!("took along {number} that earlier runs had left")));
    }
    for run in &deposited.interrupted {
        messages.push(Message::Note(format!(
            "run {run} had been killed; what it was doing is recorded as interrupted"
        )));
    }
    for aside in &deposited.set_aside {
        messages.push(Message::Warning(format!(
            "a journal entry is left alone: {}: {}",
            aside.path.display(),
            aside.fault
        )));
    }
    messages.extend(deposited.journal_unusable.iter().cloned().map(Message::Warning));
    messages.extend(deposited.warnings.iter().cloned().map(Message::Warning));
    messages
}

fn not_recorded(rows: &[String], reason: &str, kept: &Kept, expected: Expectation) -> Message {
    let number = count(rows.len());
    let listed = rows.iter().map(|row| format!("\n  {row}")).collect::<String>();
    match (kept, expected) {
        (Kept::Journal(path), _) | (Kept::File(path), Expectation::Failure) => {
            Message::Warning(format!("{number} not recorded: {reason}; kept in {}", path.display()))
        }
        (Kept::File(path), Expectation::Expected) => Message::Note(format!(
            "{number} not recorded: {reason}; kept in {}:{listed}",
            path.display()
        )),
        (Kept::Printed(error), _) => Message::Warning(format!(
            "{number} not recorded: {reason}; no file could keep them ({error}), so here they \
             are:{listed}"
        )),
    }
}

/// That rows wait which nobody else can see, and what sends them.
#[must_use]
pub fn unseen(waiting: usize, push: Push) -> Option<String> {
    let what_sends = match push {
        Push::Never => return None,
        Push::Ci => {
            "registry.push = \"ci\" sends from CI only; \"inbox\" or \"always\" in xtask.toml sends \
             from here"
        }
        Push::Inbox | Push::Always => "`cargo xtask registry sync` sends them",
    };
    (waiting > 0).then(|| {
        format!("{} of this clone can be seen by nobody else: {what_sends}", count(waiting))
    })
}

/// `1 row`, `2 rows`.
#[must_use]
pub fn count(rows: usize) -> String {
    let plural = if rows == 1 { "" } else { "s" };
    format!("{rows} row{plural}")
}
