//! What a commit holds at some paths, read in one process.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

use super::error::AppendError;
use super::tree::{self, Directories, EntryKind, Tree};
use crate::git::{Git, GitError, ObjectId};

const READING: &str = "reading the registry's branch";

/// What one commit holds at some paths.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Each directory on the way to the files, the root included, that exists.
    pub(super) directories: Directories,
    files: BTreeMap<String, Range<usize>>,
    /// All that git said; the files are parts of it, so that none is copied.
    answer: Vec<u8>,
}

impl Snapshot {
    /// The content of the file at `path`; `None` when there is none.
    pub(super) fn file(&self, path: &str) -> Option<&[u8]> {
        self.answer.get(self.files.get(path)?.clone())
    }

    /// Whether something is at `path`; its directory must be one that was read.
    pub(super) fn holds(&self, path: &str) -> bool {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.directories.get(parent).is_some_and(|tree| tree.get(name).is_some())
    }

    /// Reads the files at `paths` of `commit`, and the directories above them; a path that ends with a
    /// slash is that of a directory.
    ///
    /// # Errors
    ///
    /// When git fails, an object is not in this clone, or something that is neither file nor
    /// directory is in the way.
    pub(super) fn read(git: &Git, commit: ObjectId, paths: &[String]) -> Result<Self, AppendError> {
        let wanted = with_parents(paths);
        let ask = |out: &mut dyn Write| {
            wanted.keys().try_for_each(|path| writeln!(out, "{commit}:{path}"))
        };
        let answer =
            git.run_with_input(READING, &["cat-file", "--batch"], ask)?.success(READING)?;
        let mut snapshot = Self::default();
        let mut rest = 0..answer.len();
        for (path, kind) in &wanted {
            let found = next_object(&answer, &mut rest)
                .ok_or_else(|| GitError::unexpected(READING, format!("no answer for {path:?}")))?;
            snapshot.take(path, *kind, found.as_ref(), &answer, commit)?;
        }
        snapshot.answer = answer;
        Ok(snapshot)
    }

    /// Takes what git found at `path`, if the directory above says that something is there. That
    /// directory is the judge: git calls an object missing both when no tree names it and when it
    /// is not in this clone.
    fn take(
        &mut self,
        path: &str,
        kind: EntryKind,
        found: Option<&Found>,
        answer: &[u8],
        commit: ObjectId,
    ) -> Result<(), AppendError> {
        let mut named = None;
        if !path.is_empty() {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let Some(tree) = self.directories.get(parent) else { return Ok(()) };
            tree::expect(tree, name, path, kind)?;
            let Some(entry) = tree.get(name) else { return Ok(()) };
            named = Some(entry.id);
        }
        let Some(found) = found else {
            let id = named.unwrap_or(commit);
            return Err(AppendError::ObjectMissing { path: path.to_owned(), id });
        };
        if named.is_some_and(|id| id != found.id) {
            let detail = format!("{path:?} is object {}", found.id);
            return Err(GitError::unexpected(READING, detail).into());
        }
        if kind == EntryKind::File {
            self.files.insert(path.to_owned(), found.place.clone());
            return Ok(());
        }
        let bytes = answer.get(found.place.clone()).unwrap_or_default();
        let tree = Tree::parse(bytes, found.id.format());
        let tree = tree.ok_or_else(|| AppendError::BrokenTree { path: path.to_owned() })?;
        self.directories.insert(path.to_owned(), tree);
        Ok(())
    }
}

/// The paths and every directory above them, each after the directory it is in.
fn with_parents(paths: &[String]) -> BTreeMap<String, EntryKind> {
    let mut wanted = BTreeMap::from([(String::new(), EntryKind::Directory)]);
    for path in paths {
        for (slash, _) in path.match_indices('/') {
            wanted.insert(path[..slash].to_owned(), EntryKind::Directory);
        }
        if !path.ends_with('/') {
            wanted.insert(path.clone(), EntryKind::File);
        }
    }
    wanted
}

/// An object in what git said.
struct Found {
    id: ObjectId,
    place: Range<usize>,
}

/// Reads the next answer of `cat-file --batch` and takes it off `rest`. The inner `None` is an
/// object that git does not have; the outer one, an answer that is cut short.
fn next_object(answer: &[u8], rest: &mut Range<usize>) -> Option<Option<Found>> {
    let end = rest.start + memchr::memchr(b'\n', answer.get(rest.clone())?)?;
    let line = std::str::from_utf8(answer.get(rest.start..end)?).ok()?;
    rest.start = end + 1;
    // `<name> missing`, where a name is as it was asked for: our paths hold no blank.
    if line.ends_with(" missing") {
        return Some(None);
    }
    let mut words = line.split(' ');
    let id = words.next()?.parse().ok()?;
    let length: usize = words.nth(1)?.parse().ok()?;
    let place = rest.start..rest.start.checked_add(length)?;
    // A line end follows the content.
    if answer.get(place.end) != Some(&b'\n') {
        return None;
    }
    rest.start = place.end + 1;
    Some(Some(Found { id, place }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_come_before_what_is_in_them() {
        let paths = ["a/b/c.csv".to_owned(), "a/d.csv".to_owned()];
        let wanted: Vec<String> = with_parents(&paths).into_keys().collect();
        assert_eq!(wanted, ["", "a", "a/b", "a/b/c.csv", "a/d.csv"]);
    }

    #[test]
    fn an_answer_that_is_cut_short_is_none() {
        let id = "ce013625030ba8dba906f756967f9e9ca394464a";
        let whole = format!("{id} blob 6\nhello\n\nHEAD:x missing\n");
        let mut rest = 0..whole.len();
        let found = next_object(whole.as_bytes(), &mut rest).unwrap().unwrap();
        assert_eq!(&whole[found.place], "hello\n");
        assert!(next_object(whole.as_bytes(), &mut rest).unwrap().is_none());
        assert!(next_object(whole.as_bytes(), &mut rest).is_none());
        for cut in 0..whole.len() - "\nHEAD:x missing\n".len() {
            assert!(next_object(&whole.as_bytes()[..cut], &mut (0..cut)).is_none(), "{cut}");
        }
    }
}
