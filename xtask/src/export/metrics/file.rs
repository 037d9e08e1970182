//! A file that somebody else reads whenever he likes: he finds the old text or the new one, never a
//! part of one.

use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use timing_core::shown::shown;

/// Whoever collects metrics is another user.
const MODE: u32 = 0o644;

/// Why a file was not written. What was there is still there.
#[derive(Debug)]
pub struct WriteError {
    path: PathBuf,
    why: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, why } = self;
        write!(f, "the metrics were not written to {}: {why}", shown(path))?;
        match why.kind() {
            io::ErrorKind::NotFound => f.write_str("; does its directory exist?"),
            io::ErrorKind::PermissionDenied => {
                f.write_str("; its directory has to be writable, because the file is replaced")
            }
            _ => f.write_str("; what was there is as it was"),
        }
    }
}

impl std::error::Error for WriteError {}

/// Puts `text` in the place of the file at `path`, readable for everybody. A symbolic link stays
/// one, and where it leads is written.
///
/// # Errors
/// A directory that is missing or cannot be written, a full disk, and a path that is no file's.
pub fn write(path: &Path, text: &str) -> Result<(), WriteError> {
    replace(path, text).map_err(|why| WriteError { path: path.to_owned(), why })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = target(path)?;
    let Some(name) = target.file_name() else {
        return Err(io::Error::other("it is not the path of a file"));
    };
    // Hidden, and without the collector's `.prom` at its end, so that nobody reads it too early.
    let next = format!(".{}.{}.new", name.to_string_lossy(), std::process::id());
    let next = target.with_file_name(next);
    // One of this name is of a process that is gone.
    let _ = fs::remove_file(&next);
    let written = fill(&next, text).and_then(|()| fs::rename(&next, &target));
    if written.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&next);
    }
    written
}

/// Where `path` leads. A link to nowhere yet is followed as well.
fn target(path: &Path) -> io::Result<PathBuf> {
    /// As Linux has it (`path_resolution(7)`).
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                let next = fs::read_link(&path)?;
                path = path.parent().unwrap_or(Path::new("")).join(next);
            }
            Ok(found) if found.is_file() => return Ok(path),
            Ok(_) => return Err(io::Error::other("something that is not a file is there")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("it is a link to itself"))
}

fn fill(next: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(next)?;
    file.write_all(text.as_bytes())?;
    // The mode of a new file depends on whoever started us.
    file.set_permissions(Permissions::from_mode(MODE))?;
    // Or the name could reach the disk before the text does.
    file.sync_all()
}

#[cfg(test)]
mod tests;
