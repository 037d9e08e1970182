//! Where a page is made, for its front matter: what CI says, else what the clone says, else that
//! nobody knows.

use timing_core::git::{Discovery, Repository};

use crate::commands::registry::git;
use crate::report::markdown::Origin;
use crate::settings::ReportSettings;

/// What stands where there is no pipeline.
const LOCAL: &str = "local";

/// The origin of what is made here now.
pub(super) fn origin(settings: &ReportSettings) -> Origin {
    let found = git(&settings.timings.registry).discover().ok();
    let found = found.filter(|found| *found != Discovery::NotARepository);
    of(found.and_then(|found| found.into_repository().ok()).as_ref(), settings)
}

/// The same in a repository that is known.
pub(in crate::commands) fn of(
    repository: Option<&Repository>,
    settings: &ReportSettings,
) -> Origin {
    let pipeline = &settings.pipeline;
    let or_local = |value: &Option<String>| value.clone().unwrap_or_else(|| LOCAL.to_owned());
    let branch = repository.and_then(|repository| repository.branch.clone());
    let sha = repository.and_then(|repository| repository.head);
    Origin {
        branch: branch.or_else(|| pipeline.branch.clone()).unwrap_or_else(|| "none".to_owned()),
        sha: sha.map_or_else(|| "none".to_owned(), |sha| sha.to_string()),
        workflow: or_local(&pipeline.workflow),
        run_id: or_local(&pipeline.run_id),
    }
}
