//! Where the branch keeps what, and what it needs besides the rows to pass its validator.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::page::PagePath;
use super::snapshot::Snapshot;
use super::tree::Files;
use crate::record::Environment;
use crate::stages::SpansPath;
use crate::table::Table;

/// What a new branch says of itself.
pub(super) const README: &str = "\
# Governance registry

This branch holds records, not source code; it shares no history with the other branches.
`environments/<environment>/latest/build_timings.csv` has one row for each phase of a deployment
that ended, `budget_measurements.csv` beside it one for each value that was measured for a budget;
both only ever grow. `environments/<environment>/history/` has the stages and resources of each run. Commits come from `cargo xtask`; please do not edit by hand.
";

/// The file of an environment's rows of `table`.
pub(super) fn table_path(table: Table, environment: &Environment) -> String {
    let directory = environment.registry_directory();
    format!("environments/{directory}/latest/{}", table.file_name())
}

/// The files of `table`, from the root of the branch, as git is asked for them.
pub(super) fn pathspec(table: Table) -> String {
    format!(":(top,glob)environments/*/latest/{}", table.file_name())
}

/// The files of all tables.
pub(super) fn pathspecs() -> [String; 2] {
    Table::ALL.map(pathspec)
}

/// What a branch holds besides the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// What the validator wants.
    Registry,
    /// Nothing.
    Inbox,
}

/// What the recorder keeps at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// A file of rows, which only grows, of the environment of this directory.
    Table(Table, &'a str),
    /// A file that a run added as a whole.
    OwnFile(SpansPath),
}

impl<'a> Place<'a> {
    /// What belongs at `path`; `None` when it is nothing of the recorder's.
    pub(super) fn of(path: &'a [u8]) -> Option<Self> {
        match table_at(path) {
            Some((table, directory)) => Some(Self::Table(table, directory)),
            None => std::str::from_utf8(path).ok()?.parse().ok().map(Self::OwnFile),
        }
    }
}

/// The table whose rows are at `path`, and the directory of `environments/` it is of, if it is the
/// path of such a file.
pub(super) fn table_at(path: &[u8]) -> Option<(Table, &str)> {
    let path = std::str::from_utf8(path).ok()?;
    let (directory, file) = path.strip_prefix("environments/")?.rsplit_once('/')?;
    let table = Table::ALL.into_iter().find(|table| table.file_name() == file)?;
    let name = directory.strip_suffix("/latest")?;
    name.parse::<Environment>().is_ok().then_some((table, name))
}

/// The directory below `environments/` that a file is in.
pub(super) fn directory_of(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// Whether the recorder writes the file at `path`.
pub(super) fn is_ours(path: &[u8]) -> bool {
    let keep = || {
        let path = std::str::from_utf8(path).ok()?;
        let name = path.strip_prefix("environments/")?.strip_suffix("/.gitkeep")?;
        let name = name.strip_suffix("/history").or_else(|| name.strip_suffix("/latest"))?;
        name.parse::<Environment>().ok()
    };
    path == b"README.md" || Place::of(path).is_some() || is_page(path) || keep().is_some()
}

/// Whether a page is at `path`: made of rows, and replaced by newer ones.
pub(super) fn is_page(path: &[u8]) -> bool {
    std::str::from_utf8(path).is_ok_and(|path| path.parse::<PagePath>().is_ok())
}

/// Adds to `files`, which are to be written, what else a branch of this shape must hold and does not.
pub(super) fn complete(files: &mut Files<'_>, snapshot: &Snapshot, shape: Shape) {
    if shape == Shape::Inbox || files.is_empty() {
        return;
    }
    let belongs = |path: &[u8]| Place::of(path).is_some() || is_page(path);
    let ours = files.keys().filter(|path| belongs(path.as_bytes()));
    let environments: BTreeSet<String> = ours.map(|path| directory_of(path).to_owned()).collect();
    for name in environments {
        for needed in ["latest", "history"] {
            let directory = format!("environments/{name}/{needed}");
            let is_written = files.keys().any(|path| {
                path.strip_prefix(&directory).is_some_and(|rest| rest.starts_with('/'))
            });
            if !is_written && !snapshot.holds(&directory) {
                // A tree cannot hold an empty directory.
                files.insert(format!("{directory}/.gitkeep"), Vec::new());
            }
        }
    }
    if snapshot.directories.is_empty() {
        files.insert("README.md".to_owned(), vec![Cow::Borrowed(README.as_bytes())]);
    }
}
