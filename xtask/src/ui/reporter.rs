//! What a run says while it runs, on stderr.

use std::io::Write;

use timing_core::capture::{Exit, Measure, Streams};
use timing_core::record::Environment;
use timing_core::stats::estimate::Forecast;

use super::duration::human;
use super::expected::{Expected, estimate};
use super::progress::Progress;
use super::rows::Message;
use super::style::{Decoration, Tone};
use super::tail::Tail;
use crate::github::{Annotation, Annotations, Level};
use crate::plan::OnFailure;
use crate::run::{
    Ending, Observer, PhaseEnded, PhaseStarted, Shown, StageChange, StepEnded, StepResult,
    StepStarted,
};

/// How many lines of a hidden step that failed are shown.
const TAIL_LINES: usize = 40;

/// Tells a person what happens.
pub struct Reporter<W> {
    out: W,
    decoration: Decoration,
    environment: Environment,
    /// Whether what a step prints comes to where our lines go.
    streams: Streams,
    /// The last byte that came there was a newline: ours can start.
    at_line_start: bool,
    hidden: Option<HiddenStep>,
    /// What is expected of the phases that go on, the innermost last.
    phases: Vec<Expected>,
    /// Something has been said already.
    begun: bool,
    annotations: Annotations,
    /// The targets of the phases that go on, the innermost last.
    targets: Vec<&'static str>,
}

/// A step whose output nobody sees.
struct HiddenStep {
    progress: Progress,
    tail: Tail,
}

impl<W: Write> Reporter<W> {
    /// A reporter that writes to `out`; `streams` says whether steps print to the same place.
    pub fn new(out: W, decoration: Decoration, environment: Environment, streams: Streams) -> Self {
        Self {
            out,
            decoration,
            environment,
            streams,
            at_line_start: true,
            hidden: None,
            phases: Vec::new(),
            begun: false,
            annotations: Annotations::NONE,
            targets: Vec::new(),
        }
    }

    /// The same for a place where `annotations` are read.
    pub fn annotating(self, annotations: Annotations) -> Self {
        Self { annotations, ..self }
    }

    /// An empty line between what was and what starts now.
    fn gap(&mut self) {
        if self.begun {
            self.line("");
        }
        self.begun = true;
    }

    /// A line of ours. Nobody is left to be told when it cannot be written.
    pub fn line(&mut self, line: &str) {
        let newline = if self.at_line_start { "" } else { "\n" };
        let out = &mut self.out;
        let mut write = || {
            let _ = writeln!(out, "{newline}{line}");
            let _ = out.flush();
        };
        match &self.hidden {
            Some(step) => step.progress.suspend(write),
            None => write(),
        }
        self.at_line_start = true;
    }

    /// What has just been said in a line of ours, for who reads workflow commands: so this is the
    /// beginning of a line, whatever the step left unfinished.
    pub fn annotate(&mut self, level: Level, message: &str) {
        if !self.annotations.take(level) {
            return;
        }
        let title = match self.targets.last() {
            Some(target) => format!("{target} of {}", self.environment),
            None => format!("xtask, {}", self.environment),
        };
        let annotation = Annotation { level, title: &title, message };
        self.line(&annotation.to_string());
    }

    /// A message about the recording.
    pub fn message(&mut self, message: &Message) {
        match message {
            Message::Note(note) => self.line(note),
            Message::Warning(warning) => self.warning(warning),
        }
    }

    /// What is expected of the phase that has just started.
    pub fn expect(&mut self, forecast: Forecast) {
        let line = format!("  {}", estimate(forecast.estimate()));
        let line = self.paint(Tone::Faint, &line);
        self.line(&line);
        self.expected().learn(forecast);
    }

    fn paint(&self, tone: Tone, text: &str) -> String {
        self.decoration.paint(tone, text)
    }

    /// What is expected of the phase that a step belongs to.
    fn expected(&self) -> Expected {
        self.phases.last().cloned().unwrap_or_else(Expected::nothing)
    }

    fn failure(&mut self, step: &StepEnded<'_>) {
        let what = match step.result {
            StepResult::Ran(exit) => format!("{} {}", step.name, ended(exit)),
            StepResult::TimedOut { bound, measure, exit } => {
                let done = match measure {
                    Measure::Interrupted => "asked to stop",
                    Measure::Terminated => "told to stop",
                    Measure::Killed => "killed at last",
                };
                format!("{}; {done}, it {}", bound.exceeded(step.name), ended(exit))
            }
            StepResult::MissingDirectory { reason } => reason.clone(),
        };
        match step.on_failure {
            OnFailure::Stop => {
                let label = self.paint(Tone::Bad, "error:");
                self.line(&format!("{label} {what}"));
                self.annotate(Level::Error, &what);
            }
            OnFailure::Warn => self.warning(&format!("{what}; this does not fail the run")),
        }
    }
}

fn ended(exit: &Exit) -> String {
    match exit {
        Exit::Code(code) => format!("exited with {code}"),
        Exit::Signal(signal) => format!("died of signal {signal}"),
        Exit::NotStarted { code, reason } => {
            format!("could not be started (exit code {code}): {reason}")
        }
    }
}

impl<W: Write> Observer for Reporter<W> {
    fn nothing_started(&mut self) {
        self.line("cancelled before anything was started");
    }

    fn target_started(&mut self, target: &'static str) {
        self.gap();
        let (mark, name) = (self.decoration.symbol("▶", "=="), self.paint(Tone::Title, target));
        self.line(&format!("{mark} {name} ({}, not recorded)", self.environment));
    }

    fn phase_started(&mut self, phase: &PhaseStarted<'_>) {
        self.gap();
        let (mark, name) =
            (self.decoration.symbol("▶", "=="), self.paint(Tone::Title, phase.target));
        self.line(&format!("{mark} {name} ({})", self.environment));
        if let Some(log) = phase.log {
            let log = self.paint(Tone::Faint, &format!("  log: {log}"));
            self.line(&log);
        }
        self.phases.push(Expected::nothing());
        self.targets.push(phase.target);
    }

    fn phase_ended(&mut self, phase: &PhaseEnded) {
        self.phases.pop();
        self.targets.pop();
        let (symbol, word, tone) = match phase.ending {
            Ending::Success => ("✔", "succeeded", Tone::Good),
            Ending::Failure => ("✘", "failed", Tone::Bad),
            Ending::Cancelled => ("■", "cancelled", Tone::Caution),
            Ending::TimedOut => ("✘", "timed out", Tone::Bad),
        };
        let mark = self.decoration.symbol(symbol, "==");
        let word = self.paint(tone, word);
        let mut line = format!("{mark} {} {word} after {}", phase.target, human(phase.duration));
        if !phase.resources.is_empty() {
            line += &format!(", resources {}", phase.resources);
        }
        if !phase.exit_code.is_success() {
            line += &format!(", exit code {}", phase.exit_code);
        }
        self.line(&line);
    }

    fn step_started(&mut self, step: &StepStarted<'_>) {
        let command = self.paint(Tone::Faint, &format!("  $ {}", step.command));
        self.line(&command);
        self.expected().between_steps();
        self.hidden = match step.shown {
            Shown::Directly => None,
            Shown::ThroughObserver => Some(HiddenStep {
                progress: Progress::start(step.name, self.decoration, self.expected()),
                tail: Tail::default(),
            }),
        };
    }

    /// The banner itself is in the log and on the screen.
    fn stage(&mut self, change: &StageChange<'_>) {
        self.expected().stage(change);
    }

    fn output(&mut self, bytes: &[u8]) {
        match &mut self.hidden {
            None if self.streams == Streams::Merged => {
                self.at_line_start = bytes.last().is_none_or(|&last| last == b'\n');
            }
            None => {}
            Some(step) => {
                step.tail.feed(bytes);
                // Each time: nothing more may come for long after a prompt. How often the line is
                // drawn is another matter.
                step.progress.show(&step.tail);
            }
        }
    }

    fn step_ended(&mut self, step: &StepEnded<'_>) {
        let failed = !step.result.code().is_success();
        if let Some(hidden) = self.hidden.take() {
            hidden.progress.finish();
            let tail = hidden.tail.lines(TAIL_LINES);
            if failed && !tail.is_empty() {
                self.line(&format!("  the last lines of {}:", step.name));
                self.line(&tail);
            }
        }
        if failed {
            self.failure(step);
        }
    }

    fn warning(&mut self, warning: &str) {
        let label = self.paint(Tone::Caution, "warning:");
        self.line(&format!("{label} {warning}"));
        self.annotate(Level::Warning, warning);
    }
}
