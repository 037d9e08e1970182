//! Which rows are of one run, and which phase was within which.
//!
//! Rows of this program say their run (`RUN=` in the flags). Of others, those of one ephemeral build
//! in one environment belong together, because such a build id is given once; a row that says
//! neither is taken for a run of its own, and nobody guesses what else was done then.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::UtcStamp;
use crate::record::RunId;
use crate::table::Row;

/// The rows of one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'r, 'a> {
    /// What it is called in its rows, if that is the id of a run.
    pub id: Option<RunId>,
    /// At least one, in the order of their starts.
    rows: Vec<&'r Row<'a>>,
}

/// By what rows belong together.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key<'r> {
    Run(&'r str),
    Build(&'r str, &'r str),
    Alone(usize),
}

/// The runs of `rows`, the one that ended last at the end.
#[must_use]
pub fn runs<'r, 'a>(rows: &[&'r Row<'a>]) -> Vec<Run<'r, 'a>> {
    let mut places: HashMap<Key<'r>, usize> = HashMap::new();
    let mut runs: Vec<Run<'r, 'a>> = Vec::new();
    for (place, &row) in rows.iter().enumerate() {
        let key = key(row, place);
        let id = match key {
            Key::Run(id) => id.parse().ok(),
            Key::Build(..) | Key::Alone(_) => None,
        };
        let at = *places.entry(key).or_insert(runs.len());
        match runs.get_mut(at) {
            Some(run) => run.rows.push(row),
            None => runs.push(Run { id, rows: vec![row] }),
        }
    }
    runs.iter_mut().for_each(|run| run.rows.sort_by_key(|row| row.start));
    runs.sort_by_key(Run::end);
    runs
}

fn key<'r>(row: &'r Row<'_>, place: usize) -> Key<'r> {
    match row.flag("RUN") {
        Some(run) => Key::Run(run),
        None if is_given_once(&row.build_id) => Key::Build(&row.environment, &row.build_id),
        None => Key::Alone(place),
    }
}

/// `DD-MM-YY-NN`, the ids of ephemeral builds.
fn is_given_once(build_id: &str) -> bool {
    build_id.len() == 11
        && build_id.bytes().enumerate().all(|(place, byte)| match place {
            2 | 5 | 8 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Which phases the phase of this name is recorded within, the nearest first, should the run have
/// them. Times cannot tell: they are whole seconds, and a short phase behind a long one looks as if
/// it were within it.
fn around(phase: &str) -> &'static [&'static str] {
    match phase {
        "deploy-persistent" => &[],
        "rds-apply" => &["rds-deploy", "deploy-persistent"],
        _ => &["deploy-persistent"],
    }
}

impl<'r, 'a> Run<'r, 'a> {
    /// All rows, in the order of their starts.
    #[must_use]
    pub fn rows(&self) -> &[&'r Row<'a>] {
        &self.rows
    }

    /// The row that the phase of `row` was within.
    #[must_use]
    pub fn parent(&self, row: &Row<'_>) -> Option<&'r Row<'a>> {
        let is_called = |other: &&&Row<'_>, name: &str| other.phase.as_deref() == Some(name);
        let around = around(row.phase.as_deref()?);
        around.iter().find_map(|name| self.rows.iter().find(|row| is_called(row, name)).copied())
    }

    /// The rows within `row`, or, for none, those within no other.
    #[must_use]
    pub fn within(&self, row: Option<&Row<'_>>) -> Vec<&'r Row<'a>> {
        let is_within = |other: &&&'r Row<'a>| match (self.parent(other), row) {
            (None, None) => true,
            (Some(parent), Some(row)) => std::ptr::eq(parent, row),
            _ => false,
        };
        self.rows.iter().filter(is_within).copied().collect()
    }

    /// The rows that are within no other. A run of this program has one.
    #[must_use]
    pub fn outermost(&self) -> Vec<&'r Row<'a>> {
        self.within(None)
    }

    /// When it started.
    #[must_use]
    pub fn start(&self) -> UtcStamp {
        self.rows.iter().map(|row| row.start).min().unwrap_or(UtcStamp::from_unix_seconds(0))
    }

    /// When the last of its phases ended.
    #[must_use]
    pub fn end(&self) -> UtcStamp {
        let end = |row: &&Row<'_>| row.start.plus_seconds(row.duration_seconds);
        self.rows.iter().map(end).max().unwrap_or(UtcStamp::from_unix_seconds(0))
    }

    /// What it took: what the row of its outermost phase says, which is rounded once, or from the start
    /// of the first of several to the end of the last.
    #[must_use]
    pub fn took(&self) -> Duration {
        let seconds = match self.outermost()[..] {
            [row] => row.duration_seconds,
            _ => self.end().unix_seconds().saturating_sub(self.start().unix_seconds()),
        };
        Duration::from_secs(seconds)
    }

    /// In which environment.
    #[must_use]
    pub fn environment(&self) -> &str {
        self.rows.first().map_or("", |row| &row.environment)
    }

    /// The phases that are within no other, which is what was asked for.
    #[must_use]
    pub fn target(&self) -> Vec<&str> {
        self.outermost().iter().filter_map(|row| row.phase.as_deref()).collect()
    }

    /// Whether all phases exited with 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.rows.iter().all(|row| row.is_success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Source, gather_file};

    fn rows(text: &str) -> Vec<Row<'static>> {
        gather_file(&Source { name: "x".to_owned(), bytes: text.into() }).rows
    }

    fn row(second: u64, phase: &str, build: &str, seconds: u64, flags: &str) -> String {
        format!("2026-01-01T00:00:{second:02}Z,,{phase},dev,{build},{seconds},0,{flags},0,0,0,a\n")
    }

    #[test]
    fn rows_of_a_run_belong_together_and_others_as_far_as_they_say() {
        let run = "RUN=6b01f737bf68de78";
        let text = [
            row(0, "apply-persistent", "persistent", 30, run),
            row(30, "bootstrap-persistent", "persistent", 5, run),
            row(0, "deploy-persistent", "persistent", 36, run),
            row(1, "build", "15-03-25-01", 2, ""),
            row(4, "bootstrap", "15-03-25-01", 2, ""),
            row(2, "teardown", "persistent", 3, ""),
            row(9, "teardown", "persistent", 3, ""),
        ];
        let rows = rows(&text.concat());
        let rows: Vec<&Row<'_>> = rows.iter().collect();
        let shown: Vec<String> = runs(&rows)
            .iter()
            .map(|run| {
                let phases = |rows: &[&Row<'_>]| {
                    rows.iter().filter_map(|row| row.phase.clone()).collect::<Vec<_>>().join("+")
                };
                let within = run.outermost().into_iter().map(|row| phases(&run.within(Some(row))));
                let within: Vec<String> = within.collect();
                format!("{:?} {} ({})", run.id, phases(&run.outermost()), within.join("|"))
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        None teardown ()
        None build+bootstrap (|)
        None teardown ()
        Some(RunId("6b01f737bf68de78")) deploy-persistent (apply-persistent+bootstrap-persistent)
        "#);
    }

    #[test]
    fn a_run_took_what_its_outermost_row_says() {
        let run = "RUN=6b01f737bf68de78";
        // A phase of 0.7 s that began at 22.3 is told as one second from 22 on.
        let deployment = [
            row(22, "bootstrap-persistent", "persistent", 1, run),
            row(21, "deploy-persistent", "persistent", 1, run),
        ];
        let several =
            [row(3, "build", "15-03-25-01", 2, ""), row(9, "bootstrap", "15-03-25-01", 2, "")];
        for (text, seconds) in [(deployment, 1), (several, 8)] {
            let rows = rows(&text.concat());
            let rows: Vec<&Row<'_>> = rows.iter().collect();
            assert_eq!(runs(&rows)[0].took(), Duration::from_secs(seconds));
        }
    }

    #[test]
    fn a_phase_of_no_time_behind_another_is_not_within_it() {
        let run = "RUN=6b01f737bf68de78";
        let text = [
            row(35, "apply-persistent", "persistent", 1, run),
            row(35, "bootstrap-persistent", "persistent", 0, run),
            row(35, "rds-apply", "rds", 0, run),
            row(35, "rds-deploy", "rds", 0, run),
            row(35, "deploy-persistent", "persistent", 1, run),
        ];
        let rows = rows(&text.concat());
        let rows: Vec<&Row<'_>> = rows.iter().collect();
        let runs = runs(&rows);
        let [run] = &runs[..] else { panic!("{runs:?}") };
        let parent = |row: &Row<'_>| run.parent(row).and_then(|row| row.phase.clone());
        let parents: Vec<_> = run.rows().iter().map(|row| parent(row)).collect();
        let parents: Vec<_> = parents.iter().map(|name| name.as_deref().unwrap_or("-")).collect();
        let deploy = "deploy-persistent";
        assert_eq!(parents, [deploy, deploy, "rds-deploy", deploy, "-"]);
    }
}
