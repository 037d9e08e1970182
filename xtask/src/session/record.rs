//! From a phase that ended to its record.

use timing_core::record::{Environment, Flags, Phase, RunId, TimingRecord, is_part, whole_seconds};
use timing_core::registry::Source;

use crate::run::{Ending, PhaseEnded};

/// Digits of the source commit in `flags`.
const SHORT_SHA: usize = 12;

/// What a phase was given, and where it comes from: known when it starts.
pub(super) fn flags(given: &[(String, String)], source: &Source, run: &RunId) -> Flags {
    let mut flags = Flags::default();
    for (key, value) in given {
        flags.set(key, value);
    }
    if let Some(sha) = &source.sha {
        let sha = sha.to_string();
        flags.set("SHA", sha.get(..SHORT_SHA).unwrap_or(&sha));
    }
    flags.set("RUN", run.as_str());
    flags
}

/// Whether a phase that is given this is a part of one, which no whole one is compared with.
pub(super) fn is_partial(phase: &Phase, given: &[(String, String)]) -> bool {
    is_part(phase.as_str(), |key| {
        given.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    })
}

/// The row of `phase`.
pub(super) fn timing_record(
    phase: &PhaseEnded,
    environment: &Environment,
    source: &Source,
    run: &RunId,
) -> TimingRecord {
    let mut flags = flags(&phase.flags, source, run);
    if phase.resources.imported > 0 {
        flags.set("IMPORTED", &phase.resources.imported.to_string());
    }
    match phase.ending {
        // The exit code says these.
        Ending::Success | Ending::Failure => {}
        Ending::Cancelled => flags.set("OUTCOME", "cancelled"),
        Ending::TimedOut => flags.set("OUTCOME", "timeout"),
    }
    TimingRecord {
        start: phase.start,
        duration_seconds: whole_seconds(phase.duration),
        phase: phase.phase.clone(),
        environment: environment.clone(),
        build_id: phase.build_id.clone(),
        exit_code: phase.exit_code,
        flags,
        resources_added: phase.resources.added,
        resources_changed: phase.resources.changed,
        resources_destroyed: phase.resources.destroyed,
        log_path: phase.log.clone(),
    }
}
