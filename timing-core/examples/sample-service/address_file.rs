//! The file that tells others where the service listens, and the service that it is still
//! wanted. Must not know what is served.
//!
//! A service whose file was removed, or replaced by that of a successor, could never be found
//! again by whoever started it; it stops by itself.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the file is looked at: one small read, well under a thousandth of a processor.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A file that holds this instance's address.
#[derive(Debug)]
pub(crate) struct AddressFile {
    path: PathBuf,
    content: String,
}

impl AddressFile {
    /// Writes `address` to a file beside `path` and renames it, so that a reader sees all of it
    /// or none.
    pub(crate) fn write(path: &Path, address: SocketAddr) -> io::Result<Self> {
        let content = format!("{address}\n");
        // The directory as it is now: a relative path would be lost with the working directory.
        let path = std::path::absolute(path)?;
        let mut draft = path.clone().into_os_string();
        draft.push(format!(".{}", std::process::id()));
        fs::write(&draft, &content)?;
        fs::rename(&draft, &path).inspect_err(|_| {
            let _ = fs::remove_file(&draft);
        })?;
        Ok(Self { path, content })
    }

    /// Returns when the file is gone or holds something else.
    pub(crate) fn wait_until_lost(&self) {
        while !self.is_lost() {
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// A file that cannot be read for another reason (too many open files) is not lost.
    fn is_lost(&self) -> bool {
        match fs::read(&self.path) {
            Ok(found) => found != self.content.as_bytes(),
            Err(error) => {
                matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_lost_when_removed_or_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("address");
        let first = AddressFile::write(&path, "127.0.0.1:1".parse().unwrap()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "127.0.0.1:1\n");
        assert!(!first.is_lost());

        let second = AddressFile::write(&path, "127.0.0.1:2".parse().unwrap()).unwrap();
        assert!(first.is_lost() && !second.is_lost());
        fs::remove_file(&path).unwrap();
        assert!(second.is_lost());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "a draft was left");
    }
}
