//! Budgets in production: differences that git applies, rules that promtool reads and evaluates.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Run, Scene, require};

const BUDGETS: &str = r#"owner = "Team {{ 1 }} \"A\""
runbook = "https://runbooks.example.org/{metric}"

[metric.cpu]
about = "CPU, it's {{ .Use }}"
unit = "ratio"
warn = "> 70%"
fail = ">= 90%"
unknown = "fail"
source = { kind = "prometheus", url = "http://127.0.0.1:9090", query = 'sum by (job) (cpu_use{job="shop"}) # of requests', sustained = "5m" }

[metric.free]
unit = "ratio"
direction = "higher"
target = "> 20%"
source = { kind = "prometheus", url = "http://127.0.0.1:9090", query = "free_part" }

[metric.image-size]
unit = "bytes"
target = "< 150MB"
runbook = "Ask the platform team"
regression = { against = "rolling", more_than = "10%", floor = "64KB", minimum_samples = 3 }
source = { kind = "image", image = "app" }

# Kept as it is.
[metric.build]   # in CI
unit = "seconds"
target = "< 2m"
warn = "> 90s"   # as it was once
source = { kind = "phase", phase = "build" }
"#;

fn scene() -> Scene {
    Scene::new().config("default_env = \"production\"").file("budgets.toml", BUDGETS).committed()
}

/// Forty measurements around `level` on as many days.
fn rows(metric: &str, unit: &str, level: u32) -> String {
    let row = |n: u32| {
        let value = level - 1 + n % 3;
        let (month, day) = (1 + n / 28, 1 + n % 28);
        let time = format!("2026-{month:02}-{day:02}T10:00:00Z");
        format!("{time},{metric},production,{unit},last,{value},1,,,,\n")
    };
    (0..40).map(row).collect()
}

fn budget(scene: &Scene, arguments: &[&str]) -> Run {
    scene.xtask(&[&["budget"], arguments].concat())
}

#[test]
fn a_proposal_is_the_same_twice_and_git_applies_it() {
    let scene = scene();
    let rows = rows("build", "seconds", 60);
    scene.write("../rows.csv", &rows);
    let tune = |more: &[&str]| {
        budget(&scene, &[&["tune", "--measurements", "../rows.csv"], more].concat()).exits(0)
    };
    let proposed = tune(&[]);
    assert_eq!(proposed, tune(&[]));
    insta::assert_snapshot!(proposed.stdout, @r#"
    # build in production: 40 measurements since 2026-01-01T10:00:00Z: median 1m, 59s to 61s, median absolute deviation 1s
    #   warn > 90s becomes > 65s: would have fired in 0 of 40 (0.0 %); now in 0 of 40 (0.0 %)
    --- a/budgets.toml
    +++ b/budgets.toml
    @@ -26,5 +26,5 @@
     [metric.build]   # in CI
     unit = "seconds"
     target = "< 2m"
    -warn = "> 90s"   # as it was once
    +warn = "> 65s"   # as it was once
     source = { kind = "phase", phase = "build" }
    "#);
    scene.call("git", &["apply"]).stdin(&proposed.stdout).run().exits(0);
    let applied = scene.read("budgets.toml");
    assert_eq!(tune(&["--write"]).stdout, "");
    assert_eq!(scene.read("budgets.toml"), applied);
    scene.write("budgets.toml", BUDGETS);
    assert_eq!(tune(&["--write"]).stdout, proposed.stdout);
    assert_eq!(scene.read("budgets.toml"), applied);
    assert_eq!(scene.git(&["status", "--porcelain"]), " M budgets.toml");
}

#[test]
fn a_file_that_is_no_budget_file_is_left_alone() {
    let scene = scene();
    scene.write("../rows.csv", &rows("build", "seconds", 60));
    scene.write("broken.toml", "[metric.a]\nunit = 1\n");
    let tune = |file: &str| {
        budget(&scene, &["tune", "--file", file, "--measurements", "../rows.csv", "--write"])
    };
    let run = tune("broken.toml").exits(2);
    assert!(run.stderr.contains("broken.toml"), "{}", run.stderr);
    assert_eq!(scene.read("broken.toml"), "[metric.a]\nunit = 1\n");
}

#[test]
fn a_dashboard_is_json_with_a_panel_for_each_metric() {
    let run = budget(&scene(), &["export", "--format", "grafana"]).exits(0);
    let dashboard: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert_eq!(panels.len(), 4);
    let steps = &panels[0]["fieldConfig"]["defaults"]["thresholds"]["steps"];
    insta::assert_snapshot!(steps.to_string(), @r#"[{"color":"green","value":null},{"color":"orange","value":0.7},{"color":"red","value":0.9}]"#);
    let free = &panels[1]["fieldConfig"]["defaults"]["thresholds"]["steps"];
    insta::assert_snapshot!(free.to_string(), @r#"[{"color":"orange","value":null},{"color":"green","value":0.2}]"#);
    let expressions: Vec<&str> =
        panels.iter().map(|panel| panel["targets"][0]["expr"].as_str().unwrap()).collect();
    insta::assert_snapshot!(expressions.join("\n"), @r#"
    sum by (job) (cpu_use{job="shop"}) # of requests
    free_part
    budget_value{metric="image-size",env="production"}
    budget_value{metric="build",env="production"}
    "#);
}

#[test]
fn measurements_are_metrics_with_their_limits() {
    if !require("measurements_are_metrics_with_their_limits", "promtool") {
        return;
    }
    let scene = scene();
    scene.write("../rows.csv", &rows("image-size", "bytes", 1_000_000));
    let run = budget(
        &scene,
        &["export", "--format", "prometheus-metrics", "--measurements", "../rows.csv"],
    )
    .exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    # HELP budget_value The newest measurement.
    # TYPE budget_value gauge
    budget_value{metric="image-size",env="production",unit="bytes"} 999999
    # HELP budget_measured_timestamp_seconds When that was made.
    # TYPE budget_measured_timestamp_seconds gauge
    budget_measured_timestamp_seconds{metric="image-size",env="production",unit="bytes"} 1770890400
    # HELP budget_baseline What it is compared with, once that is enough.
    # TYPE budget_baseline gauge
    budget_baseline{metric="image-size",env="production",unit="bytes"} 1000000
    # HELP budget_limit What is asked of it.
    # TYPE budget_limit gauge
    budget_limit{metric="cpu",env="production",unit="ratio",limit="warn"} 0.7
    budget_limit{metric="cpu",env="production",unit="ratio",limit="fail"} 0.9
    budget_limit{metric="free",env="production",unit="ratio",limit="target"} 0.2
    budget_limit{metric="image-size",env="production",unit="bytes",limit="target"} 150000000
    budget_limit{metric="build",env="production",unit="seconds",limit="target"} 120
    budget_limit{metric="build",env="production",unit="seconds",limit="warn"} 90
    "#);
    let check = scene.call("promtool", &["check", "metrics"]).stdin(&run.stdout).run().exits(0);
    assert_eq!(check.stderr, "");
}

/// What is fed to the rules, minute by minute, and which alerts then fire.
const EVALUATED: &str = r#"rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'cpu_use{job="shop",pod="a"}', values: '0.71x3 0.70x3 0.71x20 0.9x20' }
      - { series: 'cpu_use{job="other",pod="b"}', values: '1x60' }
      - { series: 'free_part', values: '0.21x4 0.2x4' }
      - { series: 'budget_value{metric="image-size",env="production"}', values: '110000000 110000001 100000000 163999' }
      - { series: 'budget_baseline{metric="image-size",env="production"}', values: '100000000x2 99999' }
    promql_expr_test:
      # Three minutes are not sustained, and exactly 70 % is allowed.
      - { expr: 'count(ALERTS{alertname="BudgetCpuWarn",alertstate="firing"})', eval_time: 7m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetCpuWarn",alertstate="firing"})', eval_time: 14m, exp_samples: [{ labels: '{}', value: 1 }] }
      - { expr: 'count(ALERTS{alertname="BudgetCpuFail",alertstate="firing"})', eval_time: 28m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetCpuFail",alertstate="firing",severity="critical"})', eval_time: 40m, exp_samples: [{ labels: '{}', value: 1 }] }
      # A target of more than 20 % is missed by 20 %.
      - { expr: 'count(ALERTS{alertname="BudgetFreeTarget",alertstate="firing"})', eval_time: 4m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetFreeTarget",alertstate="firing"})', eval_time: 5m, exp_samples: [{ labels: '{}', value: 1 }] }
      # A tenth more is allowed, and so is less than the floor.
      - { expr: 'count(ALERTS{alertname="BudgetImageSizeRegression",alertstate="firing"})', eval_time: 0m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetImageSizeRegression",alertstate="firing"})', eval_time: 1m, exp_samples: [{ labels: '{}', value: 1 }] }
      - { expr: 'count(ALERTS{alertname="BudgetImageSizeRegression",alertstate="firing"})', eval_time: 2m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetImageSizeRegression",alertstate="firing"})', eval_time: 3m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetCpuUnknown",alertstate="firing"})', eval_time: 40m, exp_samples: [] }
    alert_rule_test:
      - eval_time: 14m
        alertname: BudgetCpuWarn
        exp_alerts:
          - exp_labels: { severity: warning, metric: cpu, env: production, job: shop }
            exp_annotations:
              summary: "cpu in production (CPU, it's {{ .Use }})"
              description: It is 71%; the budget warns > 70%.
              owner: 'Team {{ 1 }} "A"'
              runbook_url: https://runbooks.example.org/cpu
  - interval: 1m
    input_series: []
    promql_expr_test:
      - { expr: 'count(ALERTS{alertname="BudgetCpuUnknown",alertstate="firing"})', eval_time: 9m, exp_samples: [] }
      - { expr: 'count(ALERTS{alertname="BudgetCpuUnknown",alertstate="firing"})', eval_time: 11m, exp_samples: [{ labels: '{}', value: 1 }] }
"#;

#[test]
fn rules_fire_when_a_limit_is_crossed_for_long_enough_and_not_otherwise() {
    if !require("rules_fire_when_a_limit_is_crossed_for_long_enough_and_not_otherwise", "promtool")
    {
        return;
    }
    let scene = scene();
    let run = budget(&scene, &["export", "--format", "prometheus-rules"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    # Made by `cargo xtask budget export --format prometheus-rules --env production`: change budgets.toml instead.
    groups:
      - name: 'performance-budgets-production'
        rules:
          - alert: BudgetCpuWarn
            expr: "(sum by (job) (cpu_use{job=\"shop\"}) # of requests\n) > 0.7"
            for: 5m
            labels:
              severity: warning
              metric: 'cpu'
              env: 'production'
            annotations:
              summary: 'cpu in production (CPU, it''s {{"{{"}} .Use }})'
              description: 'It is {{ $value | humanizePercentage }}; the budget warns > 70%.'
              owner: 'Team {{"{{"}} 1 }} "A"'
              runbook_url: 'https://runbooks.example.org/cpu'
          - alert: BudgetCpuFail
            expr: "(sum by (job) (cpu_use{job=\"shop\"}) # of requests\n) >= 0.9"
            for: 5m
            labels:
              severity: critical
              metric: 'cpu'
              env: 'production'
            annotations:
              summary: 'cpu in production (CPU, it''s {{"{{"}} .Use }})'
              description: 'It is {{ $value | humanizePercentage }}; the budget fails >= 90%.'
              owner: 'Team {{"{{"}} 1 }} "A"'
              runbook_url: 'https://runbooks.example.org/cpu'
          - alert: BudgetCpuUnknown
            expr: "absent(sum by (job) (cpu_use{job=\"shop\"}) # of requests\n)"
            for: 10m
            labels:
              severity: critical
              metric: 'cpu'
              env: 'production'
            annotations:
              summary: 'cpu in production (CPU, it''s {{"{{"}} .Use }})'
              description: 'Prometheus has no value of it.'
              owner: 'Team {{"{{"}} 1 }} "A"'
              runbook_url: 'https://runbooks.example.org/cpu'
          - alert: BudgetFreeTarget
            expr: '(free_part) <= 0.2'
            labels:
              severity: warning
              metric: 'free'
              env: 'production'
            annotations:
              summary: 'free in production'
              description: 'It is {{ $value | humanizePercentage }}; the target is > 20%.'
              owner: 'Team {{"{{"}} 1 }} "A"'
              runbook_url: 'https://runbooks.example.org/free'
          - alert: BudgetImageSizeRegression
            expr: '(budget_value{metric="image-size",env="production"} - budget_baseline{metric="image-size",env="production"}) > 64000 and (budget_value{metric="image-size",env="production"} - budget_baseline{metric="image-size",env="production"}) > 0.1 * abs(budget_baseline{metric="image-size",env="production"})'
            labels:
              severity: warning
              metric: 'image-size'
              env: 'production'
            annotations:
              summary: 'image-size in production has got worse'
              description: 'It is worse than its baseline by {{ $value | humanize1024 }}B; 10% and 64KB are allowed.'
              owner: 'Team {{"{{"}} 1 }} "A"'
              runbook: 'Ask the platform team'
    "#);
    scene.write("rules.yml", &run.stdout);
    let check = scene.call("promtool", &["check", "rules", "rules.yml"]).run().exits(0);
    assert!(check.stdout.contains("SUCCESS: 5 rules found"), "{}", check.stdout);
    scene.write("tests.yml", EVALUATED);
    scene.call("promtool", &["test", "rules", "tests.yml"]).run().exits(0);
    // The other side of a threshold is told from this one.
    scene.write("rules.yml", &run.stdout.replace("> 0.7", ">= 0.7"));
    scene.call("promtool", &["test", "rules", "tests.yml"]).run().exits(1);
}

#[test]
fn the_platforms_own_rules_are_rules() {
    if !require("the_platforms_own_rules_are_rules", "promtool") {
        return;
    }
    let text = include_str!("../../../testdata/platform/budgets.toml");
    let scene = Scene::new().file("budgets.toml", text);
    let run = budget(&scene, &["export", "--env", "production", "--format", "prometheus-rules"]);
    let run = run.exits(0);
    let alerts: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.contains("- alert:") || line.contains("expr:"))
        .collect();
    insta::assert_snapshot!(alerts.join("\n"), @r#"
    - alert: BudgetDockerBuildTimeRegression
      expr: '(budget_value{metric="docker-build-time",env="production"} - budget_baseline{metric="docker-build-time",env="production"}) > 5 and (budget_value{metric="docker-build-time",env="production"} - budget_baseline{metric="docker-build-time",env="production"}) > 0.25 * abs(budget_baseline{metric="docker-build-time",env="production"})'
    - alert: BudgetImageSizeRegression
      expr: '(budget_value{metric="image-size",env="production"} - budget_baseline{metric="image-size",env="production"}) > 64000 and (budget_value{metric="image-size",env="production"} - budget_baseline{metric="image-size",env="production"}) > 0.1 * abs(budget_baseline{metric="image-size",env="production"})'
    - alert: BudgetProductionCpuWarn
      expr: '(rate(process_cpu_seconds_total{job="sample-service"}[1m]) / 0.25) > 0.7'
    - alert: BudgetProductionMemoryWarn
      expr: '(process_resident_memory_bytes{job="sample-service"} / 1073741824) > 0.8'
    - alert: BudgetProductionP95Warn
      expr: '(histogram_quantile(0.95, sum by (le) (rate(pf_health_seconds_bucket[5m])))) > 0.5'
    "#);
    scene.write("rules.yml", &run.stdout);
    scene.call("promtool", &["check", "rules", "rules.yml"]).run().exits(0);
}

/// A server on loopback that answers every request after `delay`, until the test's process ends.
fn server(delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 1024]);
                thread::sleep(delay);
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                );
            });
        }
    });
    format!("http://{address}")
}

fn watched(mode: &str, url: &str) -> Scene {
    let budgets = format!(
        "active = \"now\"\n[phases.now]\nmode = \"{mode}\"\n\
         [metric.answers]\nunit = \"seconds\"\nstatistic = \"min\"\nfail = \"> 150ms\"\n\
         source = {{ kind = \"http\", base_url = \"{url}\", path = \"/\", keep_alive = false, \
         rate = 10, duration = \"300ms\", warm_up = \"0s\" }}\n\
         [metric.other]\nunit = \"seconds\"\nfail = \"> 1s\"\n\
         source = {{ kind = \"phase\", phase = \"x\" }}\n"
    );
    Scene::new().file("budgets.toml", &budgets)
}

#[test]
fn watching_ends_at_once_when_an_enforced_threshold_stays_crossed() {
    let slow = server(Duration::from_millis(200));
    let watch = |mode: &str, time: &str| {
        let scene = watched(mode, &slow);
        budget(&scene, &["watch", "--for", time, "--interval", "1s"])
    };
    let run = watch("enforce", "1h").exits(1);
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.ends_with(" fail")), "{}", run.stdout);
    assert!(run.stderr.contains("note: answers fails, and is enforced"), "{}", run.stderr);
    let run = watch("warn", "4s").exits(0);
    assert!(run.stderr.contains("not passed in 4 of 4 looks"), "{}", run.stderr);
}

#[test]
fn watching_ends_in_order_when_it_is_interrupted() {
    let quick = server(Duration::ZERO);
    let scene = watched("enforce", &quick);
    let mut child = scene
        .calling(&["budget", "watch", "--interval", "1h"])
        .command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let asked = Instant::now();
    scene.call("kill", &["-INT", &child.id().to_string()]).run().exits(0);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("not passed in 0 of 1 looks"), "{stderr}");
    assert!(stderr.contains("note: ended by SIGINT"), "{stderr}");
    let nothing = budget(&scene, &["watch", "--only", "other"]).exits(1);
    assert!(nothing.stderr.contains("there is nothing to watch"), "{}", nothing.stderr);
}
