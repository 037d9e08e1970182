//! The jobs of a run, in the two spellings that GitHub's programs have. Must not know what of them
//! is measured.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::budget::probe::Unknown;
use crate::budget::probe::document::{self, Few};
use crate::clock::UtcStamp;

/// Most jobs of a run; GitHub allows 256 in each matrix.
const MOST_JOBS: usize = 5000;
/// Most steps of a job.
const MOST_STEPS: usize = 1000;
/// Most pages.
const MOST_PAGES: usize = 500;

/// What stands at the top: a page, or a list of pages.
struct Pages(Vec<Page>);

impl<'de> Deserialize<'de> for Pages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> Visitor<'de> for OneOrMore {
    type Value = Pages;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list of jobs, or a list of such objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, page: A) -> Result<Pages, A::Error> {
        Page::deserialize(MapAccessDeserializer::new(page)).map(|page| Pages(vec![page]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Pages, A::Error> {
        let (mut pages, mut jobs) = (Vec::new(), 0);
        while let Some(page) = list.next_element::<Page>()? {
            jobs += page.jobs.0.len();
            pages.push(page);
            // Before the rest is read: all of it together has to stay small.
            if jobs > MOST_JOBS || pages.len() > MOST_PAGES {
                return Err(A::Error::custom("there are more pages of jobs than a run has"));
            }
        }
        Ok(Pages(pages))
    }
}

#[derive(Deserialize)]
struct Page {
    /// Of all pages; `gh run view` does not say.
    total_count: Option<usize>,
    jobs: Few<Job, MOST_JOBS>,
    /// Of the run, from `gh run view --json attempt`.
    attempt: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Job {
    #[serde(alias = "databaseId")]
    id: Option<u64>,
    pub(super) run_id: Option<u64>,
    run_attempt: Option<u64>,
    pub(super) head_sha: Option<String>,
    pub(super) name: String,
    status: String,
    conclusion: Option<String>,
    #[serde(default)]
    created_at: When,
    #[serde(default, alias = "startedAt")]
    started_at: When,
    #[serde(default, alias = "completedAt")]
    completed_at: When,
    #[serde(default)]
    pub(super) steps: Few<Step, MOST_STEPS>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Step {
    pub(super) name: String,
    status: String,
    conclusion: Option<String>,
    #[serde(default, alias = "startedAt")]
    started_at: When,
    #[serde(default, alias = "completedAt")]
    completed_at: When,
}

/// A time, if it has come: before, it is `null`, empty, or in the year 1 (as `gh` writes it).
#[derive(Debug, Clone, Copy, Default)]
struct When(Option<UtcStamp>);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.and_then(|text| UtcStamp::from_rfc3339(&text))))
    }
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Skipped,
    /// `failure`, `cancelled`, `timed_out`, …
    Other(String),
    /// Not yet: `queued`, `in_progress`, …
    Unfinished(String),
}

impl Outcome {
    fn of(status: &str, conclusion: Option<&str>) -> Self {
        match (status, conclusion) {
            ("completed", Some("success")) => Self::Success,
            ("completed", Some("skipped")) => Self::Skipped,
            ("completed", other) => Self::Other(other.unwrap_or("no conclusion").to_owned()),
            (other, _) => Self::Unfinished(other.to_owned()),
        }
    }
}

impl Job {
    pub(super) fn outcome(&self) -> Outcome {
        Outcome::of(&self.status, self.conclusion.as_deref())
    }

    pub(super) fn times(&self) -> (Option<UtcStamp>, Option<UtcStamp>) {
        (self.started_at.0, self.completed_at.0)
    }

    fn attempt(&self) -> u64 {
        self.run_attempt.unwrap_or(1)
    }
}

impl Step {
    pub(super) fn outcome(&self) -> Outcome {
        Outcome::of(&self.status, self.conclusion.as_deref())
    }

    pub(super) fn times(&self) -> (Option<UtcStamp>, Option<UtcStamp>) {
        (self.started_at.0, self.completed_at.0)
    }
}

/// All jobs of a run.
#[derive(Debug)]
pub(super) struct Jobs {
    all: Vec<Job>,
    /// The attempt that all are of, where the JSON says one for all.
    attempt: Option<u64>,
}

impl Jobs {
    /// The attempt to look at: the one that is wanted, or the latest.
    pub(super) fn choose_attempt(&self, wanted: Option<u64>) -> Result<Option<u64>, Unknown> {
        let known: BTreeSet<u64> =
            self.all.iter().filter_map(|job| job.run_attempt).chain(self.attempt).collect();
        match (wanted, known.last()) {
            (None, latest) => Ok(latest.copied()),
            (Some(wanted), _) if known.contains(&wanted) => Ok(Some(wanted)),
            (Some(wanted), Some(latest)) => Err(Unknown::because(format_args!(
                "nothing is told of attempt {wanted}; the latest is {latest}"
            ))),
            (Some(wanted), None) => Err(Unknown::because(format_args!(
                "nothing says which attempt it is, and {wanted} was asked for"
            ))),
        }
    }

    /// The jobs as that attempt left them: of each name, those of its last attempt until then.
    pub(super) fn of_attempt(&self, attempt: Option<u64>) -> Vec<&Job> {
        let until = attempt.unwrap_or(u64::MAX);
        let candidates = || self.all.iter().filter(|job| job.attempt() <= until);
        let mut last = BTreeMap::new();
        for job in candidates() {
            let latest = last.entry(job.name.as_str()).or_insert(0);
            *latest = job.attempt().max(*latest);
        }
        candidates().filter(|job| last.get(job.name.as_str()) == Some(&job.attempt())).collect()
    }

    /// A job that stands in the attempt with times of an earlier one, or might.
    pub(super) fn carried_over(&self, attempt: Option<u64>) -> Option<&Job> {
        let attempt = attempt.filter(|attempt| *attempt > 1)?;
        self.of_attempt(Some(attempt)).into_iter().find(|job| {
            // A job that was not run again may be listed as created with the attempt, after its end.
            let (end, created) = (job.completed_at.0, job.created_at.0);
            let ended_before = end.zip(created).is_some_and(|(end, created)| end < created);
            let not_told = job.run_attempt.is_none() && created.is_none();
            job.run_attempt.is_some_and(|of| of < attempt) || ended_before || not_told
        })
    }
}

pub(super) fn parse(text: &[u8]) -> Result<Jobs, Unknown> {
    let mut all: Vec<Job> = Vec::new();
    let (mut total, mut attempt) = (None, None);
    let mut seen = BTreeSet::new();
    document::parse(text, |pages: Pages, _| {
        for page in pages.0 {
            total = total.max(page.total_count);
            attempt = attempt.max(page.attempt);
            // A page may repeat what moved while pages were read.
            all.extend(
                page.jobs.0.into_iter().filter(|job| job.id.is_none_or(|id| seen.insert(id))),
            );
            if all.len() > MOST_JOBS {
                let why = format_args!("there are more than {MOST_JOBS} jobs in it");
                return Err(Unknown::because(why));
            }
        }
        Ok(())
    })?;
    if let Some(total) = total.filter(|total| *total > all.len()) {
        return Err(Unknown::because(format_args!(
            "{} of {total} jobs are there: ask with --paginate",
            all.len()
        )));
    }
    if all.is_empty() {
        return Err(Unknown::because("there are no jobs in it"));
    }
    let of_one_run: BTreeSet<u64> = all.iter().filter_map(|job| job.run_id).collect();
    if of_one_run.len() > 1 {
        return Err(Unknown::because("the jobs are of several runs"));
    }
    Ok(Jobs { all, attempt })
}

/// The id in what `gh run list --json databaseId` prints.
pub(super) fn run_id(text: &[u8]) -> Result<Option<u64>, Unknown> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Run {
        database_id: u64,
    }
    let mut first = None;
    document::parse(text, |runs: Few<Run, 100>, _| {
        first = first.or(runs.0.first().map(|run| run.database_id));
        Ok(())
    })?;
    Ok(first)
}
