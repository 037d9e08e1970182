//! What jobs and steps of a GitHub Actions workflow run took.
//!
//! Read from what `gh api repos/{owner}/{repo}/actions/runs/ID/jobs` prints
//! (<https://docs.github.com/en/rest/actions/workflow-jobs>), one page or several in a row (`gh api
//! --paginate`, also with `--slurp`), or `gh run view ID --json jobs`. Times are whole seconds, so
//! that a figure may be a second off either way. A job counts from `started_at`: waiting for a runner
//! is no part of it, but waiting between jobs is a part of the run.
//!
//! Only what succeeded has been measured: a job or step that matches and was skipped, cancelled, has
//! failed or is not over makes the figure unknown. For the whole run, skipped jobs are left out, as
//! they take no time. Of re-runs the latest attempt counts, unless one is chosen. Where an attempt
//! ran only a part again (failed jobs), the others stand in it with the times that they had before:
//! then the whole run has no figure, while jobs that are named have theirs. `gh run view --json jobs`
//! alone says nothing of attempts; with `--json attempt,jobs` it says which, and not of which jobs.

mod glob;
mod jobs;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Unknown;
use super::document::Asking;
use jobs::{Job, Jobs, Outcome, Step};

use crate::clock::UtcStamp;

pub use glob::Glob;

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Of which part.
    pub part: Part,
    /// How several durations become one.
    pub combine: Combine,
    /// Which attempt; the latest when absent.
    pub attempt: Option<u64>,
}

/// Of which part of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All jobs.
    Run,
    /// Those whose names match.
    Jobs(Glob),
    /// Steps whose names match, of jobs whose names match.
    Steps {
        /// Names of jobs.
        job: Glob,
        /// Names of steps.
        step: Glob,
    },
}

/// How several durations become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// From the first start to the last end: what people wait for.
    Span,
    /// One after the other: what runners work.
    Sum,
}

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The figure.
    pub duration: Duration,
    /// Names of what was measured, in the order of their starts.
    pub measured: Vec<String>,
    /// The run's id, where the JSON has it.
    pub run: Option<u64>,
    /// The attempt, where the JSON has it.
    pub attempt: Option<u64>,
    /// The commit, where the JSON has it.
    pub commit: Option<String>,
}

/// Which run the user's `gh` is asked for, in the repository of the directory it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// The workflow's file name.
    pub workflow: String,
    /// Only runs of this commit. Without it, the newest completed run is taken, whatever it ran on.
    pub commit: Option<String>,
}

/// How far a figure may be from the truth, either way.
pub const RESOLUTION: Duration = Duration::from_secs(1);

/// Reads a figure from the JSON of a run's jobs.
///
/// # Errors
/// JSON that cannot be read or is incomplete, nothing that matches, and what did not succeed.
pub fn read(text: &[u8], settings: &Settings) -> Result<Report, Unknown> {
    let all = jobs::parse(text)?;
    let attempt = all.choose_attempt(settings.attempt)?;
    let jobs = all.of_attempt(attempt);
    let mut spans = match &settings.part {
        Part::Run => of_run(&all, &jobs, attempt)?,
        Part::Jobs(glob) => of_jobs(&matching(&jobs, glob)?)?,
        Part::Steps { job, step } => of_steps(&matching(&jobs, job)?, step)?,
    };
    spans.sort_by_key(|span| (span.start, span.end));
    let seconds = match settings.combine {
        Combine::Sum => spans.iter().map(Span::seconds).sum(),
        Combine::Span => {
            let start = spans.iter().map(|span| span.start.unix_seconds()).min().unwrap_or(0);
            let end = spans.iter().map(|span| span.end.unix_seconds()).max().unwrap_or(start);
            end - start
        }
    };
    let first = jobs.first();
    Ok(Report {
        duration: Duration::from_secs(seconds),
        measured: spans.into_iter().map(|span| span.name).collect(),
        run: first.and_then(|job| job.run_id),
        attempt,
        commit: first.and_then(|job| job.head_sha.clone()),
    })
}

/// The same of the latest completed run, from the user's `gh`, which is started twice.
///
/// # Errors
/// As [`read`], when there is no such run, and when `gh` fails, says nothing in time or too much.
pub fn ask(which: &Which, settings: &Settings, asking: &Asking<'_>) -> Result<Report, Unknown> {
    let runs = asking.ask("gh", &list_arguments(which))?;
    let Some(id) = jobs::run_id(&runs)? else {
        let commit = which.commit.as_deref().map(|sha| format!(" of commit {sha}"));
        return Err(Unknown::because(format_args!(
            "GitHub knows no completed run of {}{}",
            which.workflow,
            commit.unwrap_or_default()
        )));
    };
    read(&asking.ask("gh", &jobs_arguments(id, settings.attempt))?, settings)
}

fn list_arguments(which: &Which) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["run", "list", "--limit=1", "--status=completed", "--json=databaseId"]
            .map(str::to_owned)
            .into();
    // One word, so that a name that begins with a dash is no option.
    arguments.push(format!("--workflow={}", which.workflow));
    arguments.extend(which.commit.iter().map(|commit| format!("--commit={commit}")));
    arguments
}

fn jobs_arguments(id: u64, attempt: Option<u64>) -> Vec<String> {
    // `gh` fills in the braces.
    let run = format!("repos/{{owner}}/{{repo}}/actions/runs/{id}");
    let path = match attempt {
        Some(attempt) => format!("{run}/attempts/{attempt}/jobs?per_page=100"),
        None => format!("{run}/jobs?per_page=100"),
    };
    vec!["api".to_owned(), "--paginate".to_owned(), path]
}

/// Something that took from then to then.
#[derive(Debug)]
struct Span {
    name: String,
    start: UtcStamp,
    end: UtcStamp,
}

impl Span {
    fn of(
        name: String,
        what: &str,
        outcome: &Outcome,
        (start, end): (Option<UtcStamp>, Option<UtcStamp>),
    ) -> Result<Self, Unknown> {
        let unknown = |why: String| Err(Unknown::because(format!("{what} {name:?} {why}")));
        match (outcome, start, end) {
            (Outcome::Unfinished(status), ..) => unknown(format!("is not over ({status})")),
            (Outcome::Other(conclusion), ..) => unknown(format!("did not succeed ({conclusion})")),
            (Outcome::Skipped, ..) => unknown("was skipped".to_owned()),
            (Outcome::Success, Some(start), Some(end)) if start <= end => {
                Ok(Self { name, start, end })
            }
            (Outcome::Success, Some(_), Some(_)) => unknown("ended before it started".to_owned()),
            (Outcome::Success, ..) => unknown("does not say when it started and ended".to_owned()),
        }
    }

    fn seconds(&self) -> u64 {
        self.end.unix_seconds().saturating_sub(self.start.unix_seconds())
    }
}

fn matching<'a>(jobs: &[&'a Job], glob: &Glob) -> Result<Vec<&'a Job>, Unknown> {
    let found: Vec<_> = jobs.iter().copied().filter(|job| glob.matches(&job.name)).collect();
    if found.is_empty() {
        return Err(Unknown::because(format_args!("no job of the run is named {glob}")));
    }
    Ok(found)
}

fn of_run(all: &Jobs, jobs: &[&Job], attempt: Option<u64>) -> Result<Vec<Span>, Unknown> {
    if let Some(job) = all.carried_over(attempt) {
        return Err(Unknown::because(format_args!(
            "attempt {} may have run only a part again: job {:?} is of an earlier one, or does not \
             say of which",
            attempt.unwrap_or(1),
            job.name
        )));
    }
    let ran: Vec<_> =
        jobs.iter().copied().filter(|job| job.outcome() != Outcome::Skipped).collect();
    if ran.is_empty() {
        return Err(Unknown::because("no job of the run has run"));
    }
    of_jobs(&ran)
}

fn of_jobs(jobs: &[&Job]) -> Result<Vec<Span>, Unknown> {
    let span = |job: &&Job| Span::of(job.name.clone(), "job", &job.outcome(), job.times());
    jobs.iter().map(span).collect()
}

fn of_steps(jobs: &[&Job], glob: &Glob) -> Result<Vec<Span>, Unknown> {
    let mut spans = Vec::new();
    for job in jobs {
        // Steps that are still to come need not be listed.
        if let Outcome::Unfinished(status) = job.outcome() {
            let why = format_args!("job {:?} is not over ({status})", job.name);
            return Err(Unknown::because(why));
        }
        for step in job.steps.0.iter().filter(|step: &&Step| glob.matches(&step.name)) {
            let name = format!("{}: {}", job.name, step.name);
            spans.push(Span::of(name, "step", &step.outcome(), step.times())?);
        }
    }
    if spans.is_empty() {
        let names: Vec<_> = jobs.iter().take(3).map(|job| format!("{:?}", job.name)).collect();
        let why = format_args!("no step of job {} is named {glob}", names.join(", "));
        return Err(Unknown::because(why));
    }
    Ok(spans)
}
