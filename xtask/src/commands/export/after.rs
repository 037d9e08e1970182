//! The end of a run, as far as exports are concerned: it is put down, and a process of its own takes
//! it from there. No socket, no name to resolve, nothing to wait for.

use std::io::{self, Write};
use std::time::Duration;

use timing_core::journal::Journal;
use timing_core::record::{Phase, RunId};

use crate::commands::background::{self, Work};
use crate::export::Sink;
use crate::export::run::{About, FinishedRun};
use crate::export::spool::Spool;
use crate::export::traces::{self, Parent};
use crate::launch::Variables;
use crate::run::{Observer, PhaseEnded};
use crate::session::{RECORDER, Session};
use crate::settings::{Exports, RegistrySettings};
use crate::ui::Reporter;

const SEND: Work = Work { command: ["export", "send"], log: "exports/send.log" };

/// What the environment says of the trace that a run is a part of.
pub(in crate::commands) enum Given {
    /// Nothing.
    Nothing,
    /// It is a part of this one.
    Parent(Parent),
    /// Something that is no parent.
    Garbage,
}

/// `TRACEPARENT` and `TRACESTATE` of `variables`.
pub(in crate::commands) fn parent_of(variables: &Variables) -> Given {
    let text = |name: &str| {
        let found = variables.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.to_string_lossy().into_owned())
    };
    let Some(parent) = text("TRACEPARENT").filter(|parent| !parent.is_empty()) else {
        return Given::Nothing;
    };
    match Parent::parse(parent.trim(), text("TRACESTATE").as_deref()) {
        Some(parent) => Given::Parent(parent),
        None => Given::Garbage,
    }
}

/// Who is to be told of a run, and of what it is a part.
pub(in crate::commands) struct Exporting {
    sinks: Vec<Sink>,
    given: Given,
}

/// A run that is to be put down.
pub(in crate::commands) struct Finished {
    run: FinishedRun,
    journal: Option<Journal>,
    sinks: Vec<Sink>,
}

impl Exporting {
    pub(in crate::commands) fn new(exports: &Exports, given: Given) -> Self {
        let mut sinks = Sink::wanted(exports);
        // Whoever began the trace has decided that nobody keeps it.
        if matches!(&given, Given::Parent(parent) if !parent.is_sampled()) {
            sinks.retain(|sink| *sink != Sink::Otlp);
        }
        Self { sinks, given }
    }

    /// Nobody is told.
    pub(in crate::commands) fn nobody() -> Self {
        Self { sinks: Vec::new(), given: Given::Nothing }
    }

    fn parent(&self) -> Option<&Parent> {
        match &self.given {
            Given::Parent(parent) => Some(parent),
            Given::Nothing | Given::Garbage => None,
        }
    }

    /// What the steps of `phase` are told. Nothing, where no span of ours will be there for theirs to
    /// be a part of: then the user's variables reach them as they are.
    pub(in crate::commands) fn told(&self, run: &RunId, phase: &Phase) -> Vec<(String, String)> {
        if !self.sinks.contains(&Sink::Otlp) {
            return Vec::new();
        }
        let mut told = traces::handed(run, self.parent(), phase);
        if matches!(self.given, Given::Garbage) {
            // It was about a parent that is none.
            told.push(("TRACESTATE".to_owned(), String::new()));
        }
        told
    }

    /// The run of `session`, which started at `start` of the wall clock; `None` when nobody is to be
    /// told of it.
    pub(in crate::commands) fn finished(
        &self,
        session: &Session<'_>,
        start: Duration,
        phases: &[PhaseEnded],
    ) -> Option<Finished> {
        if self.sinks.is_empty() || phases.is_empty() {
            return None;
        }
        let about = About {
            run: session.run(),
            target: session.target(),
            environment: session.environment(),
            recorder: RECORDER,
            source: session.source(),
            start,
            parent: self.parent(),
        };
        Some(Finished {
            run: FinishedRun::new(&about, phases, session.records()),
            journal: session.journal().cloned(),
            sinks: self.sinks.clone(),
        })
    }
}

impl Finished {
    /// Puts the run down and starts a sender; what fails is said.
    pub(in crate::commands) fn hand_over<W: Write>(
        &self,
        settings: &RegistrySettings,
        variables: &Variables,
        reporter: &mut Reporter<W>,
    ) {
        let Some(journal) = &self.journal else {
            reporter.warning(
                "this run is not exported: runs wait for that beside the journal, which is in a git \
                 repository",
            );
            return;
        };
        let spool = Spool::beside(journal);
        if let Some(trouble) = spool.trouble() {
            reporter.line(&format!(
                "exports: {trouble}; what could not be sent waits, see `cargo xtask export status`"
            ));
        }
        if let Err(error) = self.put_down(&spool, journal, settings, variables) {
            reporter.warning(&error);
        }
    }

    fn put_down(
        &self,
        spool: &Spool,
        journal: &Journal,
        settings: &RegistrySettings,
        variables: &Variables,
    ) -> Result<(), String> {
        spool.put(&self.run, &self.sinks).map_err(|error| {
            let directory = spool.directory().display();
            format!("this run is not exported: {directory} cannot be written: {error}")
        })?;
        let started: io::Result<String> =
            background::start_beside(journal, &SEND, settings, variables);
        started.map(drop).map_err(|error| {
            format!(
                "this run waits to be exported: starting that in the background failed: {error}; \
                 `cargo xtask export send` does it"
            )
        })
    }
}
