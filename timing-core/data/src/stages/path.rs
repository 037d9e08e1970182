//! Which resources an end waited for.

use super::{Kind, Span};

/// The resources that led to the end of the last one, first to last, by their places among the
/// spans of one step, which are in the order in which they began.
///
/// A heuristic: dependencies are not printed. The chain is the resource that ended last, before it
/// the one that ended last of those that had ended when it began, and so on. Terraform begins a
/// resource as soon as what it depends on is there and a worker is free, so what ended just before
/// is what was waited for, or something that ended at the same moment.
#[must_use]
pub fn critical_path(spans: &[Span]) -> Vec<usize> {
    let mut by_end: Vec<usize> = spans
        .iter()
        .enumerate()
        .filter(|(_, span)| matches!(span.kind, Kind::Resource(_)))
        .map(|(index, _)| index)
        .collect();
    by_end.sort_by_key(|&index| (spans[index].end(), index));
    let mut path = Vec::new();
    while let Some(last) = by_end.pop() {
        path.push(last);
        // Of two that took no time, the earlier in the list is the earlier.
        let ended_before = |&other: &usize| spans[other].end() <= spans[last].start;
        by_end.truncate(by_end.partition_point(ended_before));
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::stages::{Action, Outcome};

    fn span(kind: Kind, start: u64, end: u64) -> Span {
        Span {
            kind,
            name: "a.b".to_owned(),
            start: Duration::from_millis(start),
            duration: Duration::from_millis(end - start),
            outcome: Outcome::Complete,
            parent: None,
        }
    }

    fn path(times: &[(u64, u64)]) -> Vec<usize> {
        let resource = |&(start, end)| span(Kind::Resource(Action::Create), start, end);
        critical_path(&times.iter().map(resource).collect::<Vec<_>>())
    }

    #[test]
    fn the_path_leads_from_the_last_end_back_to_what_had_just_ended() {
        assert!(path(&[]).is_empty());
        assert_eq!(path(&[(0, 10)]), [0]);
        // 0 and 1 side by side, 2 begins when 1 ends, 3 is short.
        assert_eq!(path(&[(0, 10), (0, 20), (20, 50), (21, 22)]), [1, 2]);
        // With a gap, and with another that began earlier and ended later than the chain's start.
        assert_eq!(path(&[(0, 10), (5, 40), (30, 60)]), [0, 2]);
    }

    #[test]
    fn resources_that_took_no_time_come_in_their_order() {
        assert_eq!(path(&[(5, 5), (5, 5), (5, 5)]), [0, 1, 2]);
    }

    #[test]
    fn stages_are_not_on_it() {
        let spans = [span(Kind::Stage, 0, 100), span(Kind::Resource(Action::Read), 1, 2)];
        assert_eq!(critical_path(&spans), [1]);
    }
}
