//! `record`: a phase that someone else timed goes the way of those that xtask ran.

mod evidence;

use std::io::{Write, stderr};
use std::time::Duration;

use timing_core::capture::Streams;
use timing_core::clock::{Clock, SystemClock, UtcStamp};
use timing_core::git::Git;
use timing_core::journal::Work;
use timing_core::record::{ExitCode, LogPath, ResourceCounts, RunId};

use super::export::{Exporting, parent_of};
use super::share;
use super::target::sharing;
use crate::launch::user_environment;
use crate::plan::PhasePlan;
use crate::run::{Ending, PhaseEnded, PhaseStarted};
use crate::session::{Opening, Report, Session, install_quiet_panics, shield};
use crate::settings::{End, RecordSettings};
use crate::ui::{self, Decoration, Message, Reporter};
use evidence::Evidence;

/// Records the phase of `settings`; 0 when its row is on the branch.
pub fn execute(settings: &RecordSettings) -> ExitCode {
    install_quiet_panics();
    let (evidence, said) = match evidence::of(settings) {
        Ok(found) => found,
        Err(reason) => return refuse(&reason),
    };
    for line in said {
        say(&line);
    }
    match phase(settings, evidence) {
        Ok((phase, run)) => append(settings, &phase, &run),
        Err(reason) => refuse(&reason),
    }
}

fn say(line: &str) {
    // Nobody is left to be told when stderr cannot be written to.
    let _ = writeln!(stderr(), "{line}");
}

fn refuse(reason: &str) -> ExitCode {
    say(&format!("error: nothing was recorded: {reason}"));
    ExitCode(1)
}

/// What is known of the phase, and the run that its row names.
fn phase(s: &RecordSettings, found: Evidence) -> Result<(PhaseEnded, RunId), String> {
    let unknown = |what: &str, flag: &str| format!("{what} is not known; give {flag}");
    let start = s.start.or(found.start).ok_or_else(|| unknown("its start", "--start TIME"))?;
    let end = match s.end {
        Some(End::At(end)) => Some(end),
        Some(End::After(seconds)) => Some(start.plus_seconds(seconds)),
        None => found.end,
    };
    let end = end.ok_or_else(|| unknown("its end", "--end TIME or --duration SPAN"))?;
    let seconds = end.unix_seconds().checked_sub(start.unix_seconds());
    let seconds =
        seconds.ok_or_else(|| format!("it ends at {end}, before its start at {start}"))?;
    let exit_code = s.exit_code.or(found.exit_code);
    let exit_code = exit_code.ok_or_else(|| unknown("its exit code", "--exit-code N"))?;
    let [added, changed, destroyed] = s.counts;
    let counted = found.resources;
    let url = s.workflow_url.iter().map(|url| ("WORKFLOW_URL".to_owned(), url.clone()));
    let run = found.run.unwrap_or_else(|| run_of(s, start, found.log.as_ref()));
    let phase = PhaseEnded {
        target: "record",
        phase: s.phase.clone(),
        build_id: s.build_id.clone(),
        flags: url.collect(),
        start,
        offset: Duration::ZERO,
        depth: 0,
        duration: Duration::from_secs(seconds),
        exit_code,
        ending: if exit_code.is_success() { Ending::Success } else { Ending::Failure },
        resources: ResourceCounts {
            added: added.unwrap_or(counted.added),
            changed: changed.unwrap_or(counted.changed),
            destroyed: destroyed.unwrap_or(counted.destroyed),
            imported: counted.imported,
        },
        spans: Vec::new(),
        log: found.log,
    };
    Ok((phase, run))
}

/// A run of its own that is the same whenever the same is recorded: by it a repetition is
/// recognised. The hash is FNV-1a with 32 bits (Fowler, Noll, Vo 1991).
fn run_of(s: &RecordSettings, start: UtcStamp, log: Option<&LogPath>) -> RunId {
    let log = log.map(LogPath::as_str).unwrap_or_default();
    let names = [s.environment.as_str(), s.build_id.as_str(), s.phase.as_str(), log].join("\n");
    let hash = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    RunId::new(start, names.bytes().fold(0x811c_9dc5, hash))
}

fn append(s: &RecordSettings, phase: &PhaseEnded, run: &RunId) -> ExitCode {
    let clock = SystemClock;
    let variables = user_environment(std::env::vars_os().collect(), env!("CARGO_MANIFEST_DIR"));
    let opening = Opening {
        repository: &s.registry.repository,
        git: Git::new(&s.registry.repository, variables.iter().cloned()),
        branch: s.registry.branch.clone(),
        remote: s.registry.remote.clone(),
        sharing: sharing(s.registry.push),
        environment: &s.environment,
        target: phase.target,
        run,
        work: Work::Phases,
    };
    let plan = PhasePlan {
        phase: phase.phase.clone(),
        build_id: phase.build_id.clone(),
        flags: phase.flags.clone(),
        log_suffix: None,
    };
    let recorded = shield("recording", || {
        let (mut session, mut warnings) = Session::open(opening, &clock, clock.now());
        // The journal knows no end without a start.
        warnings.extend(session.phase_started(&PhaseStarted {
            target: phase.target,
            plan: &plan,
            start: phase.start,
            log: phase.log.as_ref(),
        }));
        warnings.extend(session.phase_ended(phase));
        // Its row has whole seconds, and nobody knows more.
        let start = Duration::from_secs(phase.start.unix_seconds());
        let exporting = Exporting::new(&s.exports, parent_of(&variables));
        let finished = exporting.finished(&session, start, std::slice::from_ref(phase));
        (session.close(), finished, warnings)
    });
    let (report, finished, warnings) = match recorded {
        Ok(recorded) => recorded,
        Err(reason) => return refuse(&reason),
    };
    for warning in warnings {
        say(&format!("warning: {warning}"));
    }
    let Some(report) = report else { return ExitCode(1) };
    if is_known(&report) {
        say(&format!("{} of run {run} is on {} already", phase.phase, s.registry.branch));
    } else {
        for message in ui::rows(&report) {
            match message {
                Message::Note(note) => say(&note),
                Message::Warning(warning) => say(&format!("warning: {warning}")),
            }
        }
    }
    let streams = Streams::of_this_process();
    let decoration = Decoration::of_stderr();
    let mut reporter = Reporter::new(stderr(), decoration, s.environment.clone(), streams);
    // What is on the branch already was told when it came there.
    if let Some(finished) = finished.filter(|_| !is_known(&report)) {
        let handed = shield("exporting the phase", || {
            finished.hand_over(&s.registry, &variables, &mut reporter);
        });
        if let Err(reason) = handed {
            say(&format!("warning: {reason}"));
        }
    }
    share::after_run(report.waiting(), &s.registry, &variables, &mut reporter);
    match report {
        Report::Recorded { .. } | Report::TakenAlong { .. } => ExitCode::SUCCESS,
        Report::NotRecorded { .. } => ExitCode(1),
    }
}

/// Whether the branch had every row that was brought.
fn is_known(report: &Report) -> bool {
    match report {
        Report::Recorded { deposited, .. } => {
            deposited.appended.as_ref().is_some_and(|appended| appended.rows == 0)
        }
        Report::TakenAlong { .. } | Report::NotRecorded { .. } => false,
    }
}
