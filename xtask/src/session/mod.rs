//! Where a run meets its recording: the fail-open boundary.
//!
//! Everything here may fail, also by panicking, and all that comes of it is a warning: no function
//! of this module returns an error, and none can change what xtask exits with. The runner knows
//! nothing of it.

mod kept;
mod past;
mod place;
mod record;
mod shield;

use std::path::Path;
use std::time::Duration;

use timing_core::addition::{self, Addition};
use timing_core::budget::Measurement;
use timing_core::clock::{Clock, UtcStamp};
use timing_core::deposit::{DepositError, Deposited, Depot, Own};
use timing_core::git::{BranchName, Git, RemoteName};
use timing_core::journal::{Entry, Finished, Journal, PhaseStart, RunStart, Work};
use timing_core::record::{Environment, RunId, TimingRecord};
use timing_core::registry::{Registry, Source};
use timing_core::shown::shown;
use timing_core::stages::PhaseSpans;
use timing_core::stats::estimate::Forecast;

use crate::plan::PhasePlan;
use crate::run::{PhaseEnded, PhaseStarted};

pub use kept::Kept;
pub use past::Compared;
use past::{Past, PastStages, SpansOfRuns};
use place::{NoBranch, Place};
pub use shield::{install_quiet_panics, shield};

/// Who records, as rows of the journal and commits say it.
pub const RECORDER: &str = concat!("xtask ", env!("CARGO_PKG_VERSION"));

/// How long a run waits at its end for other recorders.
pub const PATIENCE: Duration = Duration::from_millis(250);

/// How long git may take before the first step starts. It takes some milliseconds; one that hangs
/// costs the run its row on the branch, and no more time than this.
const BEFORE_THE_STEP: Duration = Duration::from_secs(2);

/// What a session is opened with.
pub struct Opening<'a> {
    /// The root of the user's repository.
    pub repository: &'a Path,
    /// git in that directory, with the environment that the user had.
    pub git: Git,
    /// The registry's branch.
    pub branch: BranchName,
    /// The remote whose copy of the branch a new local one starts from.
    pub remote: RemoteName,
    /// Whether rows are meant to leave this clone, if there is a remote.
    pub sharing: Sharing,
    /// The environment that is deployed.
    pub environment: &'a Environment,
    /// The target that was asked for.
    pub target: &'static str,
    /// This run.
    pub run: &'a RunId,
    /// What it does.
    pub work: Work,
}

/// Whether rows are meant to leave this clone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// They are, by whatever way: until one of them is seen at the remote, it waits.
    Meant,
    /// They stay.
    None,
}

/// The recording of one run.
pub struct Session<'a> {
    opening: Opening<'a>,
    clock: &'a dyn Clock,
    place: Place,
    source: Source,
    journal: Option<Entry>,
    past: Past,
    past_stages: PastStages,
    records: Vec<TimingRecord>,
    spans: Vec<PhaseSpans>,
    measurements: Vec<Measurement>,
}

/// What became of the rows of a run.
#[derive(Debug)]
pub enum Report {
    /// They are on the branch.
    Recorded {
        /// How many there are.
        rows: usize,
        /// The registry's branch.
        branch: BranchName,
        /// What else the deposit did.
        deposited: Deposited,
    },
    /// Another run, which was appending at the same time, has taken them along.
    TakenAlong {
        /// How many there are.
        rows: usize,
        /// The registry's branch.
        branch: BranchName,
    },
    /// They are on no branch.
    NotRecorded {
        /// As lines of the registry.
        rows: Vec<String>,
        /// Why, and what to do, in one line.
        reason: String,
        /// Where they are kept.
        kept: Kept,
        /// Whether that is what was to be expected here.
        expected: Expectation,
    },
}

impl Report {
    /// How many rows wait for the remote.
    #[must_use]
    pub fn waiting(&self) -> usize {
        match self {
            Self::Recorded { deposited, .. } => deposited.waiting,
            // Who took them along sees to what becomes of them.
            Self::TakenAlong { .. } | Self::NotRecorded { .. } => 0,
        }
    }
}

/// Why a deposit did not take place.
enum Refusal {
    /// Others had the turn all the time, in these words.
    TurnTaken(String),
    /// Something else.
    Other(String),
}

/// Whether rows that reached no branch are news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// There is no repository, so there is no branch.
    Expected,
    /// Something failed.
    Failure,
}

impl<'a> Session<'a> {
    /// Opens the session of a run that is about to start: looks at the repository, and puts the
    /// journal's entry on disk. Also returns what went wrong.
    pub fn open(
        opening: Opening<'a>,
        clock: &'a dyn Clock,
        start: UtcStamp,
    ) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        let place = Place::find(&opening);
        let mut source = Source::default();
        let mut journal = None;
        let mut past = Past::Nothing;
        let mut past_stages = PastStages::Here(SpansOfRuns::new());
        match &place {
            Place::Repository { repository, journal: directory, .. } => {
                // Before the entry, so that both are done in the time of one; and not beside the
                // search for the repository, on which more depends.
                if opening.work == Work::Phases {
                    (past, past_stages) = Past::read(&opening);
                }
                source = Source { sha: repository.head, branch: repository.branch.clone() };
                match directory.create(&run_start(&opening, &source, start)) {
                    Ok(entry) => journal = Some(entry),
                    Err(error) => warnings.push(format!(
                        "this run has no journal: creating its entry in {} failed: {error}; should \
                         xtask be killed, its rows are lost",
                        shown(directory.directory())
                    )),
                }
            }
            Place::None(NoBranch::Slow(reason)) => warnings.push(format!(
                "this run has no journal: {reason}; git is asked again when the run has ended; \
                 should xtask be killed before that, its rows are lost"
            )),
            Place::None(NoBranch::NotARepository | NoBranch::Unusable(_)) => {}
        }
        past.wait();
        let (records, spans) = (Vec::new(), Vec::new());
        let session = Self {
            opening,
            clock,
            place,
            source,
            journal,
            past,
            past_stages,
            records,
            spans,
            measurements: Vec::new(),
        };
        (session, warnings)
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        self.opening.run
    }

    /// The target that was asked for.
    #[must_use]
    pub fn target(&self) -> &'static str {
        self.opening.target
    }

    /// The environment that is deployed.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        self.opening.environment
    }

    /// The journal, where there is one.
    #[must_use]
    pub fn journal(&self) -> Option<&Journal> {
        match &self.place {
            Place::Repository { journal, .. } => Some(journal),
            Place::None(_) => None,
        }
    }

    /// The rows of the phases that ended, in that order.
    #[must_use]
    pub fn records(&self) -> &[TimingRecord] {
        &self.records
    }

    /// The commit that is checked out, as far as it is known.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What is to be expected of a run of `plan`; `None` where too little is known, or not yet, and
    /// for a part of a phase.
    pub fn forecast(&mut self, plan: &PhasePlan) -> Option<Forecast> {
        if record::is_partial(&plan.phase, &plan.flags) {
            return None;
        }
        self.past.forecast(plan.phase.as_str(), &mut self.past_stages)
    }

    /// How those of `phases` compare that succeeded and have a history.
    pub fn compare(&mut self, phases: &[PhaseEnded]) -> Vec<Compared> {
        let whole = phases.iter().filter(|phase| !record::is_partial(&phase.phase, &phase.flags));
        whole.filter_map(|phase| self.past.compare(phase)).collect()
    }

    /// Notes that a phase has started; returns what went wrong.
    pub fn phase_started(&mut self, phase: &PhaseStarted<'_>) -> Option<String> {
        let flags = record::flags(&phase.plan.flags, &self.source, self.opening.run);
        let entry = self.journal.as_mut()?;
        let noted = entry.phase_started(&PhaseStart {
            phase: &phase.plan.phase,
            build_id: &phase.plan.build_id,
            start: phase.start,
            flags: &flags,
            log_path: phase.log,
        });
        noted.err().map(|error| journal_failed(entry, &error))
    }

    /// Notes that a phase has ended; returns what went wrong.
    pub fn phase_ended(&mut self, phase: &PhaseEnded) -> Option<String> {
        let record =
            record::timing_record(phase, self.opening.environment, &self.source, self.opening.run);
        let noted = self.journal.as_mut().and_then(|entry| {
            let failed = entry.phase_ended(&record, &phase.spans).err();
            failed.map(|error| journal_failed(entry, &error))
        });
        if !phase.spans.is_empty() {
            let (phase, spans) = (phase.phase.clone(), phase.spans.clone());
            self.spans.push(PhaseSpans { phase, spans });
        }
        self.records.push(record);
        noted
    }

    /// Notes what was measured; returns what went wrong.
    pub fn measured(&mut self, measurement: Measurement) -> Option<String> {
        let noted = self.journal.as_mut().and_then(|entry| {
            let failed = entry.measured(&measurement).err();
            failed.map(|error| journal_failed(entry, &error))
        });
        self.measurements.push(measurement);
        noted
    }

    /// Ends the session of a run of which nothing was started; returns what went wrong.
    pub fn discard(mut self) -> Option<String> {
        let entry = self.journal.take()?;
        let path = entry.path().to_owned();
        let error = entry.remove().err()?;
        Some(format!(
            "the journal keeps an empty entry: removing {} failed: {error}",
            path.display()
        ))
    }

    /// Appends the rows to the registry, or keeps them elsewhere. `None` when no phase ended and
    /// nothing was measured.
    pub fn close(mut self) -> Option<Report> {
        let additions = self.additions();
        let rows = addition::rows(&additions).count();
        if rows == 0 {
            return None;
        }
        // A git that was too slow for the start may be awake by now.
        if let Place::None(NoBranch::Slow(_)) = self.place {
            self.place = Place::find(&self.opening);
        }
        let entry = self.journal.take().map(Entry::finish);
        let deposited = shield("appending to the registry", || self.deposit(&additions));
        let branch = self.opening.branch.clone();
        Some(match deposited.unwrap_or_else(|panic| Err(Refusal::Other(panic))) {
            Ok(mut deposited) => {
                // Where there was no entry, that has been said already.
                deposited.journal_unusable.take_if(|_| entry.is_none());
                if let Some(Finished::Incomplete(entry)) = entry {
                    // Should it stay, its rows are found on the branch.
                    let _ = entry.remove();
                }
                Report::Recorded { rows, branch, deposited }
            }
            // An entry goes only when its rows are where they belong.
            Err(Refusal::TurnTaken(_)) if entry.as_ref().is_some_and(is_settled) => {
                Report::TakenAlong { rows, branch }
            }
            Err(Refusal::TurnTaken(reason) | Refusal::Other(reason)) => Report::NotRecorded {
                rows: kept::lines(&additions),
                reason,
                kept: kept::kept_or_printed(|| {
                    kept::keep(entry, self.opening.repository, self.opening.run, &additions)
                }),
                expected: self.place.expectation(),
            },
        })
    }

    /// What the run adds to the branch.
    fn additions(&self) -> Vec<Addition> {
        let Opening { run, environment, .. } = self.opening;
        let sha = self.source.sha.map(|sha| sha.to_string());
        let records = self.records.clone();
        let mut all = addition::of_run(run, environment, sha.as_deref(), records, &self.spans);
        all.extend(self.measurements.iter().cloned().map(Addition::from));
        all
    }

    fn deposit(&self, additions: &[Addition]) -> Result<Deposited, Refusal> {
        let (journal, destination) = match &self.place {
            Place::Repository { journal, destination, .. } => (journal, *destination),
            Place::None(why) => return Err(Refusal::Other(why.reason(self.opening.repository))),
        };
        let Opening { git, branch, remote, .. } = &self.opening;
        let registry = Registry::new(git.clone(), branch.clone(), remote.clone());
        let depot = Depot { journal, registry: &registry, destination, patience: PATIENCE };
        let own = Own { additions, source: &self.source, recorder: RECORDER };
        depot.deposit(&own, self.clock.now()).map_err(|error| match error {
            DepositError::TurnTaken => Refusal::TurnTaken(error.to_string()),
            DepositError::Journal(_) | DepositError::Append(_) => Refusal::Other(error.to_string()),
        })
    }
}

/// Whether the journal is there and the entry is not.
fn is_settled(entry: &Finished) -> bool {
    match entry {
        Finished::Complete(path) => !path.exists() && path.parent().is_some_and(Path::is_dir),
        Finished::Incomplete(_) => false,
    }
}

/// The rows of this run are still in memory, and are brought to the branch from there.
fn journal_failed(entry: &Entry, error: &std::io::Error) -> String {
    format!(
        "the journal of this run, {}, cannot be written: {error}; should xtask be killed before it \
         can be, phases that end from now on are recorded as interrupted, or not at all",
        shown(entry.path())
    )
}

fn run_start<'a>(opening: &'a Opening<'_>, source: &'a Source, start: UtcStamp) -> RunStart<'a> {
    RunStart {
        run: opening.run,
        start,
        target: opening.target,
        environment: opening.environment,
        recorder: RECORDER,
        repository: opening.repository,
        source_sha: source.sha.map(|sha| sha.to_string()),
        source_branch: source.branch.clone(),
        work: opening.work,
    }
}
