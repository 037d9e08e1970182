//! Times against the truth: a server that waits as long as it was told, and notes how long that was.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::*;
use super::server::{Server, Turns, ok};
use crate::stats::quantile;

const REQUESTS: u32 = 400;

/// One value from each of [`REQUESTS`] equal parts of a distribution, of which `inverse` is the
/// inverse distribution function in milliseconds, in an order that looks random: their quantiles
/// are those of the distribution.
fn drawn(inverse: impl Fn(f64) -> f64) -> Vec<Duration> {
    // 157 and 400 have no common factor, so that each part has its turn.
    let part = |turn: u32| (f64::from((turn * 157) % REQUESTS) + 0.5) / f64::from(REQUESTS);
    (0..REQUESTS).map(|turn| Duration::from_secs_f64(inverse(part(turn)) / 1000.0)).collect()
}

/// Within 5 % or a millisecond, whichever is more.
fn agrees(found: Duration, truth: Duration) -> bool {
    found.abs_diff(truth) <= truth.mul_f64(0.05).max(Duration::from_millis(1))
}

/// What the quantiles of `times` are.
fn quantiles(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    let nanoseconds: Vec<u64> =
        times.iter().map(|time| u64::try_from(time.as_nanos()).unwrap()).collect();
    [0.5, 0.95, 0.99].map(|share| {
        Duration::from_secs_f64(quantile(&nanoseconds, share).unwrap() / 1_000_000_000.0)
    })
}

/// What a server waited for, and what was found, in P50, P95, P99.
fn waited_and_found(waits: &[Duration], load: Load) -> ([Duration; 3], [Duration; 3]) {
    let waited = Arc::new(Mutex::new(Vec::new()));
    let (note, turns) = (Arc::clone(&waited), Turns::of(waits.to_vec()));
    let server = Server::answering(move |target| {
        if target == "/" {
            let begun = Instant::now();
            std::thread::sleep(turns.next());
            note.lock().unwrap().push(begun.elapsed());
        }
        ok("x")
    });
    let settings = Settings {
        load,
        duration: Duration::from_secs(2),
        warm_up: Duration::ZERO,
        ..Settings::new(server.url("/"))
    };
    let latency = measure(&settings).unwrap().latency;
    let mut waited = waited.lock().unwrap().clone();
    // The first request is asked alone and does not count.
    waited.remove(0);
    (quantiles(waited), [latency.p50, latency.p95, latency.p99])
}

/// Other tests share the machine, and a thread that has to wait for a processor adds to what is
/// found: the best of several attempts counts, as long as each quantile was right in one and the
/// same of them. For the same reason waits are long: what a busy machine adds is then well below
/// the 5 %.
fn assert_found(waits: &[Duration], load: Load) {
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (truth, found) = waited_and_found(waits, load);
        if truth.iter().zip(found).all(|(&truth, found)| agrees(found, truth)) {
            return;
        }
        seen.push((truth, found));
    }
    panic!("waited and found: {seen:?}");
}

const RATE: Load = Load::Rate { per_second: 200.0, connections: 64 };

#[test]
fn evenly_spread_waits_are_found() {
    assert_found(&drawn(|p| 10.0 + 400.0 * p), RATE);
}

#[test]
fn exponential_waits_are_found() {
    assert_found(&drawn(|p| -80.0 * (1.0 - p).ln()), RATE);
}

#[test]
fn two_kinds_of_answer_are_found() {
    assert_found(&drawn(|p| if p < 0.9 { 60.0 } else { 600.0 }), RATE);
}

#[test]
fn a_closed_loop_finds_them_too() {
    let load = Load::Concurrency { workers: 40, expected_interval: None };
    assert_found(&drawn(|p| 10.0 + 400.0 * p), load);
}

/// A server that takes a millisecond, and answers nobody for a second of every ten.
fn stalling() -> Server {
    let begun = Instant::now();
    Server::answering(move |_| {
        let phase = begun.elapsed().as_millis() % 10_000;
        if (1000..2000).contains(&phase) {
            std::thread::sleep(Duration::from_millis(u64::try_from(2000 - phase).unwrap()));
        }
        std::thread::sleep(Duration::from_millis(1));
        ok("x")
    })
}

/// What three loads find within the same ten seconds: a rate, a closed loop that is corrected for
/// the same rate, and one that is not.
fn stall_as_seen() -> [Report; 3] {
    let one = |expected_interval| Load::Concurrency { workers: 1, expected_interval };
    std::thread::scope(|scope| {
        let rate = Load::Rate { per_second: 100.0, connections: 32 };
        let rate = scope.spawn(move || for_ten_seconds(rate));
        let interval = Some(Duration::from_millis(10));
        let corrected = scope.spawn(move || for_ten_seconds(one(interval)));
        let uncorrected = for_ten_seconds(one(None));
        [rate.join().unwrap(), corrected.join().unwrap(), uncorrected]
    })
}

fn for_ten_seconds(load: Load) -> Report {
    let server = stalling();
    let settings = Settings {
        load,
        duration: Duration::from_secs(10),
        warm_up: Duration::ZERO,
        ..Settings::new(server.url("/"))
    };
    measure(&settings).unwrap()
}

/// At a hundred a second, one in ten comes while the server stalls, and waits from nothing to a
/// second: one in twenty waits half a second or more, one in a hundred 0.9 s or more.
#[test]
fn a_server_that_stalls_is_reported_as_its_users_see_it() {
    let is_seen = |report: &Report| {
        let Latency { p50, p95, p99, max, .. } = report.latency;
        p50 < Duration::from_millis(50)
            && agrees_roughly(p95, 500)
            && agrees_roughly(p99, 900)
            && agrees_roughly(max, 1000)
    };
    let mut attempts = 0;
    // As above: a machine that is busy enough stalls by itself.
    let [rate, _, uncorrected] = loop {
        let seen = stall_as_seen();
        attempts += 1;
        if seen[..2].iter().all(is_seen) {
            break seen;
        }
        assert!(attempts < 3, "{seen:?}");
    };
    // With 32 connections two thirds of those who came during the stall were sent after it.
    assert!(matches!(rate.pace, Pace::Behind { late: 40.., of: 1000 }), "{:?}", rate.pace);
    // What others measure: one answer of thousands was slow, and nobody hears of the rest.
    let missed = uncorrected.latency;
    assert!(missed.p99 < Duration::from_millis(100), "{missed:?}");
    assert!(missed.max > Duration::from_millis(900), "{missed:?}");
}

fn agrees_roughly(found: Duration, milliseconds: u64) -> bool {
    agrees(found, Duration::from_millis(milliseconds))
}
