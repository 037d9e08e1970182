use std::path::{Path, PathBuf};

use time::macros::date;
use timing_core::budget::measurement::{Line, read};
use timing_core::budget::{History, Rollout};

use super::*;
use crate::settings::budget::{Only, parse_budgets};
use crate::settings::{Place, Push, Recordings, RegistrySettings};

const FILE: &str = r#"
active = "soft"
owner = "platform"
[phases.soft]
mode = "warn"
[phases.hard]
mode = "enforce"
missed_target = "fail"
[metric.build]
about = "Building the image"
unit = "seconds"
target = "< 2m"
warn = "> 90s"
fail = "> 180s"
regression = { more_than = "25%", floor = "5s", minimum_samples = 2 }
source = { kind = "phase", phase = "docker-build" }
[metric.size]
unit = "bytes"
target = "< 150MB"
optimise = "-20%"
baseline = { value = "130MB", since = 2026-01-01, why = "first build" }
waiver = { until = 2026-03-31, why = "new | runtime", who = "platform" }
source = { kind = "image", image = "app" }
[metric.probe]
unit = "seconds"
direction = "exact"
fail = "not 5s..10s"
for_each = ["dev", "staging"]
source = { kind = "manifest", file = "{env}.yaml", fact = "readiness-period" }
[metric.cpu]
unit = "ratio"
warn = "> 70%"
source = { kind = "prometheus", url = "http://127.0.0.1:9090", query = "up" }
"#;

const ROWS: &str = "\
2026-02-01T10:00:00Z,build,local,seconds,last,100,1,,,,
2026-02-02T10:00:00Z,build,local,seconds,last,102.5,1,,,,
2026-02-03T10:00:00Z,build,local,seconds,last,181.25,1,,,,
2026-02-03T10:00:00Z,size,local,bytes,last,151234567,1,,,,
2026-02-03T10:00:00Z,probe,staging,seconds,last,11,1,,,,
2026-02-03T10:00:00Z,probe,dev,seconds,last,5,1,,,,
";

pub(super) fn settings(phase: &str) -> BudgetSettings {
    let mut budgets = parse_budgets(FILE, Path::new("budgets.toml")).unwrap();
    let index = budgets.rollout.find(phase).unwrap();
    budgets.rollout = Rollout::with_active(budgets.rollout, index);
    BudgetSettings {
        path: PathBuf::from("platform/budgets.toml"),
        file: PathBuf::from("platform/budgets.toml"),
        budgets,
        environment: "local".parse().unwrap(),
        measurements: None,
        registry: RegistrySettings {
            repository: PathBuf::from("/nowhere"),
            branch: "governance-registry".parse().unwrap(),
            remote: "origin".parse().unwrap(),
            push: Push::Never,
            place: Place::Workstation,
        },
        directory: PathBuf::from("/nowhere"),
        only: Only::default(),
        recordings: Recordings::Off,
    }
}

fn history() -> History {
    History::new(read(ROWS.as_bytes()).map(|(_, line)| match line {
        Line::Row(row) => *row,
        other => panic!("{other:?}"),
    }))
}

const TODAY: time::Date = date!(2026 - 03 - 01);

fn shown(answer: &Answer) -> String {
    let remarks: String = answer.remarks.iter().map(|remark| format!("note: {remark}\n")).collect();
    format!("{}{remarks}exit code {}", answer.text, answer.exit_code.0)
}

fn judged(settings: &BudgetSettings, history: &History, format: Option<Format>) -> Answer {
    let budgets = settings.budgets.select(&settings.environment).collect();
    check::answer(&check::newest(budgets, history, TODAY), &settings.path, format)
}

fn checked(phase: &str, format: Option<Format>) -> String {
    shown(&judged(&settings(phase), &history(), format))
}

#[test]
fn a_check_in_a_phase_that_only_warns() {
    insta::assert_snapshot!(checked("soft", Some(Format::Table)), @"
    metric  env      value    target   warn   fail         baseline   change  verdict   margin
    build   local    181.2s   < 2m     > 90s  > 3m         101.2s    +79.0 %  fail      -0.7 %
    size    local    151.2MB  < 150MB  -      -            130MB     +16.3 %  warn      -0.8 %
    probe   dev      5s       -        -      not 5s..10s  -               -  pass       0.0 %
    probe   staging  11s      -        -      not 5s..10s  -               -  fail     -10.0 %
    cpu     local    -        -        > 70%  -            -               -  unknown        -
    note: 1 pass, 1 warn, 2 fail, 1 unknown; 0 of them fail the check
    note: cpu: there is no measurement of it
    note: size is waived until 2026-03-31 by platform: new | runtime
    exit code 0
    ");
}

#[test]
fn a_check_in_a_phase_that_enforces() {
    insta::assert_snapshot!(checked("hard", Some(Format::Markdown)), @"
    | metric | env     | value   | target     | warn  | fail        | baseline |  change | verdict |  margin |
    |--------|---------|---------|------------|-------|-------------|----------|---------|---------|---------|
    | build  | local   | 181.2s  | &lt; 2m    | > 90s | > 3m        | 101.2s   | +79.0 % | fail    |  -0.7 % |
    | size   | local   | 151.2MB | &lt; 150MB | -     | -           | 130MB    | +16.3 % | fail    |  -0.8 % |
    | probe  | dev     | 5s      | -          | -     | not 5s..10s | -        |       - | pass    |   0.0 % |
    | probe  | staging | 11s     | -          | -     | not 5s..10s | -        |       - | fail    | -10.0 % |
    | cpu    | local   | -       | -          | > 70% | -           | -        |       - | unknown |       - |
    note: 1 pass, 0 warn, 3 fail, 1 unknown; 2 of them fail the check
    note: cpu: there is no measurement of it
    note: size is waived until 2026-03-31 by platform: new | runtime
    exit code 1
    ");
}

#[test]
fn a_check_as_annotations() {
    insta::assert_snapshot!(checked("hard", None), @"
    ::error file=platform/budgets.toml,line=9,title=build%3A fail::181.2s (target < 2m, warns > 90s, fails > 3m), +79.0 %25 against the baseline, a regression; this budget is enforced
    ::warning file=platform/budgets.toml,line=17,title=size%3A fail::151.2MB (target < 150MB, warns -, fails -), +16.3 %25 against the baseline; this is waived
    ::error file=platform/budgets.toml,line=24,title=probe (staging)%3A fail::11s (target -, warns -, fails not 5s..10s); this budget is enforced
    ::notice file=platform/budgets.toml,line=30,title=cpu%3A unknown::could not be measured: there is no measurement of it
    note: 1 pass, 0 warn, 3 fail, 1 unknown; 2 of them fail the check
    note: cpu: there is no measurement of it
    note: size is waived until 2026-03-31 by platform: new | runtime
    exit code 1
    ");
}

#[test]
fn a_check_for_programs() {
    insta::assert_snapshot!(checked("hard", Some(Format::Json)));
}

#[test]
fn a_check_of_nothing_is_unknown_and_no_pass() {
    let answer = judged(&settings("hard"), &History::default(), None);
    insta::assert_snapshot!(shown(&answer), @"
    ::notice file=platform/budgets.toml,line=9,title=build%3A unknown::could not be measured: there is no measurement of it
    ::notice file=platform/budgets.toml,line=17,title=size%3A unknown::could not be measured: there is no measurement of it
    ::notice file=platform/budgets.toml,line=24,title=probe (dev)%3A unknown::could not be measured: there is no measurement of it
    ::notice file=platform/budgets.toml,line=24,title=probe (staging)%3A unknown::could not be measured: there is no measurement of it
    ::notice file=platform/budgets.toml,line=30,title=cpu%3A unknown::could not be measured: there is no measurement of it
    note: 0 pass, 0 warn, 0 fail, 5 unknown; 0 of them fail the check
    note: build, size, probe (dev), probe (staging), cpu: there is no measurement of it
    note: size is waived until 2026-03-31 by platform: new | runtime
    exit code 0
    ");
}

#[test]
fn a_list_says_what_is_asked() {
    insta::assert_snapshot!(shown(&list::answer(&settings("hard"), Format::Table)), @"
    metric  env      statistic  target   warn   fail         source      phase  enforced
    build   local    last       < 2m     > 90s  > 3m         phase       hard   yes
    size    local    last       < 150MB  -      -            image       hard   yes
    probe   dev      last       -        -      not 5s..10s  manifest    hard   yes
    probe   staging  last       -        -      not 5s..10s  manifest    hard   yes
    cpu     local    last       -        > 70%  -            prometheus  hard   yes
    exit code 0
    ");
}

#[test]
fn a_metric_is_explained() {
    let explained = |name| match explain::answer(&settings("hard"), name, TODAY) {
        Ok(answer) => shown(&answer),
        Err(error) => error,
    };
    let all = ["build", "size", "probe", "biuld", "zzz"].map(explained);
    insta::assert_snapshot!(all.join("\n---\n"), @r#"
    build
      about       Building the image
      owner       platform
      declared    line 9
      value       last in seconds, lower is better
      target      < 2m
      warns       > 90s
      fails       > 3m
      regression  warn when worse than the median of the last 20 measurements by more than 25% and 5s, with at least 2 to compare with
      source      phase
                  phases       docker-build
      failing     fails the check in phase hard
    exit code 0
    ---
    size
      owner       platform
      declared    line 17
      value       last in bytes, lower is better
      target      < 150MB
      goal        20% better than the accepted baseline; missing it warns in phases that optimise
      baseline    130MB since 2026-01-01: first build
      waiver      until 2026-03-31, by platform: new | runtime
      source      image
                  image        app
      failing     fails the check in phase hard
    exit code 0
    ---
    probe (dev)
      owner       platform
      declared    line 24
      value       last in seconds, as given is best
      fails       not 5s..10s
      source      manifest
                  file         dev.yaml
                  fact         readiness-period
      failing     fails the check in phase hard

    probe (staging)
      owner       platform
      declared    line 24
      value       last in seconds, as given is best
      fails       not 5s..10s
      source      manifest
                  file         staging.yaml
                  fact         readiness-period
      failing     fails the check in phase hard
    exit code 0
    ---
    there is no metric "biuld"; did you mean build?
    ---
    there is no metric "zzz"; `cargo xtask budget list` shows them
    "#);
}

#[test]
fn a_replay_has_a_line_for_each_metric_with_measurements() {
    let answer = replay::answer(&settings("hard"), &history(), 2, Format::Table);
    insta::assert_snapshot!(shown(&answer), @"
    metric  env      measurements  warned  failed  false alarms   rate  last flag
    build   local               2       1       1             0      -  2026-02-03T10:00:00Z
    size    local               1       0       1             0      -  2026-02-03T10:00:00Z
    probe   dev                 1       0       0             0  0.0 %  -
    probe   staging             1       0       1             0      -  2026-02-03T10:00:00Z
    exit code 0
    ");
}

#[test]
fn lint_exits_with_1_when_something_is_to_be_done() {
    let today = |day| lint::answer(&settings("hard"), &history(), day, Format::Table);
    insta::assert_snapshot!(shown(&today(date!(2026 - 04 - 01))), @"
    line  metric  weight   remark
       9  build   info     the target is looser than warn: values that reach it are warned of, and the target is reported apart
      17  size    overdue  the waiver of platform ended on 2026-03-31: repair what it was for, and remove it
    exit code 1
    ");
    assert_eq!(today(date!(2026 - 03 - 31)).exit_code, ExitCode::SUCCESS);
}
