//! The spans of runs, wherever they are: as they were last fetched, on the local branch, and in the
//! journal. Reads, takes possession of nothing and asks no network.

use std::collections::HashSet;

use crate::addition::OwnFile;
use crate::git::GitError;
use crate::journal::{History, Journal};
use crate::record::{Environment, Phase, RunId};
use crate::registry::{FoundFile, Registry};
use crate::stages::{self, PhaseSpans, RunSpans, SpansPath};

/// Where only runs with some phase count, so many times as many are read at once: a second reading
/// is a second process.
const SPARE: usize = 3;

/// Which runs are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// These.
    Runs(&'a [RunId]),
    /// The latest that have spans.
    Latest {
        /// Of this environment.
        environment: &'a Environment,
        /// Only those with spans of this phase.
        phase: Option<&'a Phase>,
        /// At most so many.
        count: usize,
    },
}

/// The spans that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundSpans {
    /// Each run once, the oldest first. A run of which nothing was seen is not here.
    pub runs: Vec<RunSpans>,
    /// What could not be read, one line each.
    pub warnings: Vec<String>,
}

/// The spans of `which` runs. They are believed in the order of rows: what was last fetched, the
/// local branch, the journal. A run that goes on has those of its phases that ended.
///
/// # Errors
///
/// When git fails. A journal that cannot be read is a warning.
pub fn spans(
    journal: &Journal,
    registry: &Registry,
    which: &Which<'_>,
) -> Result<FoundSpans, GitError> {
    let mut found = FoundSpans::default();
    let mut candidates: Vec<Candidate> =
        registry.spans_files()?.into_iter().map(Candidate::on_branch).collect();
    candidates.extend(found.in_journal(journal, which));
    let mut seen = HashSet::new();
    candidates.retain(|candidate| {
        which.may_be(&candidate.path) && seen.insert(candidate.path.run().clone())
    });
    // The latest first, for those who want so many and no more.
    candidates.sort_by(|one, other| other.path.age().cmp(&one.path.age()));
    let wanted = which.count().unwrap_or(candidates.len());
    while found.runs.len() < wanted && !candidates.is_empty() {
        let spare = if which.phase().is_some() { SPARE } else { 1 };
        let many = wanted.saturating_mul(spare).min(candidates.len());
        found.take(registry, candidates.drain(..many).collect(), which)?;
    }
    found.runs.truncate(wanted);
    found.runs.reverse();
    Ok(found)
}

/// A run with spans.
struct Candidate {
    path: SpansPath,
    spans: Spans,
}

enum Spans {
    /// On the branch, not read yet.
    Unread(FoundFile),
    /// In the journal.
    Read(Vec<PhaseSpans>),
}

impl Candidate {
    fn on_branch(file: FoundFile) -> Self {
        Self { path: file.path.clone(), spans: Spans::Unread(file) }
    }
}

impl Which<'_> {
    fn may_be(&self, path: &SpansPath) -> bool {
        match self {
            Self::Runs(runs) => runs.contains(path.run()),
            Self::Latest { environment, .. } => environment.is_called(path.environment().as_str()),
        }
    }

    fn phase(&self) -> Option<&Phase> {
        match self {
            Self::Runs(_) => None,
            Self::Latest { phase, .. } => *phase,
        }
    }

    fn count(&self) -> Option<usize> {
        match self {
            Self::Runs(_) => None,
            Self::Latest { count, .. } => Some(*count),
        }
    }
}

impl FoundSpans {
    /// Adds those of `candidates` that are wanted, reading what is to be read in one process.
    fn take(
        &mut self,
        registry: &Registry,
        candidates: Vec<Candidate>,
        which: &Which<'_>,
    ) -> Result<(), GitError> {
        let unread = candidates.iter().filter_map(|candidate| match &candidate.spans {
            Spans::Unread(file) => Some(file.clone()),
            Spans::Read(_) => None,
        });
        let mut contents = registry.contents(&unread.collect::<Vec<_>>())?.into_iter();
        for Candidate { path, spans } in candidates {
            let phases = match spans {
                Spans::Read(phases) => phases,
                Spans::Unread(_) => match contents.next().flatten() {
                    Some(bytes) => self.read(&path.to_string(), &bytes),
                    None => {
                        self.warnings
                            .push(format!("{path} is not in this clone: `git fetch` brings it"));
                        continue;
                    }
                },
            };
            let run = RunSpans { of: path, phases };
            let is_wanted = match which.phase() {
                Some(phase) => !run.of_phase(phase).is_empty(),
                None => !run.phases.is_empty(),
            };
            if is_wanted {
                self.runs.push(run);
            }
        }
        Ok(())
    }

    fn read(&mut self, name: &str, bytes: &[u8]) -> Vec<PhaseSpans> {
        let reading = stages::read(bytes);
        self.warnings.extend(reading.warnings(name));
        reading.phases
    }

    /// What the outbox and the entries have; of the outbox, what is asked for.
    fn in_journal(&mut self, journal: &Journal, which: &Which<'_>) -> Vec<Candidate> {
        let directory = journal.directory().display().to_string();
        let unreadable = |error| format!("the journal in {directory} cannot be read: {error}");
        let mut candidates = Vec::new();
        match journal.outbox_files() {
            Ok(files) => {
                for OwnFile { path, bytes } in
                    files.into_iter().filter(|file| which.may_be(&file.path))
                {
                    let phases = self.read(&format!("journal:{path}"), &bytes);
                    candidates.push(Candidate { path, spans: Spans::Read(phases) });
                }
            }
            Err(error) => self.warnings.push(unreadable(error)),
        }
        match journal.look() {
            // Those that cannot be read are said where rows are read.
            Ok(seen) => {
                let histories = seen.into_iter().filter_map(|(_, seen)| Some(seen.ok()?.history));
                candidates.extend(histories.filter_map(of_entry));
            }
            Err(error) => self.warnings.push(unreadable(error)),
        }
        candidates
    }
}

fn of_entry(history: History) -> Option<Candidate> {
    let ended = history.ended.iter().map(|record| record.start);
    let start = ended.chain(history.running.iter().map(|running| running.start)).min()?;
    let History { run, environment, source_sha, spans, .. } = history;
    let path = SpansPath::new(&environment, start, source_sha.as_deref(), &run);
    (!spans.is_empty()).then_some(Candidate { path, spans: Spans::Read(spans) })
}
