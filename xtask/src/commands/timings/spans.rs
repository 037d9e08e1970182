//! Where stages and resources come from, and which run somebody means.

use std::path::Path;

use timing_core::deposit::{self, Which};
use timing_core::history::{Run, runs};
use timing_core::record::{Phase, RunId};
use timing_core::shown::shown;
use timing_core::stages::{self, PhaseSpans, Span};
use timing_core::table::Row;

use crate::cli::Wanted;
use crate::commands::registry::{Failure, Site};
use crate::settings::{Origin, Query, RegistrySettings};
use crate::ui::report::harmless;

/// The directory beside a file of rows that has the files of spans of its runs.
const BESIDE: &str = "stages";

/// So many of the latest runs are looked at for one that has stages, and each time that there is none,
/// so many times as many of those before: a history grows, and a look is a process or two.
const AT_ONCE: usize = 8;

/// How many runs an error names.
const NAMED: usize = 5;

/// The runs that are asked about, the last one at the end.
pub(in crate::commands) fn asked<'r>(
    rows: &'r [Row<'static>],
    query: &Query,
) -> Vec<Run<'r, 'static>> {
    let all: Vec<&Row<'_>> = rows.iter().collect();
    let mut runs = runs(&all);
    runs.retain(|run| run.rows().iter().any(|row| query.filter.accepts(row)));
    let skipped = query.last.map_or(0, |last| runs.len().saturating_sub(last.get()));
    runs.drain(..skipped);
    runs
}

/// The run of `runs` that is `wanted`. Where none is named, the last that is `suitable`.
pub(super) fn choose<'c, 'r>(
    runs: &'c [Run<'r, 'static>],
    wanted: &Wanted,
    suitable: impl Fn(&Run<'_, '_>) -> bool,
) -> Result<&'c Run<'r, 'static>, Failure> {
    let found: Vec<&Run<'_, '_>> = match wanted {
        Wanted::Suitable => runs.iter().rev().find(|run| suitable(run)).into_iter().collect(),
        Wanted::Back(count) => {
            runs.len().checked_sub(count.get()).and_then(|at| runs.get(at)).into_iter().collect()
        }
        Wanted::Id(start) => {
            let id = |run: &Run<'_, '_>| run.id.as_ref().map(|id| id.as_str().to_owned());
            runs.iter().filter(|run| id(run).is_some_and(|id| id.starts_with(start))).collect()
        }
    };
    let refused = match (&found[..], wanted) {
        ([run], _) => return Ok(run),
        (_, Wanted::Suitable) => "no run has stages".to_owned(),
        (_, Wanted::Back(count)) => format!("there is no run -{count} of {}", runs.len()),
        ([], Wanted::Id(id)) => format!("no run is called {:?}", harmless(id)),
        (several, Wanted::Id(id)) => {
            format!("{} runs begin with {:?}", several.len(), harmless(id))
        }
    };
    Err(format!("{refused}{}", named(if found.is_empty() { runs.iter().collect() } else { found }))
        .into())
}

/// The run of `runs` that is `wanted`, with what was seen of it and maybe of others; where none is
/// named, the last that has stages.
pub(super) fn chosen<'c, 'r>(
    runs: &'c [Run<'r, 'static>],
    wanted: &Wanted,
    origin: &Origin,
    settings: &RegistrySettings,
) -> Result<(&'c Run<'r, 'static>, Found), Failure> {
    if *wanted != Wanted::Suitable {
        let run = choose(runs, wanted, |_| true)?;
        return Ok((run, find([run], origin, settings)?));
    }
    let (mut found, mut left, mut many) = (Found::default(), runs, AT_ONCE);
    while found.seen.is_empty() && !left.is_empty() {
        let (before, these) = left.split_at(left.len().saturating_sub(many));
        let of_these = find(these, origin, settings)?;
        found.seen = of_these.seen;
        found.warnings.extend(of_these.warnings);
        (left, many) = (before, many.saturating_mul(AT_ONCE));
    }
    let run = choose(runs, wanted, |run| found.of(run).is_some())?;
    Ok((run, found))
}

/// The last of these runs, one a line.
fn named(runs: Vec<&Run<'_, '_>>) -> String {
    let line = |run: &&Run<'_, '_>| {
        let id = run.id.as_ref().map_or("(no id)         ", RunId::as_str);
        let (target, environment) = (run.target().join("+"), run.environment().to_owned());
        harmless(&format!("  {id}  {}  {target} in {environment}", run.start())).into_owned()
    };
    let lines: Vec<String> = runs.iter().rev().take(NAMED).map(line).collect();
    match lines.is_empty() {
        true => "; nothing matches that was recorded".to_owned(),
        false => format!("; the last of {}:\n{}", runs.len(), lines.join("\n")),
    }
}

/// The spans of one run, by phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) run: RunId,
    pub(super) phases: Vec<PhaseSpans>,
}

impl Seen {
    /// The spans of the phase of `row`.
    pub(super) fn of(&self, row: &Row<'_>) -> &[Span] {
        let is_it = |phase: &&PhaseSpans| Some(phase.phase.as_str()) == row.phase.as_deref();
        self.phases.iter().find(is_it).map_or(&[], |phase| &phase.spans)
    }
}

/// What was found, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) seen: Vec<Seen>,
    pub(super) warnings: Vec<String>,
}

impl Found {
    /// What was seen of `run`.
    pub(super) fn of(&self, run: &Run<'_, '_>) -> Option<&Seen> {
        let id = run.id.as_ref()?;
        self.seen.iter().find(|seen| seen.run == *id)
    }
}

/// The spans of these runs, as far as there are any.
pub(super) fn find<'c, 'r: 'c>(
    runs: impl IntoIterator<Item = &'c Run<'r, 'static>>,
    origin: &Origin,
    settings: &RegistrySettings,
) -> Result<Found, Failure> {
    let ids: Vec<RunId> = runs.into_iter().filter_map(|run| run.id.clone()).collect();
    match origin {
        Origin::Registry => {
            let site = Site::find(settings)?;
            let found = deposit::spans(&site.journal, &site.registry, &Which::Runs(&ids))?;
            let seen = |run: timing_core::stages::RunSpans| Seen {
                run: run.of.run().clone(),
                phases: run.phases,
            };
            Ok(Found { seen: found.runs.into_iter().map(seen).collect(), warnings: found.warnings })
        }
        Origin::File(path) => Ok(beside(path.parent().unwrap_or(Path::new("")), &ids)),
        Origin::Stdin => Ok(Found::default()),
    }
}

fn beside(directory: &Path, ids: &[RunId]) -> Found {
    let mut found = Found::default();
    for run in ids {
        let path = directory.join(BESIDE).join(format!("stages-{run}.csv"));
        match std::fs::read(&path) {
            Ok(bytes) => {
                let reading = stages::read(&bytes);
                found.warnings.extend(reading.warnings(&format!("{}:", shown(&path))));
                found.seen.push(Seen { run: run.clone(), phases: reading.phases });
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                found.warnings.push(format!("{} cannot be read: {error}", shown(&path)));
            }
        }
    }
    found
}

/// The phase of `row`, if it is a name.
pub(super) fn phase(row: &Row<'_>) -> Option<Phase> {
    row.phase.as_deref()?.parse().ok()
}
