//! What was lost is appended again, once.

use std::time::Duration;

use timing_core::registry::audit::Mode;
use timing_core::registry::{RetryPolicy, Verdict};

use crate::sandbox::{self, BRANCH, DEV_CSV, Sandbox, path, record};
use crate::story::{Deed, Story, csv, lost, recover, row};

/// The history of the contract: of 86 runs 54 are at the tip, because another workflow copied a
/// stale file over the rows, twice.
fn contract() -> Sandbox {
    let mut versions: Vec<String> = (1..=40).map(|n| csv(0..n)).collect();
    let stale = |kept: std::ops::Range<usize>, from: usize, to: usize| csv(kept.chain(from..to));
    // 20 rows of the first forty are lost, and 12 of those that followed.
    versions.extend((41..=72).map(|n| stale(0..20, 40, n)));
    versions.extend((73..=86).map(|n| csv((0..20).chain(40..60).chain(72..n))));
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    Story::line(&versions).told()
}

#[test]
fn all_that_the_contract_tells_of_is_recovered_once() {
    let sandbox = contract();
    let (old, tip) = (sandbox.csv(), sandbox.tip());
    assert_eq!(sandbox::rows(&old), 54);
    let registry = sandbox.registry();
    let audit = registry.audit().unwrap();
    assert_eq!((audit.verdict(), audit.commits), (Verdict::Broken, 86));
    let expected: Vec<String> = (20..40).chain(60..72).map(row).collect();
    let found: Vec<String> = lost(&audit).into_iter().map(|(row, ..)| row).collect();
    assert_eq!(found, expected);

    let dry = recover(&registry, &audit, Mode::DryRun);
    assert_eq!((dry.commit, dry.rows, sandbox.tip()), (None, 32, tip));
    let done = recover(&registry, &audit, Mode::Apply);
    assert_eq!((done.commit.unwrap().to_string(), done.rows), (sandbox.tip(), 32));
    assert_eq!(sandbox.csv(), old.clone() + &expected.concat());
    let again = recover(&registry, &audit, Mode::Apply);
    assert_eq!((again.commit, again.rows), (None, 0));
    let after = registry.audit().unwrap();
    assert_eq!((after.lost.len(), after.findings.len()), (0, audit.findings.len()));
    assert_eq!(recover(&registry, &after, Mode::Apply).rows, 0);
    assert_eq!(sandbox.git(&["rev-parse", &format!("{BRANCH}^")]), audit.tip.to_string());
    sandbox.fsck();
}

#[test]
fn the_commit_names_those_that_dropped_the_rows() {
    let sandbox = Story::line(&[&csv(0..5), &csv(0..3), &csv(0..2)]).told();
    let audit = sandbox.registry().audit().unwrap();
    recover(&sandbox.registry(), &audit, Mode::Apply);
    let (second, third) = (audit.findings[0].commit.id, audit.findings[1].commit.id);
    let message = sandbox.git(&["log", "-1", "--format=%B", BRANCH]);
    let message =
        message.replace(&second.to_string(), "<second>").replace(&third.to_string(), "<third>");
    insta::assert_snapshot!(message, @r"
    chore(registry): recover 3 rows of development

    These rows were on the branch, and its tip did not have them any more:

    1 dropped by <third> (2026-01-21T12:53:23Z)
      Author 3 <a3@example.org>: version 3
    2 dropped by <second> (2026-01-21T12:53:22Z)
      Author 2 <a2@example.org>: version 2

    Run-Id: 0000000000000003
    Recorded-By: xtask 0.1.0
    ");
}

#[test]
fn rows_keep_their_bytes_but_for_the_line_end() {
    let odd = "2026-01-24 , \"x\" ,build,dev, 15-01-25-01,0,255,\"A=1 B=2\" ,\u{e9}\r\n";
    let full = csv(0..1) + odd;
    let sandbox = Story::line(&[&full, &csv(0..1)]).told();
    let audit = sandbox.registry().audit().unwrap();
    recover(&sandbox.registry(), &audit, Mode::Apply);
    assert_eq!(sandbox.csv(), full.replace('\r', ""));
}

#[test]
fn a_file_that_is_gone_is_made_again_for_its_validator() {
    let mut story = Story::default();
    let staging = "environments/staging/latest/build_timings.csv";
    let (dev, other) = (csv(0..2), csv(2..3));
    let deeds = [Deed::Write(DEV_CSV, dev.as_bytes()), Deed::Write(staging, other.as_bytes())];
    let first = story.commit(&[], "first", &deeds);
    story.commit(&[first], "gone", &[Deed::Delete("environments/development")]);
    let sandbox = story.told();
    let audit = sandbox.registry().audit().unwrap();
    assert_eq!(recover(&sandbox.registry(), &audit, Mode::Apply).rows, 2);
    assert!(sandbox.csv().ends_with(&[row(0), row(1)].concat()));
    let names = sandbox.git(&["ls-tree", "-r", "--name-only", BRANCH]);
    assert!(names.contains("environments/development/history/.gitkeep"), "{names}");
    assert_eq!(sandbox.registry().audit().unwrap().lost.len(), 0);
}

#[test]
fn identical_rows_are_recovered_up_to_their_number() {
    let thrice = csv([0, 1, 0, 0]);
    let sandbox = Story::line(&[&thrice, &csv([0, 1])]).told();
    let registry = sandbox.registry();
    let audit = registry.audit().unwrap();
    assert_eq!(recover(&registry, &audit, Mode::Apply).rows, 2);
    assert_eq!(sandbox.csv().matches(&row(0)).count(), 3);
    assert_eq!(recover(&registry, &audit, Mode::Apply).rows, 0);
    assert_eq!(registry.audit().unwrap().lost.len(), 0);
}

#[test]
fn a_row_that_was_edited_is_not_doubled_and_garbage_stays_out() {
    let sandbox =
        Story::line(&[&(csv(0..4) + "half a l\n"), &csv(0..4).replace(",255,", ",0,")]).told();
    let registry = sandbox.registry();
    let audit = registry.audit().unwrap();
    let done = recover(&registry, &audit, Mode::Apply);
    assert_eq!((done.commit, done.rows, done.left_out), (None, 0, 1));
}

#[test]
fn others_append_and_recover_at_the_same_time() {
    let sandbox = contract();
    let patient = RetryPolicy {
        total: Duration::from_secs(60),
        first_pause: Duration::from_millis(2),
        longest_pause: Duration::from_millis(60),
    };
    let registry = sandbox.registry().with_retry(patient);
    let audit = registry.audit().unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (registry, audit) = (&registry, &audit);
            scope.spawn(move || {
                for row in 0..4 {
                    let record = record("apply-persistent", 1000 + n * 4 + row);
                    sandbox::append(registry, &[record]).unwrap();
                }
            });
            scope.spawn(move || recover(registry, audit, Mode::Apply));
        }
    });
    let csv = sandbox.csv();
    assert_eq!(sandbox::rows(&csv), 86 + 16);
    for n in 0..86 {
        assert_eq!(csv.matches(&row(n)).count(), 1, "row {n}");
    }
    let after = registry.audit().unwrap();
    assert_eq!((after.lost.len(), after.findings.len()), (0, audit.findings.len()));
    sandbox.fsck();
}

#[test]
fn a_work_tree_of_the_branch_comes_along() {
    let sandbox = Story::line(&[&csv(0..3), &csv(0..1)]).told();
    let linked = sandbox.path("registry");
    sandbox.git(&["worktree", "add", "-q", path(&linked), BRANCH]);
    let audit = sandbox.registry().audit().unwrap();
    assert_eq!(recover(&sandbox.registry(), &audit, Mode::Apply).rows, 2);
    assert_eq!(sandbox.git_in(&linked, &["status", "--porcelain"]), "");
    assert_eq!(std::fs::read_to_string(linked.join(DEV_CSV)).unwrap(), sandbox.csv());
}
