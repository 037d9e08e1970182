//! Where a scene takes place: a home, clones, a remote, a ledger, and nothing of the machine's own
//! configuration.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::child::Call;
use super::ledger::{Ledger, Place, STEP_SCRIPT};
use super::plan::{Machine, Policy, Remote, Scene};

/// The registry's branch.
pub(super) const BRANCH: &str = "governance-registry";

/// Where its rows are.
const CSV: &str = "environments/development/latest/build_timings.csv";

/// Marks every process of a scene.
pub(super) const STAGE_MARK: &str = "SOAK_STAGE";

/// The directories of a scene.
#[derive(Debug)]
pub(super) struct Stage {
    root: PathBuf,
    pub(super) ledger: Ledger,
    pub(super) remote: Remote,
    pub(super) clones: usize,
}

impl Stage {
    /// Builds the stage of `scene` below `directory`.
    pub(super) fn build(directory: &Path, scene: &Scene) -> Result<Self, Failure> {
        let root = directory.join(scene.name);
        for name in ["home", "output"] {
            fs::create_dir_all(root.join(name))?;
        }
        let user = "[user]\n\tname = A User\n\temail = user@example.org\n";
        fs::write(root.join("home/.gitconfig"), user)?;
        fs::write(root.join("step.sh"), STEP_SCRIPT)?;
        let ledger = Ledger::create(root.join("ledger"))?;
        let stage = Self { root, ledger, remote: scene.remote, clones: scene.clones };
        if scene.remote == Remote::Bare {
            stage.git(&stage.root, &["init", "-q", "--bare", "remote.git"])?;
        }
        for index in 0..scene.clones {
            stage.build_clone(index)?;
        }
        Ok(stage)
    }

    fn build_clone(&self, index: usize) -> Result<(), Failure> {
        let clone = self.clone_at(index);
        let name = format!("clone-{index}");
        self.git(&self.root, &["init", "-q", "-b", "main", &name])?;
        fs::create_dir_all(clone.join("envs/dev"))?;
        fs::write(clone.join("envs/dev/main.tf"), "")?;
        // Each run has a policy of its own.
        fs::write(clone.join(".git/info/exclude"), "/xtask.toml\n")?;
        self.git(&clone, &["add", "."])?;
        self.git(&clone, &["commit", "-q", "-m", "The platform"])?;
        if self.remote == Remote::Bare {
            let url = self.remote_repository();
            self.git(&clone, &["remote", "add", "origin", &url.to_string_lossy()])?;
        }
        Ok(())
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn clone_at(&self, index: usize) -> PathBuf {
        self.root.join(format!("clone-{index}"))
    }

    pub(super) fn remote_repository(&self) -> PathBuf {
        self.root.join("remote.git")
    }

    /// Where the output of `name` goes.
    pub(super) fn output(&self, name: &str) -> PathBuf {
        self.root.join("output").join(name)
    }

    /// What marks the processes of this scene.
    pub(super) fn mark(&self) -> String {
        self.root.to_string_lossy().into_owned()
    }

    /// What every child gets.
    pub(super) fn variables(&self) -> Vec<(OsString, OsString)> {
        let home = self.root.join("home");
        vec![
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("GIT_CONFIG_GLOBAL".into(), home.join(".gitconfig").into()),
            ("HOME".into(), home.into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
            ("LC_ALL".into(), "C".into()),
            ("TZ".into(), "UTC".into()),
            (STAGE_MARK.into(), self.mark().into()),
            ("SOAK_LEDGER".into(), self.ledger.path().into()),
        ]
    }

    /// The same, on such a machine.
    pub(super) fn variables_on(&self, machine: Machine) -> Vec<(OsString, OsString)> {
        let ci = (machine == Machine::Ci).then(|| ("CI".into(), "true".into()));
        self.variables().into_iter().chain(ci).collect()
    }

    /// Sets `registry.push` of a clone. The file is replaced as a whole: runs read it at any time.
    pub(super) fn set_policy(&self, clone: usize, policy: Policy) -> Result<(), Failure> {
        let script = self.root.join("step.sh");
        let script = script.to_string_lossy();
        let policy = policy.as_str();
        let step =
            |name: &str, phase: &str| format!("{name} = [\"bash\", {script:?}, {phase:?}]\n");
        let text = format!(
            "[registry]\npush = \"{policy}\"\n\n[env.dev.variables]\nCREATE_RDS = \"false\"\n\n\
             [env.dev.steps]\nverify = [\"true\"]\n{}{}{}",
            step("apply", "apply-persistent"),
            step("bootstrap", "bootstrap-persistent"),
            step("teardown", "teardown-persistent"),
        );
        let path = self.clone_at(clone).join("xtask.toml");
        if fs::read_to_string(&path).is_ok_and(|known| known == text) {
            return Ok(());
        }
        let next = self.root.join(format!("xtask-{clone}-{:?}.toml", std::thread::current().id()));
        fs::write(&next, text)?;
        Ok(fs::rename(next, path)?)
    }

    /// What git answers in `directory`.
    pub(super) fn git(&self, directory: &Path, arguments: &[&str]) -> Result<String, Failure> {
        let call = Call {
            program: OsStr::new("git"),
            arguments,
            directory,
            variables: &self.variables(),
            output: &self.output("git"),
        };
        Ok(String::from_utf8_lossy(&call.answer()?).into_owned())
    }

    /// Every place that can hold rows, and its repository.
    pub(super) fn places(&self) -> Vec<(Place, PathBuf)> {
        let clones = (0..self.clones).map(|index| (Place::Clone(index), self.clone_at(index)));
        let remote =
            (self.remote == Remote::Bare).then(|| (Place::Remote, self.remote_repository()));
        clones.chain(remote).collect()
    }

    /// The commits of the branch, oldest first; none when there is no branch.
    pub(super) fn commits(&self, repository: &Path) -> Result<Vec<String>, Failure> {
        let branch = format!("refs/heads/{BRANCH}");
        let exists = self.git(repository, &["for-each-ref", &branch])?;
        if exists.is_empty() {
            return Ok(Vec::new());
        }
        let ids = self.git(repository, &["rev-list", "--reverse", &branch])?;
        Ok(ids.lines().map(str::to_owned).collect())
    }

    /// The file of rows as `commit` has it.
    pub(super) fn csv(&self, repository: &Path, commit: &str) -> Result<String, Failure> {
        self.git(repository, &["cat-file", "blob", &format!("{commit}:{CSV}")])
    }
}
