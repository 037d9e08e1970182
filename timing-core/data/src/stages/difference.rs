//! Where the time of a run went that it took more, or less, than another.
//!
//! A run is a tree of parts that follow each other: phases, their stages, what is within these, and
//! at the end of each branch the resources that its end waited for, which follow each other by what
//! a [critical path](super::critical_path) is. So differences add up: what the parts of a part do
//! not account for happened between them, and is told as such.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Kind, Span, critical_path};

/// What a part of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartKind {
    /// A run of several phases that are within no other.
    Run,
    /// A phase.
    Phase,
    /// A part of a phase.
    Span(Kind),
}

/// A part of a run, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// What it is called.
    pub name: String,
    /// What it took.
    pub took: Duration,
    /// What it consists of, one after the other, as far as is known.
    pub parts: Vec<Part>,
}

impl Part {
    /// The parts of one phase, from its spans.
    #[must_use]
    pub fn of_spans(spans: &[Span]) -> Vec<Self> {
        within(spans, None)
    }
}

/// The parts within the span `parent`. Its stages, or where it has none the resources of it that
/// its end waited for.
fn within(spans: &[Span], parent: Option<usize>) -> Vec<Part> {
    let inside: Vec<usize> =
        (0..spans.len()).filter(|&place| spans[place].parent == parent).collect();
    let (resources, stages): (Vec<usize>, Vec<usize>) =
        inside.into_iter().partition(|&place| matches!(spans[place].kind, Kind::Resource(_)));
    if !stages.is_empty() {
        return stages.into_iter().map(|place| part(spans, place)).collect();
    }
    let resources: Vec<Span> = resources.into_iter().map(|place| spans[place].clone()).collect();
    critical_path(&resources).into_iter().map(|place| leaf(&resources[place])).collect()
}

fn part(spans: &[Span], place: usize) -> Part {
    Part { parts: within(spans, Some(place)), ..leaf(&spans[place]) }
}

fn leaf(span: &Span) -> Part {
    let (kind, name) = (PartKind::Span(span.kind), span.name.clone());
    Part { kind, name, took: span.duration, parts: Vec::new() }
}

/// One part of two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub kind: PartKind,
    /// What it is called.
    pub name: String,
    /// What it took; `None` where the run did not have it.
    pub now: Option<Duration>,
    /// What it took in the run before; `None` where that did not have it.
    pub before: Option<Duration>,
    /// Its parts, in the order of this run, then those that only the run before had.
    pub parts: Vec<Difference>,
}

impl Difference {
    /// Of the same part of two runs.
    #[must_use]
    pub fn of(now: &Part, before: &Part) -> Self {
        let (kind, name) = (now.kind, now.name.clone());
        let (parts, took) = (parts(&now.parts, &before.parts), Some(now.took));
        Self { kind, name, now: took, before: Some(before.took), parts }
    }

    /// By how many milliseconds it took longer, shorter when negative.
    #[must_use]
    pub fn milliseconds(&self) -> i64 {
        milliseconds(self.now).saturating_sub(milliseconds(self.before))
    }

    /// How many of these its parts do not account for.
    #[must_use]
    pub fn between_milliseconds(&self) -> i64 {
        self.milliseconds().saturating_sub(self.parts.iter().map(Self::milliseconds).sum())
    }

    /// What it took beside its parts, now and before; negative where parts overlap.
    #[must_use]
    pub fn between(&self) -> (i64, i64) {
        let beside = |of: fn(&Self) -> Option<Duration>| {
            milliseconds(of(self))
                - self.parts.iter().map(|part| milliseconds(of(part))).sum::<i64>()
        };
        (beside(|part| part.now), beside(|part| part.before))
    }
}

fn milliseconds(duration: Option<Duration>) -> i64 {
    duration.map_or(0, |duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

/// What has one name is one part, however often it was done.
type Known<'p> = (Option<Duration>, Option<Duration>, Vec<&'p Part>, Vec<&'p Part>);

fn parts(now: &[Part], before: &[Part]) -> Vec<Difference> {
    let mut known: BTreeMap<(PartKind, &str), Known<'_>> = BTreeMap::new();
    let mut order = Vec::new();
    for (part, is_now) in now.iter().map(|p| (p, true)).chain(before.iter().map(|p| (p, false))) {
        let key = (part.kind, part.name.as_str());
        let (now, before, now_parts, before_parts) = known.entry(key).or_insert_with(|| {
            order.push(key);
            Known::default()
        });
        let (took, parts) = if is_now { (now, now_parts) } else { (before, before_parts) };
        *took = Some(took.unwrap_or_default().saturating_add(part.took));
        parts.extend(&part.parts);
    }
    let own = |parts: Vec<&Part>| parts.into_iter().cloned().collect::<Vec<Part>>();
    order
        .into_iter()
        .filter_map(|(kind, name)| {
            let (now, before, now_parts, before_parts) = known.remove(&(kind, name))?;
            let parts = parts(&own(now_parts), &own(before_parts));
            Some(Difference { kind, name: name.to_owned(), now, before, parts })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stages::{Action, Outcome};

    const CREATE: Kind = Kind::Resource(Action::Create);

    fn span(kind: Kind, name: &str, start: u64, end: u64, parent: Option<usize>) -> Span {
        let time = Duration::from_millis;
        let (name, outcome) = (name.to_owned(), Outcome::Complete);
        Span { kind, name, start: time(start), duration: time(end - start), outcome, parent }
    }

    fn phase(name: &str, milliseconds: u64, spans: &[Span]) -> Part {
        let took = Duration::from_millis(milliseconds);
        Part { kind: PartKind::Phase, name: name.to_owned(), took, parts: Part::of_spans(spans) }
    }

    /// One line for each difference, with what is between its parts.
    fn shown(difference: &Difference, depth: usize) -> String {
        let line = format!(
            "{:w$}{} {:+}\n",
            "",
            difference.name,
            difference.milliseconds(),
            w = depth * 2
        );
        let parts: String = difference.parts.iter().map(|part| shown(part, depth + 1)).collect();
        let between = format!(
            "{:w$}between {:+}\n",
            "",
            difference.between_milliseconds(),
            w = depth * 2 + 2
        );
        line + &parts + if difference.parts.is_empty() { "" } else { &between }
    }

    #[test]
    fn what_a_phase_took_more_is_told_of_its_stages_and_the_resources_they_waited_for() {
        let now = [
            span(Kind::Stage, "apply", 0, 900, None),
            span(CREATE, "a.b", 0, 400, Some(0)),
            span(CREATE, "a.c", 10, 90, Some(0)),
            span(CREATE, "a.d", 400, 880, Some(0)),
            span(Kind::Stage, "wait", 900, 1000, None),
            span(Kind::Stage, "wait", 1000, 1100, None),
        ];
        let before = [
            span(Kind::Stage, "apply", 0, 500, None),
            span(CREATE, "a.b", 0, 390, Some(0)),
            span(Kind::Stage, "tidy", 500, 530, None),
        ];
        let difference = Difference::of(&phase("up", 1120, &now), &phase("up", 540, &before));
        insta::assert_snapshot!(shown(&difference, 0), @"
        up +580
          apply +400
            a.b +10
            a.d +480
            between -90
          wait +200
          tidy -30
          between +10
        ");
    }

    fn any_spans() -> impl Strategy<Value = Vec<Span>> {
        let one = (0..4u8, 0..5u8, 0..2_000u64, 0..2_000u64, any::<prop::sample::Index>());
        prop::collection::vec(one, 0..25).prop_map(|all| {
            let mut spans: Vec<Span> = Vec::new();
            for (kind, name, start, duration, parent) in all {
                let kind = [Kind::Stage, Kind::Pass, Kind::Step, CREATE][usize::from(kind)];
                let parent = Some(parent.index(spans.len() + 1))
                    .filter(|place| spans.get(*place).is_some_and(|span| span.kind < CREATE));
                spans.push(span(kind, &format!("n{name}"), start, start + duration, parent));
            }
            spans
        })
    }

    fn adds_up(difference: &Difference) {
        let parts: i64 = difference.parts.iter().map(Difference::milliseconds).sum();
        assert_eq!(parts + difference.between_milliseconds(), difference.milliseconds());
        let (now, before) = difference.between();
        assert_eq!(now - before, difference.between_milliseconds());
        difference.parts.iter().for_each(adds_up);
    }

    proptest! {
        #[test]
        fn differences_add_up_and_none_is_lost(
            now in any_spans(), before in any_spans(), took in 0..5_000u64, took_before in 0..5_000u64,
        ) {
            let difference =
                Difference::of(&phase("up", took, &now), &phase("up", took_before, &before));
            adds_up(&difference);
            let sum = |spans: &[Span]| -> Duration {
                Part::of_spans(spans).iter().map(|part| part.took).sum()
            };
            let of = |of: fn(&Difference) -> Option<Duration>| -> Duration {
                difference.parts.iter().filter_map(of).sum()
            };
            prop_assert_eq!(of(|part| part.now), sum(&now));
            prop_assert_eq!(of(|part| part.before), sum(&before));
            let back = Difference::of(&phase("up", took_before, &before), &phase("up", took, &now));
            prop_assert_eq!(back.milliseconds(), -difference.milliseconds());
        }
    }
}
