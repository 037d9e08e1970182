//! Where the repository is. Starts no process: a run without recording needs no git.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use timing_core::shown::shown;

/// Why there is no directory to work in.
#[derive(Debug)]
pub enum RepositoryError {
    /// The directory cannot be entered.
    Unusable {
        /// As it was given.
        directory: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// It is something else than a directory.
    NotADirectory(PathBuf),
    /// It has no work tree.
    Bare(PathBuf),
}

impl fmt::Display for RepositoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable { directory, reason } if reason.kind() == io::ErrorKind::NotFound => {
                write!(
                    f,
                    "the repository {} does not exist: give --repo a directory",
                    shown(directory)
                )
            }
            Self::Unusable { directory, reason } => {
                write!(f, "the repository {} cannot be used: {reason}", shown(directory))
            }
            Self::NotADirectory(path) => {
                write!(
                    f,
                    "{} is not a directory: give --repo the root of a repository",
                    shown(path)
                )
            }
            Self::Bare(path) => write!(
                f,
                "{} is a bare repository or a git directory and has no work tree to deploy from: \
                give --repo a clone of it",
                shown(path)
            ),
        }
    }
}

impl std::error::Error for RepositoryError {}

/// The root of the repository that holds `start`: its nearest ancestor with a `.git` (a directory,
/// or the file that a linked worktree has), else `start` itself. Absolute, without symbolic links.
///
/// # Errors
///
/// When `start` is not a directory that can be entered, or lies in a bare repository.
pub(super) fn root_of(start: &Path) -> Result<PathBuf, RepositoryError> {
    let unusable = |reason| RepositoryError::Unusable { directory: start.to_path_buf(), reason };
    let start = start.canonicalize().map_err(unusable)?;
    if !start.is_dir() {
        return Err(RepositoryError::NotADirectory(start));
    }
    for ancestor in start.ancestors() {
        if ancestor.join(".git").exists() {
            return Ok(ancestor.to_path_buf());
        }
        if is_git_directory(ancestor) {
            return Err(RepositoryError::Bare(ancestor.to_path_buf()));
        }
    }
    Ok(start)
}

/// What git itself looks for in a directory before it takes it for a repository.
fn is_git_directory(directory: &Path) -> bool {
    directory.join("HEAD").is_file()
        && directory.join("objects").is_dir()
        && directory.join("refs").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn scratch() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        (dir, root)
    }

    #[test]
    fn the_nearest_ancestor_with_a_dot_git_is_the_root() {
        let (_dir, root) = scratch();
        fs::create_dir_all(root.join("outer/.git")).unwrap();
        fs::create_dir_all(root.join("outer/inner/deep")).unwrap();
        fs::write(root.join("outer/inner/.git"), "gitdir: elsewhere\n").unwrap();
        assert_eq!(root_of(&root.join("outer/inner/deep")).unwrap(), root.join("outer/inner"));
        assert_eq!(root_of(&root.join("outer")).unwrap(), root.join("outer"));
    }

    #[test]
    fn outside_a_repository_the_directory_itself_is_the_root() {
        let (_dir, root) = scratch();
        fs::create_dir(root.join("plain")).unwrap();
        assert_eq!(root_of(&root.join("plain")).unwrap(), root.join("plain"));
    }

    #[test]
    fn what_has_no_work_tree_is_refused() {
        let (_dir, root) = scratch();
        let shown = |path: PathBuf| {
            root_of(&path).unwrap_err().to_string().replace(&root.display().to_string(), "/scratch")
        };
        fs::create_dir_all(root.join("bare.git/objects")).unwrap();
        fs::create_dir_all(root.join("bare.git/refs/heads")).unwrap();
        fs::write(root.join("bare.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(root.join("file"), "").unwrap();
        insta::assert_snapshot!(shown(root.join("bare.git")), @"/scratch/bare.git is a bare repository or a git directory and has no work tree to deploy from: give --repo a clone of it");
        insta::assert_snapshot!(shown(root.join("bare.git/refs/heads")), @"/scratch/bare.git is a bare repository or a git directory and has no work tree to deploy from: give --repo a clone of it");
        insta::assert_snapshot!(shown(root.join("file")), @"/scratch/file is not a directory: give --repo the root of a repository");
        insta::assert_snapshot!(shown(root.join("nowhere")), @"the repository /scratch/nowhere does not exist: give --repo a directory");
    }
}
