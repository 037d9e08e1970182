//! A long conversation with git: what it reads is written, and what it says is read, as either side
//! gets to it, by one thread.
//!
//! Neither side can be given all at once: git stops reading when nobody takes what it says, and what
//! it says may be more than anybody wants to hold. There is no limit on the whole, only on silence.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// What git says; reading it writes what git is to read.
pub(super) struct Conversation<'a> {
    /// Closed as soon as everything is written.
    stdin: Option<PipeWriter>,
    unwritten: &'a [u8],
    stdout: PipeReader,
    patience: Duration,
}

impl<'a> Conversation<'a> {
    /// A conversation in which git is told `input`, and may be silent for as long as `patience`.
    pub(super) fn new(
        stdin: PipeWriter,
        input: &'a [u8],
        stdout: PipeReader,
        patience: Duration,
    ) -> io::Result<Self> {
        // git's own ends are other file descriptions and stay blocking.
        let flags = fcntl_getfl(&stdin)?;
        fcntl_setfl(&stdin, flags | OFlags::NONBLOCK)?;
        let flags = fcntl_getfl(&stdout)?;
        fcntl_setfl(&stdout, flags | OFlags::NONBLOCK)?;
        Ok(Self { stdin: Some(stdin), unwritten: input, stdout, patience })
    }

    /// Writes what git takes without waiting.
    fn tell(&mut self) -> io::Result<()> {
        while let Some(stdin) = &mut self.stdin {
            if self.unwritten.is_empty() {
                self.stdin = None;
                break;
            }
            match stdin.write(self.unwritten) {
                Ok(written) => self.unwritten = self.unwritten.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // It reads no more; what it has to say about that is still to be heard.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.stdin = None,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits until git says something or takes something.
    fn wait(&self) -> io::Result<()> {
        let left = Timespec::try_from(self.patience).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut ends = vec![PollFd::new(&self.stdout, PollFlags::IN)];
        ends.extend(self.stdin.iter().map(|stdin| PollFd::new(stdin, PollFlags::OUT)));
        match poll(&mut ends, Some(&left)) {
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Read for Conversation<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.tell()?;
            match self.stdout.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait()?,
                other => return other,
            }
        }
    }
}
