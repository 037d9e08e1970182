//! The ledger against the rows: what is lost, what is there twice, what is wrong. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use super::ledger::{Event, Line, Place};
use super::plan::Target;
use super::rows::Row;

/// What a program that was killed leaves of a phase that was running.
const KILLED: i32 = 137;

/// Whether a run may end without a journal and a row, as long as it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excuse {
    /// There is none.
    None,
    /// The disk may be full at any moment.
    DiskFull,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Runs that were started.
    pub(super) runs: usize,
    /// Runs that died of our SIGKILL.
    pub(super) killed: usize,
    /// Rows that are where they belong.
    pub(super) rows: usize,
    /// Phases without a row whose run said that it had no journal, when there was no space.
    pub(super) said_so: usize,
    /// Phases that started and have no row where it belongs.
    pub(super) lost: Vec<String>,
    /// Rows that are there more than once.
    pub(super) duplicated: Vec<String>,
    /// Exit codes that are not the true ones.
    pub(super) wrong: Vec<String>,
    /// Whatever else should not be.
    pub(super) other: Vec<String>,
}

impl Verdict {
    pub(super) fn is_sound(&self) -> bool {
        let findings = [&self.lost, &self.duplicated, &self.wrong, &self.other];
        findings.into_iter().all(Vec::is_empty)
    }
}

impl AddAssign for Verdict {
    fn add_assign(&mut self, more: Self) {
        self.runs += more.runs;
        self.killed += more.killed;
        self.rows += more.rows;
        self.said_so += more.said_so;
        self.lost.extend(more.lost);
        self.duplicated.extend(more.duplicated);
        self.wrong.extend(more.wrong);
        self.other.extend(more.other);
    }
}

/// What the ledger says of one run.
#[derive(Debug, Default)]
struct Story<'a> {
    started: Option<(Target, Place)>,
    exited: Option<(i32, u8)>,
    killed: bool,
    hung: bool,
    said_so: bool,
    /// The steps that started, in order, and the codes of those that ended.
    phases: Vec<(&'a str, Option<u8>)>,
}

/// What a row has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// This code and nothing else.
    Code(i32),
    /// That it was interrupted.
    Interrupted,
    /// Either: the program died at the moment at which the phase ended.
    Either(i32),
}

impl Due {
    fn holds(self, row: &Row) -> bool {
        let ended = |code: i32| row.code == code && row.outcome.is_none();
        let interrupted = row.code == KILLED && row.outcome.as_deref() == Some("interrupted");
        match self {
            Self::Code(code) => ended(code),
            Self::Interrupted => interrupted,
            Self::Either(code) => ended(code) || interrupted,
        }
    }
}

/// Judges `rows`, found everywhere that rows can be, by the `lines` of the ledger.
pub(super) fn judge(lines: &[Line], rows: &[Row], excuse: Excuse) -> Verdict {
    let stories = stories(lines);
    let mut verdict = Verdict { duplicated: duplicates(rows), ..Verdict::default() };
    let mut by_run: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_run.entry(&row.token).or_default().push(row);
    }
    for (token, rows) in &by_run {
        if !stories.contains_key(token) {
            verdict
                .other
                .push(format!("{token}: nobody started it, and it has {} rows", rows.len()));
        }
    }
    for (token, story) in &stories {
        let rows = by_run.remove(token).unwrap_or_default();
        judge_run(token, story, &rows, excuse, &mut verdict);
    }
    verdict
}

fn stories(lines: &[Line]) -> BTreeMap<&str, Story<'_>> {
    let mut stories: BTreeMap<&str, Story<'_>> = BTreeMap::new();
    for Line { token, event } in lines {
        let story = stories.entry(token).or_default();
        match event {
            Event::Started { target, destination } => {
                story.started = Some((*target, *destination));
            }
            Event::Exited { code, expected } => story.exited = Some((*code, *expected)),
            Event::Killed => story.killed = true,
            Event::Hung => story.hung = true,
            Event::SaidSo => story.said_so = true,
            Event::PhaseStarted { phase } => story.phases.push((phase, None)),
            Event::PhaseEnded { phase, code } => {
                if let Some(known) = story.phases.iter_mut().find(|(name, _)| name == phase) {
                    known.1 = Some(*code);
                }
            }
        }
    }
    stories
}

fn duplicates(rows: &[Row]) -> Vec<String> {
    let mut count: BTreeMap<(Place, &str, &str), usize> = BTreeMap::new();
    let mut by_run: BTreeMap<(Place, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        *count.entry((row.place, &row.token, &row.phase)).or_default() += 1;
        by_run.entry((row.place, &row.run, &row.phase)).or_default().insert(&row.token);
    }
    let twice = count
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|((place, token, phase), count)| format!("{token} {phase}: {count} rows at {place}"));
    let shared = by_run.into_iter().filter(|(_, tokens)| tokens.len() > 1).map(
        |((place, run, phase), tokens)| format!("run {run} {phase}: at {place} of {tokens:?}"),
    );
    twice.chain(shared).collect()
}

fn judge_run(token: &str, story: &Story<'_>, rows: &[&Row], excuse: Excuse, verdict: &mut Verdict) {
    let Some((target, destination)) = story.started else {
        verdict.other.push(format!("{token}: the ledger does not say that it was started"));
        return;
    };
    verdict.runs += 1;
    verdict.killed += usize::from(story.killed);
    match story.exited {
        Some((code, expected)) if code != i32::from(expected) => {
            verdict.wrong.push(format!("{token}: exited with {code} where it was {expected}"));
        }
        None if !story.killed && !story.hung => {
            verdict.other.push(format!("{token}: the ledger does not say how it ended"));
        }
        _ => {}
    }
    if story.hung {
        verdict.other.push(format!("{token}: did not end"));
    }
    let due = due(target, story);
    for (phase, due) in &due {
        let found = rows.iter().filter(|row| row.phase == *phase && row.place == destination);
        match found.count() {
            0 if excuse == Excuse::DiskFull && story.said_so => verdict.said_so += 1,
            0 => verdict.lost.push(format!("{token} {phase}: no row at {destination}")),
            // More than one is counted elsewhere.
            _ => verdict.rows += 1,
        }
        for row in rows.iter().filter(|row| row.phase == *phase && !due.holds(row)) {
            let outcome = row.outcome.as_deref().unwrap_or("none");
            verdict.wrong.push(format!(
                "{token} {phase}: the row at {} says {} (outcome {outcome}) where it was {due:?}",
                row.place, row.code
            ));
        }
    }
    for row in rows.iter().filter(|row| due.iter().all(|(phase, _)| row.phase != *phase)) {
        judge_unexpected(token, story, target, row, verdict);
    }
}

/// A row of a phase whose step never started: only of a program that was killed just before.
fn judge_unexpected(
    token: &str,
    story: &Story<'_>,
    target: Target,
    row: &Row,
    verdict: &mut Verdict,
) {
    let can_be = target.steps().iter().chain(&target.around()).any(|phase| row.phase == *phase);
    if !(can_be && story.killed) {
        verdict.other.push(format!("{token} {}: a row, and it never started", row.phase));
    } else if !Due::Interrupted.holds(row) {
        verdict.wrong.push(format!("{token} {}: ended with {} unseen", row.phase, row.code));
    }
}

/// The phases that must have a row, and what it must say.
fn due(target: Target, story: &Story<'_>) -> Vec<(&'static str, Due)> {
    let started = |name: &str| story.phases.iter().position(|(phase, _)| *phase == name);
    let died = story.killed || story.hung;
    let mut due = Vec::new();
    for name in target.steps() {
        let Some(index) = started(name) else { continue };
        let (_, code) = story.phases[index];
        let is_last = index + 1 == story.phases.len();
        due.push((
            *name,
            match (code.map(i32::from), died) {
                (Some(code), true) if is_last => Due::Either(code),
                (Some(code), _) => Due::Code(code),
                (None, _) => Due::Interrupted,
            },
        ));
    }
    if let (Some(around), false) = (target.around(), due.is_empty()) {
        let failed = story.phases.iter().find_map(|(_, code)| code.filter(|code| *code != 0));
        let all_ended = story.phases.len() == target.steps().len()
            && story.phases.iter().all(|(_, code)| code.is_some());
        due.push((
            around,
            match (failed, died) {
                (Some(code), true) => Due::Either(i32::from(code)),
                (Some(code), false) => Due::Code(i32::from(code)),
                (None, true) if all_ended => Due::Either(0),
                (None, true) => Due::Interrupted,
                (None, false) => Due::Code(0),
            },
        ));
    }
    due
}

#[cfg(test)]
mod tests;
