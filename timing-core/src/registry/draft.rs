//! A commit that is ready and not stored yet: additions and what the branch holds in, objects out.
//! Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::content::{self, Row};
use super::error::AppendError;
use super::layout::{self, Shape};
use super::message::{self, Words};
use super::object::{Kind, Object};
use super::page::{Page, PageKind, PagePath};
use super::snapshot::Snapshot;
use super::tree::{self, Files};
use crate::addition::{self, Addition, OwnFile};
use crate::budget::measurement::Measurement;
use crate::clock::UtcStamp;
use crate::git::{IDENTITY_EMAIL, IDENTITY_NAME, ObjectFormat, ObjectId};
use crate::record::TimingRecord;
use crate::table::Table;

/// What belongs on a branch.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Rows, by the file that they belong to.
    rows: BTreeMap<String, FileRows<'a>>,
    /// Whole files, by their paths.
    files: BTreeMap<String, &'a [u8]>,
    /// Pages, by their paths.
    pages: BTreeMap<String, WantedPage<'a>>,
}

#[derive(Debug)]
struct WantedPage<'a> {
    page: &'a Page,
    is_same: fn(PageKind, &[u8], &[u8]) -> bool,
}

impl WantedPage<'_> {
    /// Whether what is there is no page, or says something else.
    fn is_news(&self, there: Option<&[u8]>) -> bool {
        let Page { path, bytes } = self.page;
        there.is_none_or(|there| there != bytes && !(self.is_same)(path.kind(), there, bytes))
    }
}

#[derive(Debug)]
struct FileRows<'a> {
    table: Table,
    /// What the file starts with, should it be new; `None` for the usual header.
    header: Option<&'a [u8]>,
    rows: Vec<Row<'a>>,
}

impl FileRows<'_> {
    fn of(table: Table) -> Self {
        Self { table, header: None, rows: Vec::new() }
    }
}

impl<'a> Wanted<'a> {
    pub(super) fn of(additions: &'a [Addition]) -> Self {
        let mut wanted = Self::default();
        wanted.add(additions);
        wanted
    }

    pub(super) fn add(&mut self, additions: &'a [Addition]) {
        for addition in additions {
            match addition {
                Addition::Row(row) => {
                    let path = layout::table_path(row.table(), row.environment());
                    let entry = self.rows.entry(path);
                    entry.or_insert(FileRows::of(row.table())).rows.push(Row::Known(row));
                }
                Addition::File(OwnFile { path, bytes }) => {
                    self.files.insert(path.to_string(), bytes);
                }
            }
        }
    }

    /// What `local`, which stands at `path` elsewhere, has that `other`, the file here, may lack.
    pub(super) fn add_difference(&mut self, path: &str, local: &'a [u8], other: Option<&[u8]>) {
        match layout::Place::of(path.as_bytes()) {
            Some(layout::Place::Table(table, _)) => {
                self.add_lines(table, path, local, other.unwrap_or_default());
            }
            // What is there is right.
            Some(layout::Place::OwnFile(_)) if other.is_none() => {
                self.files.insert(path.to_owned(), local);
            }
            Some(layout::Place::OwnFile(_)) | None => {}
        }
    }

    /// Those of `file`, one of `table` that stands at `path` elsewhere, that `other` may not hold.
    fn add_lines(&mut self, table: Table, path: &str, file: &'a [u8], other: &[u8]) {
        let rows = content::rows_beyond(table, file, other);
        if !rows.is_empty() {
            let entry = self.rows.entry(path.to_owned()).or_insert(FileRows::of(table));
            entry.header = content::header(table, file);
            entry.rows.extend(rows);
        }
    }

    /// Adds `pages`; `is_same` says whether an old one says the same as a new one.
    pub(super) fn add_pages(
        &mut self,
        pages: &'a [Page],
        is_same: fn(PageKind, &[u8], &[u8]) -> bool,
    ) {
        let pages = pages.iter().map(|page| (page.path.to_string(), WantedPage { page, is_same }));
        self.pages.extend(pages);
    }

    /// The pages that `snapshot` has not.
    pub(super) fn changed_pages(&self, snapshot: &Snapshot) -> Vec<PagePath> {
        let news = self.pages.iter().filter(|(path, page)| page.is_news(snapshot.file(path)));
        news.map(|(_, page)| page.page.path.clone()).collect()
    }

    /// What has to be known of the branch: the tables, the pages, and the directories of whole files, whose
    /// names say whether a file is there.
    pub(super) fn paths(&self) -> Vec<String> {
        let directory = |path: &String| {
            let length = path.rfind('/').map_or(0, |slash| slash + 1);
            path.get(..length).unwrap_or_default().to_owned()
        };
        let tables = self.rows.keys().chain(self.pages.keys()).cloned();
        tables.chain(self.files.keys().map(directory)).collect()
    }
}

/// What a commit adds.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// Those that can be read as records.
    pub(super) records: Vec<TimingRecord>,
    /// Measurements.
    pub(super) measurements: Vec<Measurement>,
    /// How many rows more there are.
    pub(super) others: usize,
    /// Whole files.
    pub(super) files: Vec<String>,
    /// Pages, which may have been there before and said something else.
    pub(super) pages: Vec<PagePath>,
}

impl Added {
    fn take(&mut self, row: addition::Row) {
        match row {
            addition::Row::Timing(record) => self.records.push(record),
            addition::Row::Measurement(measurement) => self.measurements.push(*measurement),
        }
    }
}

/// What a commit is made on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base<'a> {
    /// `None` for a branch that is new.
    pub(super) parent: Option<ObjectId>,
    /// What that holds at the paths of the rows.
    pub(super) snapshot: &'a Snapshot,
    pub(super) format: ObjectFormat,
    pub(super) shape: Shape,
}

/// A commit with all objects that it brings.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) commit: ObjectId,
    pub(super) objects: Vec<Object<'a>>,
    pub(super) message: String,
    /// How many rows it adds.
    pub(super) rows: usize,
}

impl Draft<'_> {
    pub(super) fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// What a commit is to change.
#[derive(Debug)]
pub(super) struct Edit<'a> {
    /// The files, with their whole new content.
    pub(super) files: Files<'a>,
    pub(super) message: String,
    /// How many rows are new.
    pub(super) rows: usize,
}

/// What adds that of `wanted` which `snapshot` does not hold.
pub(super) fn edit<'a>(
    snapshot: &'a Snapshot,
    wanted: &Wanted<'_>,
    words: &Words<'_>,
) -> Result<Edit<'a>, AppendError> {
    let (files, added) = new_files(snapshot, wanted)?;
    let rows = added.records.len() + added.measurements.len() + added.others;
    Ok(Edit { files, message: message::message(words, &added), rows })
}

/// The commit, dated `at`, that makes `edit` on `base`; `None` when that adds nothing.
pub(super) fn commit<'a>(
    base: Base<'a>,
    edit: Edit<'a>,
    at: UtcStamp,
) -> Result<Option<Draft<'a>>, AppendError> {
    let Edit { mut files, message, rows } = edit;
    if files.is_empty() {
        return Ok(None);
    }
    layout::complete(&mut files, base.snapshot, base.shape);
    let (root, mut objects) = tree::write_files(&base.snapshot.directories, files, base.format)?;
    let parent = base.parent.map(|id| format!("parent {id}\n")).unwrap_or_default();
    let who = format!("{IDENTITY_NAME} <{IDENTITY_EMAIL}> {} +0000", at.unix_seconds());
    let text = format!("tree {root}\n{parent}author {who}\ncommitter {who}\n\n{message}");
    let commit = Object::new(Kind::Commit, vec![Cow::Owned(text.into_bytes())], base.format);
    let id = commit.id;
    objects.push(commit);
    Ok(Some(Draft { commit: id, objects, message, rows }))
}

/// The commit, dated `at`, that adds to `base` that of `wanted` which is not there; `None` when all
/// is.
pub(super) fn draft<'a>(
    base: Base<'a>,
    wanted: &Wanted<'_>,
    words: &Words<'_>,
    at: UtcStamp,
) -> Result<Option<Draft<'a>>, AppendError> {
    commit(base, edit(base.snapshot, wanted, words)?, at)
}

/// The files that change, with their whole new content, and what is new.
fn new_files<'a>(
    snapshot: &'a Snapshot,
    wanted: &Wanted<'_>,
) -> Result<(Files<'a>, Added), AppendError> {
    let (mut files, mut added) = (Files::new(), Added::default());
    for (path, bytes) in &wanted.files {
        if !snapshot.holds(path) {
            files.insert(path.clone(), vec![Cow::Owned(bytes.to_vec())]);
            added.files.push(path.clone());
        }
    }
    for (path, FileRows { table, header, rows }) in &wanted.rows {
        let existing = snapshot.file(path).unwrap_or_default();
        let new = content::missing(*table, existing, rows);
        if new.is_empty() {
            continue;
        }
        let lines = lines(&new)?;
        let tail = match header {
            Some(header) if existing.is_empty() => [header, b"\n".as_slice(), &lines].concat(),
            _ => table.append(existing, &lines),
        };
        files.insert(path.clone(), vec![Cow::Borrowed(existing), Cow::Owned(tail)]);
        for row in new {
            match row {
                Row::Known(row) => added.take(row.clone()),
                Row::Line(line) => match addition::Row::parse(*table, line) {
                    Ok(row) => added.take(row),
                    Err(_) => added.others += 1,
                },
            }
        }
    }
    for path in wanted.changed_pages(snapshot) {
        let name = path.to_string();
        if let Some(wanted) = wanted.pages.get(&name) {
            files.insert(name, vec![Cow::Owned(wanted.page.bytes.clone())]);
            added.pages.push(path);
        }
    }
    Ok((files, added))
}

/// The rows as lines, all of them: those that were read as they stood, byte for byte.
fn lines(rows: &[Row<'_>]) -> Result<Vec<u8>, AppendError> {
    let mut bytes = Vec::with_capacity(rows.len() * 256);
    for row in rows {
        match row {
            Row::Known(row) => bytes.extend(row.line()),
            Row::Line(line) => {
                bytes.extend_from_slice(line);
                bytes.push(b'\n');
            }
        }
    }
    let written = memchr::memchr_iter(b'\n', &bytes).count();
    if written == rows.len() {
        Ok(bytes)
    } else {
        Err(AppendError::RowsIncomplete { records: rows.len(), rows: written })
    }
}
