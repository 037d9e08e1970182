//! One step: its command, started and watched.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::time::Duration;

use timing_core::capture::{self, Command, Exit, Output, Streams, Tap, TapState};
use timing_core::record::{ResourceCounts, looks_secret, mask_arguments};
use timing_core::scan::Ending;
use timing_core::stages::Span;

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

/// Runs `step` of the phase that started at `phase_started` to its end and tells the observer.
pub(super) fn run(
    step: &Step,
    phase_started: Duration,
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
        None => execute(step, phase_started, output, context, logs, observer),
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
    phase_started: Duration,
    output: Output,
    context: &Context<'_>,
    logs: &mut Logs,
    observer: &mut dyn Observer,
) -> Done {
    let environment = with_additions(context.variables, &step.env);
    let command = Command {
        program: step.argv.program(),
        arguments: step.argv.args(),
        environment: &environment,
        directory: context.directory,
    };
    let watch = Watch::new(context.stage_kinds);
    let mut tap = StepTap { watch, phase_started, logs, observer, context };
    let started = context.clock.elapsed();
    let ended = capture::run(&command, output, &mut tap, context.signals, context.clock);
    if ended.tap == TapState::Panicked {
        tap.observer.warning(
            "the log of this step is incomplete by a defect in xtask; please report \
             it",
        );
    }
    let end = started + ended.duration;
    let ending = if ended.exit.code().is_success() { Ending::Succeeded } else { Ending::Failed };
    let StepTap { watch, observer, .. } = tap;
    let scanned = watch.finish(end.saturating_sub(phase_started), ending);
    let (resources, spans) = match scanned {
        Some(scanned) => {
            if scanned.left_out > 0 {
                observer.warning(&format!(
                    "{} more stages and resources of this step were seen than are kept",
                    scanned.left_out
                ));
            }
            (scanned.resources, scanned.spans)
        }
        None => {
            observer.warning(
                "the counts and stages of this step are missing by a defect in xtask; please report \
                 it",
            );
            Default::default()
        }
    };
    let exit = naming(&masked_program(&step.argv), ended.exit);
    Done { result: StepResult::Ran(exit), resources, spans, end }
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
