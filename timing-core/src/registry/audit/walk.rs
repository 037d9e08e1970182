//! The walk itself: the one place where the audit's parts meet git.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use super::blobs::{self, Objects, Recent};
use super::changes::{self, Change, EVERY_CSV, Place, changes};
use super::commits::{Extent, Node, commits};
use super::compare::{Comparison, Entry, appended, compare, entries};
use super::ledger::{Ledger, Tip};
use super::steps::{History, Step, StepKind, add_rewinds, history};
use super::{Audit, AuditError, Finding, Kind, Removal, Rows};
use crate::git::{GitError, ObjectId};
use crate::registry::{Registry, layout, tips};
use crate::stages::SpansPath;
use crate::table::Table;

impl Registry {
    /// Compares each commit of the branch with each of its parents. The local branch is audited, or
    /// the remote-tracking one where there is no local one. Where its reflog remembers a commit
    /// that the branch pointed at and no longer follows from, that is compared with the tip.
    ///
    /// # Errors
    ///
    /// When git fails or there is no branch. That objects are missing because the clone is shallow
    /// or partial is no error: the audit says so. A commit or a directory that is damaged is one.
    pub fn audit(&self) -> Result<Audit, AuditError> {
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        let (tip, reference) = match (tips.local, tips.remote) {
            (Some(tip), _) => (tip, format!("refs/heads/{}", self.branch)),
            (None, Some(tip)) => (tip, format!("refs/remotes/{}/{}", self.remote, self.branch)),
            (None, None) => {
                let (branch, remote) = (self.branch.clone(), self.remote.clone());
                return Err(AuditError::NoBranch { branch, remote });
            }
        };
        let mut nodes = commits(&self.git, Extent::Whole, &[tip], &[])?;
        let count = nodes.len();
        let mut history = history(&self.git, &nodes, tip)?;
        let known = [Some(tip), tips.remote].into_iter().flatten().collect::<Vec<_>>();
        add_rewinds(&self.git, &mut history, &mut nodes, &reference, &known)?;
        let pairs: Vec<_> = history.steps.iter().map(|step| step.trees).collect();
        let pathspecs = layout::pathspecs();
        let changes = changes(&self.git, &pairs, &pathspecs.each_ref().map(String::as_str))?;
        let mut walk = Walk::new(&history);
        blobs::read(&self.git, &wanted(&changes), |objects| walk.all(&changes, objects))?;
        let Walk { mut findings, ledger, .. } = walk;
        let lost = if ledger.is_balanced() {
            Vec::new()
        } else {
            let tip = nodes.get(count.saturating_sub(1));
            let held = tip.map(|tip| self.tip(&ledger, tip, &mut findings)).transpose()?;
            ledger.lost(held.unwrap_or_default(), &history.commits)
        };
        let boundaries = history.boundaries;
        Ok(Audit { tip, reference, commits: count, findings, lost, boundaries })
    }

    /// What all files of the tip hold of what went.
    fn tip(
        &self,
        ledger: &Ledger,
        tip: &Node,
        findings: &mut Vec<Finding>,
    ) -> Result<Tip, GitError> {
        let pair = (changes::empty_tree(tip.tree.format()), tip.tree);
        let files = changes(&self.git, &[pair], &[EVERY_CSV])?.into_iter().flatten();
        // What a run added as a whole holds no rows, and there is one for each run.
        let files = files.filter(|change| change.path.parse::<SpansPath>().is_err());
        let files: Vec<(String, ObjectId)> =
            files.filter_map(|change| Some((change.path, change.new?.file()?))).collect();
        let ids: Vec<ObjectId> = files.iter().map(|(_, id)| *id).collect();
        blobs::read(&self.git, &ids, |objects| {
            let mut held = Tip::default();
            for (path, object) in files {
                match objects.next()? {
                    Some(bytes) => ledger.look(&mut held, &path, &bytes),
                    None => {
                        let (commit, kind) = (Arc::clone(&tip.commit), Kind::Unreadable { object });
                        findings.push(Finding { commit, parent: None, path, kind });
                    }
                }
            }
            Ok(held)
        })
    }
}

/// The objects that a walk over `changes` will ask for, in order.
fn wanted(changes: &[Vec<Change>]) -> Vec<ObjectId> {
    let mut recent = Recent::new();
    let mut wanted = Vec::new();
    for id in changes.iter().flatten().flat_map(files) {
        let Ok(()) = recent.touch(id, || -> Result<(), Infallible> {
            wanted.push(id);
            Ok(())
        });
    }
    wanted
}

/// The files of a change, the older first.
fn files(change: &Change) -> impl Iterator<Item = ObjectId> {
    [change.old, change.new].into_iter().flatten().filter_map(Place::file)
}

/// What a path holds on one side of a change.
#[derive(Clone, Copy)]
enum Version<'a> {
    /// No file; something else may be there.
    None,
    /// A file that is not in this clone.
    Missing(ObjectId),
    File(&'a [u8]),
}

struct Walk<'h> {
    history: &'h History,
    findings: Vec<Finding>,
    ledger: Ledger,
    /// Missing objects that were reported.
    missing: HashSet<ObjectId>,
    /// The place in `findings` where those of the commit at hand begin.
    of_commit: usize,
}

impl<'h> Walk<'h> {
    fn new(history: &'h History) -> Self {
        let (findings, ledger) = (Vec::new(), Ledger::default());
        Self { history, findings, ledger, missing: HashSet::new(), of_commit: 0 }
    }

    fn all(&mut self, changes: &[Vec<Change>], objects: &mut Objects<'_>) -> io::Result<()> {
        let mut recent: Recent<Option<Vec<u8>>> = Recent::new();
        let mut at = None;
        for (step, changes) in self.history.steps.iter().zip(changes) {
            if at != Some(step.commit) {
                self.forgive_merge(at);
                at = Some(step.commit);
            }
            for change in changes {
                files(change).try_for_each(|id| recent.touch(id, || objects.next()))?;
                let version = |place: Option<Place>| match place.and_then(Place::file) {
                    None => Version::None,
                    Some(id) => match recent.get(id).and_then(Option::as_deref) {
                        None => Version::Missing(id),
                        Some(bytes) => Version::File(bytes),
                    },
                };
                self.change(step, change, version(change.old), version(change.new));
            }
        }
        self.forgive_merge(at);
        Ok(())
    }

    fn change(&mut self, step: &Step, change: &Change, old: Version<'_>, new: Version<'_>) {
        let table = layout::table_at(change.path.as_bytes());
        let table = table.map_or(Table::Timings, |(table, _)| table);
        let at = Finder { step, path: &change.path, table };
        if step.kind == StepKind::Commit {
            self.modes(at, change);
        }
        match (old, new) {
            (Version::Missing(_), _) | (_, Version::Missing(_)) => {
                // Nothing is said of rows that may or may not have been there.
                for version in [old, new] {
                    match version {
                        Version::Missing(object) if self.missing.insert(object) => {
                            self.found(at, Kind::Unreadable { object });
                        }
                        _ => {}
                    }
                }
                if let Version::File(new) = new {
                    let new = entries(table, new).into_iter();
                    new.for_each(|entry| self.ledger.saw(entry, step.commit));
                }
            }
            (Version::File(old), Version::File(new)) => {
                if let Some(tail) = appended(old, new) {
                    self.came(step, entries(table, tail));
                } else {
                    self.compared(at, old, new);
                }
            }
            (Version::File(old), Version::None) => self.compared(at, old, b""),
            (Version::None, Version::File(new)) => self.came(step, entries(table, new)),
            (Version::None, Version::None) => {}
        }
    }

    fn modes(&mut self, at: Finder<'_>, change: &Change) {
        let (old, Some(new)) = (change.old, change.new) else { return };
        if new.file().is_none() {
            self.found(at, Kind::NotAFile { mode: new.mode });
        } else if let Some(old) = old
            && old.mode != new.mode
            && old.file().is_some()
        {
            self.found(at, Kind::ModeChanged { from: old.mode, to: new.mode });
        }
    }

    fn came(&mut self, step: &Step, new: Vec<Entry<'_>>) {
        if step.kind == StepKind::Commit {
            new.into_iter().for_each(|entry| self.ledger.came(entry, step.commit));
        }
    }

    fn compared(&mut self, at: Finder<'_>, old: &[u8], new: &[u8]) {
        let (step, is_gone) = (at.step, new.is_empty());
        let (old, new) = (entries(at.table, old), entries(at.table, new));
        let comparison = compare(&old, &new);
        if let StepKind::Rewind(from) = step.kind {
            old.iter().for_each(|entry| self.ledger.saw(entry.clone(), from));
            if !comparison.dropped.is_empty() {
                let rows = rows(&old, &comparison.dropped);
                self.found(at, Kind::Removed { how: Removal::Rewound, rows });
            }
        } else {
            kinds(&old, &new, &comparison, is_gone)
                .into_iter()
                .for_each(|kind| self.found(at, kind));
        }
        self.ledger.went(&comparison.dropped, &old, at.path, step.commit);
        let mut is_new = vec![false; new.len()];
        comparison.new.iter().for_each(|place| is_new[*place] = true);
        let new = new.into_iter().zip(is_new).filter(|(_, is_new)| *is_new);
        self.came(step, new.map(|(entry, _)| entry).collect());
    }

    fn found(&mut self, at: Finder<'_>, kind: Kind) {
        let Some(commit) = self.history.commits.get(at.step.commit) else { return };
        self.findings.push(Finding {
            commit: Arc::clone(commit),
            parent: at.step.before,
            path: at.path.to_owned(),
            kind,
        });
    }

    /// A merge of two sides that both appended inserts rows from the point of view of one of them:
    /// nothing is wrong with the order of a file if it only grew from that of another parent.
    fn forgive_merge(&mut self, commit: Option<usize>) {
        let parents = commit.and_then(|commit| self.history.parents.get(commit)).copied();
        let found = self.findings.split_off(self.of_commit);
        let disordered = |path: &str| {
            let of_path = found.iter().filter(|found| found.path == path && found.kind.is_order());
            of_path.map(|found| found.parent).collect::<HashSet<_>>().len()
        };
        let stays = |finding: &&Finding| {
            !finding.kind.is_order() || parents.is_none_or(|all| disordered(&finding.path) >= all)
        };
        let stay: Vec<Finding> = found.iter().filter(stays).cloned().collect();
        self.findings.extend(stay);
        self.of_commit = self.findings.len();
    }
}

/// Where something may be found.
#[derive(Clone, Copy)]
struct Finder<'a> {
    step: &'a Step,
    path: &'a str,
    table: Table,
}

fn rows(entries: &[Entry<'_>], places: &[usize]) -> Rows {
    Rows::of(places.iter().filter_map(|place| entries.get(*place)).map(|entry| &entry.line))
}

/// A comparison in the words of an audit.
fn kinds(
    old: &[Entry<'_>],
    new: &[Entry<'_>],
    comparison: &Comparison,
    is_gone: bool,
) -> Vec<Kind> {
    let Comparison { removed, edited, reordered, inserted, .. } = comparison;
    let mut kinds = Vec::new();
    if !removed.is_empty() {
        let how = match (is_gone, comparison.cut_short) {
            (true, _) => Removal::Deleted,
            (false, true) => Removal::Truncated,
            (false, false) => Removal::Overwritten,
        };
        kinds.push(Kind::Removed { how, rows: rows(old, removed) });
    }
    if !edited.is_empty() {
        let (before, after): (Vec<usize>, Vec<usize>) = edited.iter().copied().unzip();
        kinds.push(Kind::Edited { before: rows(old, &before), after: rows(new, &after) });
    }
    if !reordered.is_empty() {
        kinds.push(Kind::Reordered { rows: rows(new, reordered) });
    }
    if !inserted.is_empty() {
        kinds.push(Kind::Inserted { rows: rows(new, inserted) });
    }
    if comparison.respelled > 0 || kinds.is_empty() {
        kinds.push(Kind::Respelled { rows: comparison.respelled });
    }
    kinds
}
