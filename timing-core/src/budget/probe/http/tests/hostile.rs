//! Whatever the other side does: an end in bounded time and memory, with the reason.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::super::*;
use super::server::{Server, next_target};

const LIMIT: Duration = Duration::from_millis(300);

fn settings(url: String) -> Settings {
    Settings {
        timeout: LIMIT,
        duration: Duration::from_millis(100),
        redirects: 5,
        ..Settings::new(url)
    }
}

/// The reason why `url` cannot be measured, which must not take long.
fn reason(url: String) -> String {
    let started = Instant::now();
    let unknown = measure(&settings(url)).unwrap_err().to_string();
    // One time-out for the first request, and what a busy machine adds.
    assert!(started.elapsed() < LIMIT * 10, "{unknown} after {:?}", started.elapsed());
    unknown
}

/// What is said of a server that sends `head`, and then `rest` for ever; and how much it could send.
fn flooded(head: &'static str, rest: &'static str) -> (String, u64) {
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    let server = Server::start(move |mut stream| {
        next_target(&mut BufReader::new(stream.try_clone().unwrap()));
        let rest = rest.repeat(1000);
        let mut piece = head.as_bytes();
        while stream.write_all(piece).is_ok() {
            count.fetch_add(piece.len() as u64, Ordering::SeqCst);
            if rest.is_empty() {
                break;
            }
            piece = rest.as_bytes();
        }
    });
    (reason(server.url("/")), sent.load(Ordering::SeqCst))
}

/// The most that a server could send of which one mebibyte is read: the system's buffers hold some.
const BUFFERED: u64 = 32 << 20;

#[test]
fn a_body_or_a_head_without_end_is_not_read_to_the_end() {
    for (head, rest, expected) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "x", "longer than 1048576 bytes"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "5\r\nabcde\r\n",
            "longer than 1048576 bytes",
        ),
        ("HTTP/1.1 200 OK\r\nX: ", "x", "head of the answer is longer"),
        ("HTTP/1.1 200 OK\r\n", "X: y\r\n", "head of the answer is longer"),
        ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "head of the answer"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            "X: y\r\n",
            "head of the answer is longer",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x", "size of a chunk"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", "x", "longer than 1048576"),
    ] {
        let (unknown, sent) = flooded(head, rest);
        assert!(unknown.contains(expected), "{head:?}: {unknown}");
        assert!(sent < BUFFERED, "{head:?}: {sent} bytes were taken");
    }
}

#[test]
fn what_is_not_http_is_called_so() {
    for (answer, expected) in [
        ("SSH-2.0-OpenSSH_9.6\r\n", "not HTTP/1"),
        ("\u{0}\u{1}\u{2}\u{ff}\u{fe}", "not HTTP/1"),
        ("HTTP/2 200\r\n\r\n", "not HTTP/1"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "length of its body",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "length of its body"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "length of its body",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size of a chunk"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", "chunk does not end"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "the connection ended before"),
        ("HTTP/1.1 302 Found\r\nLocation: https://a/\r\n\r\n", "https is not built in"),
        ("HTTP/1.1 302 Found\r\nLocation: \u{1}\r\n\r\n", "not HTTP/1"),
        ("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "status 500"),
        ("", "the connection ended before"),
    ] {
        let (unknown, _) = flooded(answer, "");
        assert!(unknown.contains(expected), "{answer:?}: {unknown}");
    }
}

#[test]
fn a_server_that_never_answers_or_drips_is_given_up() {
    let silent = Server::start(|_stream| std::thread::sleep(Duration::from_secs(5)));
    assert!(reason(silent.url("/")).contains("no complete answer within 300ms"));
    let dripping = Server::start(|mut stream: TcpStream| {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".iter();
        for byte in head.chain([b'x'; 1000].iter()) {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert!(reason(dripping.url("/")).contains("no complete answer within 300ms"));
    // The system accepts for it; nobody ever reads.
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", deaf.local_addr().unwrap());
    assert!(reason(url).contains("no complete answer within 300ms"));
}

#[test]
fn a_server_that_falls_silent_later_is_given_up_too() {
    let answered = AtomicU64::new(0);
    let server = Server::start(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while next_target(&mut reader).is_some() {
            if answered.fetch_add(1, Ordering::SeqCst) > 2 {
                std::thread::sleep(Duration::from_secs(5));
            }
            let _ = stream.write_all(&super::server::ok("x"));
        }
    });
    let load = Load::Rate { per_second: 500.0, connections: 2 };
    let settings = Settings { load, ..settings(server.url("/")) };
    let started = Instant::now();
    let unknown = measure(&settings).unwrap_err().to_string();
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert!(unknown.contains("not sent") && unknown.contains("of 50 requests"), "{unknown}");
}

#[test]
fn a_loop_of_redirects_ends() {
    let server = Server::answering(|_| {
        b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n".to_vec()
    });
    assert!(reason(server.url("/")).contains("redirected more than 5 times"));
}

#[test]
fn nobody_there_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(reason(format!("http://{address}/")).contains("refused"));
    assert!(reason("https://127.0.0.1/".to_owned()).contains("https is not built in"));
    assert!(reason("http://no such host/".to_owned()).contains("no URL"));
}
