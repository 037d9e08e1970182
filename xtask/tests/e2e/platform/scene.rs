//! A copy of this repository's platform in a repository of its own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Call, Row, Scene};

/// What a deployment leaves in the platform; none of it belongs to a fresh clone.
const LEFT_BEHIND: [&str; 6] =
    [".state", ".terraform", ".terraform.lock.hcl", ".tfstate", "crash.log", "crash."];

/// How a target is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `xtask TARGET KEY=VALUE…`
    Xtask,
    /// `make TARGET KEY=VALUE… XTASK=xtask`
    Make,
    /// The same with as many jobs as make likes.
    MakeInParallel,
}

/// The repository and its surroundings.
pub(crate) struct Platform {
    pub(crate) scene: Scene,
}

impl Platform {
    /// `Makefile`, `xtask.toml` and `testdata/platform` as they are here, committed on `main`.
    pub(super) fn new() -> Self {
        let scene = Scene::without_repository()
            // A real one would ask whatever cluster the machine knows.
            .program("kubectl", "#!/bin/sh\necho \"no resources for: kubectl $*\"\n");
        let workspace = workspace();
        fs::remove_dir_all(scene.root()).unwrap();
        copy(&workspace.join("testdata/platform"), &scene.root().join("testdata/platform"));
        for file in ["Makefile", "xtask.toml"] {
            fs::copy(workspace.join(file), scene.root().join(file)).unwrap();
        }
        let program = scene.outside().join("bin/xtask");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_xtask"), program).unwrap();
        scene.git(&["init", "-q", "-b", "main"]);
        let platform = Self { scene };
        platform.commit_everything();
        platform
    }

    /// With everything in the work tree that git does not ignore in a commit.
    pub(super) fn commit_everything(&self) {
        self.scene.git(&["add", "."]);
        self.scene.git(&["commit", "-q", "-m", "The platform"]);
    }

    /// Any program in the repository. Terraform asks nobody for news.
    pub(super) fn call(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Call {
        self.scene.call(program, arguments).env("CHECKPOINT_DISABLE", "1")
    }

    /// `target` with `variables` on the command line.
    pub(crate) fn target(&self, way: Way, target: &str, variables: &[&str]) -> Call {
        let mut words = match way {
            Way::Xtask => vec!["xtask", target],
            Way::Make => vec!["make", target, "XTASK=xtask"],
            Way::MakeInParallel => vec!["make", "-j4", target, "XTASK=xtask"],
        };
        words.extend(variables);
        self.call(words[0], &words[1..])
    }

    /// The rows of environment `local`.
    pub(crate) fn local_rows(&self) -> Vec<Row> {
        let name = "governance-registry:environments/local/latest/build_timings.csv";
        self.scene.git(&["show", name]).lines().skip(1).map(Row::parse).collect()
    }

    /// What git sees of the work tree; empty when nothing has changed.
    pub(super) fn changes(&self) -> String {
        self.scene.git(&["status", "--porcelain", "--untracked-files=all"])
    }
}

impl Way {
    /// What the call exits with when xtask exits with `code`; make has a code of its own.
    pub(super) fn failure(self, code: i32) -> i32 {
        match self {
            Self::Xtask => code,
            Self::Make | Self::MakeInParallel => 2,
        }
    }
}

/// The workspace that is tested.
pub(super) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if LEFT_BEHIND.iter().any(|left| name.starts_with(left)) || name.contains(".tfstate") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(&name));
        } else {
            fs::copy(entry.path(), to.join(&name)).unwrap();
        }
    }
}
