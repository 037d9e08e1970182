//! One connection: a request out, an answer in, of which the body is counted, and kept where
//! somebody wants it. Must not know why it is asked.
//!
//! The framing is that of RFC 9112, section 6.3. Reading is bounded by a deadline, a longest head
//! and a longest body, so that no server can hold it or fill memory.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use httparse::Status as Parsed;

use super::fault::Fault;
use super::head::{Framing, Head, Reuse, parse_head};

/// Longest head of an answer, interim ones and trailers included, in bytes.
pub(super) const HEAD_LIMIT: usize = 64 * 1024;
/// Longest line with the size of a chunk, in bytes.
const CHUNK_LINE_LIMIT: usize = 1024;
const PIECE: usize = 16 * 1024;

/// When a request has to be through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    /// What was allowed, for messages.
    pub(super) limit: Duration,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }

    /// What is left of it, never zero.
    pub(super) fn left(self) -> Result<Duration, Fault> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Fault::TimedOut(self.limit)) } else { Ok(left) }
    }
}

/// An answer whose body has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Bytes of the body, without its framing.
    pub(super) body: u64,
    pub(super) location: Option<String>,
    pub(super) reuse: Reuse,
}

#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    /// Read and not yet used.
    buffer: Vec<u8>,
    /// Of the body, where it is kept.
    kept: Option<Vec<u8>>,
}

impl Wire {
    pub(super) fn over(stream: TcpStream) -> Self {
        // A request is one small segment; where this fails it is only slower.
        let _ = stream.set_nodelay(true);
        Self { stream, buffer: Vec::new(), kept: None }
    }

    /// The same, keeping the body of its answer.
    pub(super) fn keeping(stream: TcpStream) -> Self {
        Self { kept: Some(Vec::new()), ..Self::over(stream) }
    }

    /// The body that was kept.
    pub(super) fn into_body(self) -> Vec<u8> {
        self.kept.unwrap_or_default()
    }

    /// Whether the server has said anything that belongs to no request yet.
    pub(super) fn has_received(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Sends `request` and reads the whole answer.
    pub(super) fn exchange(
        &mut self,
        request: &[u8],
        body_limit: u64,
        deadline: Deadline,
    ) -> Result<Answer, Fault> {
        self.send(request, deadline)?;
        let head = self.head(deadline)?;
        let body = match head.framing {
            Framing::Length(length) if length > body_limit => {
                return Err(Fault::BodyTooLarge(body_limit));
            }
            Framing::Length(length) => self.take(length, deadline)?,
            Framing::Chunked => self.chunks(body_limit, deadline)?,
            Framing::UntilClosed => self.until_closed(body_limit, deadline)?,
        };
        // What comes unasked belongs to no answer.
        let reuse = if self.buffer.is_empty() { head.reuse } else { Reuse::No };
        Ok(Answer { status: head.status, body, location: head.location, reuse })
    }

    /// Sends all of `request`. Not at once, which would give each piece that goes the whole time.
    fn send(&mut self, mut request: &[u8], deadline: Deadline) -> Result<(), Fault> {
        while !request.is_empty() {
            let fault = |error| Fault::of(&error, deadline.limit);
            self.stream.set_write_timeout(Some(deadline.left()?)).map_err(fault)?;
            match self.stream.write(request) {
                Ok(0) => return Err(Fault::Broken("nothing more is taken".to_owned())),
                Ok(sent) => request = request.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(fault(error)),
            }
        }
        Ok(())
    }

    /// The head of the final answer; interim ones (1xx) are passed over.
    fn head(&mut self, deadline: Deadline) -> Result<Head, Fault> {
        let mut used = 0;
        loop {
            if let Some((head, length)) = parse_head(&self.buffer)? {
                self.buffer.drain(..length);
                used += length;
                if head.status / 100 != 1 || head.status == 101 {
                    return Ok(head);
                }
            } else {
                self.more(deadline)?;
            }
            if used + self.buffer.len() > HEAD_LIMIT + PIECE || used > HEAD_LIMIT {
                return Err(Fault::HeadTooLarge);
            }
        }
    }

    /// Reads `length` bytes of the body.
    fn take(&mut self, length: u64, deadline: Deadline) -> Result<u64, Fault> {
        let mut left = length;
        loop {
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            let read = self.buffer.drain(..here);
            match &mut self.kept {
                Some(kept) => kept.extend(read),
                None => drop(read),
            }
            left -= here as u64;
            if left == 0 {
                return Ok(length);
            }
            self.more(deadline)?;
        }
    }

    fn chunks(&mut self, limit: u64, deadline: Deadline) -> Result<u64, Fault> {
        let mut total: u64 = 0;
        loop {
            let size = self.chunk_size(deadline)?;
            if size == 0 {
                self.trailers(deadline)?;
                return Ok(total);
            }
            total = total.saturating_add(size);
            if total > limit {
                return Err(Fault::BodyTooLarge(limit));
            }
            self.take(size, deadline)?;
            while self.buffer.len() < 2 {
                self.more(deadline)?;
            }
            if !self.buffer.starts_with(b"\r\n") {
                return Err(Fault::NotHttp("a chunk does not end where it says"));
            }
            self.buffer.drain(..2);
        }
    }

    fn chunk_size(&mut self, deadline: Deadline) -> Result<u64, Fault> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(Parsed::Complete((length, size))) => {
                    self.buffer.drain(..length);
                    return Ok(size);
                }
                Ok(Parsed::Partial) if self.buffer.len() <= CHUNK_LINE_LIMIT => {
                    self.more(deadline)?;
                }
                Ok(Parsed::Partial) | Err(_) => {
                    return Err(Fault::NotHttp("the size of a chunk cannot be read"));
                }
            }
        }
    }

    fn trailers(&mut self, deadline: Deadline) -> Result<(), Fault> {
        let mut used = 0;
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.buffer) {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                used += line.len();
                if matches!(line.as_slice(), b"\r\n" | b"\n") {
                    return Ok(());
                }
            } else {
                self.more(deadline)?;
            }
            if used + self.buffer.len() > HEAD_LIMIT + PIECE {
                return Err(Fault::HeadTooLarge);
            }
        }
    }

    fn until_closed(&mut self, limit: u64, deadline: Deadline) -> Result<u64, Fault> {
        let mut total: u64 = 0;
        loop {
            total += self.buffer.len() as u64;
            match &mut self.kept {
                Some(kept) => kept.append(&mut self.buffer),
                None => self.buffer.clear(),
            }
            if total > limit {
                return Err(Fault::BodyTooLarge(limit));
            }
            if self.read(deadline)? == 0 {
                return Ok(total);
            }
        }
    }

    /// Reads at least a byte.
    fn more(&mut self, deadline: Deadline) -> Result<(), Fault> {
        match self.read(deadline)? {
            0 => Err(Fault::Broken("closed by the server".to_owned())),
            _ => Ok(()),
        }
    }

    /// Reads what there is; 0 at the end of the stream.
    fn read(&mut self, deadline: Deadline) -> Result<usize, Fault> {
        let mut piece = [0; PIECE];
        loop {
            let fault = |error| Fault::of(&error, deadline.limit);
            self.stream.set_read_timeout(Some(deadline.left()?)).map_err(fault)?;
            match self.stream.read(&mut piece) {
                Ok(length) => {
                    self.buffer.extend_from_slice(&piece[..length]);
                    return Ok(length);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(fault(error)),
            }
        }
    }
}
