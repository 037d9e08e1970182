//! How much of a time something is known to have been worked on.

use std::ops::Range;
use std::time::Duration;

use super::{Kind, Span};

/// The stretches in which at least one resource was in progress, in order, none touching another.
/// The rest of a time was waiting, or work that its output does not tell.
#[must_use]
pub fn busy(spans: &[Span]) -> Vec<Range<Duration>> {
    let resources = spans.iter().filter(|span| matches!(span.kind, Kind::Resource(_)));
    let mut times: Vec<Range<Duration>> =
        resources.map(|span| span.start..span.end()).filter(|time| !time.is_empty()).collect();
    times.sort_by_key(|time| time.start);
    let mut busy: Vec<Range<Duration>> = Vec::new();
    for time in times {
        match busy.last_mut() {
            Some(last) if time.start <= last.end => last.end = last.end.max(time.end),
            _ => busy.push(time),
        }
    }
    busy
}

/// How much of `within` is covered by `stretches`, which are in order and do not overlap.
#[must_use]
pub fn covered(stretches: &[Range<Duration>], within: &Range<Duration>) -> Duration {
    let common = |time: &Range<Duration>| {
        time.end.min(within.end).saturating_sub(time.start.max(within.start))
    };
    let first = stretches.partition_point(|time| time.end <= within.start);
    let rest = stretches.get(first..).unwrap_or_default();
    rest.iter().take_while(|time| time.start < within.end).map(common).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::{Action, Outcome};

    fn ms(range: Range<u64>) -> Range<Duration> {
        Duration::from_millis(range.start)..Duration::from_millis(range.end)
    }

    #[test]
    fn what_overlaps_counts_once_and_stages_do_not_count() {
        let span = |kind, time: Range<u64>| {
            let time = ms(time);
            let (name, outcome, parent) = ("a.b".to_owned(), Outcome::Complete, None);
            Span { kind, name, start: time.start, duration: time.end - time.start, outcome, parent }
        };
        let resource = |time| span(Kind::Resource(Action::Create), time);
        let spans =
            [span(Kind::Stage, 0..100), resource(10..30), resource(20..40), resource(60..60)];
        let spans = [&spans[..], &[resource(70..80)]].concat();
        let busy = busy(&spans);
        assert_eq!(busy, [ms(10..40), ms(70..80)]);
        let covered = |time| covered(&busy, &ms(time)).as_millis();
        assert_eq!(
            [covered(0..100), covered(0..10), covered(35..75), covered(90..95)],
            [40, 0, 10, 0]
        );
    }
}
