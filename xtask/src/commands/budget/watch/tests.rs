use std::path::Path;

use time::macros::date;
use timing_core::budget::{Amount, Budgets, Measured};

use super::*;
use crate::settings::budget::parse_budgets;
use crate::ui::Decoration;

fn budgets(mode: &str) -> Budgets {
    let text = format!(
        "active = \"now\"\n[phases.now]\nmode = \"{mode}\"\n\
         [metric.p95]\nunit = \"seconds\"\nwarn = \"> 100ms\"\nfail = \"> 200ms\"\n\
         source = {{ kind = \"http\", base_url = \"http://127.0.0.1:1\", path = \"/\" }}\n\
         [metric.cpu]\nunit = \"ratio\"\nfail = \"> 70%\"\n\
         source = {{ kind = \"prometheus\", url = \"http://127.0.0.1:1\", query = \"x\", sustained = \"5m\" }}\n"
    );
    parse_budgets(&text, Path::new("budgets.toml")).unwrap()
}

fn known(milli: u64) -> Measured {
    let value = Amount::from_billionths(i128::from(milli) * 1_000_000).unwrap();
    Measured::Known { value, samples: 1 }
}

/// Which look fails, of values of p95 and cpu in thousandths.
fn failing_look(mode: &str, looks: &[(u64, u64)]) -> Option<usize> {
    let budgets = budgets(mode);
    let local = "local".parse().unwrap();
    let budgets: Vec<Budget<'_>> = budgets.select(&local).collect();
    let mut watch = Watch::of(&budgets);
    looks.iter().position(|(p95, cpu)| {
        watch.take(vec![known(*p95), known(*cpu)], date!(2026 - 03 - 01));
        watch.failed().is_some()
    })
}

#[test]
fn what_is_enforced_and_sustained_fails() {
    let slow = (250, 100);
    assert_eq!(failing_look("enforce", &[slow, slow, (200, 100), slow, slow]), None);
    assert_eq!(failing_look("enforce", &[slow, slow, slow]), Some(2));
    assert_eq!(failing_look("warn", &[slow, slow, slow, slow]), None);
    // Prometheus has looked back for five minutes already.
    assert_eq!(failing_look("enforce", &[(50, 700), (50, 701)]), Some(1));
    assert_eq!(failing_look("warn", &[(50, 701)]), None);
}

#[test]
fn a_look_is_a_line_and_the_end_a_summary() {
    let budgets = budgets("enforce");
    let local = "local".parse().unwrap();
    let budgets: Vec<Budget<'_>> = budgets.select(&local).collect();
    let mut watch = Watch::of(&budgets);
    let gone = Measured::Unknown { reason: "nobody answers".to_owned() };
    watch.take(vec![known(150), gone.clone()], date!(2026 - 03 - 01));
    let first = watch.line();
    watch.take(vec![known(90), known(710)], date!(2026 - 03 - 01));
    let answer = watch.answer();
    let all = [first, watch.line(), answer.remarks.join("\n"), answer.exit_code.0.to_string()];
    insta::assert_snapshot!(all.join("\n"), @"
    p95 150ms warn; cpu unknown (nobody answers)
    p95 90ms pass; cpu 71% fail
    p95: 90ms to 150ms; not passed in 1 of 2 looks
    cpu: 71% to 71%; not passed in 2 of 2 looks
    cpu fails, and is enforced
    1
    ");
}

#[test]
fn a_chart_has_its_limit_drawn_in() {
    let budgets = budgets("enforce");
    let local = "local".parse().unwrap();
    let budgets: Vec<Budget<'_>> = budgets.select(&local).take(1).collect();
    let mut watch = Watch::of(&budgets);
    for n in 0..30_u64 {
        let seen = if n == 12 {
            Measured::Unknown { reason: "gone".to_owned() }
        } else {
            known(20 + n * n % 23 * 10)
        };
        watch.take(vec![seen], date!(2026 - 03 - 01));
    }
    let chart = |decoration| {
        let lines = chart::draw(&watch.watched()[0], Surface { width: 60, decoration });
        lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(chart(Decoration::Plain), @"
    p95 150ms warn  > 200ms

      ----#---#------#---#-------#------------------------------
         ## # ###  ### # ##     ## #
       ########### ########## ######
    ");
    let rich = chart(Decoration::Rich);
    insta::assert_snapshot!(rich.split_once('\n').unwrap().1, @"
    ┄┄┄┄▆┄▂┄█▁┄┄┄┄▁█┄▂┄▆┄┄┄┄┄┄┄▆┄▂┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
       ▅█ █ ██▄▂ ▄██ █ █▅     ▅█ █
    ▂▄▇██▅█▆████ ███▆█▅██▇▄▂▄▇██▅█
    ");
}
