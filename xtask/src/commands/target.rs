//! `deploy-persistent` and its kin, and commands of the user's: a plan, carried out and recorded.

use std::ffi::OsString;
use std::io::{Stderr, Write, stderr};
use std::path::Path;

use timing_core::capture::{Signals, Streams};
use timing_core::clock::{Clock, SystemClock};
use timing_core::git::Git;
use timing_core::journal::Work;
use timing_core::record::{Environment, ExitCode, RunId, mask_arguments};

use super::emf::EmfLines;
use super::export::{Exporting, Finished, parent_of};
use super::summary::StepPage;
use super::{budget, share};
use crate::cli::DRAIN;
use crate::github::{Annotations, Level};
use crate::launch::{Variables, this_program, user_environment, with_values};
use crate::plan::{Argv, Plan, Recording, Target, shell};
use crate::run::{
    self, Capture, Context, Ending, Observer, Outcome, PhaseEnded, PhaseStarted, StageChange,
    StepEnded, StepStarted,
};
use crate::session::{Opening, Report, Session, Sharing, install_quiet_panics, shield};
use crate::settings::{Emf, OutputMode, Push, Recordings, RunSettings};
use crate::ui::{self, Decoration, Reporter};

/// Carries out `plan` and records it; the result is what xtask exits with.
pub fn execute(plan: &Plan, settings: &RunSettings) -> ExitCode {
    install_quiet_panics();
    let clock = SystemClock;
    let variables = user_environment(std::env::vars_os().collect(), env!("CARGO_MANIFEST_DIR"));
    let variables = with_values(variables, &settings.given);
    let environment = settings.environment.clone();
    let mut reporter =
        Reporter::new(stderr(), Decoration::of_stderr(), environment, Streams::of_this_process())
            .annotating(Annotations::of(settings.runner.commands));
    let signals = Signals::install().unwrap_or_else(|error| {
        reporter.warning(&format!(
            "signals are not passed on to the steps: installing their handlers failed: {error}"
        ));
        Signals::none()
    });
    let run = RunId::generate(clock.now());
    let exporting = exporting(plan, settings, &variables);
    let context = Context {
        repository: &settings.registry.repository,
        directory: &plan.directory,
        environment: &settings.environment,
        variables: &variables,
        run: &run,
        invocation: &invocation(),
        capture: capture(plan, settings),
        timeout: settings.timeout,
        grace: settings.grace,
        stage_kinds: &settings.stage_kinds,
        signals: &signals,
        clock: &clock,
        told: &|phase| exporting.told(&run, phase),
        drainer: &drainer(),
    };
    let outcome = match (settings.recordings, &plan.root.recording) {
        (Recordings::On, Recording::Phase(_)) => {
            let session = open_session(plan, settings, &variables, &run, &clock, &mut reporter);
            let emf = emf_lines(settings, &run, session.as_ref());
            let page = StepPage::open(&settings.runner, plan.root.name, &settings.environment);
            let mut recorded = Recorded { reporter, session, emf, page };
            let outcome = run::run(plan, &context, &mut recorded);
            let budgets =
                Budgets { directory: &plan.directory, environment: &settings.environment };
            let finish =
                |session: &Session<'_>| exporting.finished(session, outcome.start, &outcome.phases);
            recorded.close(&outcome.phases, &budgets, finish, |waiting, finished, reporter| {
                closing(reporter, |reporter| {
                    if let Some(finished) = finished {
                        finished.hand_over(&settings.registry, &variables, reporter);
                    }
                });
                share::after_run(waiting, &settings.registry, &variables, reporter);
                hint(plan, &outcome, reporter);
            });
            outcome
        }
        _ => {
            let outcome = run::run(plan, &context, &mut reporter);
            hint(plan, &outcome, &mut reporter);
            outcome
        }
    };
    outcome.exit_code
}

/// Who is to be told of the run: nobody of one that leaves no row.
fn exporting(plan: &Plan, settings: &RunSettings, variables: &Variables) -> Exporting {
    match (settings.recordings, &plan.root.recording) {
        (Recordings::On, Recording::Phase(_)) => {
            Exporting::new(&settings.exports, parent_of(variables))
        }
        (Recordings::Off, _) | (_, Recording::Unrecorded) => Exporting::nobody(),
    }
}

/// Says how to take up what did not come to its end.
fn hint(plan: &Plan, outcome: &Outcome, reporter: &mut Reporter<Stderr>) {
    // Where nothing was started, there is nothing to be taken up.
    if outcome.exit_code.is_success() || outcome.phases.is_empty() {
        return;
    }
    let is_done = |target: &Target| {
        let mut ended = outcome.phases.iter().filter(|phase| phase.target == target.name);
        ended.any(|phase| phase.ending == Ending::Success)
    };
    if let Some(command) = plan.take_up(is_done) {
        reporter.line("");
        reporter.line(&format!("to take it up where it ended:\n  {}", shell::command(&command)));
    }
}

fn capture(plan: &Plan, settings: &RunSettings) -> Capture {
    match (settings.recordings, settings.output, &plan.root.recording) {
        (Recordings::Off, _, _) => Capture::Off,
        // Nobody would look at what is captured, and its steps would lose their terminal for it.
        (Recordings::On, OutputMode::Full, Recording::Unrecorded) => Capture::Off,
        (Recordings::On, OutputMode::Full, Recording::Phase(_)) => Capture::Shown,
        (Recordings::On, OutputMode::Compact, _) => Capture::Compact,
    }
}

/// How xtask was called, without its secrets.
fn invocation() -> String {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    shell::command(&Argv::new("xtask", mask_arguments(&arguments)))
}

/// This program, as the reader of a pipe that outlives it.
fn drainer() -> Vec<OsString> {
    vec![this_program().into_os_string(), DRAIN.into()]
}

fn open_session<'a>(
    plan: &Plan,
    settings: &'a RunSettings,
    variables: &Variables,
    run: &'a RunId,
    clock: &'a dyn Clock,
    reporter: &mut Reporter<Stderr>,
) -> Option<Session<'a>> {
    let opening = Opening {
        repository: &settings.registry.repository,
        git: Git::new(&settings.registry.repository, variables.iter().cloned()),
        branch: settings.registry.branch.clone(),
        remote: settings.registry.remote.clone(),
        sharing: sharing(settings.registry.push),
        environment: &settings.environment,
        target: plan.root.name,
        run,
        work: Work::Phases,
    };
    match shield("opening the recording", || Session::open(opening, clock, clock.now())) {
        Ok((session, warnings)) => {
            for warning in warnings {
                reporter.warning(&warning);
            }
            Some(session)
        }
        Err(reason) => {
            reporter.warning(&format!("this run will leave no row: {reason}"));
            None
        }
    }
}

fn emf_lines<'a>(
    settings: &'a RunSettings,
    run: &'a RunId,
    session: Option<&Session<'_>>,
) -> Option<EmfLines<'a>> {
    let sha = session.and_then(|session| session.source().sha).map(|sha| sha.to_string());
    let lines = || EmfLines::new(&settings.environment, run, sha, Streams::of_this_process());
    match settings.exports.emf {
        Emf::Off => None,
        Emf::Stdout => Some(lines()),
    }
}

pub(super) fn sharing(push: Push) -> Sharing {
    match push {
        Push::Ci | Push::Inbox | Push::Always => Sharing::Meant,
        Push::Never => Sharing::None,
    }
}

/// Tells the person first and the recording second.
struct Recorded<'a> {
    reporter: Reporter<Stderr>,
    session: Option<Session<'a>>,
    emf: Option<EmfLines<'a>>,
    page: StepPage,
}

impl Recorded<'_> {
    fn note(&mut self, note: impl FnOnce(&mut Session<'_>) -> Option<String>) {
        let Some(session) = &mut self.session else { return };
        let warning = shield("noting a phase", || note(session)).unwrap_or_else(Some);
        if let Some(warning) = warning {
            self.reporter.warning(&warning);
        }
    }

    /// Says what is to be expected of a phase. What this dies of is no news: nothing is lost.
    fn expect(&mut self, phase: &PhaseStarted<'_>) {
        let Self { reporter, session, .. } = self;
        let Some(session) = session else { return };
        let forecast = shield("estimating", || session.forecast(phase.plan));
        if let Ok(Some(forecast)) = forecast {
            reporter.expect(forecast);
        }
    }

    /// Says how it ended, and records it; `share` gets the number of rows that wait for the remote,
    /// and the run as others are told of it, which `finish` makes.
    fn close(
        self,
        phases: &[PhaseEnded],
        budgets: &Budgets<'_>,
        finish: impl FnOnce(&Session<'_>) -> Option<Finished>,
        share: impl FnOnce(usize, Option<Finished>, &mut Reporter<Stderr>),
    ) {
        let Self { mut reporter, mut session, emf: _, mut page } = self;
        if phases.is_empty() {
            closing(&mut reporter, |reporter| {
                if let Some(warning) = session.and_then(Session::discard) {
                    reporter.warning(&warning);
                }
            });
            return;
        }
        // Each in a shield of its own: rows do not depend on a table of phases.
        closing(&mut reporter, |reporter| {
            reporter.line("");
            reporter.line(&ui::summary(phases, ui::terminal_width()));
        });
        closing(&mut reporter, |reporter| {
            let compared = session.as_mut().map(|session| session.compare(phases));
            if let Some(lines) = ui::comparison(&compared.unwrap_or_default(), ui::terminal_width())
            {
                reporter.line("");
                reporter.line(&lines);
            }
        });
        let mut finished = None;
        closing(&mut reporter, |_| finished = session.as_ref().and_then(finish));
        let mut waiting = 0;
        closing(&mut reporter, |reporter| {
            let report = session.and_then(Session::close);
            waiting = report.as_ref().map_or(0, Report::waiting);
            for message in report.iter().flat_map(ui::rows) {
                page.remark(&message);
                reporter.message(&message);
            }
        });
        // A file of the user's is read for them: the rows are where they belong before.
        closing(&mut reporter, |reporter| budgets.say(phases, &mut page, reporter));
        closing(&mut reporter, |reporter| page.close(reporter));
        closing(&mut reporter, |reporter| share(waiting, finished, reporter));
    }
}

/// Where the budgets of a run are, if there are any.
struct Budgets<'a> {
    directory: &'a Path,
    environment: &'a Environment,
}

impl Budgets<'_> {
    /// Says how the budgets about phases stand. They are no part of how the run ended.
    fn say(&self, phases: &[PhaseEnded], page: &mut StepPage, reporter: &mut Reporter<Stderr>) {
        let today = SystemClock.now().date();
        match budget::phases::judged(self.directory, self.environment, phases, today) {
            Ok(Some(judged)) => {
                reporter.line("");
                reporter.line(&judged.lines());
                for missed in judged.missed() {
                    reporter.annotate(Level::Warning, &missed);
                }
                page.budgets(judged.rows);
            }
            Ok(None) => {}
            Err(reason) => reporter.warning(&format!("no budget was looked at: {reason}")),
        }
    }
}

/// A part of the recording's end. What it dies of is said, and is no part of how the run ended.
fn closing<W: Write>(reporter: &mut Reporter<W>, part: impl FnOnce(&mut Reporter<W>)) {
    if let Err(reason) = shield("closing the recording", || part(reporter)) {
        reporter.warning(&reason);
    }
}

impl Observer for Recorded<'_> {
    fn nothing_started(&mut self) {
        self.reporter.nothing_started();
    }

    fn target_started(&mut self, target: &'static str) {
        self.reporter.target_started(target);
    }

    fn phase_started(&mut self, phase: &PhaseStarted<'_>) {
        self.reporter.phase_started(phase);
        self.note(|session| session.phase_started(phase));
        self.expect(phase);
    }

    fn phase_ended(&mut self, phase: &PhaseEnded) {
        self.reporter.phase_ended(phase);
        self.note(|session| session.phase_ended(phase));
        let Self { reporter, session, emf, page } = self;
        closing(reporter, |_| page.phase_ended(phase, session.as_mut()));
        let Some(emf) = emf else { return };
        let written = shield("writing a line for CloudWatch", || emf.phase_ended(phase));
        if let Some(warning) = written.unwrap_or_else(Some) {
            reporter.warning(&warning);
        }
    }

    fn step_started(&mut self, step: &StepStarted<'_>) {
        self.reporter.step_started(step);
    }

    fn stage(&mut self, change: &StageChange<'_>) {
        self.reporter.stage(change);
    }

    fn output(&mut self, bytes: &[u8]) {
        self.reporter.output(bytes);
        if let Some(emf) = &mut self.emf {
            emf.output(bytes);
        }
    }

    fn step_ended(&mut self, step: &StepEnded<'_>) {
        self.reporter.step_ended(step);
    }

    fn warning(&mut self, warning: &str) {
        self.reporter.warning(warning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_panics_is_said_and_the_run_ends_as_it_did() {
        let mut said = Vec::new();
        let environment = "dev".parse().unwrap();
        let mut reporter =
            Reporter::new(&mut said, Decoration::Plain, environment, Streams::Merged);
        closing(&mut reporter, |_| panic!("no end"));
        closing(&mut reporter, |reporter| reporter.line("the rest"));
        insta::assert_snapshot!(String::from_utf8(said).unwrap(), @r"
        warning: closing the recording failed by a defect in xtask (no end); please report it
        the rest
        ");
    }
}
