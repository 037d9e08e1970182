//! Which rows nobody has any more: told of every row that comes and goes, in the order of history,
//! it remembers those that went and did not come back.

use std::collections::HashMap;
use std::sync::Arc;

use super::Commit;
use super::compare::{Entry, Key, entries};
use crate::record::Identity;
use crate::registry::layout;
use crate::table::Table;

/// A row that was on the branch and is not at its tip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The file it was in.
    pub path: String,
    /// Its bytes, without the line end.
    pub bytes: Vec<u8>,
    /// Which row it is; `None` for a line that was no row of any generation.
    pub identity: Option<Identity>,
    /// The first commit that had it, as far back as this clone goes.
    pub first: Arc<Commit>,
    /// The commit that dropped it.
    pub dropped: Arc<Commit>,
    /// How many rows of this identity its file has to hold for this one to be back: more than one
    /// only where a row was there more than once.
    pub(super) wanted: usize,
}

/// All that came and went so far. Commits are numbered in the order of history.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    first: HashMap<Key, usize>,
    out: HashMap<Key, Out>,
}

/// A row of which the branch held more once than after some commit.
#[derive(Debug, Default)]
struct Out {
    /// How many there were.
    held: usize,
    /// Those that went and did not come back.
    gone: Vec<Gone>,
}

#[derive(Debug)]
struct Gone {
    path: String,
    bytes: Vec<u8>,
    content: Vec<u8>,
    line: usize,
    by: usize,
}

impl Ledger {
    /// A commit has a row that a parent of it has not.
    pub(super) fn came(&mut self, entry: Entry<'_>, commit: usize) {
        if !self.out.is_empty()
            && let Some(out) = self.out.get_mut(&entry.key)
            && let Some(back) = out.gone.iter().rposition(|gone| gone.content == entry.line.content)
        {
            out.gone.remove(back);
        }
        self.first.entry(entry.key).or_insert(commit);
    }

    /// A commit that is not part of the branch's history has a row.
    pub(super) fn saw(&mut self, entry: Entry<'_>, commit: usize) {
        self.first.entry(entry.key).or_insert(commit);
    }

    /// A commit does not have the rows at these places of `old`, a parent's version of `path`.
    pub(super) fn went(&mut self, places: &[usize], old: &[Entry<'_>], path: &str, commit: usize) {
        let (mut keys, mut contents) = (HashMap::new(), HashMap::new());
        if !places.is_empty() {
            for entry in old {
                *keys.entry(&entry.key).or_insert(0) += 1;
                *contents.entry(entry.line.content.as_slice()).or_insert(0) += 1;
            }
        }
        for entry in places.iter().filter_map(|place| old.get(*place)) {
            let held = match &entry.key {
                // A run has one row a phase or metric; that somebody removed a second one is no loss.
                Key::Row(identity) if identity.run().is_some() => 1,
                key => keys.get(key).copied().unwrap_or(1),
            };
            let copies = contents.get(entry.line.content.as_slice()).copied().unwrap_or(1);
            let out = self.out.entry(entry.key.clone()).or_default();
            out.held = out.held.max(held);
            // The same loss is seen again by a merge, from its other side.
            if out.gone.iter().filter(|gone| gone.content == entry.line.content).count() < copies {
                out.gone.push(Gone::new(entry, path, commit));
            }
        }
    }

    /// Whether nothing is out.
    pub(super) fn is_balanced(&self) -> bool {
        self.out.values().all(|out| out.gone.is_empty())
    }

    /// Notes in `tip` what a file of the branch's tip holds of what is out. Rows may have gone to a
    /// file of any name, which does not say whose they are.
    pub(super) fn look(&self, tip: &mut Tip, path: &str, bytes: &[u8]) {
        let entries = match layout::table_at(path.as_bytes()) {
            Some((table, _)) => entries(table, bytes),
            None => {
                let mut all = entries(Table::Timings, bytes);
                let measured = entries(Table::Measurements, bytes).into_iter();
                // What is a row of neither is among the first.
                all.extend(measured.filter(|entry| matches!(entry.key, Key::Row(_))));
                all
            }
        };
        for entry in entries.into_iter().filter(|entry| self.out.contains_key(&entry.key)) {
            tip.0.entry(entry.key).or_default().push((path.to_owned(), entry.line.content));
        }
    }

    /// What is out and not in `tip`, the oldest first.
    pub(super) fn lost(self, mut tip: Tip, commits: &[Arc<Commit>]) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (key, out) in self.out {
            let held = tip.0.remove(&key).unwrap_or_default();
            let first = self.first.get(&key).copied().unwrap_or_default();
            for (gone, wanted) in missing(out, &held) {
                let place = (first, gone.path.clone(), gone.line);
                lost.extend(row(gone, &key, wanted, first, commits).map(|row| (place, row)));
            }
        }
        lost.sort_by(|(one, _), (another, _)| one.cmp(another));
        lost.into_iter().map(|(_, row)| row).collect()
    }
}

/// What the tip holds of what is out, by path and content.
#[derive(Debug, Default)]
pub(super) struct Tip(HashMap<Key, Vec<(String, Vec<u8>)>>);

impl Gone {
    fn new(entry: &Entry<'_>, path: &str, by: usize) -> Self {
        Self {
            path: path.to_owned(),
            bytes: entry.line.raw.to_vec(),
            content: entry.line.content.clone(),
            line: entry.line.number,
            by,
        }
    }
}

/// The rows of one key that the tip, which holds `held` by path and content, is short of; and how
/// many of them each one's file has to hold then.
fn missing(out: Out, held: &[(String, Vec<u8>)]) -> Vec<(Gone, usize)> {
    let short = out.held.saturating_sub(held.len());
    let mut present: Vec<&[u8]> = held.iter().map(|(_, content)| content.as_slice()).collect();
    let is_gone = |gone: &Gone| match present.iter().position(|content| *content == gone.content) {
        Some(place) => {
            present.swap_remove(place);
            false
        }
        None => true,
    };
    let (mut first, mut rest): (Vec<Gone>, Vec<Gone>) = out.gone.into_iter().partition(is_gone);
    first.append(&mut rest);
    first.truncate(short);
    let number = |(index, gone): (usize, Gone)| {
        let in_file = held.iter().filter(|(path, _)| *path == gone.path).count();
        (gone, in_file + index + 1)
    };
    first.into_iter().enumerate().map(number).collect()
}

fn row(
    gone: Gone,
    key: &Key,
    wanted: usize,
    first: usize,
    commits: &[Arc<Commit>],
) -> Option<Lost> {
    let identity = match key {
        Key::Row(identity) => Some(identity.clone()),
        Key::Text(_) => None,
    };
    Some(Lost {
        path: gone.path,
        bytes: gone.bytes,
        identity,
        first: Arc::clone(commits.get(first)?),
        dropped: Arc::clone(commits.get(gone.by)?),
        wanted,
    })
}

#[cfg(test)]
mod tests;
