//! Remotes beside the repository, and what any repository holds of the registry.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{BRANCH, CSV, Call, Row, Scene, eventually};

impl Scene {
    /// With a remote `origin`: a bare clone beside the repository.
    pub(crate) fn with_origin(self) -> Self {
        let bare = self.origin();
        let (root, bare) = (self.root(), bare.to_str().unwrap());
        self.git(&["clone", "-q", "--bare", root.to_str().unwrap(), bare]);
        self.with_origin_at(bare)
    }

    /// With a remote `origin` at this address.
    pub(crate) fn with_origin_at(self, url: &str) -> Self {
        self.git(&["remote", "add", "origin", url]);
        self
    }

    /// Where [`Scene::with_origin`] puts it.
    pub(crate) fn origin(&self) -> PathBuf {
        self.outside().join("origin.git")
    }

    /// Another clone of the remote, beside the repository.
    pub(crate) fn clone_of_origin(&self, name: &str) -> PathBuf {
        let clone = self.outside().join(name);
        let origin = self.origin();
        self.git(&["clone", "-q", origin.to_str().unwrap(), clone.to_str().unwrap()]);
        clone
    }

    /// A call of xtask in CI.
    pub(crate) fn in_ci(&self, arguments: &[&str]) -> Call {
        self.calling(arguments).env("CI", "true")
    }

    /// The rows of environment `dev` on the registry's branch of another repository; none where
    /// there is no branch.
    #[track_caller]
    pub(crate) fn rows_in(&self, repository: &Path) -> Vec<Row> {
        let name = format!("{BRANCH}:{CSV}");
        let show = self.call("git", &["cat-file", "blob", &name]).in_dir(repository).run();
        show.stdout.lines().skip(1).map(Row::parse).collect()
    }

    /// The rows at the remote.
    #[track_caller]
    pub(crate) fn rows_at_origin(&self) -> Vec<Row> {
        self.rows_in(&self.origin())
    }

    /// The rows that wait until somebody has seen them at the remote.
    pub(crate) fn waiting(&self) -> Vec<Row> {
        let outbox = self.root().join(".git/timing-journal/outbox.csv");
        let text = fs::read_to_string(outbox).unwrap_or_default();
        text.lines().skip(1).map(Row::parse).collect()
    }

    /// What synchronisations in the background said.
    pub(crate) fn sync_log(&self) -> String {
        fs::read_to_string(self.root().join(".git/timing-journal/sync.log")).unwrap_or_default()
    }

    /// Waits until `number` synchronisations in the background have said how they ended.
    #[track_caller]
    pub(crate) fn wait_for_syncs(&self, number: usize) -> String {
        let ends = ["origin lacked ", "sent to origin", "in the journal", "error: "];
        eventually("the end of synchronisations in the background", || {
            let log = self.sync_log();
            let ended = log.lines().filter(|line| ends.iter().any(|end| line.contains(end)));
            (ended.count() >= number).then_some(log)
        })
    }

    /// The branches of a repository, by name.
    pub(crate) fn branches_in(&self, repository: &Path) -> Vec<String> {
        let refs = self.git_in(repository, &["for-each-ref", "--format=%(refname)", "refs/heads"]);
        let names = refs.lines().filter_map(|name| name.strip_prefix("refs/heads/"));
        names.map(str::to_owned).collect()
    }

    /// The registry's branch in `repository` has one linear history of which each commit only
    /// appended, and no run's phase twice.
    #[track_caller]
    pub(crate) fn only_appended_in(&self, repository: &Path) {
        let merges = ["rev-list", "--min-parents=2", BRANCH];
        assert_eq!(self.git_in(repository, &merges), "", "the history is not linear");
        let commits = self.git_in(repository, &["rev-list", "--reverse", BRANCH]);
        let mut before = String::new();
        for commit in commits.lines() {
            let blob = format!("{commit}:{CSV}");
            let now = self.call("git", &["cat-file", "blob", &blob]).in_dir(repository).run();
            assert!(now.stdout.starts_with(&before), "{commit} did not only append");
            before = now.stdout;
        }
        let rows = self.rows_in(repository);
        let ids: HashSet<(&str, &str)> = rows.iter().map(identity).collect();
        assert_eq!(ids.len(), rows.len(), "a row is there twice: {rows:#?}");
    }
}

/// What makes a row of ours the same as another: its run and its phase.
fn identity(row: &Row) -> (&str, &str) {
    (row.flag("RUN").unwrap_or_default(), &row.phase)
}
