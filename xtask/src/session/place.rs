//! Where the rows of a run can go.

use std::path::Path;

use timing_core::deposit::Destination;
use timing_core::git::{Discovery, Git, GitError, Repository, TimeOuts};
use timing_core::journal::Journal;
use timing_core::shown::shown;

use super::{BEFORE_THE_STEP, Expectation, Opening, Sharing};

pub(super) enum Place {
    /// Onto a branch of this repository.
    Repository { repository: Repository, journal: Journal, destination: Destination },
    /// Nowhere but into a file, for this reason.
    None(NoBranch),
}

/// Why there is no branch for rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoBranch {
    /// The directory is in no git repository.
    NotARepository,
    /// git did not answer in time; it may do so later.
    Slow(String),
    /// git cannot be used here.
    Unusable(String),
}

impl Place {
    pub(super) fn find(opening: &Opening<'_>) -> Self {
        let git = opening.git.clone().with_time_outs(TimeOuts { local: BEFORE_THE_STEP });
        let found = match git.discover() {
            Ok(found) => found,
            Err(error @ GitError::TimedOut { .. }) => {
                return Self::None(NoBranch::Slow(error.to_string()));
            }
            Err(error) => return Self::None(NoBranch::Unusable(error.to_string())),
        };
        if found == Discovery::NotARepository {
            return Self::None(not_a_repository(opening.repository));
        }
        match found.into_repository() {
            Ok(repository) => {
                let journal = Journal::in_common_dir(&repository.common_dir);
                let destination = destination(&git, opening);
                Self::Repository { repository, journal, destination }
            }
            Err(reason) => Self::None(NoBranch::Unusable(reason)),
        }
    }

    pub(super) fn expectation(&self) -> Expectation {
        match self {
            Self::None(NoBranch::NotARepository) => Expectation::Expected,
            Self::None(NoBranch::Slow(_) | NoBranch::Unusable(_)) | Self::Repository { .. } => {
                Expectation::Failure
            }
        }
    }
}

impl NoBranch {
    pub(super) fn reason(&self, repository: &Path) -> String {
        match self {
            Self::NotARepository => format!(
                "{} is in no git repository, so there is no branch for them",
                shown(repository)
            ),
            Self::Slow(reason) | Self::Unusable(reason) => reason.clone(),
        }
    }
}

/// The words of git are the same for a repository that is damaged.
fn not_a_repository(directory: &Path) -> NoBranch {
    if !directory.join(".git").exists() {
        return NoBranch::NotARepository;
    }
    NoBranch::Unusable(format!(
        "git does not take {} for a repository, though it holds a .git; see whether HEAD, objects \
         and refs are there",
        shown(directory)
    ))
}

/// When it cannot be told whether there is a remote, rows wait for it: nothing is lost by that.
fn destination(git: &Git, opening: &Opening<'_>) -> Destination {
    match (opening.sharing, git.has_remote(&opening.remote)) {
        (Sharing::None, _) | (Sharing::Meant, Ok(false)) => Destination::LocalBranch,
        (Sharing::Meant, Ok(true) | Err(_)) => Destination::Remote,
    }
}
