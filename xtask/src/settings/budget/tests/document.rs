//! This repository's own file beside the document that it puts into figures.

use super::*;

/// What this repository's own file says.
fn ours() -> Budgets {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/platform/budgets.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    parse_budgets(&text, &path).unwrap()
}

/// What a figure of the document is in the file.
enum Is {
    Target(&'static str),
    Warn(&'static str),
    Fail(&'static str),
    Regression(&'static str),
    Goal(&'static str),
    /// A target of one environment.
    In(&'static str, &'static str),
}
use Is::{Fail, Goal, In, Regression, Target, Warn};

/// Every figure of PERF_BUDGET.md: its line, the metric, and what it is there.
const FIGURES: &[(u32, &str, Is)] = &[
    (9, "docker-build-time", Target("< 2m")),
    (10, "docker-build-time", Warn("> 90s")),
    (11, "docker-build-time", Fail("> 3m")),
    (15, "image-size", Target("< 150MB")),
    (16, "image-size", Warn("> 120MB")),
    (17, "image-size", Fail("> 200MB")),
    (21, "helm-lint", Target("< 5s")),
    (22, "helm-template", Target("< 10s")),
    (23, "helm-package", Target("< 3s")),
    (29, "liveness-p95", Target("< 100ms")),
    (30, "liveness-memory", Target("< 1MB")),
    (31, "liveness-cpu", Target("< 1m")),
    (34, "readiness-p95", Target("< 200ms")),
    (35, "readiness-failures", Target("<= 3")),
    (36, "readiness-interval", Target("5s..10s")),
    (40, "metrics-p95", Target("< 50ms")),
    (41, "metrics-size", Target("< 1KB")),
    (42, "metrics-memory", Target("< 5MB")),
    (42, "metrics-client-memory", Target("< 5MB")),
    (50, "requests-cpu", In("development", "<= 50m")),
    (51, "requests-memory", In("development", "<= 64Mi")),
    (53, "limits-cpu", In("development", "<= 200m")),
    (54, "limits-memory", In("development", "<= 256Mi")),
    (61, "requests-cpu", In("staging", "<= 100m")),
    (62, "requests-memory", In("staging", "<= 128Mi")),
    (64, "limits-cpu", In("staging", "<= 500m")),
    (65, "limits-memory", In("staging", "<= 512Mi")),
    (72, "requests-cpu", In("production", "<= 250m")),
    (73, "requests-memory", In("production", "<= 256Mi")),
    (75, "limits-cpu", In("production", "<= 1")),
    (76, "limits-memory", In("production", "<= 1Gi")),
    (82, "boot", Target("< 10s")),
    (82, "container-boot", Target("< 10s")),
    (84, "boot-observability", Target("< 2s")),
    (85, "boot-database", Target("< 1s")),
    (86, "boot-orchestrator", Target("< 3s")),
    (87, "boot-http-bind", Target("< 1s")),
    (88, "boot-readiness", Target("< 3s")),
    (91, "boot-baseline", Target("< 5s")),
    (92, "boot-enhanced", Target("< 10s")),
    (93, "feature-memory", Target("< 50MB")),
    (98, "ci-total", Target("< 5m")),
    (98, "deploy-total", Target("< 5m")),
    (99, "ci-build-push", Target("< 3m")),
    (100, "ci-helm", Target("< 30s")),
    (101, "ci-artifacts", Target("< 30s")),
    (104, "max-unavailable", Target("0")),
    (105, "pod-replacement", Target("< 30s")),
    (106, "traffic-switch", Target("< 5s")),
    (107, "health-stabilisation", Target("< 15s")),
    (112, "image-size", Regression("10%")),
    (113, "docker-build-time", Regression("25%")),
    (114, "boot-readiness", Warn("> 15s")),
    (117, "production-cpu", Warn("> 70%")),
    (118, "production-memory", Warn("> 80%")),
    (119, "production-p95", Warn("> 500ms")),
    (131, "image-size", Goal("20%")),
    (136, "loaded-p95", Target("< 100ms")),
];

fn said(metric: &Metric, is: &Is) -> (String, &'static str) {
    let limits = |environment: Option<&str>| match environment {
        Some(name) => *metric.limits_in(&name.parse().unwrap()).unwrap(),
        None => metric.limits.unwrap(),
    };
    let show = |allowed: Option<timing_core::budget::Allowed>, reading| {
        allowed.map(|allowed| allowed.show(reading, metric.unit)).unwrap_or_default()
    };
    match *is {
        Target(text) => (show(limits(None).target(), Reading::Target), text),
        Warn(text) => (show(limits(None).warn(), Reading::Alarm), text),
        Fail(text) => (show(limits(None).fail(), Reading::Alarm), text),
        In(environment, text) => (show(limits(Some(environment)).target(), Reading::Target), text),
        Regression(text) => {
            (metric.regression.as_ref().map(|r| r.relative.to_string()).unwrap_or_default(), text)
        }
        Goal(text) => (metric.goal.map(|g| g.better_by.to_string()).unwrap_or_default(), text),
    }
}

/// The lines that a metric's reference names.
fn lines_of(metric: &Metric) -> Vec<u32> {
    let reference = metric.reference.as_deref().unwrap_or_default();
    let lines = reference.strip_prefix("PERF_BUDGET.md ").unwrap_or_default();
    lines
        .split(", ")
        .flat_map(|part| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            from.parse::<u32>().unwrap()..=to.parse().unwrap()
        })
        .collect()
}

#[test]
fn every_figure_of_the_document_has_a_budget_and_a_source() {
    let budgets = ours();
    for (line, name, is) in FIGURES {
        let metric = budgets.metrics.iter().find(|metric| metric.name.as_str() == *name);
        let metric = metric.unwrap_or_else(|| panic!("line {line}: no metric {name}"));
        let (found, wanted) = said(metric, is);
        assert_eq!(found, wanted, "line {line}: {name}");
        assert!(lines_of(metric).contains(line), "line {line}: {name} does not refer to it");
    }
    for metric in &budgets.metrics {
        for line in lines_of(metric) {
            let name = metric.name.as_str();
            let is_listed = FIGURES.iter().any(|(known, of, _)| (*known, *of) == (line, name));
            assert!(is_listed, "{name} refers to line {line}, which has no such figure");
        }
    }
    let phases: Vec<String> = budgets
        .rollout
        .phases()
        .iter()
        .map(|phase| format!("{} {} {}", phase.name, phase.mode, phase.missed_target))
        .collect();
    assert_eq!(phases, ["3.4.3 warn warn", "3.4.4 enforce fail", "4.0 optimise fail"]);
    let active = budgets.rollout.at(budgets.rollout.active()).unwrap();
    assert_eq!(active.name.as_str(), "3.4.3");
}

/// The document itself is not part of this repository; where it is at hand, no line of it with a
/// figure and a unit is missing above.
#[test]
fn no_figure_of_the_document_is_missing_where_it_is_at_hand() {
    let Some(path) = std::env::var_os("PERF_BUDGET_DOCUMENT") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let has_figure = |line: &str| {
        let is_limit =
            ["<", ">", "cpu:", "memory:", "maxUnavailable", "failures before", "interval:", " by "]
                .iter()
                .any(|sign| line.contains(sign));
        is_limit && line.bytes().any(|byte| byte.is_ascii_digit())
    };
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| has_figure(line)) {
        assert!(FIGURES.iter().any(|(known, ..)| *known == number), "line {number}: {line}");
    }
}

#[test]
fn each_threshold_has_two_sides_in_each_phase() {
    let mut shown = String::new();
    for phase in ["3.4.3", "3.4.4", "4.0"] {
        let mut budgets = ours();
        let active = budgets.rollout.find(phase).unwrap();
        budgets.rollout = budgets.rollout.with_active(active);
        let local: Environment = "local".parse().unwrap();
        let mut line = |name: &str, values: &[&str]| {
            let budget = budgets.select(&local).find(|b| b.metric.name.as_str() == name).unwrap();
            write!(shown, "{phase} {name}:").unwrap();
            for text in values {
                let value = budget.metric.unit.parse(text).unwrap();
                let known = Measured::Known { value, samples: 1 };
                let day = time::macros::date!(2026 - 01 - 24);
                let found = judge(&budget, known, Baseline::default(), day);
                let (verdict, code) = (found.verdict, exit_code([&found]).0);
                write!(shown, " {text}={verdict}/{:?}/{code}", found.target).unwrap();
            }
            shown.push('\n');
        };
        line("docker-build-time", &["90s", "90001ms", "119999ms", "120s", "180s", "180001ms"]);
        line("helm-lint", &["4999ms", "5s"]);
        line("readiness-interval", &["4999ms", "5s", "10s", "10001ms"]);
        line("max-unavailable", &["0", "1"]);
        line("production-cpu", &["70%", "70.001%"]);
        line("loaded-p95", &["99999us", "100ms"]);
    }
    insta::assert_snapshot!(shown);
}
