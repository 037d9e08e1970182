//! Calls that talk to a remote: one deadline for all of them, no terminal, nobody to ask.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use super::{Git, GitError, Terms};

/// When all calls of one synchronisation have to be over, together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    total: Duration,
}

impl Deadline {
    /// `total` from now.
    pub(crate) fn after(total: Duration) -> Self {
        Self { at: Instant::now() + total, total }
    }

    /// What is left of it.
    pub(crate) fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// All of it.
    pub(crate) fn total(self) -> Duration {
        self.total
    }
}

/// Which ssh git is to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SshPolicy {
    /// The one that the user chose.
    Users,
    /// git's usual one, told not to ask.
    Batch,
}

impl SshPolicy {
    /// How long ssh may take to connect, in seconds.
    const CONNECT_TIMEOUT: u32 = 10;

    pub(super) fn variable(self) -> Option<(OsString, OsString)> {
        let connect = Self::CONNECT_TIMEOUT;
        let command = || format!("ssh -o BatchMode=yes -o ConnectTimeout={connect}").into();
        (self == Self::Batch).then(|| ("GIT_SSH_COMMAND".into(), command()))
    }
}

impl Git {
    /// The same for calls that talk to a remote, until `deadline`.
    pub(crate) fn for_network(&self, deadline: Deadline, ssh: SshPolicy) -> Self {
        Self { terms: Terms::Network(deadline, ssh), ..self.clone() }
    }

    /// Whether the caller's environment says which ssh to use.
    pub(crate) fn inherits_ssh(&self) -> bool {
        self.inherited.iter().any(|(key, _)| key == "GIT_SSH_COMMAND" || key == "GIT_SSH")
    }

    /// When a call that starts now has to be over.
    pub(super) fn deadline(&self, doing: &'static str) -> Result<Instant, GitError> {
        match self.terms {
            Terms::Local => Ok(Instant::now() + self.time_outs.local),
            Terms::Network(deadline, _) if deadline.left().is_zero() => {
                Err(GitError::TimedOut { doing, after: deadline.total })
            }
            Terms::Network(deadline, _) => Ok(deadline.at),
        }
    }

    /// How long a call is allowed to take.
    pub(super) fn allowed(&self) -> Duration {
        match self.terms {
            Terms::Local => self.time_outs.local,
            Terms::Network(deadline, _) => deadline.total,
        }
    }
}

/// A session of its own has no terminal: what opens `/dev/tty` to ask fails at once, where a process
/// in the background would be stopped and wait for ever.
#[expect(unsafe_code, reason = "no safe wrapper runs code in the child before it becomes git")]
#[expect(clippy::disallowed_types, reason = "duct hands it out before it starts it")]
pub(super) fn without_terminal(command: &mut std::process::Command) {
    let new_session = || rustix::process::setsid().map(drop).map_err(Into::into);
    // SAFETY: between fork and exec only what is async-signal-safe may run; this is one system call
    // and allocates nothing.
    unsafe {
        command.pre_exec(new_session);
    }
}
