//! Lost rows are appended again, once, in a new commit.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use super::{Audit, Lost};
use crate::clock::UtcStamp;
use crate::git::ObjectId;
use crate::record::Identity;
use crate::registry::draft::Edit;
use crate::registry::message::{one_line, trailers_of};
use crate::registry::snapshot::Snapshot;
use crate::registry::tree::Files;
use crate::registry::{AppendError, Registry, Source, layout};
use crate::table::Table;

/// Whether to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only say what would be done.
    DryRun,
    /// Do it.
    Apply,
}

/// How lost rows are recovered.
#[derive(Debug, Clone, Copy)]
pub struct Recovery<'a> {
    /// Whether to do it.
    pub mode: Mode,
    /// The commit of the user's repository from which it is done.
    pub source: &'a Source,
    /// Who records, with its version: `xtask 0.1.0`.
    pub recorder: &'a str,
}

/// What a recovery came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The commit that has the rows; `None` when there is none that was made for it.
    pub commit: Option<ObjectId>,
    /// How many rows were appended again, or would be.
    pub rows: usize,
    /// Lines that are lost and stay so, because they are rows of no generation: the marks of a
    /// conflict, half a line.
    pub left_out: usize,
}

impl Registry {
    /// Appends what `audit` found to be lost and is still not there to the files it comes from, the
    /// oldest first, in one commit dated `at`. Rows keep their bytes; only their line ends become
    /// LF.
    ///
    /// # Errors
    ///
    /// As those of [`Registry::append`].
    pub fn recover(
        &self,
        audit: &Audit,
        recovery: &Recovery<'_>,
        at: UtcStamp,
    ) -> Result<Recovered, AppendError> {
        let by_file = by_file(&audit.lost);
        let left_out = audit.lost.iter().filter(|lost| lost.identity.is_none()).count();
        let paths: Vec<String> = by_file.keys().map(|path| (*path).to_owned()).collect();
        let nothing = Recovered { commit: None, rows: 0, left_out };
        if paths.is_empty() {
            return Ok(nothing);
        }
        if recovery.mode == Mode::DryRun {
            let (_, snapshot) = self.look(&paths)?;
            return Ok(Recovered { rows: missing(&by_file, &snapshot).len(), ..nothing });
        }
        let appended =
            self.rewrite(&paths, at, |snapshot| Ok(edit(&by_file, snapshot, recovery)))?;
        let commit = (appended.rows > 0).then_some(appended.commit);
        Ok(Recovered { commit, rows: appended.rows, ..nothing })
    }
}

/// The rows among `lost` by the file they come from.
fn by_file(lost: &[Lost]) -> BTreeMap<&str, Vec<&Lost>> {
    let mut files: BTreeMap<&str, Vec<&Lost>> = BTreeMap::new();
    for row in lost.iter().filter(|row| row.identity.is_some()) {
        files.entry(&row.path).or_default().push(row);
    }
    files
}

fn table_of(path: &str) -> Table {
    layout::table_at(path.as_bytes()).map_or(Table::Timings, |(table, _)| table)
}

/// Those that their files do not hold by now.
fn missing<'l>(by_file: &BTreeMap<&'l str, Vec<&'l Lost>>, snapshot: &Snapshot) -> Vec<&'l Lost> {
    let mut missing = Vec::new();
    for (path, rows) in by_file {
        let mut held: HashMap<Identity, usize> = HashMap::new();
        for line in table_of(path).lines(snapshot.file(path).unwrap_or_default()) {
            if let Some(identity) = line.kind.identity() {
                *held.entry(identity.clone()).or_default() += 1;
            }
        }
        let is_missing = |row: &&&Lost| {
            let identity = row.identity.as_ref();
            identity.is_some_and(|id| held.get(id).copied().unwrap_or(0) < row.wanted)
        };
        missing.extend(rows.iter().filter(is_missing));
    }
    missing
}

fn edit<'s>(
    by_file: &BTreeMap<&str, Vec<&Lost>>,
    snapshot: &'s Snapshot,
    recovery: &Recovery<'_>,
) -> Edit<'s> {
    let missing = missing(by_file, snapshot);
    let mut rows: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for row in &missing {
        let tail = rows.entry(&row.path).or_default();
        tail.extend_from_slice(&row.bytes);
        tail.push(b'\n');
    }
    let mut files = Files::new();
    for (path, rows) in &rows {
        let existing = snapshot.file(path).unwrap_or_default();
        let tail = table_of(path).append(existing, rows);
        files.insert((*path).to_owned(), vec![Cow::Borrowed(existing), Cow::Owned(tail)]);
    }
    Edit { files, message: message(&missing, recovery), rows: missing.len() }
}

/// The message of the commit that has `rows` again.
fn message(rows: &[&Lost], recovery: &Recovery<'_>) -> String {
    let directories: BTreeSet<&str> =
        rows.iter().map(|row| layout::directory_of(&row.path)).collect();
    let directories = directories.into_iter().collect::<Vec<_>>().join(", ");
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    let mut text = format!(
        "chore(registry): recover {} {noun} of {}\n\nThese rows were on the branch, and its tip did not have them any more:\n\n",
        rows.len(),
        one_line(&directories),
    );
    let mut rest = rows.to_vec();
    while let Some(first) = rest.first().copied() {
        let (of_commit, others) = rest
            .iter()
            .copied()
            .partition::<Vec<&Lost>, _>(|row| row.dropped.id == first.dropped.id);
        rest = others;
        let by = &first.dropped;
        // Writing to a string cannot fail.
        _ = writeln!(text, "{} dropped by {} ({})", of_commit.len(), by.id, by.date);
        _ = writeln!(text, "  {}: {}", one_line(&by.author), one_line(&by.subject));
    }
    text.push('\n');
    let runs = rows.iter().filter_map(|row| row.identity.as_ref()?.run());
    text.push_str(&trailers_of(recovery.source, recovery.recorder, runs.collect()));
    text
}
