//! What the branch holds, here and as it was last fetched, for whoever asks how things stand.

use std::collections::{BTreeMap, HashSet};

use super::audit::blobs;
use super::audit::changes::{Change, changes, empty_tree};
use super::audit::commits::{Extent, commits};
use super::{Registry, layout, tips};
use crate::budget::measurement;
use crate::git::{GitError, ObjectId};
use crate::record::Identity;
use crate::table::{LineKind, Reading, RowFault, Table, read_line};

/// The rows of the branch, here and at the remote.
#[derive(Debug, Default)]
pub struct Standing {
    /// Of the local branch; `None` when there is none.
    pub local: Option<Held>,
    /// Of the remote-tracking branch: what the remote had when it was last fetched.
    pub remote: Option<Held>,
}

/// What one commit holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// The commit.
    pub commit: ObjectId,
    /// By directory below `environments/`.
    pub environments: BTreeMap<String, EnvironmentRows>,
    /// Lines that are no rows.
    pub faults: Vec<CsvFault>,
    /// Files that are not in this clone; nothing is known of their rows.
    pub missing: Vec<String>,
}

/// The rows of one environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentRows {
    /// How many, duplicates included.
    pub rows: usize,
    /// Which.
    pub identities: HashSet<Identity>,
}

/// A line that is no row of any generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvFault {
    /// The file on the branch.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// Why.
    pub fault: RowFault,
}

/// A file of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchFile {
    /// Branch and path, as `git show` takes them.
    pub name: String,
    /// What it holds; `None` when it is not in this clone.
    pub bytes: Option<Vec<u8>>,
}

impl Standing {
    /// How many rows of the local branch the remote did not have when it was last fetched: all of
    /// them where it was never fetched.
    #[must_use]
    pub fn unseen(&self) -> usize {
        let Some(local) = &self.local else { return 0 };
        let remote = |environment: &str| {
            self.remote.as_ref().and_then(|remote| remote.environments.get(environment))
        };
        let unseen = local.environments.iter().map(|(environment, here)| {
            let there = remote(environment);
            let seen = |row: &&Identity| there.is_some_and(|there| there.identities.contains(row));
            here.identities.iter().filter(|row| !seen(row)).count()
        });
        unseen.sum()
    }
}

impl Held {
    /// How many rows all environments have.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.environments.values().map(|environment| environment.rows).sum()
    }

    fn take(&mut self, path: &str, bytes: &[u8]) {
        let environment = layout::directory_of(path).to_owned();
        let environment = self.environments.entry(environment).or_default();
        let table = layout::table_at(path.as_bytes()).map_or(Table::Timings, |(table, _)| table);
        for line in table.lines(bytes) {
            match line.kind {
                LineKind::Header => {}
                LineKind::Row(_, identity) => {
                    environment.rows += 1;
                    environment.identities.insert(identity);
                    // It is kept as a row whatever its fields say, and nobody can read it.
                    if let Reading::Fault(fault) = read_line(line.raw) {
                        let path = path.to_owned();
                        self.faults.push(CsvFault { path, line: line.number, fault });
                    }
                }
                LineKind::Measurement(identity) => {
                    environment.rows += 1;
                    environment.identities.insert(identity);
                    if let Err(fault) = measurement::check(line.raw) {
                        let path = path.to_owned();
                        self.faults.push(CsvFault { path, line: line.number, fault });
                    }
                }
                LineKind::Other(fault) => {
                    self.faults.push(CsvFault { path: path.to_owned(), line: line.number, fault });
                }
            }
        }
    }
}

impl Registry {
    /// Reads all rows of the local and of the remote-tracking branch.
    ///
    /// # Errors
    ///
    /// When git fails, or a directory of the branch is not in this clone.
    pub fn rows(&self) -> Result<Standing, GitError> {
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        let mut found = Vec::new();
        let mut ids: Vec<ObjectId> = [tips.local, tips.remote].into_iter().flatten().collect();
        ids.dedup();
        if !ids.is_empty() {
            found = self.held(&ids)?;
        }
        let of =
            |tip: Option<ObjectId>| found.iter().find(|held| Some(held.commit) == tip).cloned();
        Ok(Standing { local: of(tips.local), remote: of(tips.remote) })
    }

    /// The files of `table`, of what was last fetched and then of the local branch; a file that is
    /// the same on both is given once.
    ///
    /// # Errors
    ///
    /// When git fails, or a directory of the branch is not in this clone.
    pub fn files(&self, table: Table) -> Result<Vec<BranchFile>, GitError> {
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        let local = (tips.local, self.branch.to_string());
        let remote = (tips.remote, format!("{}/{}", self.remote, self.branch));
        // Where they differ in a row, the remote is right: the local branch is a cache of it.
        let mut ids: Vec<ObjectId> = [tips.remote, tips.local].into_iter().flatten().collect();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut seen = HashSet::new();
        let (mut names, mut objects) = (Vec::new(), Vec::new());
        for held in self.files_at(&ids, &[&layout::pathspec(table)])? {
            let branch = if local.0 == Some(held.commit) { &local.1 } else { &remote.1 };
            for (path, object) in held.files {
                if seen.insert((path.clone(), object)) {
                    names.push(format!("{branch}:{path}"));
                    objects.push(object);
                }
            }
        }
        blobs::read(&self.git, &objects, |objects| {
            let file = |name| Ok(BranchFile { name, bytes: objects.next()? });
            names.into_iter().map(file).collect()
        })
    }

    /// Which files that `pathspecs` match each of these commits has.
    pub(super) fn files_at(
        &self,
        ids: &[ObjectId],
        pathspecs: &[&str],
    ) -> Result<Vec<Files>, GitError> {
        let nodes = commits(&self.git, Extent::TipsOnly, ids, &[])?;
        let pairs: Vec<_> =
            nodes.iter().map(|node| (empty_tree(node.tree.format()), node.tree)).collect();
        let trees = changes(&self.git, &pairs, pathspecs)?;
        let file = |change: &Change| Some((change.path.clone(), change.new?.file()?));
        let files = trees.iter().map(|changes| changes.iter().filter_map(file).collect());
        let found = nodes.iter().zip(files);
        Ok(found.map(|(node, files)| Files { commit: node.commit.id, files }).collect())
    }

    fn held(&self, ids: &[ObjectId]) -> Result<Vec<Held>, GitError> {
        let pathspecs = layout::pathspecs();
        let tables = self.files_at(ids, &pathspecs.each_ref().map(String::as_str))?;
        let wanted: Vec<ObjectId> =
            tables.iter().flat_map(|table| &table.files).map(|(_, id)| *id).collect();
        blobs::read(&self.git, &wanted, |objects| {
            let mut all = Vec::with_capacity(tables.len());
            for Files { commit, files } in &tables {
                let mut held = Held {
                    commit: *commit,
                    environments: BTreeMap::new(),
                    faults: Vec::new(),
                    missing: Vec::new(),
                };
                for (path, _) in files {
                    match objects.next()? {
                        Some(bytes) => held.take(path, &bytes),
                        None => held.missing.push(path.clone()),
                    }
                }
                all.push(held);
            }
            Ok(all)
        })
    }
}

/// Files that a commit has, by their paths.
pub(super) struct Files {
    pub(super) commit: ObjectId,
    pub(super) files: Vec<(String, ObjectId)>,
}
