//! The figures of every phase in every environment. Must not know how they are written.

use std::collections::{BTreeMap, BTreeSet};

use timing_core::table::{self, Reading, Resources, Row};

use crate::export::run::{FinishedRun, PipelineResult};

/// Upper ends of a histogram's buckets, in seconds: from a check to a deployment that takes an hour.
/// What takes longer is in the bucket without an end.
pub const BOUNDS: [u64; 13] = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600];

/// Most pairs of environment and phase: names come from rows that anybody wrote, and each name is a
/// series that somebody's Prometheus keeps for good.
pub const MOST_TASKS: usize = 200;

/// Longest environment or phase, in characters; what is alike up to there is one.
const LONGEST_NAME: usize = 128;

/// Everything that is told of a record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// By environment and phase, at most [`MOST_TASKS`].
    pub tasks: Vec<Task>,
    /// How many were left out, those whose last run is the longest ago.
    pub left_out: u64,
}

/// The runs of one phase in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Where.
    pub environment: String,
    /// Which; empty for rows that do not say.
    pub phase: String,
    /// All of its runs, by how they ended.
    pub runs: BTreeMap<PipelineResult, Histogram>,
    /// The newest.
    pub last: Last,
    /// When the newest one that succeeded started, in seconds since 1970.
    pub last_success: Option<u64>,
}

/// Durations of runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// How many are within each of [`BOUNDS`] and not within the one before; the last have none.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// In seconds.
    pub sum: u64,
}

/// What the newest run was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// In seconds since 1970.
    pub start: u64,
    /// In whole seconds, as the row has it.
    pub duration_seconds: u64,
    /// 0 is success.
    pub exit_code: i32,
    /// Of rows that count them.
    pub resources: Option<Resources>,
}

impl Histogram {
    /// How many runs there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    fn add(&mut self, seconds: u64) {
        let place = BOUNDS.partition_point(|bound| *bound < seconds);
        if let Some(bucket) = self.buckets.get_mut(place) {
            *bucket += 1;
        }
        self.sum = self.sum.saturating_add(seconds);
    }
}

impl Metrics {
    /// Of the rows of a registry, and of `runs` that it does not have: what no branch could take was
    /// done all the same.
    #[must_use]
    pub fn of_record<'r>(
        rows: &[Row<'_>],
        runs: impl IntoIterator<Item = &'r FinishedRun>,
    ) -> Self {
        let known: BTreeSet<&str> = rows.iter().filter_map(|row| row.flag("RUN")).collect();
        let unknown = runs.into_iter().filter(|run| !known.contains(run.run.as_str()));
        let records: Vec<_> =
            unknown.flat_map(|run| &run.phases).map(|phase| phase.record.clone()).collect();
        let text = table::rows(&records);
        let more = table::read(&text).filter_map(|(_, _, reading)| match reading {
            Reading::Row(row) => Some(row),
            Reading::Header | Reading::Fault(_) => None,
        });
        let more: Vec<Row<'_>> = more.collect();
        Self::of(rows.iter().chain(&more))
    }

    /// Of `rows`, in whatever order; of rows of one start the later ones are the newer.
    #[must_use]
    pub fn of<'r, 'a: 'r>(rows: impl IntoIterator<Item = &'r Row<'a>>) -> Self {
        let mut tasks: BTreeMap<(String, String), Task> = BTreeMap::new();
        for row in rows {
            let name = |text: &str| text.chars().take(LONGEST_NAME).collect::<String>();
            let key = (name(&row.environment), name(row.phase.as_deref().unwrap_or_default()));
            tasks
                .entry(key)
                .and_modify(|task| task.newest(row))
                .or_insert_with_key(|key| Task::first(key.clone(), row))
                .runs
                .entry(PipelineResult::of_row(row))
                .or_default()
                .add(row.duration_seconds);
        }
        let mut tasks: Vec<Task> = tasks.into_values().collect();
        let left_out = tasks.len().saturating_sub(MOST_TASKS);
        if left_out > 0 {
            tasks.sort_by_key(|task| std::cmp::Reverse(task.last.start));
            tasks.truncate(MOST_TASKS);
            tasks.sort_by(|a, b| (&a.environment, &a.phase).cmp(&(&b.environment, &b.phase)));
        }
        Self { tasks, left_out: u64::try_from(left_out).unwrap_or(u64::MAX) }
    }
}

impl Task {
    fn first((environment, phase): (String, String), row: &Row<'_>) -> Self {
        Self {
            environment,
            phase,
            runs: BTreeMap::new(),
            last: Last::of(row),
            last_success: row.is_success().then(|| row.start.unix_seconds()),
        }
    }

    fn newest(&mut self, row: &Row<'_>) {
        if row.start.unix_seconds() >= self.last.start {
            self.last = Last::of(row);
        }
        if row.is_success() {
            self.last_success = self.last_success.max(Some(row.start.unix_seconds()));
        }
    }
}

impl Last {
    fn of(row: &Row<'_>) -> Self {
        Self {
            start: row.start.unix_seconds(),
            duration_seconds: row.duration_seconds,
            exit_code: row.exit_code,
            resources: row.resources,
        }
    }
}

#[cfg(test)]
pub(in crate::export::metrics) mod tests;
