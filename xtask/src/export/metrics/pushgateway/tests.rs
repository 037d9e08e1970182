//! Addresses, and answers that no gateway gives; `e2e::metrics` pushes to a real one.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Instant;

use super::*;

#[test]
fn a_gateway_is_named_with_and_without_a_group() {
    for (address, repository, url) in [
        ("http://a:9091", "shop", "http://a:9091/metrics/job/xtask/repository/shop"),
        ("http://a:9091/", "", "http://a:9091/metrics/job/xtask/repository@base64/="),
        ("http://a/below", "a/b c", "http://a/below/metrics/job/xtask/repository@base64/YS9iIGM="),
        ("http://a", "é?>", "http://a/metrics/job/xtask/repository@base64/w6k_Pg=="),
        ("http://a", "..", "http://a/metrics/job/xtask/repository@base64/Li4="),
        ("http://a/metrics/job/own/host/b", "shop", "http://a/metrics/job/own/host/b"),
        ("http://a/metrics/job@base64/YS9i/", "shop", "http://a/metrics/job@base64/YS9i"),
    ] {
        assert_eq!(group_of(address, repository).as_deref(), Ok(url));
    }
    assert!(matches!(group_of("http://a/?x=1", "shop"), Err(PushError::Address(_))));
}

/// A listener whose one caller gets `answer` when it has sent everything.
fn answering(answer: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 64 * 1024];
        let mut length = 0;
        while !String::from_utf8_lossy(&request[..length]).ends_with("# EOF\n") {
            length += stream.read(&mut request[length..]).unwrap();
        }
        stream.write_all(answer).unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (address, thread)
}

const WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_request_is_complete() {
    let (address, server) = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(push(&address, "shop", "a 1\n# EOF\n", WITHIN), Ok(()));
    let request = server.join().unwrap().replace(address.trim_start_matches("http://"), "HOST");
    insta::assert_snapshot!(request.replace('\r', ""), @"
    PUT /metrics/job/xtask/repository/shop HTTP/1.1
    Host: HOST
    User-Agent: timing-core
    Accept: */*
    Content-Type: text/plain; version=0.0.4; charset=utf-8
    Content-Length: 10
    Connection: close

    a 1
    # EOF
    ");
}

#[test]
fn a_refusal_is_told_in_the_gateways_words() {
    let (address, server) = answering(
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 40\r\n\r\n\npushed metrics are \x1b[31minvalid\nmore....",
    );
    let error = push(&address, "shop", "# EOF\n", WITHIN).unwrap_err();
    server.join().unwrap();
    insta::assert_snapshot!(error, @"the Pushgateway answered 400: pushed metrics are [31minvalid");
    let (address, _server) = answering(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n");
    let error = push(&address, "shop", "# EOF\n", WITHIN).unwrap_err();
    insta::assert_snapshot!(error, @"the Pushgateway answered 302, and does not say why");
}

#[test]
fn one_that_never_answers_or_reads_takes_no_longer_than_is_allowed() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    // More than a socket's buffers hold.
    for text in ["# EOF\n".to_owned(), "#".repeat(32 << 20)] {
        let started = Instant::now();
        let error = push(&address, "shop", &text, Duration::from_millis(300)).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        let error = error.to_string();
        assert!(error.contains("no complete answer within 300ms"), "{error}");
    }
}

#[test]
fn one_that_reads_drop_by_drop_takes_no_longer_either() {
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", slow.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = slow.accept().unwrap();
        let mut piece = [0; 256 * 1024];
        while stream.read(&mut piece).is_ok_and(|length| length > 0) {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let started = Instant::now();
    let text = "#".repeat(64 << 20);
    assert!(push(&address, "shop", &text, Duration::from_millis(500)).is_err());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
