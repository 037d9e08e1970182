//! A repository of its own for each test: no HOME, configuration, clock or id of the machine's.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use timing_core::addition::Addition;
use timing_core::clock::UtcStamp;
use timing_core::git::Git;
use timing_core::record::{ExitCode, Flags, RunId, TimingRecord};
use timing_core::registry::{AppendError, Appended, Batch, Registry, Source};

pub(crate) const BRANCH: &str = "governance-registry";
pub(crate) const DEV_CSV: &str = "environments/development/latest/build_timings.csv";

/// 2026-01-24T14:43:27Z.
pub(crate) fn stamp() -> UtcStamp {
    UtcStamp::from_unix_seconds(1_769_265_807)
}

pub(crate) fn run(n: u32) -> RunId {
    RunId::new(stamp(), n)
}

/// A record of `phase` in `environment`, of the run `n`.
pub(crate) fn record_in(environment: &str, phase: &str, n: u32) -> TimingRecord {
    let mut flags = Flags::default();
    flags.set("REGION", "eu-west-2");
    flags.set("RUN", run(n).as_str());
    TimingRecord {
        start: stamp(),
        duration_seconds: 124,
        phase: phase.parse().unwrap(),
        environment: environment.parse().unwrap(),
        build_id: "persistent".parse().unwrap(),
        exit_code: ExitCode(0),
        flags,
        resources_added: 3,
        resources_changed: 1,
        resources_destroyed: 0,
        log_path: Some(format!("logs/build-timings/{phase}.log").parse().unwrap()),
    }
}

pub(crate) fn record(phase: &str, n: u32) -> TimingRecord {
    record_in("dev", phase, n)
}

/// A temporary directory with a home, and a repository with one commit and a committed file.
pub(crate) struct Sandbox {
    root: tempfile::TempDir,
    pub(crate) repo: PathBuf,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self::with_format("sha1")
    }

    pub(crate) fn with_format(format: &str) -> Self {
        let sandbox = Self::empty();
        let (repo, format) = (sandbox.repo.clone(), format!("--object-format={format}"));
        sandbox.git_in(&sandbox.path("."), &["init", "-q", "-b", "main", &format, path(&repo)]);
        sandbox.write("file.txt", "one\n");
        sandbox.git(&["add", "."]);
        sandbox.git(&["commit", "-q", "-m", "first"]);
        sandbox
    }

    /// Without a repository.
    pub(crate) fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        // macOS hands out temporary directories behind a symbolic link.
        let real = root.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("home")).unwrap();
        Self { repo: real.join("repo"), root }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(name)
    }

    /// Everything that a program in this sandbox may know.
    pub(crate) fn environment(&self) -> Vec<(OsString, OsString)> {
        let home = self.path("home");
        let fixed = [
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", home.clone().into()),
            ("GIT_CONFIG_GLOBAL", home.join("gitconfig").into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_AUTHOR_NAME", "Somebody".into()),
            ("GIT_AUTHOR_EMAIL", "somebody@example.org".into()),
            ("GIT_AUTHOR_DATE", "1769260000 +0000".into()),
            ("GIT_COMMITTER_NAME", "Somebody".into()),
            ("GIT_COMMITTER_EMAIL", "somebody@example.org".into()),
            ("GIT_COMMITTER_DATE", "1769260000 +0000".into()),
        ];
        fixed.map(|(key, value)| (key.into(), value)).into()
    }

    /// Runs git as the user would, in the repository; it must succeed.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, args: &[A]) -> String {
        self.git_in(&self.repo.clone(), args)
    }

    pub(crate) fn git_in<A: AsRef<OsStr>>(&self, dir: &Path, args: &[A]) -> String {
        String::from_utf8_lossy(&self.git_bytes(dir, args, b"")).trim_end().to_owned()
    }

    pub(crate) fn git_bytes<A: AsRef<OsStr>>(
        &self,
        dir: &Path,
        args: &[A],
        input: &[u8],
    ) -> Vec<u8> {
        let argv: Vec<OsString> = args.iter().map(|arg| arg.as_ref().to_owned()).collect();
        let output = duct::cmd("git", &argv)
            .dir(dir)
            .full_env(self.environment())
            .stdin_bytes(input)
            .stdout_capture()
            .stderr_capture()
            .unchecked()
            .run()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {argv:?} in {dir:?}: {stderr}");
        output.stdout
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.repo.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The library's git in the repository.
    pub(crate) fn library_git(&self) -> Git {
        Git::new(&self.repo, self.environment())
    }

    pub(crate) fn registry(&self) -> Registry {
        registry(self.library_git())
    }

    /// Appends a row of `phase` for the run `n` to dev's file.
    pub(crate) fn append(&self, phase: &str, n: u32) -> Result<Appended, AppendError> {
        append(&self.registry(), &[record(phase, n)])
    }

    /// Puts a tree with these files on the branch, with plumbing; no work tree takes part.
    pub(crate) fn seed(&self, files: &[(&str, &str, &[u8])]) -> String {
        let mut lines = Vec::new();
        for (mode, name, content) in files {
            let blob = self.git_bytes(&self.repo, &["hash-object", "-w", "--stdin"], content);
            let blob = String::from_utf8(blob).unwrap();
            lines.extend(format!("{mode} {} 0\t", blob.trim()).into_bytes());
            lines.extend(name.as_bytes());
            lines.push(0);
        }
        self.seed_lines(&lines)
    }

    /// The same from lines of `update-index -z --index-info`.
    pub(crate) fn seed_lines(&self, lines: &[u8]) -> String {
        // A work tree of its own has an index of its own.
        let scratch = self.path("scratch");
        self.git(&["worktree", "add", "-q", "--detach", "--no-checkout", path(&scratch)]);
        self.git_in(&scratch, &["read-tree", "--empty"]);
        self.git_bytes(&scratch, &["update-index", "-z", "--index-info"], lines);
        let tree = self.git_in(&scratch, &["write-tree"]);
        self.git(&["worktree", "remove", "--force", path(&scratch)]);
        let commit = self.git(&["commit-tree", "-m", "seed", &tree]);
        self.git(&["update-ref", &format!("refs/heads/{BRANCH}"), &commit]);
        commit
    }

    pub(crate) fn tip(&self) -> String {
        self.git(&["rev-parse", BRANCH])
    }

    /// The bytes of `path` on the branch.
    pub(crate) fn show(&self, path: &str) -> Vec<u8> {
        self.git_bytes(&self.repo, &["cat-file", "blob", &format!("{BRANCH}:{path}")], b"")
    }

    pub(crate) fn csv(&self) -> String {
        String::from_utf8(self.show(DEV_CSV)).unwrap()
    }

    /// All entries of the branch: mode, kind, object, path.
    pub(crate) fn entries(&self, at: &str) -> Vec<String> {
        let listed = self.git_bytes(&self.repo, &["ls-tree", "-r", "-z", at], b"");
        let lines = listed.split(|b| *b == 0).filter(|line| !line.is_empty());
        lines.map(|line| line.escape_ascii().to_string()).collect()
    }

    /// Every object of the repository is well formed and every name leads somewhere.
    pub(crate) fn fsck(&self) {
        self.git(&["fsck", "--strict", "--full", "--no-dangling"]);
    }
}

pub(crate) fn registry(git: Git) -> Registry {
    Registry::new(git, BRANCH.parse().unwrap(), "origin".parse().unwrap())
}

pub(crate) fn append(
    registry: &Registry,
    records: &[TimingRecord],
) -> Result<Appended, AppendError> {
    let source = Source::default();
    let additions: Vec<Addition> = records.iter().cloned().map(Addition::from).collect();
    let batch = Batch {
        outermost: records.last(),
        additions: &additions,
        source: &source,
        recorder: "xtask 0.1.0",
    };
    registry.append(&batch, stamp())
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The rows of a file, without its header.
pub(crate) fn rows(csv: &str) -> usize {
    csv.lines().count() - 1
}
