mod document;

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use timing_core::budget::{
    Amount, Baseline, Budgets, Judgement, Measured, Metric, Reading, exit_code, judge,
};
use timing_core::record::Environment;

use super::*;

fn parse(text: &str) -> Budgets {
    parse_budgets(text, Path::new("budgets.toml")).unwrap()
}

fn error(text: &str) -> String {
    parse_budgets(text, Path::new("budgets.toml")).unwrap_err().to_string()
}

const SOURCE: &str = "source = { kind = \"command\", command = [\"true\"] }\n";

fn with(keys: &str) -> String {
    format!("[metric.a]\nunit = \"seconds\"\n{SOURCE}{keys}\n")
}

#[test]
fn everything_that_may_be_said_is_understood() {
    let budgets = parse(
        r#"
active = "1"
owner = "platform"
review = "monthly"
reviewed = 2026-01-24
reviewed_in = "1"
unknown = "fail"
[phases.1]
mode = "warn"
review = "7d"
reviewed = "2026-01-24"
[phases.10]
mode = "enforce"
missed_target = "fail"
[phases.9]
mode = "optimise"
[metric.size]
about = "x"
reference = "doc 1"
owner = "me"
unit = "bytes"
statistic = "p95"
target = "150MB"
warn = "> 120MB"
fail = ">= 1Gi"
phase = "10"
from = "9"
review = 2026-03-01
unknown = "report"
env.dev.fail = "> 200MB"
regression = { against = "previous-version", more_than = "10%", floor = "1KB", minimum_samples = 2, severity = "fail" }
optimise = { change = "-20%", from = "9" }
baseline = { value = "130MB", since = 2026-01-20, why = "first build" }
waiver = { until = "2026-02-01", why = "new runtime", who = "me" }
source = { kind = "image", image = "app:{env}" }
[metric.period]
unit = "seconds"
direction = "exact"
fail = { min = "5s", max = "10s" }
for_each = ["dev"]
source = { kind = "manifest", file = "{env}.yaml", fact = "readiness-period" }
"#,
    );
    insta::assert_snapshot!(format!("{budgets:#?}"));
}

#[test]
fn a_mistake_is_one_line_with_its_place_and_a_way_out() {
    let limit = |key: &str| with(key);
    let source =
        |text: &str| format!("[metric.a]\nunit = \"seconds\"\ntarget = \"1s\"\nsource = {text}\n");
    let texts = [
        "[metrics.a]\n".to_owned(),
        "metric = 1\n".to_owned(),
        "[metric.A]\nunit = \"seconds\"\n".to_owned(),
        "[metric.a]\n".to_owned(),
        "[metric.a]\nunit = \"second\"\n".to_owned(),
        limit(""),
        limit("taget = \"1s\""),
        limit("target = \"5\""),
        limit("target = 5"),
        limit("target = true"),
        limit("fail = \"> -5s\""),
        limit("fail = \"> 1e99s\""),
        limit("warn = \"5s..10s\""),
        limit("direction = \"exact\"\nwarn = { min = \"10s\", max = \"5s\" }"),
        limit("direction = \"exact\"\nwarn = { min = \"10s\" }"),
        limit("target = \"1s\"\nstatistic = \"p100\""),
        limit("target = \"1s\"\nphase = \"3.4.4\""),
        limit("target = \"1s\"\nregression = { more_than = \"10\" }"),
        limit(
            "target = \"1s\"\nregression = { more_than = \"10%\", against = \"preivous-version\" }",
        ),
        limit("target = \"1s\"\nregression = { more_than = \"10%\", against = \"commit main\" }"),
        limit("target = \"1s\"\nregression = { more_than = \"10%\", window = 0 }"),
        limit("target = \"1s\"\noptimise = \"20%\""),
        limit("target = \"1s\"\nwaiver = { until = \"soon\", why = \"x\", who = \"y\" }"),
        limit("target = \"1s\"\nwaiver = { until = \"2026-03-01\", why = \"\", who = \"y\" }"),
        limit("target = \"1s\"\nwaiver = { until = \"2026-03-01\", who = \"y\" }"),
        limit("target = \"1s\"\nreview = \"often\""),
        limit("env.dev.target = \"1s\"\nfor_each = [\"dev\", \"prod\"]"),
        limit("env.\"../x\".target = \"1s\""),
        limit("target = \"1s\"\nfor_each = []"),
        limit("target = \"1s\"\nunknown = \"pass\""),
        source("{ kind = \"htttp\" }"),
        source("{ kind = \"http\", path = \"/\" }"),
        source("{ kind = \"http\", base_url = \"http://x\", path = \"x\" }"),
        source("{ kind = \"http\", base_url = \"http://x\", path = \"/\", rate = 0 }"),
        source("{ kind = \"http\", base_url = \"http://x\", path = \"/\", timeout = \"0s\" }"),
        source("{ kind = \"command\", command = \"make\" }"),
        source("{ kind = \"command\", command = [\"make\"], image = \"x\" }"),
        source("{ kind = \"image\", image = \"x\" }"),
        source("{ kind = \"phase\", first = \"build\" }"),
        source("{ kind = \"manifest\", file = \"x\", fact = \"request.cpu\" }"),
        "active = \"2\"\n[phases.1]\nmode = \"warn\"\n".to_owned(),
        "[phases.1]\nmode = \"warn\"\n".to_owned(),
        "active = \"1\"\n[phases.1]\nmode = \"enforced\"\n".to_owned(),
        "[metric.a]\nunit = \"cpu\"\nunit = \"cpu\"\n".to_owned(),
        "[metric.a\n".to_owned(),
    ];
    let mut shown = String::new();
    for text in texts {
        let text_shown = text.replace(SOURCE, "").trim_end().replace('\n', " ⏎ ");
        writeln!(shown, "{text_shown}\n  {}", error(&text)).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn an_empty_file_asks_nothing_and_two_lines_are_enough() {
    assert!(parse("").metrics.is_empty());
    let budgets = parse(&with("fail = \"> 5s\""));
    assert_eq!(budgets.rollout.phases().len(), 1);
    assert_eq!(budgets.metrics[0].line, 1);
}

#[test]
fn ten_thousand_metrics_are_read_and_judged_at_once() {
    let mut text = String::new();
    for number in 0..10_000 {
        let one = with("target = \"< 2m\"\nwarn = \"> 90s\"\nfail = \"> 180s\"");
        text.push_str(&one.replace("[metric.a]", &format!("[metric.m{number}]")));
    }
    let began = Instant::now();
    let budgets = parse(&text);
    let local: Environment = "local".parse().unwrap();
    let judgements: Vec<Judgement> =
        budgets.select(&local).map(|budget| judged(&budget, 100)).collect();
    assert_eq!((judgements.len(), exit_code(&judgements).0), (10_000, 0));
    // Measured: 0.15 s. A bound that only a quadratic reader exceeds.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn hostile_files_end_in_one_line() {
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in
        [deep, "\0".to_owned(), "[".repeat(1_000_000), format!("k = \"{}", "x".repeat(1_000_000))]
    {
        let error = error(&text);
        assert!(error.lines().count() == 1 && error.len() < 500, "{}", error.len());
    }
    let long = error(&with(&format!("target = \"{}s\"", "9".repeat(1_000_000))));
    assert!(long.len() < 500, "{}", long.len());
}

fn judged(budget: &timing_core::budget::Budget<'_>, seconds: u64) -> Judgement {
    let measured = Measured::Known { value: Amount::whole(seconds), samples: 1 };
    judge(budget, measured, Baseline::default(), time::macros::date!(2026 - 01 - 24))
}
