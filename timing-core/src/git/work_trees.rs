//! The work trees of a repository.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::{Git, GitError};

impl Git {
    /// All work trees that are there, the main one first.
    ///
    /// # Errors
    ///
    /// When git cannot be asked.
    pub fn work_trees(&self) -> Result<Vec<PathBuf>, GitError> {
        const LISTING: &str = "listing the work trees";
        let answer = self.run(LISTING, &["worktree", "list", "--porcelain"])?.success(LISTING)?;
        let paths =
            answer.split(|b| *b == b'\n').filter_map(|line| line.strip_prefix(b"worktree "));
        let paths = paths.map(|path| PathBuf::from(OsString::from_vec(path.to_vec())));
        Ok(paths.filter(|path| path.is_dir()).collect())
    }
}
