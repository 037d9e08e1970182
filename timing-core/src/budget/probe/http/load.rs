//! When requests are sent, and what time each is held to have taken. Must not know HTTP.
//!
//! At a fixed rate (an open loop) a request's time counts from when it was due, so that a server
//! that stalls is charged with everybody who would have come meanwhile. With fixed concurrency (a
//! closed loop) a stall keeps the worker from sending what would have been slow: "coordinated
//! omission" (Gil Tene, "How NOT to Measure Latency", 2013). Where the interval at which users come
//! is given, what was left out is put back as HdrHistogram's `recordValueWithExpectedInterval` does:
//! an answer that took `t` stands also for answers that took `t - i`, `t - 2i`, … down to `i`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::settings::{Load, MOST_REQUESTS, Settings};

/// A request that begins later than this after its time, and later than the next was due, was late.
const LATE: Duration = Duration::from_millis(10);
/// Requests need little stack.
const STACK_BYTES: usize = 256 * 1024;
/// Most times that are put back for requests that were never sent.
const MOST_PUT_BACK: usize = 1_000_000;

/// One request that was sent or should have been.
#[derive(Debug)]
pub(super) struct Sent<T> {
    /// From when its time counts to its end, in nanoseconds.
    pub(super) time: u64,
    /// `None`: its turn never came.
    pub(super) outcome: Option<T>,
}

/// What a load did.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub(super) sent: Vec<Sent<T>>,
    /// How many were sent late.
    pub(super) late: usize,
}

/// Puts `load` on `request` for `duration`. Each call of `request` takes `timeout` at most, so that
/// it ends within `duration` and twice the time-out.
pub(super) fn run<T: Send>(
    load: Load,
    duration: Duration,
    timeout: Duration,
    request: impl Fn() -> T + Sync,
) -> Done<T> {
    match load {
        Load::Rate { per_second, connections } => {
            open(per_second, connections, duration, timeout, &request)
        }
        Load::Concurrency { workers, expected_interval } => {
            closed(workers, expected_interval, duration, &request)
        }
    }
}

fn open<T: Send>(
    per_second: f64,
    connections: usize,
    duration: Duration,
    timeout: Duration,
    request: &(impl Fn() -> T + Sync),
) -> Done<T> {
    let planned = Settings::planned(per_second, duration).min(MOST_REQUESTS);
    let (next, late) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let interval = Duration::from_secs_f64((1.0 / per_second).min(duration.as_secs_f64()));
    let start = Instant::now();
    let over = start + duration + timeout;
    let work = || {
        let mut sent = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            if turn >= planned {
                return sent;
            }
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let due = start + duration.mul_f64(turn as f64 / planned as f64);
            sleep_until(due);
            let begun = Instant::now();
            if begun.saturating_duration_since(due) > LATE.max(interval) {
                late.fetch_add(1, Ordering::Relaxed);
            }
            let outcome = (begun < over).then(request);
            sent.push(Sent { time: nanoseconds(due.elapsed()), outcome });
        }
    };
    let sent = on_threads(connections.min(planned), work);
    Done { sent, late: late.into_inner() }
}

fn closed<T: Send>(
    workers: usize,
    interval: Option<Duration>,
    duration: Duration,
    request: &(impl Fn() -> T + Sync),
) -> Done<T> {
    let count = AtomicUsize::new(0);
    let over = Instant::now() + duration;
    let work = || {
        let (mut sent, mut due) = (Vec::new(), Instant::now());
        loop {
            let begun = Instant::now();
            if begun >= over || count.fetch_add(1, Ordering::Relaxed) >= MOST_REQUESTS {
                return sent;
            }
            let outcome = Some(request());
            sent.push(Sent { time: nanoseconds(begun.elapsed()), outcome });
            if let Some(interval) = interval {
                // On a grid, so that what sleeping takes too long does not add up; what was missed
                // is put back and not made up for.
                due = (due + interval).max(Instant::now());
                sleep_until(over.min(due));
            }
        }
    };
    Done { sent: on_threads(workers, work), late: 0 }
}

/// What all of `count` threads return together. Where the system has fewer threads to give, those do
/// it that there are, this one at least.
fn on_threads<T: Send>(count: usize, work: impl Fn() -> Vec<T> + Sync) -> Vec<T> {
    let all = Mutex::new(Vec::new());
    let share = || {
        let done = work();
        all.lock().unwrap_or_else(PoisonError::into_inner).extend(done);
    };
    std::thread::scope(|scope| {
        for _ in 1..count {
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            if thread.spawn_scoped(scope, share).is_err() {
                break;
            }
        }
        share();
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Puts back the times of requests that were not sent while one was waited for, as the module says;
/// as many as fit under a bound.
pub(super) fn put_back(times: &mut Vec<u64>, interval: Duration) {
    let interval = nanoseconds(interval).max(1);
    for place in 0..times.len() {
        let mut time = times[place];
        while time >= interval.saturating_mul(2) && times.len() < MOST_PUT_BACK {
            time -= interval;
            times.push(time);
        }
    }
}

/// A whole number of nanoseconds; 584 years are the most.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn sleep_until(due: Instant) {
    let left = due.saturating_duration_since(Instant::now());
    if !left.is_zero() {
        std::thread::sleep(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_stands_for_those_who_would_have_come() {
        let mut times = vec![1_000_000, 1_000_000_000];
        put_back(&mut times, Duration::from_millis(250));
        assert_eq!(times, [1_000_000, 1_000_000_000, 750_000_000, 500_000_000, 250_000_000]);
    }

    #[test]
    fn what_is_put_back_is_bounded() {
        let mut times = vec![u64::MAX; 3];
        put_back(&mut times, Duration::from_nanos(1));
        assert_eq!(times.len(), MOST_PUT_BACK);
    }

    #[test]
    fn a_rate_is_kept_by_several_workers_and_missed_by_one() {
        let slow = || std::thread::sleep(Duration::from_millis(100));
        let at = |connections| {
            let load = Load::Rate { per_second: 100.0, connections };
            run(load, Duration::from_millis(300), Duration::from_millis(500), slow)
        };
        let (enough, one) = (at(30), at(1));
        assert_eq!(enough.sent.len(), 30);
        assert!(enough.late < 10, "{} late", enough.late);
        // One after another: the last of those that are sent waits for all before it.
        assert!(one.late > 20, "{} late", one.late);
        assert!(one.sent.iter().any(|sent| sent.outcome.is_none()), "it must end");
        assert_eq!(one.sent.len(), 30, "who was never sent is not forgotten");
    }
}
