//! A call that goes on while the test does something to it.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use rexpect::session::PtySession;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{Call, PATIENCE, Scene, eventually};

/// A call in a process group of its own. Dropping it ends the group.
pub(crate) struct Background {
    pub(crate) child: Child,
}

impl Background {
    /// Starts `command` after `redirect`.
    pub(crate) fn start(call: &Call, redirect: impl FnOnce(&mut Command)) -> Self {
        let mut command = call.command();
        redirect(&mut command);
        Self { child: command.process_group(0).spawn().unwrap() }
    }

    /// The same with all that it prints thrown away.
    pub(crate) fn silent(call: &Call) -> Self {
        Self::start(call, |command| {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        })
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    /// As `kill PID` does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// As `timeout`, a closing terminal and CI runners do.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).unwrap();
    }

    /// The exit code.
    #[track_caller]
    pub(crate) fn code(&mut self) -> i32 {
        let status: ExitStatus =
            eventually("the end of the call", || self.child.try_wait().unwrap());
        status.code().unwrap_or_else(|| panic!("{status}"))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process_group(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// A call on a terminal of its own, of which it is the foreground group.
pub(crate) struct Terminal {
    pub(crate) session: PtySession,
}

impl Terminal {
    pub(crate) fn start(call: &Call) -> Self {
        let mut command = call.command();
        // The terminal, and not the pipes of the other tests.
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap();
        Self { session: rexpect::session::spawn_command(command, Some(patience)).unwrap() }
    }

    /// Waits until `text` is on the screen; what came before it.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> String {
        self.session.exp_string(text).unwrap()
    }

    pub(crate) fn types(&mut self, line: &str) {
        self.session.send_line(line).unwrap();
    }

    pub(crate) fn ctrl_c(&mut self) {
        self.session.send_control('c').unwrap();
    }

    /// The rest of what is shown, and the exit code.
    #[track_caller]
    pub(crate) fn end(mut self) -> (String, i32) {
        use rexpect::process::WaitStatus;
        let rest = self.session.exp_eof().unwrap();
        match self.session.process().wait().unwrap() {
            WaitStatus::Exited(_, code) => (rest, code),
            other => panic!("{other:?} after\n{rest}"),
        }
    }
}

/// A call of `apply-persistent`.
pub(crate) fn apply(scene: &Scene) -> Call {
    scene.calling(&["apply-persistent", "ENV=dev"])
}
