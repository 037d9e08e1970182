//! Tests of what several of the files say together.

mod history;

use std::collections::BTreeMap;

use proptest::prelude::*;
use time::macros::date;

use super::source::{CommandReading, CommandSource, Source};
use super::*;
use crate::record::Environment;

const TODAY: time::Date = date!(2026 - 03 - 01);

pub(in crate::budget) fn metric(name: &str, limits: Limits) -> Metric {
    Metric {
        name: name.parse().unwrap(),
        line: 1,
        about: None,
        reference: None,
        owner: Some("platform".to_owned()),
        runbook: None,
        part_of: None,
        unit: Unit::Seconds,
        statistic: Statistic::Permille(500),
        direction: Direction::Lower,
        limits: Some(limits),
        by_environment: BTreeMap::new(),
        scope: Scope::Everywhere,
        source: Source::Command(CommandSource {
            command: vec![name.to_owned()],
            directory: None,
            reading: CommandReading::WallTime,
            warm_up: 0,
            repetitions: 1,
            timeout: std::time::Duration::from_secs(1),
        }),
        phase: None,
        from: None,
        regression: None,
        goal: None,
        accepted: None,
        waiver: None,
        review: None,
        unknowns: Unknowns::Report,
    }
}

pub(in crate::budget) fn limits(target: u64, warn: u64, fail: u64) -> Limits {
    let at = Amount::whole;
    Limits::new(
        Some(Allowed::Below(at(target))),
        Some(Allowed::AtMost(at(warn))),
        Some(Allowed::AtMost(at(fail))),
    )
    .unwrap()
}

pub(in crate::budget) fn budgets(active: &str, metrics: Vec<Metric>) -> Budgets {
    let phase = |name: &str, mode| RolloutPhase {
        name: name.parse().unwrap(),
        mode,
        missed_target: Severity::Warn,
        review: None,
    };
    let phases = vec![
        phase("warn", PhaseMode::Warn),
        phase("enforce", PhaseMode::Enforce),
        phase("optimise", PhaseMode::Optimise),
    ];
    let rollout = Rollout::new(phases, active).unwrap();
    Budgets { rollout, review: None, reviewed_in: None, metrics }
}

pub(in crate::budget) fn local() -> Environment {
    "local".parse().unwrap()
}

fn first(budgets: &Budgets, value: Measured, baseline: Baseline) -> Judgement {
    let local = local();
    let budget = budgets.select(&local).next().unwrap();
    judge(&budget, value, baseline, TODAY)
}

fn known(seconds: u64) -> Measured {
    Measured::Known { value: Amount::whole(seconds), samples: 1 }
}

fn unknown() -> Measured {
    Measured::Unknown { reason: "no engine".to_owned() }
}

#[test]
fn only_a_phase_that_enforces_fails_the_check() {
    for (active, code) in [("warn", 0), ("enforce", 1), ("optimise", 1)] {
        let budgets = budgets(active, vec![metric("a", limits(120, 90, 180))]);
        let found = first(&budgets, known(181), Baseline::default());
        assert_eq!((found.verdict, exit_code([&found]).0), (Verdict::Fail, code), "{active}");
        let found = first(&budgets, known(180), Baseline::default());
        assert_eq!((found.verdict, exit_code([&found]).0), (Verdict::Warn, 0), "{active}");
    }
}

#[test]
fn a_metric_may_have_a_phase_of_its_own_or_count_from_one_on() {
    let mut own = budgets("warn", vec![metric("a", limits(120, 90, 180))]);
    own.metrics[0].phase = own.rollout.find("enforce");
    assert!(first(&own, known(181), Baseline::default()).fails_the_check());
    let mut later = budgets("enforce", vec![metric("a", limits(120, 90, 180))]);
    later.metrics[0].from = later.rollout.find("optimise");
    let found = first(&later, known(181), Baseline::default());
    assert_eq!((found.enforcement.clone(), found.fails_the_check()), (Enforcement::NotYet, false));
}

#[test]
fn a_waiver_excuses_until_its_last_day_and_changes_no_verdict() {
    for (until, fails) in [(TODAY, false), (date!(2026 - 02 - 28), true)] {
        let mut budgets = budgets("enforce", vec![metric("a", limits(120, 90, 180))]);
        let (why, who) = ("new runtime".to_owned(), "platform".to_owned());
        budgets.metrics[0].waiver = Some(Waiver { until, why, who });
        let found = first(&budgets, known(181), Baseline::default());
        assert_eq!((found.verdict, found.fails_the_check()), (Verdict::Fail, fails), "{until}");
    }
}

#[test]
fn what_is_not_known_never_passes_and_fails_where_that_is_wanted() {
    for (unknowns, active, fails) in [
        (Unknowns::Report, "enforce", false),
        (Unknowns::Fail, "enforce", true),
        (Unknowns::Fail, "warn", false),
    ] {
        let mut budgets = budgets(active, vec![metric("a", limits(120, 90, 180))]);
        budgets.metrics[0].unknowns = unknowns;
        let found = first(&budgets, unknown(), Baseline::default());
        assert_eq!((found.verdict, found.fails_the_check()), (Verdict::Unknown, fails));
        assert_eq!((found.target, found.margin), (TargetState::Unsaid, None));
    }
}

#[test]
fn the_margin_is_to_the_next_worse_verdict() {
    let budgets = budgets("warn", vec![metric("a", limits(120, 90, 180))]);
    let margin = |seconds| {
        let margin = first(&budgets, known(seconds), Baseline::default()).margin.unwrap();
        (margin.to, margin.room.as_f64(), margin.ratio)
    };
    assert_eq!(margin(81), (LimitKind::Warn, 9.0, Some(0.1)));
    assert_eq!(margin(90), (LimitKind::Warn, 0.0, Some(0.0)));
    assert_eq!(margin(135), (LimitKind::Fail, 45.0, Some(0.25)));
    assert_eq!(margin(189), (LimitKind::Fail, -9.0, Some(-0.05)));
}

fn regressing(against: Against, floor: u64, minimum_samples: usize) -> Budgets {
    let mut budgets = budgets("enforce", vec![metric("a", limits(1000, 1000, 1000))]);
    budgets.metrics[0].regression = Some(Regression {
        against,
        relative: crate::stats::Percent::whole(10),
        floor: Amount::whole(floor),
        minimum_samples: minimum_samples.try_into().unwrap(),
        severity: Severity::Fail,
    });
    budgets
}

#[test]
fn a_regression_exceeds_share_and_floor_and_has_enough_to_compare_with() {
    let of = |value, base, samples, floor| {
        let budgets = regressing(Against::Rolling { window: WINDOW }, floor, 3);
        let baseline = Baseline { value: Some(Amount::whole(base)), samples };
        first(&budgets, known(value), baseline).comparison
    };
    assert_eq!(of(110, 100, 3, 5), Comparison::Within, "exactly ten per cent");
    assert_eq!(of(111, 100, 3, 5), Comparison::Regressed(Severity::Fail));
    assert_eq!(of(111, 100, 3, 11), Comparison::Within, "exactly the floor");
    assert_eq!(of(112, 100, 3, 11), Comparison::Regressed(Severity::Fail));
    let few = Comparison::TooFew { have: 2, need: 3.try_into().unwrap() };
    assert_eq!(of(900, 100, 2, 5), few);
    assert_eq!(of(50, 100, 3, 5), Comparison::Within, "better is no regression");
    assert_eq!(of(1, 0, 3, 0), Comparison::Regressed(Severity::Fail), "any share of nothing");
}

#[test]
fn a_goal_is_reported_before_it_is_due_and_warns_after() {
    for (active, value, reached, verdict) in [
        ("enforce", 81, false, Verdict::Pass),
        ("optimise", 81, false, Verdict::Warn),
        ("optimise", 80, true, Verdict::Pass),
    ] {
        let mut budgets = budgets(active, vec![metric("a", limits(1000, 1000, 1000))]);
        budgets.metrics[0].goal =
            Some(Goal { better_by: crate::stats::Percent::whole(20), from: None });
        let (since, why) = (date!(2026 - 01 - 01), "first".to_owned());
        budgets.metrics[0].accepted = Some(Accepted { value: Amount::whole(100), since, why });
        let found = first(&budgets, known(value), Baseline::default());
        let GoalState::Known { wanted, is_reached, .. } = found.goal else { panic!("{found:?}") };
        assert_eq!((wanted, is_reached), (Amount::whole(80), reached));
        assert_eq!(found.verdict, verdict);
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Warn => 1,
        Verdict::Fail => 2,
        Verdict::Unknown => 3,
    }
}

proptest! {
    #[test]
    fn a_worse_value_never_gets_a_better_verdict(
        edges in proptest::array::uniform3(0..1000_u64),
        which in proptest::array::uniform3(any::<bool>()),
        higher: bool,
        base in proptest::option::of(0..1000_u64),
        values in proptest::array::uniform2(0..1000_u64),
        active in proptest::sample::select(vec!["warn", "enforce", "optimise"]),
    ) {
        let allowed = |place: usize| {
            let edge = Amount::whole(edges[place]);
            which[place].then_some(match (higher, place) {
                (false, 0) => Allowed::Below(edge),
                (false, _) => Allowed::AtMost(edge),
                (true, 0) => Allowed::Above(edge),
                (true, _) => Allowed::AtLeast(edge),
            })
        };
        let Ok(limits) = Limits::new(allowed(0), allowed(1), allowed(2)) else { return Ok(()) };
        let mut budgets = regressing(Against::Rolling { window: WINDOW }, 3, 1);
        let place = budgets.rollout.find(active).unwrap();
        budgets.rollout = budgets.rollout.with_active(place);
        let metric = &mut budgets.metrics[0];
        metric.limits = Some(limits);
        metric.direction = if higher { Direction::Higher } else { Direction::Lower };
        metric.goal = Some(Goal { better_by: crate::stats::Percent::whole(20), from: None });
        let baseline = Baseline { value: base.map(Amount::whole), samples: 5 };
        let [low, high] = [values[0].min(values[1]), values[0].max(values[1])];
        let (better, worse) = if higher { (high, low) } else { (low, high) };
        let better = first(&budgets, known(better), baseline);
        let worse = first(&budgets, known(worse), baseline);
        prop_assert!(rank(better.verdict) <= rank(worse.verdict), "{better:?} {worse:?}");
        prop_assert!(!better.fails_the_check() || worse.fails_the_check());
        prop_assert!(better.target == worse.target || better.target == TargetState::Reached);
    }

    #[test]
    fn what_is_farther_from_a_range_is_never_judged_better(
        from in 0..500_u64, width in 0..500_u64, wider in 0..100_u64, value in 0..2000_u64, by in 0..500_u64,
    ) {
        let range = |by: u64| Allowed::within(Amount::whole(from.saturating_sub(by)), Amount::whole(from + width + by));
        let limits = Limits::new(range(0), range(0), range(wider)).unwrap();
        let mut budgets = budgets("enforce", vec![metric("a", limits)]);
        budgets.metrics[0].direction = Direction::Exact;
        let farther = if value < from { value.saturating_sub(by) } else { value + by };
        let near = first(&budgets, known(value), Baseline::default());
        let far = first(&budgets, known(farther), Baseline::default());
        prop_assume!(!(from..=from + width).contains(&value));
        prop_assert!(rank(near.verdict) <= rank(far.verdict));
    }
}
