//! From a command's pipes to our own stdout and stderr.

use std::fs::File;
use std::io::{self, PipeReader, Write};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio;

use super::Output;

/// Whether the command's stdout and stderr share one pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// One pipe: the order between the two is exact.
    Merged,
    /// A pipe each, because the user sent one of them elsewhere.
    Apart,
}

impl Streams {
    /// What our own stdout and stderr ask for: merged where they are the same file.
    #[must_use]
    pub fn of_this_process() -> Self {
        let same = || -> rustix::io::Result<bool> {
            let out = rustix::fs::fstat(stdio::stdout())?;
            let err = rustix::fs::fstat(stdio::stderr())?;
            Ok((out.st_dev, out.st_ino, out.st_rdev) == (err.st_dev, err.st_ino, err.st_rdev))
        };
        if same().unwrap_or(false) { Self::Merged } else { Self::Apart }
    }
}

/// The most that a pipe, a socket or a terminal takes without blocking once it says that it has
/// room.
const PIECE: usize = libc::PIPE_BUF;

/// The reading end of a command's output, and where its bytes go.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) reader: PipeReader,
    destination: Destination,
    pace: Pace,
    /// What has been read; up to `written` it has been written as well.
    backlog: Vec<u8>,
    written: usize,
    /// How many bytes are to be read before the pipe may be left.
    pub(super) owed: u64,
}

/// Where forwarded bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destination {
    Stdout,
    Stderr,
    /// Nowhere: hidden by policy, or because our own end failed.
    Nowhere,
}

/// How much is written at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// All: no other stream waits meanwhile.
    Whole,
    /// What fits: one stream that nobody reads must not hold up the other.
    Pieces,
}

/// What became of forwarded bytes.
#[derive(Debug)]
pub(super) enum Forwarded {
    /// They are where they belong, or wait for room there.
    Passed,
    /// Nobody will ever read them: without us the command would now get SIGPIPE, so it should.
    ReaderGone,
    /// They could not be written, for a reason that would not have ended the command.
    Failed(io::Error),
}

/// Redirects `expression` as `output` asks and returns the pipes to read from.
pub(super) fn connect(
    expression: duct::Expression,
    output: Output,
) -> io::Result<(duct::Expression, Vec<Pipe>)> {
    let pipe = |destination, pace| -> io::Result<(Pipe, io::PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        widen(&reader);
        Ok((Pipe { reader, destination, pace, backlog: Vec::new(), written: 0, owed: 0 }, writer))
    };
    match output {
        Output::Untouched => Ok((expression, Vec::new())),
        Output::Hidden | Output::Forwarded(Streams::Merged) => {
            let destination = match output {
                Output::Hidden => Destination::Nowhere,
                _ => Destination::Stdout,
            };
            let (both, writer) = pipe(destination, Pace::Whole)?;
            // The inner redirection of stderr has to come first to follow the outer one.
            Ok((expression.stderr_to_stdout().stdout_file(writer), vec![both]))
        }
        Output::Forwarded(Streams::Apart) => {
            let (out, out_writer) = pipe(Destination::Stdout, Pace::Pieces)?;
            let (err, err_writer) = pipe(Destination::Stderr, Pace::Pieces)?;
            Ok((expression.stdout_file(out_writer).stderr_file(err_writer), vec![out, err]))
        }
    }
}

/// A wide pipe spares context switches under load. The system may refuse; nothing depends on it.
fn widen(reader: &PipeReader) {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(reader, 1 << 20);
    #[cfg(not(target_os = "linux"))]
    let _ = reader;
}

impl Pipe {
    /// Writes `bytes`, or so much of them as may be written now: the rest is the backlog, and
    /// nothing is to be read before it is gone.
    pub(super) fn forward(&mut self, bytes: &[u8]) -> Forwarded {
        match self.write(bytes) {
            Ok(written) => {
                self.backlog.extend_from_slice(bytes.get(written..).unwrap_or_default());
                Forwarded::Passed
            }
            Err(error) => self.failed(error),
        }
    }

    pub(super) fn has_backlog(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Writes so much of the backlog as may be written now.
    pub(super) fn forward_backlog(&mut self) -> Forwarded {
        match self.write(self.backlog.get(self.written..).unwrap_or_default()) {
            Ok(written) => {
                self.written += written;
                if self.written == self.backlog.len() {
                    self.forget_backlog();
                }
                Forwarded::Passed
            }
            Err(error) => self.failed(error),
        }
    }

    /// What has to happen before there is something to do: room for the backlog, or bytes.
    pub(super) fn awaits(&self) -> PollFd<'_> {
        match self.destination.fd() {
            Some(fd) if self.has_backlog() => PollFd::from_borrowed_fd(fd, PollFlags::OUT),
            _ => PollFd::new(&self.reader, PollFlags::IN),
        }
    }

    /// Whether nobody holds the writing end any more.
    pub(super) fn is_closed(&self) -> bool {
        flags_now(self.reader.as_fd(), PollFlags::IN).contains(PollFlags::HUP)
    }

    fn write(&self, bytes: &[u8]) -> rustix::io::Result<usize> {
        match (self.destination.fd(), self.pace) {
            (None, _) => Ok(bytes.len()),
            (Some(fd), Pace::Whole) => write_all(fd, bytes).map(|()| bytes.len()),
            (Some(fd), Pace::Pieces) => write_what_fits(fd, bytes),
        }
    }

    fn failed(&mut self, error: rustix::io::Errno) -> Forwarded {
        self.forget_backlog();
        if error == rustix::io::Errno::PIPE {
            return Forwarded::ReaderGone;
        }
        self.destination = Destination::Nowhere;
        Forwarded::Failed(error.into())
    }

    fn forget_backlog(&mut self) {
        self.backlog.clear();
        self.written = 0;
    }
}

impl Destination {
    fn fd(self) -> Option<BorrowedFd<'static>> {
        match self {
            Self::Stdout => Some(stdio::stdout()),
            Self::Stderr => Some(stdio::stderr()),
            Self::Nowhere => None,
        }
    }
}

/// Writes piece by piece while there is room; how much it was.
fn write_what_fits(fd: BorrowedFd<'_>, bytes: &[u8]) -> rustix::io::Result<usize> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        if flags_now(fd, PollFlags::OUT).is_empty() {
            break;
        }
        match rustix::io::write(fd, &rest[..rest.len().min(PIECE)]) {
            Ok(length) => written += length,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// What there is to `awaited` without waiting, an end or an error included.
fn flags_now(fd: BorrowedFd<'_>, awaited: PollFlags) -> PollFlags {
    let mut fds = [PollFd::from_borrowed_fd(fd, awaited)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    match poll(&mut fds, Some(&now)) {
        Ok(_) => fds[0].revents(),
        Err(_) => PollFlags::empty(),
    }
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            // Another holder of the same terminal or pipe has made it non-blocking.
            Err(rustix::io::Errno::AGAIN) => {
                let _ = poll(&mut [PollFd::new(&fd, PollFlags::OUT)], None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Appends to `file` until `bytes` are gone; a helper for readers that must never stop reading.
pub(super) fn append(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}
