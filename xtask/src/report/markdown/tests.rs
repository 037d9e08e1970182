use std::rc::Rc;
use std::time::Duration;

use timing_core::clock::UtcStamp;
use timing_core::stages::Outcome;

use super::*;
use crate::report::{About, Audited, BudgetPart, Health, LastRun, Table};
use crate::ui::report::{Column, Value};
use crate::ui::{Bar, Line, Part};

fn table(values: [&str; 2]) -> Table {
    let columns = vec![Column::people("phase"), Column::people("p50"), Column::people("recent")];
    let row = |name: &str| {
        let name = Value::Text(name.to_owned());
        vec![name, Value::Seconds(90.0), Value::Sparkline(vec![1.0, 2.0])]
    };
    Table { columns, rows: values.map(row).to_vec() }
}

fn report(made: u64) -> Report {
    let bar = |name: &str, part| {
        Line::Bar(Bar {
            depth: 0,
            name: name.to_owned(),
            time: Duration::ZERO..Duration::from_secs(9),
            outcome: Outcome::Complete,
            part,
        })
    };
    Report {
        about: About {
            made: UtcStamp::from_unix_seconds(made),
            source: "governance-registry".to_owned(),
            environment: Some("dev".to_owned()),
            since: None,
            before: None,
            rows: 12,
            all_rows: 40,
            faults: 1,
            remarks: vec!["a <b> remark".to_owned()],
        },
        statistics: table(["apply", "<script>alert(1)</script> | x"]),
        trend: table(["apply", "b"]),
        environments: Vec::new(),
        last_run: Some(LastRun {
            title: "deploy-persistent in dev succeeded after 9.0s".to_owned(),
            identity: "run 69d556b3a38aa5a7".to_owned(),
            is_success: true,
            lines: vec![bar("```\u{1b}[31m", Part::Whole(Rc::from([]))), bar("b", Part::OnPath)],
            total: Duration::from_secs(9),
            split: None,
        }),
        slowest: None,
        budgets: BudgetPart::NoFile("budgets.toml".to_owned()),
        health: Health {
            captured: Err("the logs are elsewhere".to_owned()),
            audited: Ok(Audited {
                is_sound: true,
                verdict: "every commit only appended".to_owned(),
                findings: Vec::new(),
                findings_in_all: 0,
                lost: 0,
            }),
        },
    }
}

fn origin(run_id: &str) -> Origin {
    Origin {
        branch: "main".to_owned(),
        sha: "ce013625030ba8dba906f756967f9e9ca394464a".to_owned(),
        workflow: "Deploy: prod".to_owned(),
        run_id: run_id.to_owned(),
    }
}

#[test]
fn a_page_reads_well_where_nobody_renders_it() {
    insta::assert_snapshot!(render(&report(1_769_265_807), &origin("17")).unwrap());
}

#[test]
fn pages_that_say_the_same_have_one_fingerprint() {
    let page = |made, run| render(&report(made), &origin(run)).unwrap();
    let (one, other) = (page(1_769_265_807, "1"), page(1_769_999_999, "2"));
    assert_ne!(one, other);
    assert_eq!(fingerprint(&one), fingerprint(&other));
    let mut changed = report(1_769_265_807);
    changed.about.rows += 1;
    let changed = render(&changed, &origin("1")).unwrap();
    assert_ne!(fingerprint(&one), fingerprint(&changed));
}
