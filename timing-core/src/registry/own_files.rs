//! The files that runs added as a whole, read back.

use std::collections::HashSet;

use super::audit::blobs;
use super::{Registry, tips};
use crate::git::{GitError, ObjectId};
use crate::stages::SpansPath;

/// The spans of all runs, from the root of the branch.
pub(super) const SPANS: &str = ":(top,glob)environments/*/history/*/stages-*.csv";

/// A file on the branch that is not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it is.
    pub path: SpansPath,
    object: ObjectId,
}

impl Registry {
    /// The files of spans, of what was last fetched and then of the local branch; one that both have
    /// is given once, as it was fetched.
    ///
    /// # Errors
    ///
    /// When git fails, or a directory of the branch is not in this clone.
    pub fn spans_files(&self) -> Result<Vec<FoundFile>, GitError> {
        let tips = tips::tips(&self.git, &self.branch, &self.remote)?;
        let mut ids: Vec<ObjectId> = [tips.remote, tips.local].into_iter().flatten().collect();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for held in self.files_at(&ids, &[SPANS])? {
            for (path, object) in held.files {
                if let Ok(path) = path.parse::<SpansPath>()
                    && seen.insert(path.clone())
                {
                    found.push(FoundFile { path, object });
                }
            }
        }
        Ok(found)
    }

    /// What `files` hold, in their order; `None` for one that is not in this clone.
    ///
    /// # Errors
    ///
    /// When git fails.
    pub fn contents(&self, files: &[FoundFile]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<ObjectId> = files.iter().map(|file| file.object).collect();
        blobs::read(&self.git, &ids, |objects| ids.iter().map(|_| objects.next()).collect())
    }
}
