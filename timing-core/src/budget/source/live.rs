//! Sources that look at something that runs on this machine, or start it.

use std::time::Duration;

use crate::budget::words::words;

/// An HTTP endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Where the server is.
    pub server: Server,
    /// Path and query, starting with `/`.
    pub path: String,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Server {
    /// `address_file`: a file whose first line is `host:port`.
    AddressFile(String),
    /// `base_url`: `http://host:port`.
    Url(String),
}

/// `kind = "http"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpSource {
    /// What is asked.
    pub endpoint: Endpoint,
    /// What of the answers is the value.
    pub reading: HttpReading,
    /// How it is asked.
    pub load: Load,
    /// For how long it is asked.
    pub duration: Duration,
    /// Before that, answers are not counted for so long.
    pub warm_up: Duration,
    /// Whether connections are used again.
    pub connections: Connections,
    /// An answer that takes longer is none.
    pub timeout: Duration,
    /// The status that an answer has to have.
    pub status: u16,
}

/// What of answers is the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpReading {
    /// How long they take.
    Latency,
    /// The bytes of their bodies.
    BodySize,
    /// The part of the requests that got no good answer.
    Errors,
}

/// How requests are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Load {
    /// So many a second, whatever becomes of those before (open loop).
    Rate(u32),
    /// So many at a time, each as soon as the one before it is answered (closed loop).
    Concurrency(u32),
}

/// Whether connections are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Connections {
    /// `keep_alive = true`
    KeptAlive,
    /// `keep_alive = false`: one for each request.
    OneEach,
}

/// `kind = "process"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProcessSource {
    /// Whose.
    pub subject: Subject,
    /// Of what.
    pub resource: Resource,
    /// When.
    pub state: ProcessState,
    /// For how long it is watched, in each state.
    pub duration: Duration,
}

/// Something that runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `pid_file`: a file whose first line is a process id.
    PidFile(String),
    /// `container`: by its name or id.
    Container(String),
}

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Resident memory, in bytes.
    Memory,
    /// CPU time over wall time, in cores.
    Cpu,
}

/// When a process is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProcessState {
    /// As it is.
    Idle,
    /// While this endpoint is asked at this rate, less what it uses otherwise.
    Overhead {
        /// What is asked.
        endpoint: Endpoint,
        /// Requests a second.
        rate: u32,
        /// Given this, the CPU is what one request in each such interval takes: probes are rare, and
        /// only many can be measured.
        interval: Option<Duration>,
    },
}

/// `kind = "boot"`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BootSource {
    /// What is started.
    pub start: BootStart,
    /// Variables that are set, in this order.
    pub environment: Vec<(String, String)>,
    /// What of a start is the value.
    pub reading: BootReading,
    /// How one sees that it is ready, and what its parts took.
    pub signs: BootSigns,
    /// Starts that are counted; at least 1.
    pub repetitions: u32,
    /// A start that takes longer has failed.
    pub timeout: Duration,
}

/// What of the output is looked at; patterns of the `regex` crate's syntax.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BootSigns {
    /// `ready_line`: a line that says it is ready; a group `address` in it is where it listens.
    pub ready_line: Option<String>,
    /// `ready_url`: an endpoint that answers with 2xx then; `{address}` stands for that group.
    pub ready_url: Option<String>,
    /// `component_line`: groups `name`, and one of `s`, `ms`, `us`.
    pub component_line: String,
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BootStart {
    /// `command`: program and arguments. `{address_file}` in them is a fresh path.
    Command(Vec<String>),
    /// `container`: an image.
    Container(String),
}

/// What of a start is the value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BootReading {
    /// From its start until it is ready.
    Ready,
    /// `component`: the duration that the line of this component says.
    Component(String),
    /// `flags`: resident memory with one of these variables `true` and the others `false`, less that
    /// with all of them `false`, for the flag that costs most.
    MemoryPerFlag(Vec<String>),
}

impl Endpoint {
    pub(super) fn texts(&mut self, visit: &mut impl FnMut(&mut String)) {
        let (Server::AddressFile(text) | Server::Url(text)) = &mut self.server;
        visit(text);
        visit(&mut self.path);
    }
}

words!(of HttpReading { Latency = "latency", BodySize = "body-size", Errors = "errors" });
words!(of Resource { Memory = "memory", Cpu = "cpu" });
