//! What stages and resources take over several runs.

use std::collections::BTreeMap;

use super::quantile;
use crate::record::Phase;
use crate::stages::{Kind, Outcome, Span, module, resource_type};

/// With fewer runs on either side nothing is said of a change.
pub const FEWEST_RUNS: usize = 3;

/// What is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Each stage and each operation on a resource; indices stay apart.
    Span,
    /// The resources of a module, whatever is done to them: `module.eks`.
    Module,
    /// The resources of a type, whatever is done to them: `aws_eks_cluster`.
    Type,
}

/// What durations are told of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// In which environment.
    pub environment: String,
    /// In which phase.
    pub phase: Phase,
    /// What it is; `None` for a module or a type.
    pub kind: Option<Kind>,
    /// What it is called.
    pub name: String,
}

/// What it took, of the runs in which it ended as it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Slowness {
    /// What is told of.
    pub subject: Subject,
    /// In how many of the latest runs it was.
    pub runs: usize,
    /// How often it failed or did not end in these; such times are not counted otherwise.
    pub failed: usize,
    /// What it took in all of them, in milliseconds. What was done twice in one run counts twice.
    pub total: u64,
    /// The median of what it took in a run, in milliseconds.
    pub p50: Option<f64>,
    /// The most that it took in a run, in milliseconds.
    pub worst: Option<u64>,
    /// In how many of the runs before it was.
    pub runs_before: usize,
    /// The median of these, in milliseconds.
    pub p50_before: Option<f64>,
}

impl Slowness {
    /// By which share the median is above that of the runs before: 0.25 is a quarter more. `None`
    /// with fewer than [`FEWEST_RUNS`] on either side, or a median of 0.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        let is_enough = self.runs >= FEWEST_RUNS && self.runs_before >= FEWEST_RUNS;
        let before = self.p50_before.filter(|before| is_enough && *before > 0.0)?;
        Some(self.p50? / before - 1.0)
    }
}

/// A run: where, and the spans of its phases.
pub type RunOf<'a> = (&'a str, &'a Phase, &'a [Span]);

/// What ended well, by run, and how often it did not.
#[derive(Default)]
struct Times {
    taken: Vec<u64>,
    failed: usize,
}

/// What stages and resources took in the `latest` runs and in those `before`, the one that took
/// most in all first. Each run is a list of its phases.
#[must_use]
pub fn slowest(latest: &[Vec<RunOf<'_>>], before: &[Vec<RunOf<'_>>], by: By) -> Vec<Slowness> {
    let mut earlier = times(before, by);
    let mut all: Vec<Slowness> = times(latest, by)
        .into_iter()
        .map(|(subject, mut times)| {
            let earlier = earlier.remove(&subject).unwrap_or_default();
            let (p50, p50_before) = (median(&mut times.taken), median(&mut earlier.taken.clone()));
            Slowness {
                subject,
                runs: times.taken.len(),
                failed: times.failed,
                total: times.taken.iter().sum(),
                p50,
                worst: times.taken.iter().copied().max(),
                runs_before: earlier.taken.len(),
                p50_before,
            }
        })
        .collect();
    all.sort_by_key(|slowness| std::cmp::Reverse(slowness.total));
    all
}

fn median(taken: &mut [u64]) -> Option<f64> {
    taken.sort_unstable();
    quantile(taken, 0.5)
}

fn times(runs: &[Vec<RunOf<'_>>], by: By) -> BTreeMap<Subject, Times> {
    let mut all: BTreeMap<Subject, Times> = BTreeMap::new();
    for run in runs {
        // Of one run, what it took in all.
        let mut sums: BTreeMap<Subject, u64> = BTreeMap::new();
        for (environment, phase, spans) in run {
            for span in *spans {
                let Some((kind, name)) = name(span, by) else { continue };
                let (environment, phase) = ((*environment).to_owned(), (*phase).clone());
                let subject = Subject { environment, phase, kind, name: name.to_owned() };
                match span.outcome {
                    Outcome::Complete => {
                        let taken = u64::try_from(span.duration.as_millis()).unwrap_or(u64::MAX);
                        let sum = sums.entry(subject).or_default();
                        *sum = sum.saturating_add(taken);
                    }
                    Outcome::Errored | Outcome::Unfinished => {
                        all.entry(subject).or_default().failed += 1;
                    }
                }
            }
        }
        for (subject, sum) in sums {
            all.entry(subject).or_default().taken.push(sum);
        }
    }
    all
}

fn name(span: &Span, by: By) -> Option<(Option<Kind>, &str)> {
    match (by, span.kind) {
        (By::Span, kind) => Some((Some(kind), &span.name)),
        (By::Module, Kind::Resource(_)) => Some((None, module(&span.name))),
        (By::Type, Kind::Resource(_)) => Some((None, resource_type(&span.name))),
        (By::Module | By::Type, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::stages::Action;

    const CREATE: Kind = Kind::Resource(Action::Create);

    fn span(kind: Kind, name: &str, milliseconds: u64, outcome: Outcome) -> Span {
        let (start, duration) = (Duration::ZERO, Duration::from_millis(milliseconds));
        Span { kind, name: name.to_owned(), start, duration, outcome, parent: None }
    }

    fn figures(latest: &[Vec<Span>], before: &[Vec<Span>], by: By) -> String {
        let phase: Phase = "apply-persistent".parse().unwrap();
        let latest: Vec<Vec<RunOf<'_>>> =
            latest.iter().map(|s| vec![("dev", &phase, &s[..])]).collect();
        let before: Vec<Vec<RunOf<'_>>> =
            before.iter().map(|s| vec![("dev", &phase, &s[..])]).collect();
        let line = |of: Slowness| {
            let change = of.change().map_or("-".to_owned(), |change| format!("{change:+.2}"));
            let Slowness { subject, runs, failed, total, p50, worst, runs_before, .. } = of;
            let (name, worst) = (subject.name, worst.unwrap_or_default());
            let p50 = p50.map_or("-".to_owned(), |p50| p50.to_string());
            format!("{name}: {runs}/{failed} {total} {p50} {worst}, {runs_before} before, {change}")
        };
        slowest(&latest, &before, by).into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn run(cluster: u64, node: u64) -> Vec<Span> {
        vec![
            span(Kind::Stage, "apply", cluster + node, Outcome::Complete),
            span(CREATE, "module.eks.cluster.this", cluster, Outcome::Complete),
            span(CREATE, "module.eks.node.a[0]", node, Outcome::Complete),
            span(CREATE, "module.eks.node.a[1]", node + 1, Outcome::Complete),
        ]
    }

    #[test]
    fn medians_are_of_runs_and_compared_where_there_are_enough_of_them() {
        let latest = [run(100, 10), run(300, 20), run(200, 30)];
        let before = [run(80, 15), run(80, 15), run(80, 15)];
        insta::assert_snapshot!(figures(&latest, &before, By::Span), @"
        apply: 3/0 660 230 320, 3 before, +1.42
        module.eks.cluster.this: 3/0 600 200 300, 3 before, +1.50
        module.eks.node.a[1]: 3/0 63 21 31, 3 before, +0.31
        module.eks.node.a[0]: 3/0 60 20 30, 3 before, +0.33
        ");
        insta::assert_snapshot!(figures(&latest, &before[1..], By::Module), @"module.eks: 3/0 723 261 341, 2 before, -");
        insta::assert_snapshot!(figures(&latest, &[], By::Type), @"
        cluster: 3/0 600 200 300, 0 before, -
        node: 3/0 123 41 61, 0 before, -
        ");
    }

    #[test]
    fn what_failed_is_counted_and_not_timed() {
        let failed = vec![
            span(CREATE, "a.b", 9_000, Outcome::Errored),
            span(CREATE, "a.c", 9_000, Outcome::Unfinished),
            span(CREATE, "a.d", 5, Outcome::Complete),
            span(CREATE, "a.d", 6, Outcome::Complete),
        ];
        insta::assert_snapshot!(figures(&[failed], &[], By::Span), @"
        a.d: 1/0 11 11 11, 0 before, -
        a.b: 0/1 0 - 0, 0 before, -
        a.c: 0/1 0 - 0, 0 before, -
        ");
        assert_eq!(figures(&[], &[run(1, 1)], By::Span), "");
    }
}
