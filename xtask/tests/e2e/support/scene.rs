//! The repository of a test and all that surrounds it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Call, Row, Run};

/// The registry's branch.
pub(crate) const BRANCH: &str = "governance-registry";

/// Where the rows of environment `dev` are on it.
pub(crate) const CSV: &str = "environments/development/latest/build_timings.csv";

/// The scripts of the contract. Each says its name and what it was given.
const SCRIPTS: [&str; 7] = [
    "bootstrap/10_bootstrap/goldenpath-idp-bootstrap.sh",
    "bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v2.sh",
    "bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v3.sh",
    "bootstrap/10_bootstrap/goldenpath-idp-bootstrap-v4.sh",
    "bootstrap/60_tear_down_clean_up/goldenpath-idp-teardown-v4.sh",
    "scripts/rds_secrets_preflight.sh",
    "scripts/preflight_secrets_check.sh",
];

/// A directory of its own with `repo`, `home` and `bin` (which comes first on `PATH`). It goes when
/// the scene goes.
#[derive(Debug)]
pub(crate) struct Scene {
    root: PathBuf,
    _goes_with_us: tempfile::TempDir,
    steps: BTreeMap<String, String>,
    config: String,
}

impl Scene {
    /// A repository in the contract's layout, committed on `main`, with nothing to commit.
    pub(crate) fn new() -> Self {
        let scene = Self::without_commit();
        scene.git(&["add", "."]);
        scene.git(&["commit", "-q", "-m", "The platform"]);
        scene
    }

    /// The same before its first commit.
    pub(crate) fn without_commit() -> Self {
        let scene = Self::without_repository();
        scene.git(&["init", "-q", "-b", "main"]);
        scene
    }

    /// The same files in no repository.
    pub(crate) fn without_repository() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // Temporary directories may be behind a symbolic link; the program says real paths.
        let root = directory.path().canonicalize().unwrap();
        let scene =
            Self { root, _goes_with_us: directory, steps: BTreeMap::new(), config: String::new() };
        for name in ["repo", "home", "bin"] {
            fs::create_dir(scene.root.join(name)).unwrap();
        }
        let user = "[user]\n\tname = A User\n\temail = user@example.org\n";
        fs::write(scene.root.join("home/.gitconfig"), user).unwrap();
        for script in SCRIPTS {
            scene.write(script, "echo \"${0##*/} $*\"\n");
        }
        scene.write("envs/dev/main.tf", "");
        scene.write("envs/dev-rds/main.tf", "");
        scene.write("Makefile", "rds-provision-auto:\n\t@echo provisioning $(ENV) $(RDS_MODE)\n");
        scene
    }

    /// The repository.
    pub(crate) fn root(&self) -> PathBuf {
        self.root.join("repo")
    }

    /// What holds the repository and is not part of it.
    pub(crate) fn outside(&self) -> &Path {
        &self.root
    }

    /// With a file in the work tree.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file in the work tree.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What a file in the work tree holds.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// With this at the beginning of xtask.toml.
    pub(crate) fn config(mut self, text: &str) -> Self {
        self.config = format!("{text}\n");
        self.write_config();
        self
    }

    /// With `argv` in place of a step of environment `dev`.
    pub(crate) fn step(mut self, name: &str, argv: &[&str]) -> Self {
        // What Rust escapes in a text, TOML escapes alike for printable ASCII, tab and newline.
        self.steps.insert(name.to_owned(), format!("{argv:?}"));
        self.write_config();
        self
    }

    fn write_config(&self) {
        let steps = self.steps.iter().map(|(name, argv)| format!("{name} = {argv}\n"));
        let steps: String = steps.collect();
        let table = if steps.is_empty() { "" } else { "\n[env.dev.steps]\n" };
        self.write("xtask.toml", &format!("{}{table}{steps}", self.config));
    }

    /// With everything in the work tree committed.
    pub(crate) fn committed(self) -> Self {
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "More"]);
        self
    }

    /// The environment of every call: what a user has, and nothing of this machine.
    pub(crate) fn variables(&self) -> Vec<(OsString, OsString)> {
        let machine = std::env::var_os("PATH").unwrap();
        let bin = std::iter::once(self.root.join("bin"));
        let path = std::env::join_paths(bin.chain(std::env::split_paths(&machine))).unwrap();
        vec![
            ("PATH".into(), path),
            ("HOME".into(), self.root.join("home").into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
            ("GIT_CONFIG_GLOBAL".into(), self.root.join("home/.gitconfig").into()),
            ("LC_ALL".into(), "C".into()),
            ("TZ".into(), "UTC".into()),
        ]
    }

    /// Any program in the repository, in the scene's environment.
    pub(crate) fn call(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Call {
        Call::new(program.as_ref(), arguments, &self.root(), self.variables())
    }

    /// A call of xtask that is to be put together further.
    pub(crate) fn calling(&self, arguments: &[&str]) -> Call {
        self.call(env!("CARGO_BIN_EXE_xtask"), arguments)
    }

    /// Runs xtask.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> Run {
        self.calling(arguments).run()
    }

    /// Runs git, which must succeed; what it prints, without the newline at its end.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.root(), arguments)
    }

    /// The same in another directory.
    #[track_caller]
    pub(crate) fn git_in(&self, directory: &Path, arguments: &[&str]) -> String {
        let run = self.call("git", arguments).in_dir(directory).run();
        assert_eq!(run.code, 0, "git {arguments:?}: {}", run.stderr);
        run.stdout.trim_end_matches('\n').to_owned()
    }

    /// The file of rows of environment `dev`, byte by byte.
    pub(crate) fn csv(&self) -> Option<Vec<u8>> {
        let name = format!("{BRANCH}:{CSV}");
        let output = self.call("git", &["cat-file", "blob", &name]).command().output().unwrap();
        output.status.success().then_some(output.stdout)
    }

    /// With this as the registry's file of environment `dev`, and nothing else on its branch.
    pub(crate) fn registry_file(self, text: &str) -> Self {
        let object = |call: Call, text: &str| {
            let run = call.stdin(text).run().exits(0);
            run.stdout.trim().to_owned()
        };
        let mut id = object(self.call("git", &["hash-object", "-w", "--stdin"]), text);
        let mut kind = "100644 blob";
        for name in CSV.rsplit('/') {
            id = object(self.call("git", &["mktree"]), &format!("{kind} {id}\t{name}\n"));
            kind = "040000 tree";
        }
        let commit = self.git(&["commit-tree", "-m", "rows", &id]);
        self.git(&["update-ref", &format!("refs/heads/{BRANCH}"), &commit]);
        self
    }

    /// The rows of environment `dev` under the header; none when there is no file.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let text = String::from_utf8(self.csv().unwrap_or_default()).unwrap();
        text.lines().skip(1).map(Row::parse).collect()
    }

    /// The commits of the registry's branch, newest first; none when there is no branch.
    pub(crate) fn recordings(&self) -> Vec<String> {
        let branch = format!("refs/heads/{BRANCH}");
        let ids = self.call("git", &["rev-list", &branch]).run();
        if ids.code == 0 { ids.stdout.lines().map(str::to_owned).collect() } else { Vec::new() }
    }

    /// The paths of all logs, relative to the repository, by name.
    pub(crate) fn logs(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root().join("logs/build-timings")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let logs = names.filter(|name| name.ends_with(".log"));
        let mut logs: Vec<String> = logs.map(|name| format!("logs/build-timings/{name}")).collect();
        logs.sort();
        logs
    }

    /// The entries of the journal that are still there.
    pub(crate) fn journal(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.root().join(".git/timing-journal")) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        // The lock by which recorders take turns stays.
        let mut paths: Vec<PathBuf> = paths.filter(|path| !path.ends_with("lock")).collect();
        paths.sort();
        paths
    }
}
