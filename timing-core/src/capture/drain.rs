//! Somebody goes on reading a pipe whose writer must not die.
//!
//! A process that a step left behind dies of SIGPIPE at its next write once nobody holds the other
//! end of its pipe. So the pipe is handed to a process of its own that outlives us and reads until
//! the last writer is gone.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use super::detach::leave_session;
use super::forward::append;

/// Starts `drainer` (a program and its arguments, which call [`drain_stdin`]) on `pipe`; what it
/// reads goes to `log`, or nowhere.
///
/// # Errors
///
/// When the program cannot be started. The pipe is then read by a thread of this process, for as
/// long as this process lives.
pub fn hand_over(pipe: OwnedFd, drainer: &[OsString], log: Option<&File>) -> io::Result<()> {
    let start = || -> io::Result<()> {
        let (program, arguments) = drainer
            .split_first()
            .ok_or_else(|| io::Error::other("no program that could go on reading"))?;
        let expression =
            duct::cmd(program, arguments).stdin_file(pipe.try_clone()?).stderr_null().unchecked();
        let expression = match log {
            Some(log) => expression.stdout_file(log.try_clone()?),
            None => expression.stdout_null(),
        };
        // Dropping the handle neither kills nor waits.
        expression.start().map(drop)
    };
    start().inspect_err(|_| {
        let log = log.and_then(|log| log.try_clone().ok());
        std::thread::spawn(move || drain(&mut File::from(pipe), log.as_ref()));
    })
}

/// The body of the drainer: reads stdin to its end and appends it to stdout. A stdout that cannot
/// be written to any more (a full disk) does not end it.
pub fn drain_stdin() {
    leave_session();
    let stdin = rustix::stdio::stdin().as_fd().try_clone_to_owned();
    let stdout = rustix::stdio::stdout().as_fd().try_clone_to_owned();
    if let Ok(stdin) = stdin {
        drain(&mut File::from(stdin), stdout.ok().map(File::from).as_ref());
    }
}

fn drain(from: &mut impl Read, mut log: Option<&File>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                if log.is_some_and(|log| append(log, bytes).is_err()) {
                    log = None;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_does_not_end_the_draining() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut left: &[u8] = &[b'x'; 100_000];
        drain(&mut left, Some(&full));
        assert!(left.is_empty());
    }

    #[test]
    fn what_is_drained_is_appended() {
        let log = tempfile::NamedTempFile::new().unwrap();
        drain(&mut &b"late words"[..], Some(log.as_file()));
        assert_eq!(std::fs::read(log.path()).unwrap(), b"late words");
    }
}
