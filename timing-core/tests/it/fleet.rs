//! A bare remote and any number of clones of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use timing_core::addition::Addition;
use timing_core::git::Git;
use timing_core::record::TimingRecord;
use timing_core::registry::{Drained, Registry, SyncError, SyncPolicy, Synced};

use crate::sandbox::{self, BRANCH, DEV_CSV, Sandbox, path, stamp};

pub(crate) const RECORDER: &str = "xtask 0.1.0";

/// Long enough for a machine that has much else to do.
pub(crate) const PATIENT: SyncPolicy = SyncPolicy { total: Duration::from_secs(120), attempts: 3 };

/// For tests of what never ends by itself.
pub(crate) const SHORT: SyncPolicy = SyncPolicy { total: Duration::from_millis(700), attempts: 3 };

pub(crate) struct Fleet {
    pub(crate) sandbox: Sandbox,
    pub(crate) bare: PathBuf,
}

/// One clone of the remote.
pub(crate) struct Ship<'a> {
    sandbox: &'a Sandbox,
    pub(crate) dir: PathBuf,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        Self::with_format("sha1")
    }

    pub(crate) fn with_format(format: &str) -> Self {
        let sandbox = Sandbox::with_format(format);
        let bare = sandbox.path("remote.git");
        let format = format!("--object-format={format}");
        sandbox.git(&["init", "-q", "--bare", "-b", "main", &format, path(&bare)]);
        sandbox.git(&["push", "-q", path(&bare), "main"]);
        Self { sandbox, bare }
    }

    pub(crate) fn clone(&self, name: &str) -> Ship<'_> {
        self.clone_with(name, &[])
    }

    /// Through the transport of real remotes, so that a clone may be shallow or partial.
    pub(crate) fn clone_with(&self, name: &str, options: &[&str]) -> Ship<'_> {
        let dir = self.sandbox.path(name);
        let url = format!("file://{}", self.bare.display());
        let args = [&["clone", "-q"], options, &[&url, path(&dir)]].concat();
        self.sandbox.git(&args);
        Ship { sandbox: &self.sandbox, dir }
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.sandbox.git_in(&self.bare, args)
    }

    pub(crate) fn hook(&self, name: &str, script: &str) {
        executable(&self.bare.join("hooks").join(name), script);
    }

    pub(crate) fn csv(&self) -> String {
        self.git(&["show", &format!("{BRANCH}:{DEV_CSV}")])
    }

    pub(crate) fn tip(&self) -> String {
        self.git(&["rev-parse", BRANCH])
    }

    /// The remote's branches.
    pub(crate) fn branches(&self) -> Vec<String> {
        let said = self.git(&["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]);
        said.lines().map(str::to_owned).collect()
    }

    /// The remote holds the row of each of these runs once and nothing else, in one line of commits
    /// of which each only appends.
    pub(crate) fn assert_runs(&self, runs: impl IntoIterator<Item = u32>) {
        let csv = self.csv();
        let mut expected = 0;
        for n in runs {
            expected += 1;
            assert_eq!(csv.matches(sandbox::run(n).as_str()).count(), 1, "run {n} in:\n{csv}");
        }
        assert_eq!(sandbox::rows(&csv), expected, "{csv}");
        self.assert_only_appends();
    }

    pub(crate) fn assert_only_appends(&self) {
        let commits = self.git(&["rev-list", "--reverse", BRANCH]);
        assert_eq!(self.git(&["rev-list", "--count", "--merges", BRANCH]), "0");
        let mut before = Vec::new();
        for commit in commits.lines() {
            let name = format!("{commit}:{DEV_CSV}");
            let now = self.sandbox.git_bytes(&self.bare, &["cat-file", "blob", &name], b"");
            assert!(now.starts_with(&before), "{commit} does more than append");
            before = now;
        }
        self.git(&["fsck", "--strict", "--full", "--no-dangling"]);
    }
}

impl Ship<'_> {
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.sandbox.git_in(&self.dir, args)
    }

    /// With more in the environment.
    pub(crate) fn registry_with(&self, variables: &[(&str, &str)]) -> Registry {
        let more = variables.iter().map(|(key, value)| ((*key).into(), (*value).into()));
        sandbox::registry(Git::new(&self.dir, self.sandbox.environment().into_iter().chain(more)))
    }

    pub(crate) fn registry(&self) -> Registry {
        self.registry_with(&[])
    }

    pub(crate) fn registry_git(&self) -> Git {
        Git::new(&self.dir, self.sandbox.environment())
    }

    /// Commits a row of the run `n` to the local branch.
    pub(crate) fn append(&self, n: u32) {
        sandbox::append(&self.registry(), &[row(n)]).unwrap();
    }

    pub(crate) fn try_sync(&self, waiting: &[TimingRecord]) -> Result<Synced, SyncError> {
        let waiting: Vec<Addition> = waiting.iter().cloned().map(Addition::from).collect();
        self.registry().sync(&waiting, &PATIENT, RECORDER, stamp())
    }

    pub(crate) fn sync(&self, waiting: &[TimingRecord]) -> Synced {
        self.try_sync(waiting).unwrap()
    }

    pub(crate) fn drain(&self) -> Drained {
        self.registry().drain(&PATIENT, RECORDER, stamp()).unwrap()
    }

    pub(crate) fn tip(&self) -> String {
        self.git(&["rev-parse", BRANCH])
    }

    /// Makes the local branch a new commit, whose parent is `parent`, that holds these bytes.
    pub(crate) fn commit_csv(&self, parent: Option<&str>, csv: &[u8]) -> String {
        self.commit_file(parent, DEV_CSV, csv)
    }

    pub(crate) fn commit_file(&self, parent: Option<&str>, name: &str, content: &[u8]) -> String {
        let sandbox = self.sandbox;
        let scratch = sandbox.path("scratch");
        self.git(&["worktree", "add", "-q", "--detach", "--no-checkout", path(&scratch)]);
        sandbox.git_in(&scratch, &["read-tree", parent.unwrap_or("--empty")]);
        let blob = sandbox.git_bytes(&self.dir, &["hash-object", "-w", "--stdin"], content);
        let info = format!("100644,{},{name}", String::from_utf8(blob).unwrap().trim());
        sandbox.git_in(&scratch, &["update-index", "--add", "--cacheinfo", &info]);
        let tree = sandbox.git_in(&scratch, &["write-tree"]);
        self.git(&["worktree", "remove", "--force", path(&scratch)]);
        let parents = parent.map(|parent| vec!["-p", parent]).unwrap_or_default();
        let args = [&["commit-tree", "-m", "by hand", &tree], parents.as_slice()].concat();
        let commit = self.git(&args);
        self.git(&["update-ref", &format!("refs/heads/{BRANCH}"), &commit]);
        commit
    }
}

pub(crate) fn row(n: u32) -> TimingRecord {
    sandbox::record("apply-persistent", n)
}

pub(crate) fn executable(file: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}
