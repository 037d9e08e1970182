//! Where the branch keeps what, and what it needs besides the rows to pass its validator.

use std::borrow::Cow;

use super::snapshot::Snapshot;
use super::tree::Files;
use crate::record::Environment;

/// What a new branch says of itself.
pub(super) const README: &str = "\
# Governance registry

This branch holds records, not source code; it shares no history with the other branches.
`environments/<environment>/latest/build_timings.csv` has one row for each phase of a deployment
that ended, and only ever grows. Commits come from `cargo xtask`; please do not edit by hand.
";

/// The file of an environment's rows.
pub(super) fn timings_path(environment: &Environment) -> String {
    format!("environments/{}/latest/build_timings.csv", environment.registry_directory())
}

/// What a branch holds besides the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// What the validator wants.
    Registry,
    /// Nothing.
    Inbox,
}

/// The directory of `environments/` whose rows are at `path`, if it is the path of such a file.
pub(super) fn environment_directory(path: &[u8]) -> Option<&str> {
    let path = std::str::from_utf8(path).ok()?;
    let name = path.strip_prefix("environments/")?.strip_suffix("/latest/build_timings.csv")?;
    name.parse::<Environment>().is_ok().then_some(name)
}

/// The directory below `environments/` that a file is in.
pub(super) fn directory_of(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// Whether the recorder writes the file at `path`.
pub(super) fn is_ours(path: &[u8]) -> bool {
    let keep = || {
        let path = std::str::from_utf8(path).ok()?;
        let name = path.strip_prefix("environments/")?.strip_suffix("/history/.gitkeep")?;
        name.parse::<Environment>().ok()
    };
    path == b"README.md" || environment_directory(path).is_some() || keep().is_some()
}

/// Adds to `files`, which hold rows, what else a branch of this shape must hold and does not.
pub(super) fn complete(files: &mut Files<'_>, snapshot: &Snapshot, shape: Shape) {
    if shape == Shape::Inbox || files.is_empty() {
        return;
    }
    let paths: Vec<String> = files.keys().cloned().collect();
    for name in paths.iter().filter_map(|path| environment_directory(path.as_bytes())) {
        let history = format!("environments/{name}/history");
        if !snapshot.holds(&history) {
            // A tree cannot hold an empty directory.
            files.insert(format!("{history}/.gitkeep"), Vec::new());
        }
    }
    if snapshot.directories.is_empty() {
        files.insert("README.md".to_owned(), vec![Cow::Borrowed(README.as_bytes())]);
    }
}
