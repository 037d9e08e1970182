//! Thirty-two runs that end at the same moment, against the same runs one after the other.
//!
//! Each is what a run does at its end: its entry is on disk, it releases it, takes its turn and
//! deposits. One that does not get its turn in time tries again, so that all rows are on the branch
//! when the clock stops.

use std::time::Duration;

use timing_core::clock::UtcStamp;
use timing_core::deposit::{DepositError, Depot, Destination, Own};
use timing_core::journal::{Journal, PhaseStart, RunStart};
use timing_core::record::TimingRecord;
use timing_core::registry::{Registry, Source};

use super::Failure;
use super::fixture;
use super::pairs::{Bar, Measured, Ratio, interleave, measured};
use crate::session::RECORDER;

const PAIRS: usize = 7;
const RUNS: u32 = 32;
const ROWS: u32 = 1000;

/// What the runs share.
struct Scene {
    journal: Journal,
    registry: Registry,
}

pub(super) fn measure() -> Result<Measured, Failure> {
    let sh = fixture::shell()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    let scene = |name: &str| -> Result<Scene, Failure> {
        let registry = fixture::repository(&sh, name, ROWS)?;
        let journal = Journal::in_common_dir(&sh.current_dir().join(name).join(".git"));
        Ok(Scene { journal, registry })
    };
    let (crowd, queue) = (scene("crowd")?, scene("queue")?);
    let mut next = ROWS;
    let ours = || -> Result<(), Failure> {
        let runs = next..next + RUNS;
        next += RUNS;
        at_once(&crowd, runs)
    };
    let mut later = ROWS;
    let theirs = || -> Result<(), Failure> {
        let runs = later..later + RUNS;
        later += RUNS;
        runs.into_iter().try_for_each(|run| record(&queue, run))
    };
    let seconds = interleave(PAIRS, ours, theirs)?;
    measured(
        "time of 32 appends at once, against 32 one after the other",
        &seconds,
        Ratio::Time,
        Bar::AtMost(1.5),
    )
}

fn at_once(scene: &Scene, runs: std::ops::Range<u32>) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = runs.map(|run| scope.spawn(move || record(scene, run))).collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err("a recorder panicked".into()))
        })
    })
}

fn record(scene: &Scene, number: u32) -> Result<(), Failure> {
    let record = fixture::record(number)?;
    note(scene, &record)?;
    let (additions, source) = ([record.into()], Source::default());
    let own = Own { additions: &additions, source: &source, recorder: RECORDER };
    let depot = Depot {
        journal: &scene.journal,
        registry: &scene.registry,
        destination: Destination::LocalBranch,
        patience: Duration::from_millis(250),
    };
    loop {
        match depot.deposit(&own, UtcStamp::from_unix_seconds(1_800_000_000)) {
            Ok(_) => return Ok(()),
            Err(DepositError::TurnTaken) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The journal's entry of a run that ends: written, and released.
fn note(scene: &Scene, record: &TimingRecord) -> Result<(), Failure> {
    let run = record.flags.get("RUN").unwrap_or_default().parse()?;
    let mut entry = scene.journal.create(&RunStart {
        run: &run,
        start: record.start,
        target: "apply-persistent",
        environment: &record.environment,
        recorder: RECORDER,
        repository: std::path::Path::new("/"),
        source_sha: None,
        source_branch: None,
        work: timing_core::journal::Work::Phases,
    })?;
    entry.phase_started(&PhaseStart {
        phase: &record.phase,
        build_id: &record.build_id,
        start: record.start,
        flags: &record.flags,
        log_path: record.log_path.as_ref(),
    })?;
    Ok(entry.phase_ended(record, &[])?)
}
