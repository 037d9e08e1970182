//! What the phases of one environment took before: all that a run that has not been recorded yet
//! can be compared with.
//!
//! As in a [comparison](super::compare), only runs of the same phase in the same environment that
//! exited with 0 and were whole count, and of a run that has ended only those with the same effect. Before it has,
//! nobody knows which that will be, so that all of them count.
//!
//! Rows are appended, so that the latest stand at a file's end; only these are read, because a run
//! that starts waits for the answer.

use std::collections::BTreeMap;

use super::{Duplicates, Effect, Source, gather_lines};
use crate::clock::UtcStamp;
use crate::record::{Environment, RunId};

/// The successful runs of one environment, by phase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastRuns(BTreeMap<String, Vec<PastRun>>);

/// How much of the end of each file is read, in bytes: more than a thousand rows.
const READ: usize = 256 << 10;

#[derive(Debug, Clone, PartialEq, Eq)]
struct PastRun {
    /// What its stages are found by; rows of others have none.
    id: Option<RunId>,
    start: UtcStamp,
    /// Whole seconds.
    duration: u64,
    effect: Effect,
}

impl PastRuns {
    /// Of the last rows of all `sources`, without duplicates. What cannot be read is passed over: who
    /// wants to know of it asks [`gather`](super::gather).
    #[must_use]
    pub fn of(sources: &[Source], environment: &Environment) -> Self {
        let mut phases: BTreeMap<String, Vec<PastRun>> = BTreeMap::new();
        let ends: Vec<Source> = sources.iter().map(end_of).collect();
        let _ = gather_lines(&ends, Duplicates::LeftOut, |row, _| {
            let Some(phase) = row.phase.as_deref() else { return };
            if row.is_success() && environment.is_called(&row.environment) && !row.is_part() {
                let (start, duration) = (row.start, row.duration_seconds);
                let id = row.flag("RUN").and_then(|id| id.parse().ok());
                let run = PastRun { id, start, duration, effect: Effect::of(&row) };
                match phases.get_mut(phase) {
                    Some(runs) => runs.push(run),
                    None => _ = phases.insert(phase.to_owned(), vec![run]),
                }
            }
        });
        phases.values_mut().for_each(|runs| runs.sort_by_key(|run| run.start));
        Self(phases)
    }

    /// What the runs of `phase` took, in whole seconds, the oldest first.
    #[must_use]
    pub fn seconds(&self, phase: &str) -> Vec<f64> {
        self.durations(phase, |_| true)
    }

    /// The same, each with the id of its run where its row has one.
    #[must_use]
    pub fn runs(&self, phase: &str) -> Vec<(Option<&RunId>, f64)> {
        let runs = self.0.get(phase).into_iter().flatten();
        runs.map(|run| run.id.as_ref()).zip(self.seconds(phase)).collect()
    }

    /// What those took that had this effect.
    #[must_use]
    pub fn seconds_with(&self, phase: &str, effect: Effect) -> Vec<f64> {
        self.durations(phase, |run| run.effect == effect)
    }

    #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
    fn durations(&self, phase: &str, counts: impl Fn(&PastRun) -> bool) -> Vec<f64> {
        let runs = self.0.get(phase).into_iter().flatten();
        runs.filter(|run| counts(run)).map(|run| run.duration as f64).collect()
    }
}

/// The whole lines among the last [`READ`] bytes.
fn end_of(source: &Source) -> Source {
    let skipped = source.bytes.len().saturating_sub(READ);
    let end = source.bytes.get(skipped..).unwrap_or_default();
    let partial = match skipped {
        0 => 0,
        _ => memchr::memchr(b'\n', end).map_or(end.len(), |newline| newline + 1),
    };
    Source { name: source.name.clone(), bytes: end.get(partial..).unwrap_or_default().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `day phase environment seconds exit resources`
    fn past(lines: &[&str]) -> PastRuns {
        let line = |line: &&str| {
            let fields: Vec<&str> = line.split(' ').collect();
            let [day, phase, environment, seconds, exit, resources] = fields[..] else {
                panic!("{line}")
            };
            format!(
                "2026-01-{day}T00:00:00Z,,{phase},{environment},b,{seconds},{exit},,{resources},x\n"
            )
        };
        let text: String = lines.iter().map(line).collect();
        let source = |name: &str| Source { name: name.to_owned(), bytes: text.clone().into() };
        PastRuns::of(&[source("local"), source("remote")], &"dev".parse().unwrap())
    }

    #[test]
    fn successful_runs_of_the_phase_and_environment_count_once_and_in_order() {
        let past = past(&[
            "03 apply dev 30 0 1,0,0",
            "01 apply development 10 0 1,0,0",
            "02 apply dev 20 1 1,0,0",
            "04 apply test 40 0 1,0,0",
            "05 build dev 50 0 1,0,0",
            "06 apply dev many 0 1,0,0",
        ]);
        assert_eq!(past.seconds("apply"), [10.0, 30.0]);
        assert_eq!(past.seconds("build"), [50.0]);
        assert!(past.seconds("teardown").is_empty());
    }

    #[test]
    fn a_run_that_has_ended_is_compared_with_those_that_did_the_same() {
        let past = past(&[
            "01 apply dev 10 0 1,0,0",
            "02 apply dev 20 0 0,0,0",
            "03 apply dev 30 0 ,,",
            "04 apply dev 40 0 0,0,2",
        ]);
        let with = |effect| past.seconds_with("apply", effect);
        assert_eq!(with(Effect::Changed), [10.0, 40.0]);
        assert_eq!(with(Effect::Unchanged), [20.0]);
        assert_eq!(with(Effect::Unrecorded), [30.0]);
        assert_eq!(past.seconds("apply"), [10.0, 20.0, 30.0, 40.0]);
    }

    #[test]
    fn of_a_long_file_the_last_rows_are_read_and_none_in_part() {
        let line = |n: usize| format!("2026-01-01T00:00:00Z,,apply,dev,b{n},{n},0,,0,0,0,x\n");
        let text: String = (0..20_000).map(line).collect();
        let whole_lines = text[text.len() - READ..].matches('\n').count() - 1;
        let source = Source { name: "x".to_owned(), bytes: text.into() };
        let seconds = PastRuns::of(&[source], &"dev".parse().unwrap()).seconds("apply");
        assert_eq!(seconds.len(), whole_lines);
        assert_eq!(seconds.last(), Some(&19_999.0));
        assert!(seconds.windows(2).all(|pair| pair[1] - pair[0] == 1.0));
    }
}
