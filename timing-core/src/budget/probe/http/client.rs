//! Requests to one endpoint over connections that are kept or not. Must not know when they are
//! sent or what becomes of their times.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};

use super::fault::Fault;
use super::head::Reuse;
use super::settings::{Connection, Settings};
use super::url::{Origin, Url};
use super::wire::{Answer, Deadline, Wire};
use super::{Content, Fetched};
use crate::budget::probe::Unknown;

/// What all requests have in common.
#[derive(Debug)]
pub(super) struct Client<'a> {
    settings: &'a Settings,
    url: Url,
    addresses: Vec<SocketAddr>,
    /// By which one request that is made alone is through, look-up included.
    since_look_up: Deadline,
    /// Connections that are open and have nothing to do; the one used last is taken first.
    idle: Mutex<Vec<Wire>>,
}

impl<'a> Client<'a> {
    /// Looks the host's name up, once.
    pub(super) fn new(settings: &'a Settings) -> Result<Self, Unknown> {
        let url = settings.resolved_url()?;
        let deadline = Deadline::after(settings.timeout);
        let addresses = resolve(&url.origin, deadline)
            .map_err(|fault| Unknown::because(format!("GET {url}: {fault}")))?;
        let idle = Mutex::new(Vec::new());
        Ok(Self { settings, url, addresses, since_look_up: deadline, idle })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// One GET, with the redirects that are to be followed.
    pub(super) fn get(&self) -> Result<Answer, Fault> {
        let deadline = Deadline::after(self.settings.timeout);
        let mut answer = self.at_home(deadline)?;
        let mut at = self.url.clone();
        for _ in 0..self.settings.redirects {
            let Some(next) = next_of(&at, &answer)? else { return Ok(answer) };
            at = next;
            answer = if at.origin == self.url.origin {
                self.ask(&self.addresses, &at, deadline)?.0
            } else {
                self.ask(&resolve(&at.origin, deadline)?, &at, deadline)?.0
            };
        }
        match next_of(&at, &answer)? {
            Some(_) if self.settings.redirects > 0 => {
                Err(Fault::Redirects(self.settings.redirects))
            }
            _ => Ok(answer),
        }
    }

    /// One GET over a connection of its own, whose body is kept; no redirect is followed.
    pub(super) fn fetch(&self) -> Result<Fetched, Fault> {
        let deadline = Deadline::after(self.settings.timeout);
        let mut wire = Wire::keeping(connect(&self.addresses, deadline)?);
        let request = self.request(&self.url);
        let answer = wire.exchange(&request, self.settings.body_limit, deadline)?;
        Ok(Fetched { status: answer.status, body: wire.into_body() })
    }

    /// One PUT over a connection of its own; its time began when the name was looked up.
    pub(super) fn put(&self, content: Content<'_>) -> Result<Fetched, Fault> {
        let Url { origin, target } = &self.url;
        let Content { media_type, bytes } = content;
        let head = format!(
            "PUT {target} HTTP/1.1\r\nHost: {origin}\r\nUser-Agent: timing-core\r\nAccept: */*\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            bytes.len()
        );
        let deadline = self.since_look_up;
        let mut wire = Wire::keeping(connect(&self.addresses, deadline)?);
        let request = [head.as_bytes(), bytes].concat();
        let answer = wire.exchange(&request, self.settings.body_limit, deadline)?;
        Ok(Fetched { status: answer.status, body: wire.into_body() })
    }

    /// Asks the endpoint itself, over a kept connection where there is one.
    fn at_home(&self, deadline: Deadline) -> Result<Answer, Fault> {
        // Not in the condition, where the lock would be held for as long as the block.
        let kept = self.idle().pop();
        if let Some(mut wire) = kept {
            match wire.exchange(&self.request(&self.url), self.settings.body_limit, deadline) {
                Ok(answer) => return Ok(self.keep(answer, wire)),
                // A server may close a connection that idles, and not know of our request then.
                Err(Fault::Broken(_)) if !wire.has_received() => {}
                Err(fault) => return Err(fault),
            }
        }
        let (answer, wire) = self.ask(&self.addresses, &self.url, deadline)?;
        Ok(self.keep(answer, wire))
    }

    fn ask(
        &self,
        addresses: &[SocketAddr],
        url: &Url,
        deadline: Deadline,
    ) -> Result<(Answer, Wire), Fault> {
        let mut wire = Wire::over(connect(addresses, deadline)?);
        let answer = wire.exchange(&self.request(url), self.settings.body_limit, deadline)?;
        Ok((answer, wire))
    }

    fn keep(&self, answer: Answer, wire: Wire) -> Answer {
        if answer.reuse == Reuse::Yes && self.settings.connection == Connection::KeepAlive {
            self.idle().push(wire);
        }
        answer
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Wire>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, Url { origin, target }: &Url) -> Vec<u8> {
        let connection = match self.settings.connection {
            Connection::KeepAlive => "keep-alive",
            Connection::PerRequest => "close",
        };
        format!(
            "GET {target} HTTP/1.1\r\nHost: {origin}\r\nUser-Agent: timing-core\r\nAccept: */*\r\n\
             Connection: {connection}\r\n\r\n"
        )
        .into_bytes()
    }
}

/// Where `answer` to a request of `at` sends us, if it does.
fn next_of(at: &Url, answer: &Answer) -> Result<Option<Url>, Fault> {
    match (&answer.location, answer.status) {
        (Some(location), 301 | 302 | 303 | 307 | 308) => {
            at.join(location).map(Some).map_err(Fault::BadRedirect)
        }
        _ => Ok(None),
    }
}

fn connect(addresses: &[SocketAddr], deadline: Deadline) -> Result<TcpStream, Fault> {
    let mut fault = Fault::Connect("the name has no address".to_owned());
    for address in addresses {
        match TcpStream::connect_timeout(address, deadline.left()?) {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                fault = match Fault::of(&error, deadline.limit) {
                    Fault::Broken(why) => Fault::Connect(why),
                    timed_out => timed_out,
                }
            }
        }
    }
    Err(fault)
}

/// The addresses of `origin`. The system's look-up knows no deadline, so it has a thread of its
/// own, which is left behind when it takes too long.
fn resolve(origin: &Origin, deadline: Deadline) -> Result<Vec<SocketAddr>, Fault> {
    if let Ok(address) = origin.host.parse() {
        return Ok(vec![SocketAddr::new(address, origin.port)]);
    }
    let (host, port) = (origin.host.clone(), origin.port);
    let (found, wait) = mpsc::sync_channel(1);
    let look_up = move || {
        let addresses = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // Nobody may be waiting any more.
        let _ = found.send(addresses);
    };
    std::thread::Builder::new()
        .spawn(look_up)
        .map_err(|error| Fault::Name(format!("no thread to look it up: {error}")))?;
    match wait.recv_timeout(deadline.left()?) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(Fault::Name(error.to_string())),
        Err(RecvTimeoutError::Timeout) => Err(Fault::TimedOut(deadline.limit)),
        Err(RecvTimeoutError::Disconnected) => Err(Fault::Name("nobody looked it up".to_owned())),
    }
}
