//! The one place that writes budgets.toml.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use timing_core::shown::shown;

/// The text of the file at `path`.
pub(super) fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read to be changed: {error}", shown(path)))
}

/// Puts `text` in the place of `before`: wholly or not at all, whatever happens meanwhile. A link
/// stays one, permissions stay, and what somebody else wrote since it was read is not lost.
pub(super) fn replace(path: &Path, before: &str, text: &str) -> Result<(), String> {
    let error =
        |error: io::Error| format!("{} cannot be written, and is as it was: {error}", shown(path));
    let target = fs::canonicalize(path).map_err(error)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let next = target.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = fill(&next, &target, text).and_then(|()| {
        if fs::read(&target)? != before.as_bytes() {
            return Err(io::Error::other("it was changed meanwhile; run this again"));
        }
        fs::rename(&next, &target)
    });
    written.map_err(|failure| {
        // It may never have been made.
        let _ = fs::remove_file(&next);
        error(failure)
    })
}

fn fill(next: &Path, like: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(next)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::metadata(like)?.permissions())?;
    file.sync_all()
}
