use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::budget::measurement::tests::measurement;
use crate::budget::source::Source;
use crate::budget::tests::{budgets, limits, local, metric};
use crate::budget::{Limits, Measurement, Metric, MetricName, Unit};

fn history(metric: &str, values: &[u64]) -> History {
    rows(metric, &values.iter().map(|value| Amount::whole(*value)).collect::<Vec<_>>())
}

fn rows(metric: &str, values: &[Amount]) -> History {
    let row = |(day, value): (usize, &Amount)| Measurement {
        value: *value,
        ..measurement(metric, u64::try_from(day).unwrap(), 0)
    };
    History::new(values.iter().enumerate().map(row))
}

/// `count` values around `level`, by 1 % each way.
fn around(level: u64, count: usize) -> Vec<u64> {
    [0, 1, -1, 2, -2, 1, 0, -1]
        .iter()
        .cycle()
        .take(count)
        .map(|percent| (i64::try_from(level).unwrap() * (100 + percent) / 100).unsigned_abs())
        .collect()
}

fn tuned(
    phase: &str,
    metric: Metric,
    values: &[u64],
    loosening: Loosening,
) -> Result<Proposal, Kept> {
    let name = metric.name.to_string();
    let budgets = budgets(phase, vec![metric]);
    let local = local();
    let budget = budgets.select(&local).next().unwrap();
    tune(&budgets, &budget, &history(&name, values), loosening)
}

fn never(metric: Metric, values: &[u64]) -> Result<Proposal, Kept> {
    tuned("warn", metric, values, Loosening::Never)
}

fn shown(found: Result<Proposal, Kept>) -> String {
    let step = |step: Option<Step>| {
        step.map_or("-".to_owned(), |step| {
            let show =
                |allowed: Allowed| allowed.show(crate::budget::Reading::Alarm, Unit::Seconds);
            let from = step.from.map_or("nothing".to_owned(), show);
            format!("{from} to {} ({} -> {})", show(step.to), step.fires, step.would_fire)
        })
    };
    match found {
        Ok(found) => format!("warn {}; fail {}", step(found.warn), step(found.fail)),
        Err(kept) => kept.to_string(),
    }
}

#[test]
fn limits_come_close_to_what_is_measured() {
    let with = |values: &[u64]| shown(never(metric("a", limits(120, 90, 180)), values));
    let mut outlier = around(1000, 100);
    outlier.iter_mut().for_each(|value| *value /= 20);
    let calm = with(&outlier);
    outlier[50] = 170;
    let target_only = |phase: &str, target: u64| {
        let limits = Limits::new(Some(Allowed::Below(Amount::whole(target))), None, None).unwrap();
        shown(tuned(phase, metric("a", limits), &around(100, 40), Loosening::Never))
    };
    let all = [
        calm,
        with(&outlier),
        with(&around(80, 19)),
        with(&around(89, 40)),
        with(&around(100, 40)),
        target_only("warn", 300),
        target_only("warn", 101),
        shown(tuned(
            "warn",
            metric("a", limits(120, 90, 110)),
            &around(100, 40),
            Loosening::Allowed,
        )),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    warn > 90s to > 55s (0 -> 0); fail > 3m to > 2m (0 -> 0)
    warn > 90s to > 55s (1 -> 1); fail > 3m to > 2m (0 -> 1)
    has 19 measurements since its level last changed, and it takes 20
    warn -; fail > 3m to > 2m (0 -> 0)
    warn -; fail > 3m to > 2m (0 -> 0)
    warn >= 5m to > 105s (0 -> 0); fail -
    15 of its 40 measurements cross its limits already: repair it, or say --loosen
    warn > 90s to > 105s (40 -> 0); fail -
    ");
}

#[test]
fn what_was_before_the_last_change_does_not_count() {
    let mut values = around(80, 40);
    values.extend(around(40, 25));
    let found = never(metric("a", limits(120, 90, 180)), &values).unwrap();
    assert_eq!((found.evidence.samples, found.evidence.of), (25, 65));
    insta::assert_snapshot!(shown(Ok(found)), @"warn > 90s to > 42s (0 -> 0); fail > 3m to > 2m (0 -> 0)");
    let mut worse = around(40, 40);
    worse.extend(around(80, 25));
    let found = never(metric("a", limits(120, 90, 180)), &worse);
    insta::assert_snapshot!(shown(found), @"warn > 90s to > 85s (0 -> 0); fail > 3m to > 2m (0 -> 0)");
}

#[test]
fn one_value_is_wanted_or_more_are_better() {
    let mut exact = metric("a", limits(120, 90, 180));
    exact.direction = Direction::Exact;
    exact.limits =
        Some(Limits::new(None, None, Allowed::within(Amount::ZERO, Amount::whole(1))).unwrap());
    assert_eq!(never(exact, &around(1, 40)), Err(Kept::Exact));
    let mut higher = metric("a", limits(120, 90, 180));
    higher.direction = Direction::Higher;
    let at = |edge| Some(Allowed::AtLeast(Amount::whole(edge)));
    higher.limits = Some(Limits::new(at(20), at(10), at(5)).unwrap());
    insta::assert_snapshot!(shown(never(higher, &around(100, 40))), @"warn < 10s to < 95s (0 -> 0); fail < 5s to < 20s (0 -> 0)");
}

#[test]
fn a_target_that_fails_later_stays_a_failure() {
    let only = Limits::new(Some(Allowed::Below(Amount::whole(300))), None, None).unwrap();
    let mut budgets = budgets("warn", vec![metric("a", only)]);
    let found = |budgets: &Budgets| {
        let local = local();
        let budget = budgets.select(&local).next().unwrap();
        shown(tune(budgets, &budget, &history("a", &around(100, 40)), Loosening::Never))
    };
    let phases = |first: Severity, second: Severity, budgets: &Budgets| {
        let mut phases = budgets.rollout.phases().to_vec();
        phases[1].missed_target = first;
        phases[2].missed_target = second;
        crate::budget::Rollout::new(phases, "warn").unwrap()
    };
    budgets.rollout = phases(Severity::Fail, Severity::Fail, &budgets);
    let fails = found(&budgets);
    budgets.rollout = phases(Severity::Warn, Severity::Fail, &budgets);
    insta::assert_snapshot!(format!("{fails}\n{}", found(&budgets)), @"
    warn >= 5m to > 105s (0 -> 0); fail nothing to >= 5m (0 -> 0)
    has only a target, and the phases to come differ in what it means to miss it
    ");
}

#[test]
fn a_calm_metric_may_be_enforced_and_a_broken_one_may_not() {
    let budgets = budgets("warn", vec![metric("a", limits(120, 90, 180))]);
    let local = local();
    let budget = budgets.select(&local).next().unwrap();
    let of = |values: &[u64]| promotion(&budgets, &budget, &history("a", values));
    let found = of(&around(80, 40)).unwrap();
    assert_eq!((found.to.as_str(), found.judged, found.false_alarms), ("enforce", 40, 0));
    assert_eq!(of(&around(80, 19)), None);
    assert_eq!(of(&around(200, 40)), None);
    let mut noisy = around(80, 40);
    noisy.iter_mut().step_by(10).for_each(|value| *value = 500);
    assert_eq!(of(&noisy), None);
}

fn running(name: &str, unit: Unit, part_of: Option<&str>) -> Metric {
    let mut metric = metric(name, limits(1, 1, 1));
    metric.unit = unit;
    metric.part_of = part_of.map(|name| name.parse().unwrap());
    metric.source = Source::Prometheus(crate::budget::source::PrometheusSource {
        url: "http://127.0.0.1:9090".to_owned(),
        query: name.to_owned(),
        sustained: None,
        step: None,
        series: crate::budget::source::SeriesChoice::One,
        timeout: std::time::Duration::from_secs(1),
    });
    metric
}

#[test]
fn resources_follow_from_their_use() {
    use crate::budget::source::{ManifestFact, ManifestSource};
    let mut requests = metric("requests", limits(1, 1, 1));
    requests.unit = Unit::Cpu;
    requests.limits =
        Limits::new(Some(Allowed::AtMost(Amount::from_decimal("0.25").unwrap())), None, None).ok();
    requests.source = Source::Manifest(ManifestSource {
        file: String::new(),
        object: Some("Deployment/shop".to_owned()),
        container: None,
        fact: ManifestFact::RequestsCpu,
    });
    let budgets = budgets(
        "warn",
        vec![
            requests,
            running("cpu", Unit::Ratio, Some("requests")),
            running("memory", Unit::Bytes, None),
        ],
    );
    let row = |name: &str, unit, day: u64, value: &str| Measurement {
        unit,
        value: Amount::from_decimal(value).unwrap(),
        ..measurement(name, day, 0)
    };
    let mut rows = Vec::new();
    for day in 0..40 {
        let spike = if day == 7 { "0.9" } else { "0.28" };
        rows.push(row("cpu", Unit::Ratio, day, spike));
        let peak = if day == 3 { 100 << 20 } else { 90 << 20_u64 };
        rows.push(row("memory", Unit::Bytes, day, &peak.to_string()));
    }
    let found = resources(&budgets, &local(), &History::new(rows));
    let cpu = found.cpu.unwrap();
    let requests: MetricName = "requests".parse().unwrap();
    assert_eq!(cpu.of.part_of, Some((requests, Amount::from_decimal("0.25").unwrap())));
    // 0.28 of 250m are 70m, which are 70 % of 100m; the spike of 225m takes 4 times 70m.
    assert_eq!((Unit::Cpu.exact(cpu.request), cpu.replicas), ("100m".to_owned(), 4));
    let memory = found.memory.unwrap();
    // 100Mi and 15 % are 115Mi, which are 80 % of 143.75Mi.
    let show = |amount| Unit::Bytes.exact(amount);
    assert_eq!(
        (show(memory.request), show(memory.limit)),
        ("120Mi".to_owned(), "150Mi".to_owned())
    );
    assert_eq!(found.deployment.as_deref(), Some("shop"));
    assert_eq!(resources(&budgets, &local(), &History::default()).cpu, None);
}

fn applied(metric: &Metric, found: &Proposal) -> Metric {
    let limits = metric.limits.unwrap();
    let to = |step: Option<Step>, old| step.map(|step| step.to).or(old);
    let limits =
        Limits::new(limits.target(), to(found.warn, limits.warn()), to(found.fail, limits.fail()));
    Metric { limits: limits.ok(), by_environment: BTreeMap::new(), ..metric.clone() }
}

proptest! {
    /// Whatever was measured: tighter unless asked otherwise, crossed by 5 % at most, and nothing
    /// more once it is written.
    #[test]
    fn proposals_are_tight_and_settle(
        values in proptest::collection::vec(0_u64..100_000, 20..80),
        level in 1_u64..100_000,
        noise in 0_u64..1000,
        edges in proptest::array::uniform3(1_u64..300_000),
        is_target_only in any::<bool>(),
        is_loosened in any::<bool>(),
    ) {
        let at = |edge| Allowed::AtMost(Amount::whole(edge));
        let limits = if is_target_only {
            Limits::new(Some(at(edges[0])), None, None)
        } else {
            Limits::new(Some(at(edges[0])), Some(at(edges[1])), Some(at(edges[2])))
        };
        let metric = metric("a", limits.unwrap());
        let values: Vec<u64> = values.iter().map(|value| level + value * noise / 100_000).collect();
        let loosening = if is_loosened { Loosening::Allowed } else { Loosening::Never };
        if let Ok(found) = tuned("warn", metric.clone(), &values, loosening) {
            for step in [found.warn, found.fail].into_iter().flatten() {
                let is_tighter = step.from.is_none_or(|from| step.to.is_within(from));
                prop_assert!(is_tighter || is_loosened);
            }
            let warned = found.warn.map_or(0, |step| step.would_fire);
            prop_assert!(warned * 20 <= found.evidence.samples);
            let failed = found.fail.map_or(0, |step| step.would_fire);
            prop_assert!(failed * 20 <= found.evidence.samples);
            let target = limits_of(&metric).target().unwrap();
            if let Some(fail) = found.fail {
                prop_assert!(target.is_within(fail.to));
            }
            let again = tuned("warn", applied(&metric, &found), &values, loosening);
            prop_assert!(again.is_err(), "{again:?} after {found:?}");
        }
    }
}

fn limits_of(metric: &Metric) -> Limits {
    metric.limits.unwrap()
}
