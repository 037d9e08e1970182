//! The first and the last line that a run writes to a log.
//!
//! The last one is not always the end of the file: a process that outlives its step goes on to
//! write behind it. It is the end of what the row speaks of.
//!
//! Times stand in brackets at the start of the line, as the programs that read logs expect them.

use std::fmt;
use std::time::Duration;

use crate::clock::UtcStamp;
use crate::record::{BuildId, Environment, ExitCode, Phase, ResourceCounts, RunId};

/// The first line.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// When the phase started.
    pub start: UtcStamp,
    /// The phase.
    pub phase: &'a Phase,
    /// Its environment.
    pub environment: &'a Environment,
    /// Its build.
    pub build_id: &'a BuildId,
    /// Its run.
    pub run: &'a RunId,
    /// The command as it could be pasted into a shell, its secrets masked; last on the line because
    /// it holds blanks.
    pub command: &'a str,
}

impl fmt::Display for Opening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, phase, environment, build_id, run, command } = self;
        // A frame is one line whatever an argument holds.
        let command = command.replace(['\n', '\r'], " ");
        write!(
            f,
            "[{start}] xtask begin phase={phase} env={environment} build_id={build_id} run={run} \
             command={command}"
        )
    }
}

/// The last line of the run; what a survivor says later stands behind it.
#[derive(Debug, Clone, Copy)]
pub struct Closing<'a> {
    /// When the phase ended: its start and its duration in whole seconds, as in its row.
    pub end: UtcStamp,
    /// The phase.
    pub phase: &'a Phase,
    /// How it ended.
    pub exit_code: ExitCode,
    /// How long it took.
    pub duration: Duration,
    /// What it counted.
    pub resources: ResourceCounts,
}

impl fmt::Display for Closing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { end, phase, exit_code, duration, resources } = self;
        write!(
            f,
            "[{end}] xtask end phase={phase} exit_code={exit_code} duration_seconds={}.{:03} \
             resources={resources}",
            duration.as_secs(),
            duration.subsec_millis(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame() {
        let start = UtcStamp::from_unix_seconds(1_769_265_807);
        let phase: Phase = "apply-persistent".parse().unwrap();
        let opening = Opening {
            start,
            phase: &phase,
            environment: &"dev".parse().unwrap(),
            build_id: &"persistent".parse().unwrap(),
            run: &"6974d98fdeadbeef".parse().unwrap(),
            command: "terraform -chdir=envs/dev apply 'a\nb'",
        };
        let closing = Closing {
            end: start.plus_seconds(936),
            phase: &phase,
            exit_code: ExitCode(1),
            duration: Duration::from_millis(936_042),
            resources: ResourceCounts { added: 3, changed: 1, ..ResourceCounts::default() },
        };
        insta::assert_snapshot!(format!("{opening}\n{closing}"), @r"
        [2026-01-24T14:43:27Z] xtask begin phase=apply-persistent env=dev build_id=persistent run=6974d98fdeadbeef command=terraform -chdir=envs/dev apply 'a b'
        [2026-01-24T14:59:03Z] xtask end phase=apply-persistent exit_code=1 duration_seconds=936.042 resources=+3 ~1 -0
        ");
    }
}
