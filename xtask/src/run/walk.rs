//! From the root of a plan to its leaves, in order, until something stops it.

use std::ops::ControlFlow;
use std::time::Duration;

use timing_core::clock::UtcStamp;
use timing_core::record::{ExitCode, ResourceCounts};
use timing_core::stages::Span;

use super::bound::{Bound, Deadline};
use super::logs::Logs;
use super::step::{self, Around, Done, masked_command};
use super::{Context, Ending, Observer, Outcome, PhaseEnded, PhaseStarted, StepResult};
use crate::plan::{Item, OnFailure, PhasePlan, Plan, Recording, Step, Target};

/// Runs `plan` to its end.
pub fn run(plan: &Plan, context: &Context<'_>, observer: &mut dyn Observer) -> Outcome {
    let (start, started) = (context.clock.since_epoch(), context.clock.elapsed());
    let mut walk = Walk {
        context,
        deadline: context.timeout.map(|limit| Deadline::begin(limit, started)),
        observer,
        logs: Logs::default(),
        phases: Vec::new(),
        last_end: None,
        started,
        inside: Inside { started, depth: 0, told: Vec::new(), spans: Vec::new() },
    };
    // Asked once: from here on the run has begun, and a phase that a signal keeps from its first
    // command leaves a row that says so.
    if let Some(stop) = walk.cancelled(ExitCode::SUCCESS) {
        walk.observer.nothing_started();
        return Outcome { exit_code: stop.exit_code, start, phases: Vec::new() };
    }
    let exit_code = match walk.target(&plan.root).flow {
        ControlFlow::Continue(()) => ExitCode::SUCCESS,
        ControlFlow::Break(stop) => stop.exit_code,
    };
    Outcome { exit_code, start, phases: walk.phases }
}

/// What keeps the rest of the plan from starting.
#[derive(Debug, Clone, Copy)]
struct Stop {
    exit_code: ExitCode,
    ending: Ending,
}

/// What a part of the plan came to.
struct Part {
    resources: ResourceCounts,
    flow: ControlFlow<Stop>,
}

struct Walk<'a> {
    context: &'a Context<'a>,
    deadline: Option<Deadline>,
    observer: &'a mut dyn Observer,
    logs: Logs,
    phases: Vec<PhaseEnded>,
    /// When the last command ended, by the clock that is never set.
    last_end: Option<Duration>,
    /// When the run started, by the same clock.
    started: Duration,
    /// The innermost phase that runs.
    inside: Inside,
}

/// What is known of the inside of a phase.
struct Inside {
    /// When it started, by the clock that is never set.
    started: Duration,
    /// How many phases there are around what comes next.
    depth: usize,
    /// What its own commands are told by their environment.
    told: Vec<(String, String)>,
    /// What its own commands revealed.
    spans: Vec<Span>,
}

impl Walk<'_> {
    fn target(&mut self, target: &Target) -> Part {
        match &target.recording {
            Recording::Phase(plan) => self.phase(target, plan),
            Recording::Unrecorded => {
                self.observer.target_started(target.name);
                self.items(&target.items).0
            }
        }
    }

    fn phase(&mut self, target: &Target, plan: &PhasePlan) -> Part {
        let start = self.context.clock.now();
        let started = self.context.clock.elapsed();
        self.last_end = None;
        let depth = self.inside.depth;
        let told = (self.context.told)(&plan.phase);
        let inside = Inside { started, depth: depth + 1, told, spans: Vec::new() };
        let around = std::mem::replace(&mut self.inside, inside);
        let command = match only_step(target) {
            Some(step) => masked_command(step),
            None => self.context.invocation.to_owned(),
        };
        let log = self.logs.open(self.context, plan, start, &command).cloned();
        self.warn();
        self.observer.phase_started(&PhaseStarted {
            target: target.name,
            plan,
            start,
            log: log.as_ref(),
        });
        let (part, last_code) = self.items(&target.items);
        let end = self.last_end.unwrap_or_else(|| self.context.clock.elapsed());
        let (stopped_with, ending) = match part.flow {
            ControlFlow::Continue(()) => (ExitCode::SUCCESS, Ending::Success),
            ControlFlow::Break(stop) => (stop.exit_code, stop.ending),
        };
        // A phase that is one command has that command's own code, also where xtask's differs: a
        // step that finished its work under Ctrl-C succeeded, and xtask says that it was cancelled.
        let exit_code = match only_step(target) {
            Some(_) => last_code.unwrap_or(stopped_with),
            None => stopped_with,
        };
        let ended = PhaseEnded {
            target: target.name,
            phase: plan.phase.clone(),
            build_id: plan.build_id.clone(),
            flags: plan.flags.clone(),
            start,
            offset: started.saturating_sub(self.started),
            depth,
            duration: end.saturating_sub(started),
            exit_code,
            ending,
            resources: part.resources,
            spans: std::mem::replace(&mut self.inside, around).spans,
            log,
        };
        self.logs.close(&ended, end_stamp(start, ended.duration));
        self.warn();
        self.observer.phase_ended(&ended);
        self.phases.push(ended);
        part
    }

    /// Runs `items` in order; also returns the exit code of the last command that ran.
    fn items(&mut self, items: &[Item]) -> (Part, Option<ExitCode>) {
        let mut resources = ResourceCounts::default();
        let mut last_code = None;
        for item in items {
            let part = match (item, self.stopped(item)) {
                (_, Some(stop)) => {
                    Part { resources: ResourceCounts::default(), flow: ControlFlow::Break(stop) }
                }
                (Item::Target(inner), None) => self.target(inner),
                (Item::Step(step), None) => {
                    let (part, code) = self.step(step);
                    last_code = Some(code);
                    part
                }
            };
            resources += part.resources;
            if part.flow.is_break() {
                return (Part { resources, flow: part.flow }, last_code);
            }
        }
        (Part { resources, flow: ControlFlow::Continue(()) }, last_code)
    }

    fn step(&mut self, step: &Step) -> (Part, ExitCode) {
        let Inside { started: phase_started, told, .. } = &self.inside;
        let around = Around { phase_started: *phase_started, deadline: self.deadline, told };
        let Done { result, resources, spans, end } =
            step::run(step, around, self.context, &mut self.logs, self.observer);
        self.last_end = Some(end);
        self.inside.add(spans);
        let code = result.code();
        let ending = match result {
            StepResult::TimedOut { .. } => Ending::TimedOut,
            StepResult::Ran(_) | StepResult::MissingDirectory { .. } => Ending::Failure,
        };
        let on_failure = match result {
            // Nothing can go on in no time, however little it depends on this step.
            StepResult::TimedOut { bound: Bound::Run(_), .. } => OnFailure::Stop,
            _ => step.on_failure,
        };
        let flow = match (self.cancelled(code), code.is_success(), on_failure) {
            (Some(stop), _, _) => ControlFlow::Break(stop),
            (None, false, OnFailure::Stop) => ControlFlow::Break(Stop { exit_code: code, ending }),
            (None, true, _) | (None, false, OnFailure::Warn) => ControlFlow::Continue(()),
        };
        (Part { resources, flow }, code)
    }

    /// What keeps `item` from starting: a signal, or the end of the run's time.
    fn stopped(&mut self, item: &Item) -> Option<Stop> {
        if let Some(stop) = self.cancelled(ExitCode::SUCCESS) {
            return Some(stop);
        }
        let is_over = |end: &Deadline| end.is_over(self.context.clock.elapsed());
        let deadline = self.deadline.filter(is_over)?;
        let name = match item {
            Item::Target(target) => target.name,
            Item::Step(step) => step.name,
        };
        let said = format!("the run did not end within {}; did not start {name}", deadline.limit());
        self.logs.line(&format!("[{}] xtask {said}", self.context.clock.now()));
        self.observer.warning(&said);
        Some(Stop { exit_code: ExitCode::TIMED_OUT, ending: Ending::TimedOut })
    }

    /// The stop that a signal asks for. `code` is that of the step it reached.
    fn cancelled(&self, code: ExitCode) -> Option<Stop> {
        let signal = self.context.signals.received()?;
        let exit_code = if code.is_success() { signal.exit_code() } else { code };
        Some(Stop { exit_code, ending: Ending::Cancelled })
    }

    fn warn(&mut self) {
        for warning in self.logs.take_warnings() {
            self.observer.warning(&warning);
        }
    }
}

impl Inside {
    /// Adds what a further command revealed.
    fn add(&mut self, spans: Vec<Span>) {
        let before = self.spans.len();
        let moved = |parent: Option<usize>| parent.map(|parent| parent + before);
        self.spans
            .extend(spans.into_iter().map(|span| Span { parent: moved(span.parent), ..span }));
    }
}

/// The step of a target that consists of nothing else.
fn only_step(target: &Target) -> Option<&Step> {
    match target.items.as_slice() {
        [Item::Step(step)] => Some(step),
        _ => None,
    }
}

/// The end of a phase as its row has it.
fn end_stamp(start: UtcStamp, duration: Duration) -> UtcStamp {
    start.plus_seconds(timing_core::record::whole_seconds(duration))
}
