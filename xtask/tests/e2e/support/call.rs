//! One call of the program, with a bound on how long it may take.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far beyond what any call takes on a busy machine: only a hang gets here.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The exit code; 128 + n for a call that died of signal n.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The lines of stderr that begin with `warning:`.
    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("warning:")).collect()
    }

    /// The same, after a check that it exited with `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// A call that is being put together.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    program: PathBuf,
    arguments: Vec<OsString>,
    directory: PathBuf,
    variables: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
}

impl Call {
    pub(super) fn new(
        program: &Path,
        arguments: &[&str],
        directory: &Path,
        variables: Vec<(OsString, OsString)>,
    ) -> Self {
        Self {
            program: program.to_path_buf(),
            arguments: arguments.iter().map(OsString::from).collect(),
            directory: directory.to_path_buf(),
            variables,
            stdin: None,
        }
    }

    /// With `key` in its environment, in place of what the scene says.
    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.retain(|(known, _)| known != key);
        self.variables.push((key.into(), value.as_ref().to_owned()));
        self
    }

    /// With one more argument.
    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// In another directory.
    pub(crate) fn in_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// With `text` on its stdin; without this its stdin is at its end.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.as_bytes().to_vec());
        self
    }

    /// The command itself, for a test that needs its pipes, its terminal or its process id.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.variables.iter().map(|(key, value)| (key, value)))
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started or does not end.
    pub(crate) fn run(self) -> Run {
        let mut child = self.command().spawn().unwrap();
        let id = child.id();
        let stdin = child.stdin.take().zip(self.stdin.clone());
        let writer = thread::spawn(move || {
            // It may have ended without reading all of it.
            stdin.map(|(mut pipe, text)| pipe.write_all(&text).is_ok())
        });
        let (done, ended) = mpsc::channel();
        thread::spawn(move || done.send(child.wait_with_output()));
        let Ok(output) = ended.recv_timeout(PATIENCE) else {
            let process = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw);
            let killed = process.map(|process| {
                rustix::process::kill_process(process, rustix::process::Signal::KILL)
            });
            panic!("{:?} did not end within {PATIENCE:?}; killed: {killed:?}", self.arguments)
        };
        writer.join().unwrap();
        let output = output.unwrap();
        Run {
            code: code(output.status),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap()
}
