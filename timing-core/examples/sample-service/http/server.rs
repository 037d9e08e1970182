//! Accepts connections and answers on them, within limits: so many connections, so long a head,
//! so much time. Must not know what is answered.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::request::{Request, parse};
use super::{BadRequest, Connection, Method, Response, Status};
use crate::service::Service;

/// A thread needs little stack here; the default of 2 MiB would count against memory budgets.
const STACK_BYTES: usize = 128 * 1024;
/// After a failed accept (out of descriptors): long enough not to spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What is still read of a request that was refused, so that the refusal is not lost to a reset.
const DRAIN_TIME: Duration = Duration::from_millis(200);
const DRAIN_READS: usize = 64;

/// Bounds that no client can move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at once; one more is told 503.
    pub(crate) connections: usize,
    /// From the first byte of a head to its last, however slowly it drips.
    pub(crate) head_time: Duration,
    /// Between two requests on one connection.
    pub(crate) idle_time: Duration,
    /// For one answer to be taken.
    pub(crate) write_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            head_time: Duration::from_secs(5),
            idle_time: Duration::from_secs(15),
            write_time: Duration::from_secs(5),
        }
    }
}

/// Starts to accept on a thread of its own and returns.
pub(crate) fn start(
    listener: TcpListener,
    service: Arc<Service>,
    limits: Limits,
) -> io::Result<()> {
    let accept = move || {
        let open = Arc::new(AtomicUsize::new(0));
        loop {
            match listener.accept() {
                Ok((stream, _)) => take(stream, &service, &open, limits),
                Err(_) => std::thread::sleep(ACCEPT_PAUSE),
            }
        }
    };
    std::thread::Builder::new().name("accept".to_owned()).spawn(accept).map(drop)
}

/// Counts one connection for as long as it lives.
struct Slot(Arc<AtomicUsize>);

impl Slot {
    fn take(open: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        // Only the accepting thread adds, so that nothing can come between test and addition.
        if open.load(Ordering::Acquire) >= limit {
            return None;
        }
        open.fetch_add(1, Ordering::AcqRel);
        Some(Self(Arc::clone(open)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn take(stream: TcpStream, service: &Arc<Service>, open: &Arc<AtomicUsize>, limits: Limits) {
    let Some(slot) = Slot::take(open, limits.connections) else {
        refuse_busy(stream, service);
        return;
    };
    let service = Arc::clone(service);
    let converse = move || {
        let _slot = slot;
        // A connection that breaks concerns nobody but its client.
        let _ = Conversation::new(stream, limits).and_then(|mut talk| talk.run(&service));
    };
    // Without a thread the connection is dropped, and so is its slot.
    let _ = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(converse);
}

/// On the accepting thread: must not wait for the client.
fn refuse_busy(mut stream: TcpStream, service: &Service) {
    let busy = Response::new(Status::ServiceUnavailable);
    service.telemetry.record(busy.status, Duration::ZERO);
    let _ = stream.set_nonblocking(true);
    let _ = stream.write(&busy.encode(Method::Get, Connection::Close));
}

/// One connection.
struct Conversation {
    stream: TcpStream,
    limits: Limits,
    /// Read but not yet answered: a client may send its next request early.
    buffer: Vec<u8>,
}

/// What the client did next.
enum Next {
    Request(Request),
    Bad(BadRequest),
    Gone,
}

impl Conversation {
    fn new(stream: TcpStream, limits: Limits) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(limits.write_time))?;
        Ok(Self { stream, limits, buffer: Vec::with_capacity(1024) })
    }

    fn run(&mut self, service: &Service) -> io::Result<()> {
        loop {
            let next = self.next()?;
            let started = Instant::now();
            let (response, method, connection) = match next {
                Next::Request(request) => {
                    (service.answer(&request), request.method, request.connection)
                }
                Next::Bad(bad) => (Response::new(bad.into()), Method::Get, Connection::Close),
                Next::Gone => return Ok(()),
            };
            // Counted before it is sent: who has an answer finds it in the next scrape.
            service.telemetry.record(response.status, started.elapsed());
            self.stream.write_all(&response.encode(method, connection))?;
            if connection == Connection::Close {
                return self.close();
            }
        }
    }

    fn next(&mut self) -> io::Result<Next> {
        let mut deadline = Instant::now()
            + if self.buffer.is_empty() { self.limits.idle_time } else { self.limits.head_time };
        let mut chunk = [0; 1024];
        loop {
            match parse(&self.buffer) {
                Ok(Some((request, length))) => {
                    self.buffer.drain(..length);
                    return Ok(Next::Request(request));
                }
                Ok(None) => {}
                Err(bad) => return Ok(Next::Bad(bad)),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Next::Gone);
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut chunk) {
                Ok(0) => return Ok(Next::Gone),
                Ok(length) => {
                    if self.buffer.is_empty() {
                        deadline = Instant::now() + self.limits.head_time;
                    }
                    self.buffer.extend_from_slice(&chunk[..length]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)?;
        self.stream.set_read_timeout(Some(DRAIN_TIME))?;
        let mut rest = [0; 1024];
        for _ in 0..DRAIN_READS {
            if self.stream.read(&mut rest)? == 0 {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
