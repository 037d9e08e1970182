//! A process that goes on when we are gone, and that nobody waits for.

use std::fs::File;
use std::io;

use super::Command;

/// Starts `command` with nothing to read and with both outputs going to `log`. It should call
/// [`leave_session`] first.
///
/// # Errors
///
/// When it cannot be started.
pub fn detach(command: &Command<'_>, log: &File) -> io::Result<()> {
    let expression =
        super::expression(command).stdin_null().stderr_to_stdout().stdout_file(log.try_clone()?);
    // Dropping the handle neither kills nor waits.
    expression.start().map(drop)
}

/// Leaves the terminal's session: its signals are no longer for this process.
pub fn leave_session() {
    // It fails only for a process that leads its group already, and that one is out of reach.
    let _ = rustix::process::setsid();
}
