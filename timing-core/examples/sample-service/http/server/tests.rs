//! The server over real loopback connections, with limits short enough to run into.

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::database::Database;
use crate::features::Features;
use crate::orchestrator::Orchestrator;
use crate::telemetry::Telemetry;

fn serve(limits: Limits) -> std::net::SocketAddr {
    let features = Features::read(|_| None).unwrap();
    let service = Service {
        telemetry: Telemetry::initialise(&features),
        database: Database::open(Duration::ZERO),
        orchestrator: Orchestrator::set_up(&features),
        features,
        open: AtomicBool::new(true),
        boot: OnceLock::new(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    start(listener, Arc::new(service), limits).unwrap();
    address
}

/// Sends `bytes` and reads until the server closes.
fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn requests_sent_ahead_are_answered_in_order_on_one_connection() {
    let answers = exchange(
        serve(Limits::default()),
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /no HTTP/1.1\r\nHost: x\r\n\r\n\
          HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    let statuses: Vec<_> = answers.lines().filter(|line| line.starts_with("HTTP/1.1")).collect();
    assert_eq!(statuses, ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK"]);
}

#[test]
fn a_head_that_is_too_long_is_refused_and_the_refusal_arrives() {
    let answer = exchange(serve(Limits::default()), &[b'a'; 20_000]);
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer:?}");
}

#[test]
fn a_head_that_drips_is_cut_off_in_time() {
    let limits = Limits { head_time: Duration::from_millis(100), ..Limits::default() };
    let mut stream = TcpStream::connect(serve(limits)).unwrap();
    let dripped = (0..400).all(|_| {
        std::thread::sleep(Duration::from_millis(10));
        stream.write_all(b"a").is_ok()
    });
    assert!(!dripped, "4 s of dripping were accepted");
}

#[test]
fn one_connection_too_many_is_told_so_and_the_slot_comes_back() {
    let address = serve(Limits { connections: 1, ..Limits::default() });
    let mut first = TcpStream::connect(address).unwrap();
    first.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut status = [0; 12];
    first.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");

    let mut second = TcpStream::connect(address).unwrap();
    let mut answer = String::new();
    second.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer:?}");

    drop(first);
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    // The first connection's thread notices its end a moment later.
    let served = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let mut third = TcpStream::connect(address).unwrap();
        let mut answer = String::new();
        third.write_all(request).is_ok()
            && third.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200 ")
    });
    assert!(served);
}
