//! Small file systems, for disks that are full or cannot be written.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{require, skipped};

/// A file system at a directory, for as long as this lives.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// `None` where mounting is not permitted; the test is to return.
    pub(crate) fn at(test: &str, directory: PathBuf, options: &str) -> Option<Self> {
        if !require(test, "mount") {
            return None;
        }
        fs::create_dir_all(&directory).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&directory);
        match mount.output() {
            Ok(output) if output.status.success() => Some(Self(directory)),
            _ => {
                skipped(test, "mount", "may not be used here");
                None
            }
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let status = Command::new("umount").arg("-l").arg(&self.0).status();
        let unmounted = status.is_ok_and(|status| status.success());
        // A test that fails already is not to be cut short.
        assert!(unmounted || std::thread::panicking(), "{} stays mounted", self.0.display());
    }
}
