//! Counts of answers, and, when tracing is on, a ring of the last requests. Must not know how
//! either is shown.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::checks::{CheckCounts, CheckTimes};
use crate::features::{Feature, Features};
use crate::http::Status;

/// 32-byte spans: 2 MiB.
const SPANS: usize = 1 << 16;

pub(crate) struct Telemetry {
    answers: Option<Box<[AtomicU64; Status::ALL.len()]>>,
    checks: Option<Box<CheckTimes>>,
    trace: Option<Mutex<SpanRing>>,
}

/// One answered request.
#[derive(Clone, Copy, Default)]
struct Span {
    number: u64,
    code: u64,
    duration: Duration,
}

struct SpanRing {
    spans: Box<[Span]>,
    written: u64,
}

impl Telemetry {
    pub(crate) fn initialise(features: &Features) -> Self {
        // Every span is written once, so that its page is resident from the start and not
        // fetched in the middle of some request.
        let blank = |number| Span { number, ..Span::default() };
        let ring = || SpanRing { spans: (0..SPANS as u64).map(blank).collect(), written: 0 };
        Self {
            answers: features
                .has(Feature::Metrics)
                .then(|| Box::new(std::array::from_fn(|_| AtomicU64::new(0)))),
            checks: features.has(Feature::Metrics).then(Box::default),
            trace: features.has(Feature::Tracing).then(|| Mutex::new(ring())),
        }
    }

    pub(crate) fn record(&self, status: Status, duration: Duration) {
        let place = Status::ALL.iter().position(|known| *known == status);
        if let (Some(answers), Some(place)) = (&self.answers, place) {
            answers[place].fetch_add(1, Ordering::Relaxed);
        }
        if let Some(trace) = &self.trace {
            let mut ring = trace.lock().unwrap_or_else(PoisonError::into_inner);
            ring.push(u64::from(status.code()), duration);
        }
    }

    /// A health check has been answered, or is about to be, after that time.
    pub(crate) fn record_check(&self, duration: Duration) {
        if let Some(checks) = &self.checks {
            checks.record(duration);
        }
    }

    /// How long health checks took; `None` where that is not counted.
    pub(crate) fn checks(&self) -> Option<CheckCounts> {
        self.checks.as_ref().map(|checks| checks.counts())
    }

    /// How often each status was answered, in the order of [`Status::ALL`]; `None` where that is
    /// not counted.
    pub(crate) fn answers(&self) -> Option<impl Iterator<Item = (Status, u64)> + '_> {
        let answers = self.answers.as_ref()?;
        let counts = answers.iter().map(|count| count.load(Ordering::Relaxed));
        Some(Status::ALL.into_iter().zip(counts))
    }

    /// Whether the newest span, if there is one, is the one that was written last.
    pub(crate) fn is_sound(&self) -> bool {
        self.trace.as_ref().is_none_or(|trace| {
            let ring = trace.lock().unwrap_or_else(PoisonError::into_inner);
            ring.written == 0 || ring.newest().is_some_and(|span| span.number == ring.written)
        })
    }
}

impl SpanRing {
    fn place(&self, number: u64) -> usize {
        crate::mix::below(number, self.spans.len())
    }

    fn push(&mut self, code: u64, duration: Duration) {
        self.written += 1;
        let place = self.place(self.written);
        if let Some(span) = self.spans.get_mut(place) {
            *span = Span { number: self.written, code, duration };
        }
    }

    fn newest(&self) -> Option<&Span> {
        let newest = self.spans.get(self.place(self.written));
        newest.filter(|span| span.code != 0 && span.duration < Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracing() -> Telemetry {
        let features = Features::read(|name| (name == "PF_TRACING_ENABLED").then(|| "1".into()));
        Telemetry::initialise(&features.unwrap())
    }

    #[test]
    fn answers_are_counted_by_status() {
        let telemetry = tracing();
        telemetry.record(Status::Ok, Duration::ZERO);
        telemetry.record(Status::NotFound, Duration::ZERO);
        telemetry.record(Status::Ok, Duration::ZERO);
        let seen: Vec<_> = telemetry
            .answers()
            .unwrap()
            .filter(|(_, n)| *n > 0)
            .map(|(s, n)| (s.code(), n))
            .collect();
        assert_eq!(seen, [(200, 2), (404, 1)]);
    }

    #[test]
    fn the_ring_keeps_the_newest_when_it_wraps() {
        let telemetry = tracing();
        for _ in 0..SPANS + 3 {
            telemetry.record(Status::Ok, Duration::from_millis(1));
        }
        assert!(telemetry.is_sound());
        let ring = telemetry.trace.unwrap().into_inner().unwrap();
        assert_eq!(ring.spans[3].number, SPANS as u64 + 3);
        assert_eq!(ring.spans[4].number, 4);
    }
}
