use std::io::Write;
use std::time::Duration;

use super::super::*;
use super::server::{Server, Turns, ok};

fn brief(url: String) -> Settings {
    Settings {
        load: Load::Rate { per_second: 100.0, connections: 8 },
        duration: Duration::from_millis(300),
        warm_up: Duration::from_millis(50),
        timeout: Duration::from_millis(500),
        ..Settings::new(url)
    }
}

#[test]
fn statuses_and_bodies_are_counted() {
    let turns = Turns::of(vec!["a", "abc", "ab"]);
    let server = Server::answering(move |_| ok(turns.next()));
    let report = measure(&brief(server.url("/"))).unwrap();
    assert_eq!(report.statuses.into_iter().collect::<Vec<_>>(), [(200, 30)]);
    assert_eq!(report.body, Body { median: 2, max: 3 });
    assert_eq!((report.failures.len(), report.latency.samples), (0, 30));
}

#[test]
fn connections_are_kept_or_not() {
    let server = Server::answering(|_| ok("x"));
    measure(&brief(server.url("/"))).unwrap();
    assert!(server.connections() <= 9, "{}", server.connections());
    let before = server.connections();
    measure(&Settings { connection: Connection::PerRequest, ..brief(server.url("/")) }).unwrap();
    // The first one, five of warming up, thirty that count.
    assert_eq!(server.connections() - before, 36);
}

#[test]
fn a_connection_that_the_server_closed_meanwhile_is_no_failure() {
    let server = Server::start(|mut stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        if super::server::next_target(&mut reader).is_some() {
            // Says that it stays, and goes.
            let _ = stream.write_all(&ok("x"));
        }
    });
    let report = measure(&brief(server.url("/"))).unwrap();
    assert_eq!(report.failures.into_iter().collect::<Vec<_>>(), []);
}

#[test]
fn every_framing_of_a_body_is_understood() {
    for (answer, length) in [
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n",
            5,
        ),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 2),
        ("HTTP/1.0 200 OK\r\n\r\nabcd", 4),
        ("HTTP/1.1 204 No Content\r\n\r\n", 0),
        ("HTTP/1.1 200\r\nConnection: close\r\ncontent-length: 0\r\n\r\n", 0),
    ] {
        let server = Server::start(move |mut stream| {
            let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
            if super::server::next_target(&mut reader).is_some() {
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        let report = measure(&brief(server.url("/"))).unwrap_or_else(|e| panic!("{answer:?}: {e}"));
        assert_eq!(report.body.max, length, "{answer:?}");
    }
}

#[test]
fn redirects_are_followed_as_far_as_was_said() {
    let server = Server::answering(|target| match target {
        "/" => b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n".to_vec(),
        _ => ok("there"),
    });
    let followed = measure(&Settings { redirects: 1, ..brief(server.url("/")) }).unwrap();
    assert_eq!(followed.statuses.into_keys().collect::<Vec<_>>(), [200]);
    let itself = Settings { expected: Expected::Status(302), ..brief(server.url("/")) };
    assert_eq!(measure(&itself).unwrap().statuses.into_keys().collect::<Vec<_>>(), [302]);
    let unexpected = measure(&brief(server.url("/"))).unwrap_err().to_string();
    assert!(unexpected.contains("30 of 30 requests") && unexpected.contains("302"), "{unexpected}");
}

#[test]
fn few_failures_count_with_the_time_out_and_more_leave_nothing_to_say() {
    let bad = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec();
    let turns = Turns::of((0..20).collect());
    let server = Server::answering(move |_| if turns.next() == 19 { bad.clone() } else { ok("") });
    let tolerant = Settings { tolerated: 0.1, ..brief(server.url("/")) };
    let report = measure(&tolerant).unwrap();
    assert!(report.statuses[&500] >= 1);
    assert!(report.latency.max >= tolerant.timeout, "{:?}", report.latency);
    let strict = Settings { tolerated: 0.0, ..tolerant };
    let unknown = measure(&strict).unwrap_err().to_string();
    assert!(unknown.contains("of 30 requests were not answered as expected"), "{unknown}");
}

#[test]
fn the_address_comes_from_a_file() {
    let server = Server::answering(|_| ok("x"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("address");
    let settings = Settings {
        address_file: Some(file.clone()),
        ..brief("http://{address}/healthz".to_owned())
    };
    let missing = measure(&settings).unwrap_err().to_string();
    assert!(missing.contains("No such file") && missing.contains("does it run?"), "{missing}");
    std::fs::write(&file, format!("{}\n", server.address)).unwrap();
    assert!(measure(&settings).is_ok());
}

#[test]
fn settings_that_cannot_be_measured_with_are_refused() {
    let rate = |per_second, connections| Load::Rate { per_second, connections };
    let workers = |workers, expected_interval| Load::Concurrency { workers, expected_interval };
    let base = brief("http://127.0.0.1:1/".to_owned());
    for load in [
        rate(0.0, 1),
        rate(-1.0, 1),
        rate(f64::NAN, 1),
        rate(f64::INFINITY, 1),
        rate(1e9, 1),
        rate(1.0, 0),
        rate(1.0, usize::MAX),
        workers(0, None),
        workers(1, Some(Duration::ZERO)),
    ] {
        let refused = measure(&Settings { load, ..base.clone() }).unwrap_err().to_string();
        assert!(refused.starts_with("probing http://127.0.0.1:1/: "), "{load:?}: {refused}");
    }
    for settings in [
        Settings { timeout: Duration::ZERO, ..base.clone() },
        Settings { duration: Duration::MAX, ..base.clone() },
        Settings { warm_up: Duration::MAX, ..base.clone() },
        Settings { tolerated: f64::NAN, ..base },
    ] {
        let refused = measure(&settings).unwrap_err().to_string();
        assert!(refused.starts_with("probing "), "{refused}");
    }
}
