//! Locks that a git left when it was killed.
//!
//! git holds the lock of a reference for milliseconds and never takes one away that it finds. One
//! that stays would keep every row from the branch until a person removes it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::git::Git;

/// No git that lives holds the lock of a reference for so long, whatever hooks it runs.
const STALE: Duration = Duration::from_secs(10 * 60);

/// Removes the lock of `reference`, one of the registry's own, when whoever made it must be gone.
/// Best effort: whoever wanted the lock tries again, and says so when that leads to nothing.
pub(super) fn discard_lock(git: &Git, reference: &str) {
    const LOOKING: &str = "looking for a lock that was left behind";
    let name = format!("{reference}.lock");
    let question = ["rev-parse", "--path-format=absolute", "--git-path", &name];
    let Ok(answer) = git.run(LOOKING, &question).and_then(|answer| answer.success(LOOKING)) else {
        return;
    };
    let Ok(path) = std::str::from_utf8(answer.strip_suffix(b"\n").unwrap_or(&answer)) else {
        return;
    };
    let path = Path::new(path);
    if is_stale(path) {
        let _ = fs::remove_file(path);
    }
}

fn is_stale(lock: &Path) -> bool {
    let Ok(data) = fs::symlink_metadata(lock) else { return false };
    // A clock that was set back makes no lock old.
    let age = data.modified().ok().and_then(|made| made.elapsed().ok());
    data.is_file() && age.is_some_and(|age| age >= STALE)
}
