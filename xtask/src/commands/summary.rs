//! The page of a step on GitHub, as a run goes on.
//!
//! What is said there is what the terminal shows; that a page cannot be written is a warning.

use std::io::Write;

use timing_core::record::Environment;

use crate::github::{End, Piece, Summary, head, row, tail};
use crate::run::{Observer, PhaseEnded};
use crate::session::Session;
use crate::settings::Runner;
use crate::ui::{Message, Reporter};

/// The page of this run, where one is wanted.
pub(super) struct StepPage {
    summary: Option<Summary>,
    head: String,
    end: End,
}

impl StepPage {
    /// The page that `runner` wants of a run of `target`.
    pub(super) fn open(runner: &Runner, target: &str, environment: &Environment) -> Self {
        let summary = runner.summary.clone().map(Summary::at);
        Self { summary, head: head(target, environment), end: End::default() }
    }

    /// A phase has ended.
    pub(super) fn phase_ended(&mut self, phase: &PhaseEnded, session: Option<&mut Session<'_>>) {
        let Some(summary) = &mut self.summary else { return };
        let compared =
            session.and_then(|session| session.compare(std::slice::from_ref(phase)).pop());
        let (head, row) = (self.head.clone(), row(phase, compared.as_ref()));
        summary.append(Piece::Row { head, row });
    }

    /// What became of the rows.
    pub(super) fn remark(&mut self, message: &Message) {
        self.end.remarks.push(match message {
            Message::Note(note) => note.clone(),
            Message::Warning(warning) => format!("warning: {warning}"),
        });
    }

    /// How the budgets stand: name, value, verdict, limits.
    pub(super) fn budgets(&mut self, rows: Vec<[String; 4]>) {
        self.end.budgets = rows;
    }

    /// The run is over.
    pub(super) fn close<W: Write>(self, reporter: &mut Reporter<W>) {
        let Some(mut summary) = self.summary else { return };
        summary.append(Piece::Tail(tail(&self.end)));
        if let Some(warning) = summary.close() {
            reporter.warning(&warning);
        }
    }
}
