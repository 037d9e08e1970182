use std::path::{Path, PathBuf};

use timing_core::budget::measurement::{Line, read};

use super::*;
use crate::settings::budget::parse_budgets;

const FILE: &str = r#"# Ours.
active = "soft"
runbook = "https://example.org/{metric}"
[phases.soft]
mode = "warn"
[phases.hard]
mode = "enforce"

[metric.build] # the image
unit = "seconds"
target = "< 2m" # wanted
warn = "> 90s" # alarms
fail = "> 180s"
source = { kind = "phase", phase = "docker-build" }

[metric.chart]
unit = "seconds"
target = "< 5s"
source = { kind = "phase", phase = "chart" }

[metric.requests-cpu]
unit = "cpu"
target = "<= 250m"
source = { kind = "manifest", file = "m.yaml", object = "Deployment/shop", fact = "requests.cpu" }

[metric.cpu]
unit = "ratio"
of = "requests-cpu"
warn = "> 70%"
source = { kind = "prometheus", url = "http://127.0.0.1:9090", query = "rate(process_cpu_seconds_total[1m]) / 0.25" }

[metric.memory]
unit = "bytes"
warn = "> 256Mi"
source = { kind = "process", pid_file = "pid", resource = "memory" }
"#;

/// Forty measurements of each metric: by a per cent around a level, from the twentieth on a lower
/// one of the chart's.
fn rows() -> String {
    let mut rows = String::new();
    for n in 0..40_u32 {
        let spread = f64::from(n * 7 % 5) - 2.0;
        let chart = if n < 15 { 3.0 } else { 0.2 };
        let memory = 90 * 1024 * 1024 + n * 7919 % 5 * 1_000_000;
        for (metric, unit, value) in [
            ("build", "seconds", 80.0 + spread),
            ("chart", "seconds", chart * (1.0 + spread / 100.0)),
            ("cpu", "ratio", 0.28 + spread / 1000.0),
            ("memory", "bytes", f64::from(memory)),
        ] {
            let (day, hour) = (1 + n / 2, n % 2 * 12);
            let line = format!(
                "2026-01-{day:02}T{hour:02}:00:00Z,{metric},local,{unit},last,{value:.6},1,,,,\n"
            );
            rows.push_str(&line);
        }
    }
    rows
}

fn history(rows: &str) -> History {
    History::new(read(rows.as_bytes()).map(|(_, line)| match line {
        Line::Row(row) => *row,
        other => panic!("{other:?}"),
    }))
}

fn settings(file: &Path) -> BudgetSettings {
    let text = std::fs::read_to_string(file).unwrap();
    BudgetSettings {
        file: file.to_owned(),
        budgets: parse_budgets(&text, file).unwrap(),
        ..crate::commands::budget::tests::settings("soft")
    }
}

fn shown_answer(file: &Path, rows: &str, asked: TuneArgs) -> String {
    let answer = answer(&settings(file), &history(rows), asked).unwrap();
    let remarks: String = answer.remarks.iter().map(|remark| format!("note: {remark}\n")).collect();
    format!("{}{remarks}", answer.text)
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("budgets.toml");
    std::fs::write(&file, FILE).unwrap();
    (directory, file)
}

#[test]
fn limits_are_a_difference_with_its_evidence() {
    let (_directory, file) = scratch();
    let show = TuneArgs::Show(Loosening::Never);
    let found = shown_answer(&file, &rows(), show);
    insta::assert_snapshot!(found, @r#"
    # build in local: 40 measurements since 2026-01-01T00:00:00Z: median 80s, 78s to 82s, median absolute deviation 1s
    #   warn > 90s becomes > 85s: would have fired in 0 of 40 (0.0 %); now in 0 of 40 (0.0 %)
    #   fail > 3m becomes > 2m: would have fired in 0 of 40 (0.0 %); now in 0 of 40 (0.0 %)
    # chart in local: the last 25 of 40 measurements, since the level changed at 2026-01-08T12:00:00Z: median 200ms, 196ms to 204ms, median absolute deviation 2ms
    #   warn >= 5s becomes > 210ms: would have fired in 0 of 25 (0.0 %); now in 0 of 25 (0.0 %)
    # memory in local: 40 measurements since 2026-01-01T00:00:00Z: median 96.37MB, 90Mi to 98.37MB, median absolute deviation 1MB
    #   warn > 256Mi becomes > 100Mi: would have fired in 0 of 40 (0.0 %); now in 0 of 40 (0.0 %)
    --- a/platform/budgets.toml
    +++ b/platform/budgets.toml
    @@ -9,13 +9,14 @@
     [metric.build] # the image
     unit = "seconds"
     target = "< 2m" # wanted
    -warn = "> 90s" # alarms
    -fail = "> 180s"
    +warn = "> 85s" # alarms
    +fail = "> 2m"
     source = { kind = "phase", phase = "docker-build" }
     
     [metric.chart]
     unit = "seconds"
     target = "< 5s"
    +warn = "> 210ms"
     source = { kind = "phase", phase = "chart" }
     
     [metric.requests-cpu]
    @@ -31,5 +32,5 @@
     
     [metric.memory]
     unit = "bytes"
    -warn = "> 256Mi"
    +warn = "> 100Mi"
     source = { kind = "process", pid_file = "pid", resource = "memory" }
    note: build could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    note: chart could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    note: cpu could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    note: memory could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    "#);
    assert_eq!(found, shown_answer(&file, &rows(), show));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), FILE);
}

#[test]
fn what_was_written_leaves_nothing_to_propose() {
    let (directory, file) = scratch();
    let write = TuneArgs::Write(Loosening::Never);
    let shown = shown_answer(&file, &rows(), TuneArgs::Show(Loosening::Never));
    let written = shown_answer(&file, &rows(), write);
    assert_eq!(written, format!("{shown}note: written to platform/budgets.toml\n"));
    let after = std::fs::read_to_string(&file).unwrap();
    assert_ne!(after, FILE);
    insta::assert_snapshot!(shown_answer(&file, &rows(), write), @r#"
    note: there is nothing to propose: 0 of 5 budgets have too few measurements since their level last changed
    note: build could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    note: chart could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    note: cpu could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    note: memory could be enforced: as in phase hard, 0 of 40 measurements would have failed wrongly (0.0 %); phase = "hard" does that
    "#);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn limits_of_one_environment_leave_the_others_alone() {
    let (_directory, file) = scratch();
    let elsewhere = "2026-01-01T00:00:00Z,build,staging,seconds,last,89,1,,,,\n";
    let asked = TuneArgs::Write(Loosening::Never);
    shown_answer(&file, &(rows() + elsewhere), asked);
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.contains("\nenv.local = { warn = \"> 85s\", fail = \"> 2m\" }\n"), "{after}");
    assert!(after.contains("\nwarn = \"> 90s\" # alarms\n"), "{after}");
}

#[test]
fn a_link_and_its_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (directory, file) = scratch();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = directory.path().join("link.toml");
    symlink(&file, &link).unwrap();
    shown_answer(&link, &rows(), TuneArgs::Write(Loosening::Never));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_ne!(std::fs::read_to_string(&file).unwrap(), FILE);
}

#[test]
fn a_file_that_was_changed_meanwhile_is_left_alone() {
    let (directory, file) = scratch();
    let error = write::replace(&file, "something else", "new").unwrap_err();
    assert!(error.contains("changed meanwhile"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), FILE);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn resources_are_yaml_with_what_they_rest_on() {
    let (_directory, file) = scratch();
    insta::assert_snapshot!(shown_answer(&file, &rows(), TuneArgs::Resources), @"
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: 'shop'
    spec:
      template:
        spec:
          containers:
            - name: 'shop'
              resources:
                requests:
                  # cpu, as a part of requests-cpu = 250m: 40 measurements, median 70m, p95 70.5m, max 70.5m
                  # p95 is at most 70% of this
                  cpu: '110m'
                  # memory: 40 measurements, median 96.37MB, p95 98.37MB, max 98.37MB
                  # the maximum and 15%
                  memory: '110Mi'
                limits:
                  # the maximum and 15% are at most 80% of this
                  memory: '140Mi'
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: 'shop'
    spec:
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: 'shop'
      # a rolling update and the loss of one leave one
      minReplicas: 2
      # the most that was used, 70.5m, spread so that each uses 70%, and as much again
      maxReplicas: 4
      metrics:
        - type: Resource
          resource:
            name: cpu
            target:
              type: Utilization
              averageUtilization: 70
    ");
    insta::assert_snapshot!(shown_answer(&file, "", TuneArgs::Resources), @"note: nothing is known of CPU or memory in local: that takes a metric with a process or prometheus source in cpu or bytes, or a ratio that says `of` what, with 20 measurements");
}
