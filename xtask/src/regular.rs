//! Regular files, and nothing else. To open a pipe may wait for somebody, and to write to a device is to
//! say something to somebody: what finds anything but a file in its place says so and goes on.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// What becomes of a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It is followed: the user has named it.
    Followed,
    /// It is refused: the place is ours, and we make none.
    Refused,
}

/// Opens the file at `path` for appending, or makes it.
///
/// # Errors
///
/// When it cannot be opened or made, or is no regular file.
pub fn append(path: &Path, links: Links) -> io::Result<File> {
    // To open a pipe for writing fails, or wakes who reads it.
    match std::fs::metadata(path) {
        Ok(found) => refuse_others(&found)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    open(OpenOptions::new().append(true).create(true), path, links)
}

/// The text of the file of ours at `path`, of which the first `longest` bytes are read.
///
/// # Errors
///
/// When it cannot be read, is no text, or is no regular file.
pub fn read(path: &Path, longest: u64) -> io::Result<String> {
    let mut text = String::new();
    let file = open(OpenOptions::new().read(true), path, Links::Refused)?;
    file.take(longest).read_to_string(&mut text)?;
    Ok(text)
}

fn open(options: &mut OpenOptions, path: &Path, links: Links) -> io::Result<File> {
    let followed = match links {
        Links::Followed => OFlags::empty(),
        Links::Refused => OFlags::NOFOLLOW,
    };
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | followed;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = options.custom_flags(flags).open(path)?;
    // It may have been replaced since anybody looked.
    refuse_others(&file.metadata()?)?;
    Ok(file)
}

fn refuse_others(found: &Metadata) -> io::Result<()> {
    if found.is_file() { Ok(()) } else { Err(io::Error::other("it is no regular file")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::symlink;

    fn pipe(directory: &Path) -> std::path::PathBuf {
        let path = directory.join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, 0o600.into()).unwrap();
        path
    }

    #[test]
    fn a_pipe_that_nobody_holds_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = pipe(directory.path());
        for links in [Links::Followed, Links::Refused] {
            assert_eq!(append(&pipe, links).unwrap_err().to_string(), "it is no regular file");
        }
        assert_eq!(read(&pipe, 9).unwrap_err().to_string(), "it is no regular file");
    }

    #[test]
    fn a_link_is_followed_where_the_user_named_it_and_only_there() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        symlink(&file, &link).unwrap();
        append(&link, Links::Followed).unwrap().write_all(b"as much as fits").unwrap();
        assert!(append(&link, Links::Refused).is_err());
        assert!(read(&link, 9).is_err());
        assert_eq!(read(&file, 7).unwrap(), "as much");
    }
}
