//! Remotes on loopback that do not answer, or whose answers do not arrive as they were sent.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::super::child::{Call, Child, kill_marked};
use super::super::random::Random;
use super::super::stage::{STAGE_MARK, Stage};
use super::Unavailable;

/// Marks `git daemon` and what it starts for its connections.
const DAEMON_MARK: &str = "SOAK_DAEMON";

/// How often somebody who waits for a connection looks whether to go on waiting.
const LOOK: Duration = Duration::from_millis(5);

/// How long a connection may be silent before it is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// A thread that takes the connections of a port, until this value goes.
struct Listening {
    port: u16,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    fn start(mut take: impl FnMut(TcpStream) + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((connection, _)) => take(connection),
                    Err(_) => std::thread::sleep(LOOK),
                }
            }
        });
        Ok(Self { port, stop, thread: Some(thread) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A thread that panicked has ended, too.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Accepts and never answers.
pub(crate) struct Hanging(Listening);

impl Hanging {
    pub(super) fn listen() -> io::Result<Self> {
        let mut held = Vec::new();
        Listening::start(move |connection| held.push(connection)).map(Self)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port
    }
}

/// `git daemon` for the repositories of a stage.
pub(crate) struct Daemon {
    child: Child,
    port: u16,
    mark: String,
}

impl Daemon {
    pub(super) fn start(stage: &Stage) -> Result<Self, Unavailable> {
        let programs = stage.git(stage.root(), &["--exec-path"])?;
        let program = std::path::Path::new(programs.trim_end()).join("git-daemon");
        if !program.exists() {
            return Err(Unavailable::Skipped("git daemon is not installed".to_owned()));
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let base = format!("--base-path={}", stage.root().display());
        // Not one of the processes that have to be gone when the runs are.
        let mark = (OsString::from(DAEMON_MARK), OsString::from(stage.mark()));
        let variables = stage.variables().into_iter().filter(|(key, _)| key != STAGE_MARK);
        let variables: Vec<_> = variables.chain([mark]).collect();
        let child = Call {
            program: program.as_os_str(),
            arguments: &[
                "--export-all",
                "--enable=receive-pack",
                "--listen=127.0.0.1",
                &format!("--port={port}"),
                &base,
                "--reuseaddr",
            ],
            directory: stage.root(),
            variables: &variables,
            output: &stage.output("daemon"),
        }
        .start()?;
        let mut daemon = Self { child, port, mark: stage.mark() };
        daemon.wait_until_it_listens()?;
        Ok(daemon)
    }

    fn wait_until_it_listens(&mut self) -> Result<(), Unavailable> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let ended = self.child.wait(Instant::now() + LOOK)?;
            if ended.is_some() || Instant::now() > deadline {
                return Err("git daemon does not listen; see output/daemon".into());
            }
        }
        Ok(())
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Gone already is as good as killed.
        let _ = self.child.kill();
        kill_marked(DAEMON_MARK, &self.mark);
    }
}

/// Passes on what goes to and fro, but not quite.
pub(crate) struct Corruption(Listening);

/// What becomes of one connection.
#[derive(Debug, Clone, Copy)]
struct Damage {
    kind: Kind,
    /// After so many bytes.
    after: usize,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Both ways end in the middle.
    Cut,
    /// A byte of what the client sends is another.
    ChangeSent,
    /// A byte of what the client receives is another.
    ChangeReceived,
}

impl Corruption {
    pub(super) fn listen(upstream: u16, numbers: u64) -> io::Result<Self> {
        let mut random = Random::of(numbers, "corruption");
        Listening::start(move |client| {
            let kind = match random.below(3) {
                0 => Kind::Cut,
                1 => Kind::ChangeSent,
                _ => Kind::ChangeReceived,
            };
            let after = usize::try_from(random.between(1, 1500)).unwrap_or(1);
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, upstream));
            if let Ok(server) = TcpStream::connect(address) {
                // A connection that fails is what this is for.
                let _ = pass_on(client, server, Damage { kind, after });
            }
        })
        .map(Self)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port
    }
}

fn pass_on(client: TcpStream, server: TcpStream, damage: Damage) -> io::Result<()> {
    for side in [&client, &server] {
        side.set_nonblocking(false)?;
        side.set_read_timeout(Some(SILENCE))?;
        side.set_write_timeout(Some(SILENCE))?;
    }
    let (client_too, server_too) = (client.try_clone()?, server.try_clone()?);
    let (sent, received) = match damage.kind {
        Kind::Cut => (Some(damage), Some(damage)),
        Kind::ChangeSent => (Some(damage), None),
        Kind::ChangeReceived => (None, Some(damage)),
    };
    // They end when a side closes, at the latest after `SILENCE`.
    std::thread::spawn(move || pump(client, server, sent));
    std::thread::spawn(move || pump(server_too, client_too, received));
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream, damage: Option<Damage>) {
    let mut passed = 0;
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let mut bytes = &mut buffer[..length];
        let mut cut = false;
        if let Some(Damage { kind, after }) = damage
            && (passed..passed + length).contains(&after)
        {
            if let Kind::Cut = kind {
                bytes = &mut bytes[..after - passed];
                cut = true;
            } else {
                bytes[after - passed] ^= 1;
            }
        }
        if to.write_all(bytes).is_err() || cut {
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
            return;
        }
        passed += length;
    }
    let _ = to.shutdown(Shutdown::Write);
}
