//! `budget check` and `measure` of sources with one answer: commands that print a number, manifests.

use std::time::{Duration, Instant};

use crate::support::background::Background;
use crate::support::{Scene, eventually};

const HEAD: &str = "\
active = \"soft\"
[phases.soft]
mode = \"warn\"
[phases.hard]
mode = \"enforce\"
missed_target = \"fail\"
[phases.best]
mode = \"optimise\"
";

/// A file whose metric `size` is `printed` by a command, and warns above 10 and fails above 20 bytes.
fn printing(printed: u32) -> String {
    format!(
        "{HEAD}[metric.size]\nunit = \"bytes\"\ntarget = \"<= 5\"\nwarn = \"> 10\"\nfail = \"> 20\"\n\
         source = {{ kind = \"command\", command = [\"echo\", \"{printed}\"], reading = \"printed\" }}\n"
    )
}

fn scene(budgets: &str) -> Scene {
    Scene::new().file("budgets.toml", budgets).committed()
}

#[test]
fn each_threshold_has_two_sides_in_each_phase() {
    for (printed, verdict, codes) in [
        (5, "pass", [0, 0, 0]),
        (10, "pass", [0, 0, 0]),
        (11, "warn", [0, 0, 0]),
        (20, "warn", [0, 0, 0]),
        (21, "fail", [0, 1, 1]),
    ] {
        let scene = scene(&printing(printed));
        for (phase, code) in ["soft", "hard", "best"].into_iter().zip(codes) {
            let check = ["budget", "check", "--no-record", "--phase", phase, "--format", "csv"];
            let run = scene.xtask(&check).exits(code);
            assert!(run.stdout.contains(&format!(",{verdict},")), "{printed}: {}", run.stdout);
        }
    }
}

/// Fixed numbers, one that prints none, and a program that nobody has.
fn several() -> String {
    format!(
        "{}[metric.words]\nunit = \"count\"\nfail = \"> 20\"\n\
         source = {{ kind = \"command\", command = [\"echo\", \"nothing\"], reading = \"printed\" }}\n\
         [metric.other]\nunit = \"seconds\"\nfail = \"> 20s\"\n\
         source = {{ kind = \"command\", command = [\"no-such-program\"] }}\n\
         [metric.cpu]\nunit = \"cpu\"\ntarget = \"<= 100m\"\n\
         source = {{ kind = \"manifest\", file = \"app.yaml\", fact = \"requests.cpu\" }}\n",
        printing(12)
    )
}

const MANIFEST: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec: { containers: [{ name: app, image: app, resources: { requests: { cpu: 250m } } }] }
";

#[test]
fn what_is_measured_is_shown_and_what_is_not_has_a_reason() {
    let scene =
        Scene::new().file("budgets.toml", &several()).file("app.yaml", MANIFEST).committed();
    let run = scene.xtask(&["budget", "check", "--no-record"]).exits(0);
    insta::assert_snapshot!(run.stdout, @"
    metric  env  value  target   warn   fail   baseline  change  verdict    margin
    size    dev  12B    <= 5B    > 10B  > 20B  -         -       warn      +40.0 %
    words   dev  -      -        -      > 20   -         -       unknown         -
    other   dev  -      -        -      > 20s  -         -       unknown         -
    cpu     dev  250m   <= 100m  -      -      -         -       warn     -150.0 %
    ");
    insta::assert_snapshot!(run.stderr, @r#"
    measuring 1 of 4: app.yaml (cpu)
    measuring 2 of 4: echo 12 (size)
    measuring 3 of 4: echo nothing (words)
    measuring 4 of 4: no-such-program (other)
    note: 0 pass, 2 warn, 0 fail, 2 unknown; 0 of them fail the check
    note: words: echo: no quantity in count in its last line "nothing"
    note: other: no-such-program is not installed (not found)
    "#);
    assert_eq!(scene.recordings().len(), 0, "--no-record leaves nothing");
    let run = scene.xtask(&["budget", "measure", "--no-record", "--only", "*o*"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    metric  env  value  statistic  samples  source   unknown because
    words   dev  -      last       -        command  echo: no quantity in count in its last line "nothing"
    other   dev  -      last       -        command  no-such-program is not installed (not found)
    "#);
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let scene =
        Scene::new().file("budgets.toml", &several()).file("app.yaml", MANIFEST).committed();
    let summary = scene.outside().join("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let words =
        ["budget", "check", "--no-record", "--format", "github", "--only", "size", "--only", "cpu"];
    let call = scene.calling(&words).env("GITHUB_STEP_SUMMARY", &summary);
    insta::assert_snapshot!(call.run().exits(0).stdout, @"
    ::warning file=budgets.toml,line=9,title=size%3A warn::12B (target <= 5B, warns > 10B, fails > 20B); the phase only warns
    ::warning file=budgets.toml,line=23,title=cpu%3A warn::250m (target <= 100m, warns -, fails -); the phase only warns
    ");
    insta::assert_snapshot!(std::fs::read_to_string(&summary).unwrap(), @"
    before
    ### Performance budgets

    | metric | env | value | target     | warn  | fail  | baseline | change | verdict |   margin |
    |--------|-----|-------|------------|-------|-------|----------|--------|---------|----------|
    | size   | dev | 12B   | &lt;= 5B   | > 10B | > 20B | -        | -      | warn    |  +40.0 % |
    | cpu    | dev | 250m  | &lt;= 100m | -     | -     | -        | -      | warn    | -150.0 % |
    ");
    let call = scene.calling(&words).env("GITHUB_STEP_SUMMARY", scene.outside());
    assert!(call.run().exits(0).stderr.contains("cannot be written"));
}

#[test]
fn programs_get_an_array_of_objects() {
    let scene = scene(&printing(12));
    let words = ["budget", "check", "--no-record", "--format", "json"];
    let run = scene.xtask(&words).exits(0);
    let read: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let first = &read.as_array().unwrap()[0];
    assert_eq!(first["metric"], "size");
    assert_eq!(first["value"].as_f64(), Some(12.0));
    assert_eq!((first["unit"].as_str(), first["verdict"].as_str()), (Some("bytes"), Some("warn")));
}

#[test]
fn what_is_unknown_fails_where_the_file_says_so() {
    let unknown = "[metric.gone]\nunit = \"seconds\"\nfail = \"> 1s\"\n\
         source = { kind = \"http\", address_file = \".state/address\", path = \"/\" }\n";
    for (setting, code) in [("report", 0), ("fail", 1)] {
        let scene = scene(&format!("unknown = \"{setting}\"\n{unknown}"));
        let run = scene.xtask(&["budget", "check", "--no-record"]).exits(code);
        assert!(run.stdout.contains("unknown"), "{run:?}");
        assert!(run.stderr.contains("`cargo xtask deploy-persistent ENV=dev`"), "{run:?}");
    }
}

#[test]
fn a_name_of_nothing_and_a_bad_file_are_refused() {
    let scene = scene(&printing(1));
    let run = scene.xtask(&["budget", "check", "--only", "siez"]).exits(2);
    assert!(run.stderr.contains("\"siez\" is the name of no metric"), "{run:?}");
    scene.write("budgets.toml", "[metric.a]\nunit = \"bytes\"\nfail = \"> 1e99Gi\"\n");
    let run = scene.xtask(&["budget", "check"]).exits(2);
    assert!(run.stderr.contains("budgets.toml line 3"), "{run:?}");
}

#[test]
fn what_is_measured_is_on_the_registry_and_the_next_check_compares_with_it() {
    let scene = scene(&printing(12));
    scene.xtask(&["budget", "measure"]).exits(0);
    let csv = scene.git(&["show", &format!("{}:{}", super::BRANCH, super::CSV)]);
    assert!(csv.contains(",size,dev,bytes,last,12,1,"), "{csv}");
    scene.write("budgets.toml", &printing(15));
    let run = scene.xtask(&["budget", "check"]).exits(0);
    assert!(run.stdout.contains("+25.0 %"), "{}", run.stdout);
}

#[test]
fn ten_thousand_metrics_of_one_file_are_measured_at_once() {
    let metric = |number: u32| {
        format!(
            "[metric.m{number}]\nunit = \"cpu\"\nfail = \"> 1\"\n\
             source = {{ kind = \"manifest\", file = \"app.yaml\", fact = \"requests.cpu\" }}\n"
        )
    };
    let budgets: String = (0..10_000).map(metric).collect();
    let scene = Scene::new().file("budgets.toml", &budgets).file("app.yaml", MANIFEST).committed();
    let run = scene.xtask(&["budget", "check", "--no-record", "--format", "csv"]).exits(0);
    assert_eq!(run.stdout.matches(",pass,").count(), 10_000);
    assert_eq!(run.stderr.matches("measuring").count(), 1, "{}", run.stderr);
}

#[test]
fn a_signal_ends_it_with_what_it_started() {
    let budgets = "[metric.slow]\nunit = \"seconds\"\nfail = \"> 1h\"\n\
         source = { kind = \"command\", command = [\"sh\", \"-c\", \"echo $$ > pid; sleep 600\"] }\n";
    let scene = scene(budgets);
    let mut running = Background::silent(&scene.calling(&["budget", "check", "--no-record"]));
    let file = scene.root().join("pid");
    let pid = eventually("the command runs", || {
        std::fs::read_to_string(&file).ok()?.trim().parse::<i32>().ok()
    });
    let begun = Instant::now();
    running.signal(rustix::process::Signal::TERM);
    assert_eq!(running.code(), 143);
    assert!(begun.elapsed() < Duration::from_secs(30));
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    assert!(rustix::process::test_kill_process(pid).is_err(), "what it started runs on");
}
