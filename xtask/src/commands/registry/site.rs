//! The registry of a repository, ready to be worked on.

use timing_core::deposit::Destination;
use timing_core::git::{Discovery, Git, Repository};
use timing_core::journal::Journal;
use timing_core::registry::Registry;
use timing_core::shown::shown;

use super::Failure;
use crate::launch::user_environment;
use crate::settings::{Push, RegistrySettings};

/// What the commands work on.
pub(crate) struct Site<'a> {
    pub(crate) settings: &'a RegistrySettings,
    pub(crate) repository: Repository,
    pub(crate) journal: Journal,
    pub(crate) registry: Registry,
    /// Whether the remote that the settings name is configured.
    pub(crate) has_remote: bool,
}

/// git in the settings' repository, with the environment that the user had.
pub(crate) fn git(settings: &RegistrySettings) -> Git {
    let variables = user_environment(std::env::vars_os().collect(), env!("CARGO_MANIFEST_DIR"));
    Git::new(&settings.repository, variables)
}

impl<'a> Site<'a> {
    pub(crate) fn find(settings: &'a RegistrySettings) -> Result<Self, Failure> {
        let git = git(settings);
        let found = git.discover()?;
        if found == Discovery::NotARepository {
            let path = shown(&settings.repository);
            return Err(format!(
                "{path} is in no git repository; run xtask in a clone, or name one with --repo"
            )
            .into());
        }
        let repository = found.into_repository()?;
        let has_remote = git.has_remote(&settings.remote)?;
        let journal = Journal::in_common_dir(&repository.common_dir);
        let registry = Registry::new(git, settings.branch.clone(), settings.remote.clone());
        Ok(Self { settings, repository, journal, registry, has_remote })
    }

    /// Where rows have to be before the journal lets go of them.
    pub(super) fn destination(&self) -> Destination {
        match (self.settings.push, self.has_remote) {
            (Push::Never, _) | (_, false) => Destination::LocalBranch,
            (Push::Ci | Push::Inbox | Push::Always, true) => Destination::Remote,
        }
    }
}
