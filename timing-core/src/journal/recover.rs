//! The records of a run whose process is gone: what ended as it ended, and what was running as
//! interrupted. Pure; the evidence is handed in.

use super::history::{History, Running};
use crate::addition::{self, Addition};
use crate::clock::UtcStamp;
use crate::record::{ExitCode, ResourceCounts, TimingRecord};

/// SIGKILL, a power cut: nobody could say how the phase would have ended.
const KILLED: ExitCode = ExitCode(137);

/// What the log of a phase that was interrupted gives evidence of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The last moment at which something was written.
    pub last: UtcStamp,
    /// What had been counted by then.
    pub resources: ResourceCounts,
}

/// What the run of `history` adds to the branch: its [`records`], and what was seen of the phases
/// that ended, and what was measured. `evidence` is asked as there.
pub fn additions(
    history: &History,
    evidence: impl FnMut(&Running) -> Option<Evidence>,
) -> Vec<Addition> {
    let records = records(history, evidence);
    let sha = history.source_sha.as_deref();
    let spans = &history.spans;
    let mut all = addition::of_run(&history.run, &history.environment, sha, records, spans);
    all.extend(history.measurements.iter().cloned().map(Addition::from));
    all
}

/// The records of `history`, inner phases before those around them. `evidence` is asked for the
/// phases that were running; without any, such a phase ends when it started, or when the last phase
/// within it ended.
pub fn records(
    history: &History,
    mut evidence: impl FnMut(&Running) -> Option<Evidence>,
) -> Vec<TimingRecord> {
    let mut records = history.ended.clone();
    let mut inner_end = records.iter().map(TimingRecord::end).max();
    for running in history.running.iter().rev() {
        let found = evidence(running);
        let end = [Some(running.start), found.map(|found| found.last), inner_end]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(running.start);
        inner_end = Some(end);
        records.push(interrupted(history, running, end, found));
    }
    records
}

fn interrupted(
    history: &History,
    running: &Running,
    end: UtcStamp,
    found: Option<Evidence>,
) -> TimingRecord {
    let resources = found.map(|found| found.resources).unwrap_or_default();
    let mut flags = running.flags.clone();
    if resources.imported > 0 {
        flags.set("IMPORTED", &resources.imported.to_string());
    }
    flags.set("OUTCOME", "interrupted");
    TimingRecord {
        start: running.start,
        duration_seconds: end.unix_seconds().saturating_sub(running.start.unix_seconds()),
        phase: running.phase.clone(),
        environment: history.environment.clone(),
        build_id: running.build_id.clone(),
        exit_code: KILLED,
        flags,
        resources_added: resources.added,
        resources_changed: resources.changed,
        resources_destroyed: resources.destroyed,
        log_path: running.log_path.clone(),
    }
}
