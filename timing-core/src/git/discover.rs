//! Which repository a directory belongs to, and where its HEAD is.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::{Git, GitError, ObjectFormat, ObjectId, RemoteName};
use crate::shown::shown;

/// What a directory is to git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovery {
    /// Part of a work tree.
    Repository(Repository),
    /// In a repository but in none of its work trees: a bare one, or inside `.git`.
    Bare {
        /// The repository.
        git_dir: PathBuf,
    },
    /// In a repository whose work tree is elsewhere: `core.worktree` says so.
    Elsewhere {
        /// The repository.
        git_dir: PathBuf,
        /// Its work tree.
        work_tree: PathBuf,
    },
    /// In no repository.
    NotARepository,
}

impl Discovery {
    /// The repository with a work tree that was found.
    ///
    /// # Errors
    ///
    /// Otherwise what is there instead, and what to do, in one line.
    pub fn into_repository(self) -> Result<Repository, String> {
        match self {
            Self::Repository(repository) => Ok(repository),
            Self::Bare { git_dir } => Err(format!(
                "git takes {} for bare; run xtask in a clone that has a work tree, or, if this one \
                 has, set core.bare to false",
                shown(&git_dir)
            )),
            Self::Elsewhere { git_dir, work_tree } => Err(format!(
                "core.worktree of {} names another work tree than this directory, {}; run xtask \
                 there, or unset core.worktree",
                shown(&git_dir),
                shown(&work_tree)
            )),
            Self::NotARepository => Err("there is no git repository".to_owned()),
        }
    }
}

/// A repository with a work tree. Paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The root of the work tree.
    pub work_tree: PathBuf,
    /// The git directory of this work tree.
    pub git_dir: PathBuf,
    /// The git directory that all work trees of the repository share.
    pub common_dir: PathBuf,
    /// The hash that names its objects.
    pub object_format: ObjectFormat,
    /// The commit that is checked out; `None` before the first one.
    pub head: Option<ObjectId>,
    /// The branch that is checked out, without `refs/heads/`; `None` when HEAD is detached.
    pub branch: Option<String>,
}

const DOING: &str = "looking for the repository";

/// One process answers all; it stops at the first question that has no answer here: the work tree
/// of a bare repository, or the commit of a branch that has none.
const QUESTIONS: [&str; 11] = [
    "rev-parse",
    "--is-bare-repository",
    "--is-inside-work-tree",
    "--show-object-format",
    "--path-format=absolute",
    "--git-dir",
    "--git-common-dir",
    "--show-toplevel",
    "HEAD",
    "--symbolic-full-name",
    "HEAD",
];

/// A version of git: `2.39.5`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: u32,
    text: String,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Git {
    /// What the directory that this is bound to belongs to.
    ///
    /// # Errors
    ///
    /// When git cannot be run, refuses the repository, is older than 2.31, or when a path of the
    /// repository holds a line end.
    pub fn discover(&self) -> Result<Discovery, GitError> {
        let answer = self.run(DOING, &QUESTIONS)?;
        if answer.code != Some(0) && answer.said("not a git repository") {
            return Ok(Discovery::NotARepository);
        }
        let said = answer.stdout.strip_suffix(b"\n").unwrap_or_default();
        let lines: Vec<&[u8]> = said.split(|b| *b == b'\n').collect();
        // A line end within a path makes one line too many, whatever the case.
        match (answer.code, lines.as_slice()) {
            (Some(0), [b"false", b"true", format, git, common, top, head, reference]) => {
                let head = Some(text(head)?.parse().map_err(unexpected)?);
                repository([format, git, common, top], head, branch(reference))
            }
            // HEAD names no commit; a file of this name keeps git from complaining at once.
            (
                Some(1..),
                [b"false", b"true", format, git, common, top, b"HEAD"]
                | [b"false", b"true", format, git, common, top, b"HEAD", b"--symbolic-full-name"],
            ) => repository([format, git, common, top], None, self.unborn_branch()?),
            // Only a setting leads out of the directory that holds the repository.
            (Some(_), [b"false", b"false", _, git, _, top, _, _])
            | (Some(1..), [b"false", b"false", _, git, _, top, b"HEAD"]) => {
                Ok(Discovery::Elsewhere { git_dir: path(git)?, work_tree: path(top)? })
            }
            (Some(_), [_, b"false", _, git, _]) => Ok(Discovery::Bare { git_dir: path(git)? }),
            (Some(0), _) => Err(unexpected(format!(
                "{} lines where 8 were asked for; is git older than 2.31, or is there a line end \
                 in the repository's path?",
                lines.len()
            ))),
            _ => Err(answer.failure(DOING)),
        }
    }

    /// The object format alone, where nothing else is needed.
    pub(crate) fn object_format(&self) -> Result<ObjectFormat, GitError> {
        let answer = self.run(DOING, &["rev-parse", "--show-object-format"])?.success(DOING)?;
        text(answer.trim_ascii())?.parse().map_err(unexpected)
    }

    /// Whether `remote` is configured, whatever it leads to.
    ///
    /// # Errors
    ///
    /// When git cannot be asked.
    pub fn has_remote(&self, remote: &RemoteName) -> Result<bool, GitError> {
        const LOOKING: &str = "looking for the remote";
        let answer = self.run(LOOKING, &["config", "--get", &format!("remote.{remote}.url")])?;
        match answer.code {
            // git-config(1): the key is not there.
            Some(1) => Ok(false),
            _ => answer.success(LOOKING).map(|_| true),
        }
    }

    /// The tags of `commit`, the highest version first, by git's order of versions.
    ///
    /// # Errors
    ///
    /// When git cannot be asked.
    pub fn tags_at(&self, commit: ObjectId) -> Result<Vec<String>, GitError> {
        const LOOKING: &str = "looking for the commit's tags";
        let at = format!("--points-at={commit}");
        let args =
            ["for-each-ref", &at, "--sort=-version:refname", "--format=%(refname)", "refs/tags"];
        let answer = self.run(LOOKING, &args)?.success(LOOKING)?;
        let names = String::from_utf8_lossy(&answer);
        let tags = names.lines().filter_map(|name| name.strip_prefix("refs/tags/"));
        Ok(tags.map(str::to_owned).collect())
    }

    /// The version of git.
    ///
    /// # Errors
    ///
    /// When git cannot be asked, or answers something else.
    pub fn version(&self) -> Result<Version, GitError> {
        const ASKING: &str = "asking git for its version";
        let answer = self.run(ASKING, &["--version"])?.success(ASKING)?;
        let text = String::from_utf8_lossy(&answer).trim().to_owned();
        let number = text.strip_prefix("git version ").unwrap_or(&text);
        let mut parts = number.split('.').map_while(|part| part.parse().ok());
        match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) => Ok(Version { major, minor, text: number.to_owned() }),
            _ => Err(GitError::unexpected(ASKING, text)),
        }
    }

    fn unborn_branch(&self) -> Result<Option<String>, GitError> {
        let answer = self.run(DOING, &["symbolic-ref", "--quiet", "HEAD"])?;
        Ok(branch(answer.success(DOING)?.trim_ascii()))
    }
}

fn repository(
    [format, git, common, top]: [&[u8]; 4],
    head: Option<ObjectId>,
    branch: Option<String>,
) -> Result<Discovery, GitError> {
    Ok(Discovery::Repository(Repository {
        work_tree: path(top)?,
        git_dir: path(git)?,
        common_dir: path(common)?,
        object_format: text(format)?.parse().map_err(unexpected)?,
        head,
        branch,
    }))
}

fn branch(reference: &[u8]) -> Option<String> {
    let name = reference.strip_prefix(b"refs/heads/")?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn path(line: &[u8]) -> Result<PathBuf, GitError> {
    let path = PathBuf::from(OsString::from_vec(line.to_vec()));
    if path.is_absolute() {
        Ok(path)
    } else {
        Err(unexpected(format!("{path:?} where an absolute path was asked for")))
    }
}

fn text(line: &[u8]) -> Result<&str, GitError> {
    std::str::from_utf8(line).map_err(unexpected)
}

fn unexpected(detail: impl ToString) -> GitError {
    GitError::unexpected(DOING, detail.to_string())
}
