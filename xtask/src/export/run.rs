//! What one invocation was, whole: the rows that it left, and of each phase what a row has no room
//! for.
//!
//! A pure value. It knows neither who is told of it nor where it waits.

use std::time::Duration;

use timing_core::record::{Environment, RunId, TimingRecord};
use timing_core::registry::Source;
use timing_core::stages::Span;
use timing_core::table::Row;

use super::traces::Parent;
use crate::run::{Ending, PhaseEnded};

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedRun {
    /// Its id.
    pub run: RunId,
    /// What was asked for, as it is typed: `deploy-persistent`, `exec`.
    pub target: String,
    /// Where.
    pub environment: Environment,
    /// Who recorded it: `xtask 0.1.0`.
    pub recorder: String,
    /// The wall clock at its start: since 1970-01-01T00:00:00Z.
    pub start: Duration,
    /// The commit that was checked out, in full.
    pub sha: Option<String>,
    /// Its branch.
    pub branch: Option<String>,
    /// The span of somebody else's that it is a part of.
    pub parent: Option<Parent>,
    /// Its phases in the order in which they ended; the outermost is the last.
    pub phases: Vec<FinishedPhase>,
}

/// A phase of a run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedPhase {
    /// Its row.
    pub record: TimingRecord,
    /// When it started, since the start of the run.
    pub offset: Duration,
    /// How long it took.
    pub duration: Duration,
    /// How many phases it lies in.
    pub depth: usize,
    /// What its own commands revealed; times count from the start of the phase.
    pub spans: Vec<Span>,
}

/// How a run or a phase ended, in the words of OpenTelemetry's `cicd.pipeline.result`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PipelineResult {
    /// It was done.
    Success,
    /// A command failed.
    Failure,
    /// Nobody knows: it was killed, and its row was written by somebody else.
    Error,
    /// It was out of time.
    Timeout,
    /// Somebody asked it to end.
    Cancellation,
}

impl PipelineResult {
    /// What the record of a phase says.
    #[must_use]
    pub fn of(record: &TimingRecord) -> Self {
        Self::of_outcome(record.exit_code.is_success(), record.flags.get("OUTCOME"))
    }

    /// The same of a row, whoever wrote it.
    #[must_use]
    pub fn of_row(row: &Row<'_>) -> Self {
        Self::of_outcome(row.is_success(), row.flag("OUTCOME"))
    }

    /// The same of a phase that has just ended.
    #[must_use]
    pub fn of_phase(phase: &PhaseEnded) -> Self {
        match (phase.exit_code.is_success(), phase.ending) {
            (true, _) => Self::Success,
            (false, Ending::Cancelled) => Self::Cancellation,
            (false, Ending::TimedOut) => Self::Timeout,
            (false, Ending::Success | Ending::Failure) => Self::Failure,
        }
    }

    fn of_outcome(is_success: bool, outcome: Option<&str>) -> Self {
        match (is_success, outcome) {
            // What had finished its work before it could be stopped has succeeded, here as in `timings
            // stats`.
            (true, _) => Self::Success,
            (false, Some("cancelled")) => Self::Cancellation,
            (false, Some("timeout")) => Self::Timeout,
            (false, Some("interrupted")) => Self::Error,
            (false, _) => Self::Failure,
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Cancellation => "cancellation",
        }
    }
}

/// What is known of a run beside its phases.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its id.
    pub run: &'a RunId,
    /// What was asked for.
    pub target: &'a str,
    /// Where.
    pub environment: &'a Environment,
    /// Who recorded it.
    pub recorder: &'a str,
    /// The commit that was checked out.
    pub source: &'a Source,
    /// The wall clock at its start: since 1970-01-01T00:00:00Z.
    pub start: Duration,
    /// The span of somebody else's that it is a part of.
    pub parent: Option<&'a Parent>,
}

impl FinishedRun {
    /// The run with these phases and their rows, which are in the same order.
    #[must_use]
    pub fn new(about: &About<'_>, phases: &[PhaseEnded], records: &[TimingRecord]) -> Self {
        let phase = |(ended, record): (&PhaseEnded, &TimingRecord)| FinishedPhase {
            record: record.clone(),
            offset: ended.offset,
            duration: ended.duration,
            depth: ended.depth,
            spans: ended.spans.clone(),
        };
        Self {
            run: about.run.clone(),
            target: about.target.to_owned(),
            environment: about.environment.clone(),
            recorder: about.recorder.to_owned(),
            start: about.start,
            sha: about.source.sha.map(|sha| sha.to_string()),
            branch: about.source.branch.clone(),
            parent: about.parent.cloned(),
            phases: phases.iter().zip(records).map(phase).collect(),
        }
    }

    /// The phase around all others.
    #[must_use]
    pub fn outermost(&self) -> Option<&FinishedPhase> {
        self.phases.iter().rev().min_by_key(|phase| phase.depth)
    }

    /// How long it took: until the last of its phases ended.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.phases.iter().map(FinishedPhase::end).max().unwrap_or_default()
    }

    /// The phase directly around the one at `place`.
    #[must_use]
    pub fn around(&self, place: usize) -> Option<usize> {
        let depth = self.phases.get(place)?.depth;
        // Inner ones end before those around them.
        let later = self.phases.iter().enumerate().skip(place + 1);
        later.filter(|(_, phase)| phase.depth < depth).map(|(place, _)| place).next()
    }
}

impl FinishedPhase {
    /// When it ended, since the start of the run.
    #[must_use]
    pub fn end(&self) -> Duration {
        self.offset.saturating_add(self.duration)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use timing_core::record::ExitCode;
    use timing_core::stages::{Action, Kind, Outcome};

    fn span(kind: Kind, name: &str, [start, end]: [u64; 2], parent: Option<usize>) -> Span {
        let (start, end) = (Duration::from_millis(start), Duration::from_millis(end));
        let (duration, outcome) = (end - start, Outcome::Complete);
        Span { kind, name: name.to_owned(), start, duration, outcome, parent }
    }

    fn phase(name: &str, code: u8, [start, end]: [u64; 2], depth: usize) -> FinishedPhase {
        let (offset, end) = (Duration::from_millis(start), Duration::from_millis(end));
        let start: timing_core::clock::UtcStamp = "2026-01-24T14:43:27Z".parse().unwrap();
        let mut flags = timing_core::record::Flags::default();
        flags.set("CLUSTER", "a-cluster");
        FinishedPhase {
            record: TimingRecord {
                start: start.plus_seconds(offset.as_secs()),
                duration_seconds: timing_core::record::whole_seconds(end - offset),
                phase: name.parse().unwrap(),
                environment: "dev".parse().unwrap(),
                build_id: "persistent".parse().unwrap(),
                exit_code: ExitCode(code),
                flags,
                resources_added: 2,
                resources_changed: 1,
                resources_destroyed: 0,
                log_path: Some("logs/build-timings/a.log".parse().unwrap()),
            },
            offset,
            duration: end - offset,
            depth,
            spans: Vec::new(),
        }
    }

    /// A deployment whose bootstrap failed, with stages and resources side by side.
    pub(crate) fn deployment() -> FinishedRun {
        let mut apply = phase("apply-persistent", 0, [1, 41_501], 1);
        let create = Kind::Resource(Action::Create);
        apply.spans = vec![
            span(create, "module.vpc.aws_vpc.this", [2_000, 12_000], None),
            span(create, "module.eks.aws_eks_cluster.this", [12_000, 40_000], None),
            span(create, "aws_ecr_repository.app", [12_500, 15_000], None),
        ];
        let mut bootstrap = phase("bootstrap-persistent", 7, [41_502, 60_000], 1);
        bootstrap.spans = vec![
            span(Kind::Stage, "Stage 1: Tools <&\"'>", [10, 9_000], None),
            span(Kind::Step, "kong", [20, 8_000], Some(0)),
            Span {
                outcome: Outcome::Unfinished,
                ..span(Kind::Stage, "Stage 2: Argo", [9_000, 18_400], None)
            },
            Span {
                outcome: Outcome::Errored,
                ..span(Kind::Step, "argo, \"sync\"", [9_100, 18_400], Some(2))
            },
        ];
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        FinishedRun {
            run: "6974d98fdeadbeef".parse().unwrap(),
            target: "deploy-persistent".to_owned(),
            environment: "dev".parse().unwrap(),
            recorder: "xtask 0.1.0".to_owned(),
            start: Duration::from_millis(1_769_265_807_123),
            sha: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            branch: Some("main".to_owned()),
            parent: Parent::parse(parent, Some("vendor=1")),
            phases: vec![apply, bootstrap, phase("deploy-persistent", 7, [0, 60_000], 0)],
        }
    }

    #[test]
    fn phases_know_what_is_around_them() {
        let run = deployment();
        assert_eq!([0, 1, 2].map(|place| run.around(place)), [Some(2), Some(2), None]);
        assert_eq!(run.outermost().unwrap().record.phase.as_str(), "deploy-persistent");
        assert_eq!(run.duration(), Duration::from_secs(60));
    }

    #[test]
    fn a_result_is_what_the_row_says() {
        let result = |code: u8, outcome: Option<&str>| {
            let mut record = phase("x", code, [0, 1], 0).record;
            if let Some(outcome) = outcome {
                record.flags.set("OUTCOME", outcome);
            }
            PipelineResult::of(&record).word()
        };
        assert_eq!(result(0, None), "success");
        assert_eq!(result(7, None), "failure");
        assert_eq!(result(143, Some("cancelled")), "cancellation");
        assert_eq!(result(0, Some("cancelled")), "success");
        assert_eq!(result(124, Some("timeout")), "timeout");
        assert_eq!(result(137, Some("interrupted")), "error");
    }
}
