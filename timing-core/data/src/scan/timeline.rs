//! From events and the times of their lines to spans.
//!
//! A stage contains passes, and both contain steps. A banner ends what is open of its own level and
//! below, so that no time is told twice; a pass outside of any stage ends when a stage begins.
//! Resources belong to what is innermost when they begin, and outlive it if they do.

use std::collections::HashMap;
use std::time::Duration;

use super::banner::Banner;
use super::event::{Diagnostic, Event, Progress};
use super::kinds::Said;
use crate::stages::{Action, Kind, Outcome, Span};

/// More spans than this are not kept of one step: the longest plans have a tenth of it.
const MOST_SPANS: usize = 20_000;

/// The names of the spans of one step take no more bytes than this together.
const MOST_NAMES: usize = 8 << 20;

/// How the command ended whose output this was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As it should: a stage that nothing ended before is complete.
    Succeeded,
    /// In any other way: such a stage is unfinished.
    Failed,
}

/// What is open, and what has ended.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// In the order of their beginnings. Those that are open end where they begin.
    spans: Vec<Span>,
    name_bytes: usize,
    left_out: u64,
    /// The open stage, pass and step.
    open: [Option<usize>; LEVELS.len()],
    /// Which of the user's kinds the open stage is of.
    own: Option<usize>,
    /// The stages, passes and steps by their places among the spans.
    stages: Vec<usize>,
    /// How often one of them has begun or ended.
    changes: u64,
    /// The running operations by the address of their resource.
    operations: HashMap<String, (Action, usize)>,
    /// The diagnostic that is being printed is an error.
    in_error: bool,
}

/// What contains others, the outermost first.
const LEVELS: [Kind; 3] = [Kind::Stage, Kind::Pass, Kind::Step];

impl Timeline {
    /// Whether an error could name a resource that is open.
    pub(super) fn awaits_errors(&self) -> bool {
        !self.operations.is_empty()
    }

    /// Takes in what a line said of a stage of the user's.
    pub(super) fn take_own(&mut self, said: Said<'_>, at: Duration) {
        match said {
            Said::Begins(kind, name) => {
                self.begins(Kind::Stage, name, at);
                self.own = Some(kind);
            }
            Said::Ends(kind) if self.own == Some(kind) => self.close(0, Outcome::Complete, at),
            Said::Ends(_) => {}
        }
    }

    /// Takes in what a line said that was complete at `at`.
    pub(super) fn take(&mut self, event: Event<'_>, at: Duration) {
        match event {
            Event::Operation(Progress::Began, action, address) => self.began(action, address, at),
            Event::Operation(Progress::Completed, action, address) => {
                if self.operations.get(address).is_some_and(|(running, _)| *running == action) {
                    self.operation_ended(address, Outcome::Complete, at);
                }
            }
            Event::Banner(Banner::Begins(kind, name)) => self.begins(kind, name, at),
            Event::Banner(Banner::Completes(stage)) => self.completes(stage, at),
            Event::Diagnostic(Diagnostic::Error) => self.in_error = true,
            Event::Diagnostic(Diagnostic::Other) => self.in_error = false,
            Event::Diagnostic(Diagnostic::With(address)) if self.in_error => {
                self.operation_ended(address, Outcome::Errored, at);
            }
            Event::Diagnostic(Diagnostic::With(_)) | Event::Summary(_) => {}
        }
    }

    /// The name of the innermost stage, pass or step that is open.
    pub(super) fn current(&self) -> Option<&str> {
        self.innermost(LEVELS.len())
            .and_then(|index| self.spans.get(index))
            .map(|s| s.name.as_str())
    }

    /// The stages, passes and steps that have begun.
    pub(super) fn stages(&self) -> impl Iterator<Item = &Span> {
        self.stages.iter().filter_map(|index| self.spans.get(*index))
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// All spans, and how many were left out.
    pub(super) fn finish(mut self, end: Duration, ending: Ending) -> (Vec<Span>, u64) {
        let outcome = match ending {
            Ending::Succeeded => Outcome::Complete,
            Ending::Failed => Outcome::Unfinished,
        };
        self.close(0, outcome, end);
        for (_, (_, index)) in std::mem::take(&mut self.operations) {
            self.ended(index, Outcome::Unfinished, end);
        }
        (self.spans, self.left_out)
    }

    fn began(&mut self, action: Action, address: &str, at: Duration) {
        // Of the one before, nobody will say any more how it ended.
        self.operation_ended(address, Outcome::Unfinished, at);
        let parent = self.innermost(LEVELS.len());
        if let Some(index) = self.push(Kind::Resource(action), address, at, parent) {
            self.operations.insert(address.to_owned(), (action, index));
        }
    }

    fn operation_ended(&mut self, address: &str, outcome: Outcome, at: Duration) {
        if let Some((_, index)) = self.operations.remove(address) {
            self.ended(index, outcome, at);
        }
    }

    fn begins(&mut self, kind: Kind, name: &str, at: Duration) {
        let Some(level) = LEVELS.iter().position(|known| *known == kind) else { return };
        // A step may say more than one line.
        if kind == Kind::Step && self.open_name(level) == Some(name) {
            return;
        }
        self.close(level, Outcome::Complete, at);
        let parent = self.innermost(level);
        self.open[level] = self.push(kind, name, at, parent);
        self.stages.extend(self.open[level]);
        self.changes += 1;
    }

    /// `stage` is the name without its title: `STAGE 5`.
    fn completes(&mut self, stage: &str, at: Duration) {
        let is_it = |name: &str| name.strip_prefix(stage).is_some_and(|rest| rest.starts_with(':'));
        if self.open_name(0).is_some_and(is_it) {
            self.close(0, Outcome::Complete, at);
        }
    }

    /// Ends what is open of this level and below.
    fn close(&mut self, level: usize, outcome: Outcome, at: Duration) {
        if level == 0 {
            self.own = None;
        }
        for level in level..LEVELS.len() {
            if let Some(index) = self.open[level].take() {
                self.ended(index, outcome, at);
                self.changes += 1;
            }
        }
    }

    fn open_name(&self, level: usize) -> Option<&str> {
        self.spans.get(self.open[level]?).map(|span| span.name.as_str())
    }

    /// What is open above this level.
    fn innermost(&self, level: usize) -> Option<usize> {
        self.open[..level].iter().rev().find_map(|open| *open)
    }

    fn push(
        &mut self,
        kind: Kind,
        name: &str,
        at: Duration,
        parent: Option<usize>,
    ) -> Option<usize> {
        // Names are printed again, in files and on terminals. Terraform escapes what is in its own.
        if name.contains(char::is_control) {
            return None;
        }
        if self.spans.len() == MOST_SPANS || self.name_bytes + name.len() > MOST_NAMES {
            self.left_out += 1;
            return None;
        }
        self.name_bytes += name.len();
        self.spans.push(Span {
            kind,
            name: name.to_owned(),
            start: in_milliseconds(at),
            duration: Duration::ZERO,
            outcome: Outcome::Unfinished,
            parent,
        });
        Some(self.spans.len() - 1)
    }

    fn ended(&mut self, index: usize, outcome: Outcome, at: Duration) {
        if let Some(span) = self.spans.get_mut(index) {
            span.duration = in_milliseconds(at).saturating_sub(span.start);
            span.outcome = outcome;
        }
    }
}

/// The whole milliseconds of it. Both ends of a span are cut, not its length, so that what began
/// when another ended does so in the file.
fn in_milliseconds(at: Duration) -> Duration {
    Duration::new(at.as_secs(), at.subsec_millis() * 1_000_000)
}
