//! The environment as the user had it, before `cargo run` and rustup's proxy added theirs.
//!
//! A nested cargo or rustup trips over what an outer one leaves behind. Values that the user set
//! himself stay: `CARGO_TARGET_DIR`, `CARGO_TERM_COLOR`, and a toolchain chosen in the environment.
//! `PATH` stays as it is: rustup may have put its own directory in front, which nobody can tell
//! from a user who did so.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::settings::Variable;

/// A copy of the environment.
pub type Variables = Vec<(OsString, OsString)>;

/// What `cargo run` sets for the program it starts (the Cargo Book, "Environment variables Cargo
/// sets for crates").
const SET_BY_CARGO: [&str; 4] =
    ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "RUST_RECURSION_COUNT"];

/// The library paths in which cargo puts the build's directories first.
const LIBRARY_PATHS: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LIBPATH"];

/// This program, for a process that outlives it. A build may replace the file while a deployment
/// runs; on Linux this link leads to the file that is running, also when it has no name any more.
#[must_use]
pub fn this_program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    match std::env::current_exe() {
        _ if running.exists() => running.to_owned(),
        Ok(program) => program,
        Err(_) => "xtask".into(),
    }
}

/// How this program was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Invocation {
    /// By cargo, through the alias: `cargo xtask`.
    #[default]
    Cargo,
    /// By this name or path.
    Program(String),
}

impl Invocation {
    /// From the first word of the command line and the environment.
    #[must_use]
    pub fn of(first_word: Option<OsString>, variables: &[(OsString, OsString)]) -> Self {
        if Launch::of(variables, None).is_of(env!("CARGO_MANIFEST_DIR")) {
            return Self::Cargo;
        }
        let name = first_word.and_then(|word| word.into_string().ok());
        Self::Program(name.filter(|name| !name.is_empty()).unwrap_or_else(|| "xtask".to_owned()))
    }
}

/// `variables` without what a launch by `cargo run` added. `manifest_dir` is this program's own,
/// by which such a launch is recognised: without one nothing is removed.
#[must_use]
pub fn user_environment(variables: Variables, manifest_dir: &str) -> Variables {
    undo_launch(variables, manifest_dir, std::env::current_exe().ok().as_deref())
}

/// The same for the program at `program`, which cargo has built.
fn undo_launch(variables: Variables, manifest_dir: &str, program: Option<&Path>) -> Variables {
    let launch = Launch::of(&variables, program);
    if !launch.is_of(manifest_dir) {
        return variables;
    }
    variables
        .into_iter()
        .filter_map(|(key, value)| {
            let value = match key.to_str() {
                Some(key) => launch.undo(key, value)?,
                None => value,
            };
            Some((key, value))
        })
        .collect()
}

/// `variables` where those of `given` have its values. Only values change: what is not there is not
/// added, because the contract says what each command gets.
#[must_use]
pub fn with_values(variables: Variables, given: &BTreeMap<Variable, String>) -> Variables {
    let value_of = |key: &OsStr| given.get(&Variable::from_key(key.to_str()?)?);
    variables
        .into_iter()
        .map(|(key, value)| {
            let value = value_of(&key).map_or(value, OsString::from);
            (key, value)
        })
        .collect()
}

/// What of the environment tells how the launch changed the rest.
struct Launch {
    manifest_dir: Option<OsString>,
    home: Option<OsString>,
    toolchain_from_user: bool,
    rustup_home: Option<OsString>,
    target_dir: Option<OsString>,
    /// Where cargo puts what it builds: the directory of the running program, wherever that is.
    output_dir: Option<PathBuf>,
}

impl Launch {
    fn of(variables: &[(OsString, OsString)], program: Option<&Path>) -> Self {
        let get = |name: &str| variables.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
        Self {
            manifest_dir: get("CARGO_MANIFEST_DIR"),
            home: get("HOME"),
            // rustup says where it took the toolchain from.
            toolchain_from_user: get("RUSTUP_TOOLCHAIN_SOURCE").is_some_and(|from| from == "env"),
            rustup_home: get("RUSTUP_HOME"),
            target_dir: get("CARGO_TARGET_DIR"),
            output_dir: program.and_then(Path::parent).map(Path::to_owned),
        }
    }

    /// Whether cargo launched the package in this directory.
    fn is_of(&self, manifest_dir: &str) -> bool {
        self.manifest_dir.as_deref() == Some(OsStr::new(manifest_dir))
    }

    /// The value that the user had; `None` for none.
    fn undo(&self, key: &str, value: OsString) -> Option<OsString> {
        match key {
            "RUSTUP_TOOLCHAIN" => self.toolchain_from_user.then_some(value),
            "RUSTUP_TOOLCHAIN_SOURCE" => None,
            // rustup sets both to what they would have been without it.
            "CARGO_HOME" => (!self.is_in_home(&value, ".cargo")).then_some(value),
            "RUSTUP_HOME" => (!self.is_in_home(&value, ".rustup")).then_some(value),
            _ if SET_BY_CARGO.contains(&key) || key.starts_with("CARGO_PKG_") => None,
            _ if LIBRARY_PATHS.contains(&key) => self.without_build_directories(&value),
            _ => Some(value),
        }
    }

    fn is_in_home(&self, value: &OsStr, name: &str) -> bool {
        self.home.as_ref().is_some_and(|home| Path::new(home).join(name) == Path::new(value))
    }

    fn without_build_directories(&self, value: &OsStr) -> Option<OsString> {
        let given: Vec<PathBuf> = std::env::split_paths(value).collect();
        let toolchains: Vec<&Path> =
            given.iter().filter_map(|path| libraries_above(path)).collect();
        let is_of_a_toolchain =
            |path: &Path| libraries_above(path).is_some() || toolchains.contains(&path);
        let kept: Vec<_> = given
            .iter()
            .filter(|path| !self.is_of_the_build(path) && !is_of_a_toolchain(path))
            .collect();
        if kept.is_empty() {
            return None;
        }
        std::env::join_paths(kept).ok()
    }

    fn is_of_the_build(&self, path: &Path) -> bool {
        let workspace = self.manifest_dir.as_deref().and_then(|dir| Path::new(dir).parent());
        workspace.is_some_and(|workspace| path.starts_with(workspace.join("target")))
            || self.target_dir.as_deref().is_some_and(|target| path.starts_with(target))
            || self.output_dir.as_deref().is_some_and(|output| path.starts_with(output))
            || self.rustup_home.as_deref().is_some_and(|home| path.starts_with(home))
    }
}

/// The `lib` of a toolchain whose `lib/rustlib/<target>/lib` this is.
fn libraries_above(path: &Path) -> Option<&Path> {
    let rustlib = path.parent()?.parent()?;
    let is_of_target = path.file_name()? == "lib" && rustlib.file_name()? == "rustlib";
    rustlib.parent().filter(|lib| is_of_target && lib.file_name().is_some_and(|name| name == "lib"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))).collect()
    }

    const LAUNCH: [(&str, &str); 9] = [
        ("HOME", "/home/u"),
        ("CARGO", "/home/u/.rustup/toolchains/stable/bin/cargo"),
        ("CARGO_MANIFEST_DIR", "/src/xtask"),
        ("CARGO_PKG_NAME", "xtask"),
        ("CARGO_HOME", "/home/u/.cargo"),
        ("RUSTUP_HOME", "/home/u/.rustup"),
        ("RUSTUP_TOOLCHAIN", "stable"),
        ("RUSTUP_TOOLCHAIN_SOURCE", "default"),
        ("LD_LIBRARY_PATH", "/src/target/debug/deps:/home/u/.rustup/toolchains/stable/lib"),
    ];

    #[test]
    fn what_the_launch_added_is_gone() {
        assert_eq!(
            user_environment(variables(&LAUNCH), "/src/xtask"),
            variables(&[("HOME", "/home/u")])
        );
    }

    #[test]
    fn what_the_user_set_stays() {
        let own = [
            ("HOME", "/home/u"),
            ("CARGO_MANIFEST_DIR", "/src/xtask"),
            ("CARGO_TARGET_DIR", "/fast"),
            ("CARGO_HOME", "/elsewhere"),
            ("RUSTUP_TOOLCHAIN", "nightly"),
            ("RUSTUP_TOOLCHAIN_SOURCE", "env"),
            ("LD_LIBRARY_PATH", "/fast/debug:/opt/lib"),
        ];
        let kept = [
            ("HOME", "/home/u"),
            ("CARGO_TARGET_DIR", "/fast"),
            ("CARGO_HOME", "/elsewhere"),
            ("RUSTUP_TOOLCHAIN", "nightly"),
            ("LD_LIBRARY_PATH", "/opt/lib"),
        ];
        assert_eq!(user_environment(variables(&own), "/src/xtask"), variables(&kept));
    }

    #[test]
    fn the_builds_libraries_are_gone_wherever_they_are() {
        let libraries = [
            "/fast/debug/build/native/out",
            "/fast/debug/deps",
            "/fast/debug",
            "/opt/rust/lib/rustlib/x86_64-unknown-linux-gnu/lib",
            "/opt/rust/lib",
            "/opt/lib",
            "/fast/debugger",
        ];
        let launch =
            [("CARGO_MANIFEST_DIR", "/src/xtask"), ("LD_LIBRARY_PATH", &libraries.join(":"))];
        let program = Path::new("/fast/debug/xtask");
        assert_eq!(
            undo_launch(variables(&launch), "/src/xtask", Some(program)),
            variables(&[("LD_LIBRARY_PATH", "/opt/lib:/fast/debugger")])
        );
    }

    #[test]
    fn it_is_called_as_it_was_called() {
        let of = |word: &str, variables: &Variables| Invocation::of(Some(word.into()), variables);
        let cargo = variables(&[("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))]);
        assert_eq!(of("target/debug/xtask", &cargo), Invocation::Cargo);
        let other = variables(&[("CARGO_MANIFEST_DIR", "/other")]);
        assert_eq!(of("/usr/bin/xtask", &other), Invocation::Program("/usr/bin/xtask".to_owned()));
        assert_eq!(Invocation::of(None, &other), Invocation::Program("xtask".to_owned()));
    }

    #[test]
    fn a_program_that_cargo_did_not_launch_passes_everything_on() {
        let own = variables(&[("CARGO", "mine"), ("CARGO_MANIFEST_DIR", "/other")]);
        assert_eq!(user_environment(own.clone(), "/src/xtask"), own);
    }
}
