//! What git reads from its standard input, written from this thread and never past a deadline.
//!
//! duct's own input takes a buffer of its own and a thread that cannot be given up on; a file of
//! some megabytes should be neither copied nor waited for.

use std::io::{self, PipeWriter, Write};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// The writing end of git's standard input.
pub(super) struct DeadlineWriter {
    pipe: PipeWriter,
    deadline: Instant,
}

impl DeadlineWriter {
    /// A writer that gives up at `deadline`.
    pub(super) fn new(pipe: PipeWriter, deadline: Instant) -> io::Result<Self> {
        // The reading end is another file description: git's own reads stay blocking.
        let flags = fcntl_getfl(&pipe)?;
        fcntl_setfl(&pipe, flags | OFlags::NONBLOCK)?;
        Ok(Self { pipe, deadline })
    }

    fn wait_until_writable(&self) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut [PollFd::new(&self.pipe, PollFlags::OUT)], Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Write for DeadlineWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.pipe.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait_until_writable()?;
                }
                other => return other,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
