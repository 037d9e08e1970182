//! Answers of all kinds, and servers that give none. A real server: tests/it/prometheus.rs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::*;

const LIMIT: Duration = Duration::from_millis(300);

/// Serves `answer` of each request's target, on connections that it closes; what was asked.
fn server(
    answer: impl Fn(&str, &mut TcpStream) + Send + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    // Ends with the test's process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            log.lock().unwrap().push(target.clone());
            answer(&target, &mut stream);
        }
    });
    (url, asked)
}

fn reply(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
    let _ = stream.write_all((head + body).as_bytes());
}

fn settings(url: &str) -> Settings {
    Settings {
        url: url.to_owned(),
        query: "up{job=\"a b\"} / 2".to_owned(),
        sustained: None,
        across: Across::One,
        timeout: LIMIT,
    }
}

/// What an instant query comes to that is answered so.
fn instant(status: &'static str, body: impl Into<String>, across: Across) -> Result<f64, String> {
    let body = body.into();
    let (url, _) = server(move |_, stream| reply(stream, status, &body));
    let found = ask(&Settings { across, ..settings(&url) });
    found.map(|found| found.value).map_err(|unknown| unknown.to_string().replace(&url, "URL"))
}

fn data(kind: &str, result: &str) -> String {
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":{result}}}}}")
}

fn vector(values: &[&str]) -> String {
    let series = values.iter().map(|value| {
        format!("{{\"metric\":{{\"instance\":\"a\"}},\"value\":[1769265807.123,\"{value}\"]}}")
    });
    data("vector", &format!("[{}]", series.collect::<Vec<_>>().join(",")))
}

#[test]
fn a_scalar_and_one_series_are_numbers() {
    assert_eq!(instant("200 OK", data("scalar", "[1769265807,\"0.25\"]"), Across::One), Ok(0.25));
    assert_eq!(instant("200 OK", vector(&["1.5e-05"]), Across::One), Ok(0.000_015));
    assert_eq!(instant("200 OK", vector(&["0.1", "0.7", "0.4"]), Across::Highest), Ok(0.7));
    assert_eq!(instant("200 OK", vector(&["0.1", "0.7", "0.4"]), Across::Lowest), Ok(0.1));
    let reversed = "{\"data\":{\"result\":[1,\"2\"],\"resultType\":\"scalar\"},\"infos\":[\"x\"],\"status\":\"success\"}";
    assert_eq!(instant("200 OK", reversed, Across::One), Ok(2.0));
}

#[test]
fn what_is_no_number_has_a_reason() {
    let error = |body: &str| instant("200 OK", body, Across::One).unwrap_err();
    insta::assert_snapshot!(error(&vector(&[])), @"no series answers to the query");
    insta::assert_snapshot!(error(&vector(&["1", "2"])), @"2 series answer to the query: narrow it, or choose the highest or the lowest");
    insta::assert_snapshot!(error(&vector(&["NaN"])), @"the query comes to NaN: nothing there to compute it from, as without traffic");
    insta::assert_snapshot!(error(&vector(&["+Inf"])), @"the query comes to +Inf");
    insta::assert_snapshot!(error(&vector(&["-Inf"])), @"the query comes to -Inf");
    insta::assert_snapshot!(error(&data("scalar", "[1,\"1e999\"]")), @"the query comes to +Inf");
    insta::assert_snapshot!(error(&data("string", "[1,\"text\"]")), @"the answer is a text, not a number");
    insta::assert_snapshot!(error(&data("matrix", "[]")), @"the answer is a range of values: the query has to come to one, as max_over_time(…) does");
    insta::assert_snapshot!(error(&data("vector", "[{\"histogram\":[1,{\"count\":\"2\"}]}]")), @"the answer is a histogram, not a number");
    insta::assert_snapshot!(error("{\"status\":\"success\"}"), @"Prometheus at URL: its answer has no data");
    insta::assert_snapshot!(error("{\"status\":\"success\",\"warnings\":[\"a store is away\"],\"data\":{\"resultType\":\"vector\",\"result\":[]}}"), @"Prometheus at URL: it warns: a store is away");
    insta::assert_snapshot!(error(&vector(&["many"])), @r#"Prometheus at URL: its answer cannot be read: "many" is no value of a sample at line 1 column 119"#);
    insta::assert_snapshot!(error("<html>Sign in</html>"), @"Prometheus at URL: its answer cannot be read: expected value at line 1 column 1");
    insta::assert_snapshot!(error(""), @"Prometheus at URL: its answer cannot be read: EOF while parsing a value at line 1 column 0");
}

#[test]
fn errors_are_told_in_the_servers_words() {
    let error = |status, body: &str| instant(status, body, Across::One).unwrap_err();
    let bad = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: unexpected end\"}";
    insta::assert_snapshot!(error("400 Bad Request", bad), @"Prometheus at URL: status 400, bad_data: parse error: unexpected end");
    insta::assert_snapshot!(error("401 Unauthorized", "Unauthorized"), @"Prometheus at URL: status 401: it wants to know who asks, and nobody says");
    insta::assert_snapshot!(error("302 Found", ""), @"Prometheus at URL: status 302");
    insta::assert_snapshot!(error("503 Service Unavailable", "starting up"), @"Prometheus at URL: status 503");
    insta::assert_snapshot!(error("500 No", &vector(&["0"])), @"Prometheus at URL: status 500");
    let two_lines = bad.replace("unexpected end", "a\\nb\\u001b[31m");
    insta::assert_snapshot!(error("400 Bad Request", &two_lines), @r"Prometheus at URL: status 400, bad_data: parse error: a\nb\u{1b}[31m");
}

/// What a window comes to whose points are answered so; times are seconds after its start.
fn window(bad: Bad, across: Across, series: &[&[(f64, &str)]]) -> Result<Found, String> {
    let series: Vec<String> = series
        .iter()
        .map(|points| {
            let points = points.iter().map(|(at, value)| format!("[{},\"{value}\"]", 1000.0 + at));
            let points = points.collect::<Vec<_>>().join(",");
            format!("{{\"metric\":{{}},\"values\":[{points}]}}")
        })
        .collect();
    let matrix = data("matrix", &format!("[{}]", series.join(",")));
    let (url, asked) = server(move |target, stream| {
        let now = data("scalar", "[1004,\"1004\"]");
        reply(stream, "200 OK", if target.contains("query_range") { &matrix } else { &now });
    });
    let second = Some(Duration::from_secs(1));
    let sustained = Some(Sustained { window: Duration::from_secs(4), step: second, bad });
    let found = ask(&Settings { sustained, across, ..settings(&url) });
    let asked = asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            "/api/v1/query?query=time%28%29&timeout=300ms",
            "/api/v1/query_range?query=up%7Bjob%3D%22a%20b%22%7D%20%2F%202&start=1000%2E000\
             &end=1004%2E000&step=1%2E000&timeout=300ms"
        ]
    );
    found.map_err(|unknown| unknown.to_string())
}

const POINTS: [(f64, &str); 5] = [(0.0, "5"), (1.0, "3"), (2.0, "4"), (3.0, "9"), (4.0, "8")];

#[test]
fn what_was_sustained_is_the_best_of_the_window() {
    let found = |value, series| Ok(Found { value, series, points: 5 });
    assert_eq!(window(Bad::High, Across::One, &[&POINTS]), found(3.0, 1));
    assert_eq!(window(Bad::Low, Across::One, &[&POINTS]), found(9.0, 1));
    let other = POINTS.map(|(at, _)| (at, "4"));
    assert_eq!(window(Bad::High, Across::Highest, &[&POINTS, &other]), found(4.0, 2));
    assert_eq!(window(Bad::Low, Across::Lowest, &[&POINTS, &other]), found(4.0, 2));
}

#[test]
fn a_window_with_a_gap_is_unknown() {
    let error = |series: &[&[(f64, &str)]]| window(Bad::High, Across::One, series).unwrap_err();
    let mut holed = POINTS.to_vec();
    holed.remove(2);
    insta::assert_snapshot!(error(&[&holed]), @"1 of the 5 points of the window are missing");
    insta::assert_snapshot!(error(&[&POINTS[3..]]), @"3 of the 5 points of the window are missing");
    insta::assert_snapshot!(error(&[&[]]), @"5 of the 5 points of the window are missing");
    insta::assert_snapshot!(error(&[]), @"no series answers to the query");
    let mut nan = POINTS;
    nan[4].1 = "NaN";
    insta::assert_snapshot!(error(&[&nan]), @"the query comes to NaN: nothing there to compute it from, as without traffic");
    let elsewhere = POINTS.map(|(at, value)| (at + 3600.0, value));
    insta::assert_snapshot!(error(&[&elsewhere]), @"the answer is about other times than were asked for");
    let standing = POINTS.map(|(_, value)| (0.0, value));
    insta::assert_snapshot!(error(&[&standing]), @"the answer is about other times than were asked for");
    insta::assert_snapshot!(error(&[&POINTS, &POINTS]), @"2 series answer to the query: narrow it, or choose the highest or the lowest");
    let gap = window(Bad::High, Across::Highest, &[&POINTS, &holed]).unwrap_err();
    assert!(gap.contains("1 of the 5 points"), "{gap}");
}

#[test]
fn settings_that_cannot_be_asked_are_refused() {
    let refused = |settings: Settings| ask(&settings).unwrap_err().to_string();
    let sustained = |window, step| Some(Sustained { window, step: Some(step), bad: Bad::High });
    let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
    for (settings, part) in [
        (Settings { query: " ".to_owned(), ..settings("http://a") }, "it is empty"),
        (
            Settings { sustained: sustained(hour * 24 * 40, hour), ..settings("http://a") },
            "31 days",
        ),
        (
            Settings { sustained: sustained(Duration::ZERO, second), ..settings("http://a") },
            "10 ms",
        ),
        (Settings { sustained: sustained(hour, Duration::ZERO), ..settings("http://a") }, "a step"),
        (Settings { sustained: sustained(hour * 24, second), ..settings("http://a") }, "10000"),
        (Settings { timeout: Duration::ZERO, ..settings("http://127.0.0.1:1") }, "time-out"),
        (Settings { query: "x".repeat(5000), ..settings("http://127.0.0.1:1") }, "no URL"),
        (settings("http://127.0.0.1:1?a=b"), "neither ? nor #"),
        (settings("https://127.0.0.1:1"), "https is not built in"),
        (settings("prometheus:9090"), "no URL"),
    ] {
        let why = refused(settings);
        assert!(why.contains(part), "{why}");
    }
}

/// What is said of a server that does what `talk` does, and how long that took.
fn hostile(talk: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let (url, _) = server(move |_, stream| talk(stream));
    let started = Instant::now();
    let unknown = ask(&settings(&url)).unwrap_err().to_string();
    assert!(started.elapsed() < LIMIT * 10, "{unknown} after {:?}", started.elapsed());
    assert!(unknown.len() < 600, "{unknown}");
    unknown.replace(&url, "URL")
}

#[test]
fn a_server_that_gives_no_answer_ends_in_a_reason() {
    let silent = hostile(|_| std::thread::sleep(Duration::from_secs(2)));
    assert!(silent.contains("no complete answer within 300ms"), "{silent}");
    let drip = hostile(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert!(drip.contains("no complete answer within 300ms"), "{drip}");
    let garbage = hostile(|stream| drop(stream.write_all(b"\0\xff\xfe nothing\r\n\r\n")));
    assert!(garbage.contains("not HTTP/1"), "{garbage}");
    let closed = hostile(|_| {});
    assert!(closed.contains("the connection ended before the answer did"), "{closed}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = ask(&settings(&url)).unwrap_err().to_string();
    assert!(refused.contains("refused"), "{refused}");
}

#[test]
fn fifty_megabytes_are_not_read_to_the_end() {
    let series = "{\"metric\":{},\"value\":[1,\"2\"]},".repeat(1000);
    for head in ["Content-Length: 52428800\r\n", ""] {
        let series = series.clone();
        let flood = hostile(move |stream| {
            let start = data("vector", "[").replace("}}", "");
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n{start}").as_bytes());
            for _ in 0..(50 << 20) / series.len() {
                if stream.write_all(series.as_bytes()).is_err() {
                    return;
                }
            }
        });
        assert!(flood.contains("longer than 4194304 bytes"), "{flood}");
    }
}

#[test]
fn json_that_would_fill_memory_is_refused() {
    for result in [
        format!("[{}{{}}]", "{},".repeat(100_000)),
        "[".repeat(100_000),
        format!("[{{\"values\":[{}[1,\"1\"]]}}]", "[1,\"1\"],".repeat(100_000)),
    ] {
        let started = Instant::now();
        let error = instant("200 OK", data("vector", &result), Across::Highest).unwrap_err();
        assert!(error.contains("cannot be read"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
}
