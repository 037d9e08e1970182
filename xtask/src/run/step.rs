//! One step: its command, started and watched.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::time::Duration;

use timing_core::capture::{self, Command, Exit, Limit, Measure, Output, Streams, Tap, TapState};
use timing_core::record::{ResourceCounts, looks_secret, mask_arguments};
use timing_core::scan::{Ending, Scanned};
use timing_core::stages::Span;

use super::bound::{Bound, Deadline, Taking, time_of};
use super::logs::Logs;
use super::watch::Watch;
use super::{Capture, Context, Observer, Shown, StepEnded, StepResult, StepStarted};
use crate::launch::Variables;
use crate::plan::{Argv, Interaction, Step, shell};

/// What is known of a step that ended.
pub(super) struct Done {
    pub(super) result: StepResult,
    pub(super) resources: ResourceCounts,
    /// In the time of the phase.
    pub(super) spans: Vec<Span>,
    /// When, by the clock that is never set.
    pub(super) end: Duration,
}

/// The step's command as it could be pasted into a shell, its secrets masked.
pub(super) fn masked_command(step: &Step) -> String {
    let mut masked = step.clone();
    masked.argv = Argv::new(masked_program(&step.argv), mask_arguments(step.argv.args()));
    for (key, value) in &mut masked.env {
        if looks_secret(key) {
            "***".clone_into(value);
        }
    }
    shell::step(&masked)
}

/// The first word may be an assignment that was meant for a shell.
fn masked_program(argv: &Argv) -> String {
    mask_arguments(&[argv.program()]).concat()
}

/// What a step lies in; times are by the clock that is never set.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// When the phase started that the step belongs to.
    pub(super) phase_started: Duration,
    /// When the run is out of time.
    pub(super) deadline: Option<Deadline>,
    /// What the steps of the phase are told by their environment.
    pub(super) told: &'a [(String, String)],
}

/// Runs `step` to its end and tells the observer.
pub(super) fn run(
    step: &Step,
    around: Around<'_>,
    context: &Context<'_>,
    logs: &mut Logs,
    observer: &mut dyn Observer,
) -> Done {
    let command = masked_command(step);
    let output = output_of(step, context.capture);
    let shown = match output {
        Output::Hidden => Shown::ThroughObserver,
        Output::Untouched | Output::Forwarded(_) => Shown::Directly,
    };
    observer.step_started(&StepStarted { name: step.name, command: &command, shown });
    logs.line(&format!("[{}] xtask step {}: {command}", context.clock.now(), step.name));
    let done = match missing_directory(step) {
        Some(reason) => {
            logs.line(&reason);
            Done {
                result: StepResult::MissingDirectory { reason },
                resources: ResourceCounts::default(),
                spans: Vec::new(),
                end: context.clock.elapsed(),
            }
        }
        None => execute(step, around, output, context, logs, observer),
    };
    if let StepResult::Ran(Exit::NotStarted { reason, .. }) = &done.result {
        logs.line(&format!("{} could not be started: {reason}", step.name));
    }
    for warning in logs.take_warnings() {
        observer.warning(&warning);
    }
    observer.step_ended(&StepEnded {
        name: step.name,
        result: &done.result,
        on_failure: step.on_failure,
    });
    done
}

fn output_of(step: &Step, capture: Capture) -> Output {
    match (capture, step.interaction) {
        (Capture::Off, _) => Output::Untouched,
        // A question that nobody sees is never answered.
        (Capture::Compact, Interaction::Unattended) => Output::Hidden,
        (Capture::Compact, Interaction::Asks) | (Capture::Shown, _) => {
            Output::Forwarded(Streams::of_this_process())
        }
    }
}

fn missing_directory(step: &Step) -> Option<String> {
    let required = step.requires.as_ref().filter(|required| !required.path.is_dir())?;
    Some(format!(
        "{} cannot start: {} does not exist; {}",
        step.name,
        required.path.display(),
        required.hint
    ))
}

fn execute(
    step: &Step,
    around: Around<'_>,
    output: Output,
    context: &Context<'_>,
    logs: &mut Logs,
    observer: &mut dyn Observer,
) -> Done {
    // What the plan says of a step wins over what is said of all.
    let environment = with_additions(context.variables, around.told);
    let environment = with_additions(&environment, &step.env);
    let command = Command {
        program: step.argv.program(),
        arguments: step.argv.args(),
        environment: &environment,
        directory: context.directory,
    };
    let started = context.clock.elapsed();
    let (bound, limit) = time_of(step, around.deadline, started)
        .map(|(after, bound)| (bound, Limit { after, grace: context.grace.duration() }))
        .unzip();
    let limited = limit.zip(bound);
    let (watch, phase_started) = (Watch::new(context.stage_kinds), around.phase_started);
    let mut tap =
        StepTap { name: step.name, limited, watch, phase_started, logs, observer, context };
    let ended = capture::run(&command, output, limit, &mut tap, context.signals, context.clock);
    if ended.tap == TapState::Panicked {
        tap.observer
            .warning("the log of this step is incomplete by a defect in xtask; please report it");
    }
    let end = started + ended.duration;
    // Out of time, it may say that it is done; it is not.
    let is_done = ended.exit.code().is_success() && ended.measure.is_none();
    let ending = if is_done { Ending::Succeeded } else { Ending::Failed };
    let StepTap { watch, observer, .. } = tap;
    let scanned = watch.finish(end.saturating_sub(phase_started), ending);
    let (resources, spans) = what_was_seen(scanned, observer);
    let exit = naming(&masked_program(&step.argv), ended.exit);
    let result = match (bound, ended.measure, context.signals.received()) {
        (Some(bound), Some(measure), None) => StepResult::TimedOut { bound, measure, exit },
        // Whoever was out of time and is told to end by somebody as well was cancelled.
        _ => StepResult::Ran(exit),
    };
    Done { result, resources, spans, end }
}

/// The counts and spans of a step; what of them is missing is said.
fn what_was_seen(
    scanned: Option<Scanned>,
    observer: &mut dyn Observer,
) -> (ResourceCounts, Vec<Span>) {
    let Some(Scanned { resources, spans, left_out }) = scanned else {
        observer.warning(
            "the counts and stages of this step are missing by a defect in xtask; please report it",
        );
        return Default::default();
    };
    if left_out > 0 {
        observer.warning(&format!(
            "{left_out} more stages and resources of this step were seen than are kept"
        ));
    }
    (resources, spans)
}

/// What the system says of a program that it did not start does not say which one.
fn naming(program: &str, exit: Exit) -> Exit {
    match exit {
        Exit::NotStarted { code, reason } => {
            Exit::NotStarted { code, reason: format!("{program}: {reason}") }
        }
        ended => ended,
    }
}

fn with_additions(variables: &Variables, additions: &[(String, String)]) -> Variables {
    let is_replaced = |key: &OsString| additions.iter().any(|(added, _)| key == added.as_str());
    let kept = variables.iter().filter(|(key, _)| !is_replaced(key)).cloned();
    let added = additions.iter().map(|(key, value)| (key.into(), value.into()));
    kept.chain(added).collect()
}

/// Everyone who looks at a step's bytes.
struct StepTap<'a> {
    name: &'static str,
    limited: Option<(Limit, Bound)>,
    watch: Watch,
    phase_started: Duration,
    logs: &'a mut Logs,
    observer: &'a mut dyn Observer,
    context: &'a Context<'a>,
}

impl Tap for StepTap<'_> {
    fn bytes(&mut self, bytes: &[u8], at: Duration) {
        self.logs.write(bytes);
        self.watch.feed(bytes, at.saturating_sub(self.phase_started), self.observer);
        self.observer.output(bytes);
    }

    fn unseen(&mut self, error: &std::io::Error) {
        self.observer.warning(&format!(
            "what the step prints can no longer be shown ({error}); it goes on, and its log has it"
        ));
    }

    fn out_of_time(&mut self, measure: Measure) {
        let Some((limit, bound)) = self.limited else { return };
        let taking = Taking { name: self.name, bound, measure, limit }.to_string();
        self.logs.line(&format!("[{}] xtask {taking}", self.context.clock.now()));
        self.observer.warning(&taking);
    }

    fn left_behind(&mut self, pipe: OwnedFd) {
        let log = self.logs.innermost().map(timing_core::log::Log::file);
        if let Err(error) = capture::hand_over(pipe, self.context.drainer, log) {
            self.observer.warning(&format!(
                "a process that the step left behind goes on without a reader of its own, because \
                 none could be started ({error}); it may end when xtask does"
            ));
        }
    }
}
