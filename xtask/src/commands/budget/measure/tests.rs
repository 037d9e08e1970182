use super::*;
use crate::settings::budget::parse_budgets;

const FILE: &str = r#"
[metric.p95]
unit = "seconds"
statistic = "p95"
fail = "> 1s"
source = { kind = "http", base_url = "http://127.0.0.1:1", path = "/" }
[metric.size]
unit = "bytes"
statistic = "max"
fail = "> 1KB"
source = { kind = "http", base_url = "http://127.0.0.1:1", path = "/", reading = "body-size" }
[metric.errors]
unit = "ratio"
fail = "> 1%"
source = { kind = "http", base_url = "http://127.0.0.1:1", path = "/", reading = "errors" }
[metric.slow]
unit = "seconds"
fail = "> 1s"
source = { kind = "http", base_url = "http://127.0.0.1:1", path = "/", rate = 1 }
[metric.cpu]
unit = "cpu"
fail = "> 1"
for_each = ["dev", "staging"]
source = { kind = "manifest", file = "{env}.yaml", fact = "requests.cpu" }
[metric.memory]
unit = "bytes"
fail = "> 1Gi"
for_each = ["dev", "staging"]
source = { kind = "manifest", file = "{env}.yaml", fact = "requests.memory" }
[metric.boot]
unit = "seconds"
fail = "> 1s"
source = { kind = "boot", command = ["app"] }
[metric.flags]
unit = "bytes"
fail = "> 1MB"
source = { kind = "boot", command = ["app"], flags = ["A", "B"] }
[metric.boots]
unit = "seconds"
fail = "> 1s"
source = { kind = "boot", command = ["app"], repetitions = 9 }
"#;

#[test]
fn what_asks_for_the_same_is_measured_once() {
    let budgets = parse_budgets(FILE, Path::new("budgets.toml")).unwrap();
    let environment = "local".parse().unwrap();
    let budgets: Vec<Budget<'_>> = budgets.select(&environment).collect();
    let shown = task::tasks(&budgets).into_iter().map(|task| {
        let names: Vec<&str> = task.asks.iter().map(|ask| ask.name.as_str()).collect();
        format!("{:?}: {}", task.way(), names.join(", "))
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @"
    Timed: p95, size
    Timed: errors
    Timed: slow
    Asked: cpu (dev), memory (dev)
    Asked: cpu (staging), memory (staging)
    Timed: boot, flags
    Timed: boots
    ");
}
