//! Rows that travel on branches of their own.

use timing_core::addition::Addition;
use timing_core::record::TimingRecord;
use timing_core::registry::{InboxName, InboxPushed, LocalBranch};

use crate::fleet::{Fleet, PATIENT, RECORDER, Ship, row};
use crate::sandbox::{BRANCH, DEV_CSV, run, stamp};

fn name(host: &str, n: u32) -> InboxName {
    InboxName::new(host, &run(n))
}

fn push(ship: &Ship<'_>, name: &InboxName, waiting: &[TimingRecord]) -> InboxPushed {
    let waiting: Vec<Addition> = waiting.iter().cloned().map(Addition::from).collect();
    ship.registry().push_inbox(name, &waiting, &PATIENT, RECORDER, stamp()).unwrap()
}

#[test]
fn an_inbox_holds_the_rows_and_nothing_else() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    let (inbox, local) = (name("lap.top", 1), a.tip());
    assert_eq!(push(&a, &inbox, &[row(1), row(2)]).rows, 2);
    let branch = format!("timing-inbox/lap-top-{}", run(1));
    assert_eq!(fleet.branches(), ["main", &branch]);
    assert_eq!(fleet.git(&["ls-tree", "-r", "--name-only", &branch]), DEV_CSV);
    assert_eq!(fleet.git(&["rev-list", "--count", &branch]), "1");
    let tip = fleet.git(&["rev-parse", &branch]);
    // Again, at another time: nothing new. With another row: it grows.
    let later = stamp().plus_seconds(60);
    let again =
        a.registry().push_inbox(&inbox, &[row(1).into()], &PATIENT, RECORDER, later).unwrap();
    assert_eq!((again.rows, again.commit.unwrap().to_string()), (0, tip.clone()));
    assert_eq!(push(&a, &inbox, &[row(2), row(3)]).rows, 1);
    assert_eq!(fleet.git(&["rev-parse", &format!("{branch}~1")]), tip);
    // The registry is not touched, and no reference stays here.
    assert_eq!(a.tip(), local);
    assert_eq!(
        a.git(&["for-each-ref", "--format=%(refname)", "refs/heads", "refs/xtask"]),
        format!("refs/heads/{BRANCH}\nrefs/heads/main")
    );
    assert_eq!(push(&a, &name("x", 9), &[]).commit, None);
    assert_eq!(fleet.branches().len(), 2);
}

#[test]
fn a_drain_takes_every_inbox_in_with_one_commit() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    ci.sync(&[row(1)]);
    for n in 1..5 {
        // Rows that are on the branch already, or in two inboxes, are added once.
        push(&a, &name("host", n), &[row(n), row(n + 1)]);
    }
    let before = ci.git(&["for-each-ref", "--format=%(refname)"]);
    let drained = ci.drain();
    assert_eq!((drained.merged.len(), drained.kept.len()), (4, 0));
    assert_eq!(drained.synced.unwrap().rows, 4);
    fleet.assert_runs(1..6);
    assert_eq!(fleet.git(&["rev-list", "--count", BRANCH]), "2");
    assert_eq!(fleet.branches(), [BRANCH, "main"]);
    assert_eq!(ci.git(&["for-each-ref", "--format=%(refname)"]), before);
    let again = ci.drain();
    assert!(again.synced.is_none() && again.merged.is_empty() && again.kept.is_empty());
}

#[test]
fn an_inbox_that_is_none_stays_and_holds_up_no_other() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    let header = timing_core::table::HEADER.join(",");
    let good = a.commit_csv(None, format!("{header}\n{}", row_text(7)).as_bytes());
    let hostile = |file: &str, content: &str| a.commit_file(None, file, content.as_bytes());
    let evil = [
        ("garbage", hostile(DEV_CSV, "garbage\n")),
        ("formula", hostile(DEV_CSV, &format!("{header}\n=cmd(),b,c,d,e,1,0,,0,0,0,\n"))),
        ("stray", a.commit_file(Some(&good), "README.md", b"x")),
        ("hook", hostile("environments/.git-hooks/latest/build_timings.csv", "x")),
        (
            "wrong",
            hostile(
                "environments/prod/latest/build_timings.csv",
                &format!("{header}\n{}", row_text(8)),
            ),
        ),
        ("source", a.git(&["rev-parse", "main"])),
    ];
    for (index, (host, commit)) in evil.iter().enumerate() {
        let index = u32::try_from(index).unwrap();
        fleet_push(&a, commit, &name(host, index).branch());
    }
    fleet_push(&a, &good, "timing-inbox/no-run-id");
    push(&a, &name("good", 1), &[row(1)]);
    let drained = ci.drain();
    assert_eq!(drained.merged, [name("good", 1)]);
    let mut shown: Vec<String> =
        drained.kept.iter().map(|kept| format!("{}: {}", kept.branch, kept.reason)).collect();
    shown.sort();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    timing-inbox/formula-6974da8f00000001: "environments/development/latest/build_timings.csv" line 2: column 2 (end_time_utc): "b" is not a time of the form 2026-01-24T14:43:27Z
    timing-inbox/garbage-6974da8f00000000: "environments/development/latest/build_timings.csv" does not start with the header
    timing-inbox/hook-6974da8f00000003: 'environments/.git-hooks/latest/build_timings.csv' does not belong in an inbox
    timing-inbox/no-run-id: its name is not that of an inbox
    timing-inbox/source-6974da8f00000005: 'file.txt' does not belong in an inbox
    timing-inbox/stray-6974da8f00000002: 'README.md' does not belong in an inbox
    timing-inbox/wrong-6974da8f00000004: "environments/prod/latest/build_timings.csv" line 2: a row of another environment
    "#);
    fleet.assert_runs([1]);
    let branches = fleet.branches();
    assert_eq!(branches.iter().filter(|b| b.starts_with("timing-inbox/")).count(), 7);
    // Again, with nothing good left: no commit.
    let tip = fleet.tip();
    assert!(ci.drain().synced.is_none());
    assert_eq!(fleet.tip(), tip);
}

fn fleet_push(ship: &Ship<'_>, commit: &str, branch: &str) {
    ship.git(&["push", "-q", "origin", &format!("{commit}:refs/heads/{branch}")]);
}

fn row_text(n: u32) -> String {
    String::from_utf8(timing_core::table::rows(&[row(n)])).unwrap()
}

#[test]
fn a_broken_inbox_holds_up_no_other() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    push(&a, &name("broken", 1), &[row(1)]);
    push(&a, &name("good", 2), &[row(2)]);
    // The remote has lost the file of the first one.
    let blob = fleet.git(&["rev-parse", &format!("{}:{DEV_CSV}", name("broken", 1).branch())]);
    std::fs::remove_file(fleet.bare.join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let drained = ci.drain();
    assert_eq!(drained.merged, [name("good", 2)]);
    assert_eq!(drained.kept.len(), 1);
    assert_eq!(drained.kept[0].branch, name("broken", 1).branch());
}

#[test]
fn a_drain_that_died_half_way_is_finished_by_the_next() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    push(&a, &name("host", 1), &[row(1)]);
    push(&a, &name("host", 2), &[row(2)]);
    // As if it had died between the two pushes: no inbox can be deleted.
    fleet.hook("update", "case $1 in refs/heads/timing-inbox/*) exit 1;; esac");
    let drained = ci.drain();
    assert_eq!((drained.merged.len(), drained.kept.len()), (0, 2));
    assert!(drained.kept[0].reason.contains("cannot be deleted"), "{:?}", drained.kept);
    fleet.assert_runs(1..3);
    let tip = fleet.tip();
    std::fs::remove_file(fleet.bare.join("hooks/update")).unwrap();
    let drained = ci.drain();
    assert_eq!((drained.merged.len(), drained.kept.len()), (2, 0));
    assert_eq!(drained.synced.unwrap().rows, 0);
    assert_eq!(fleet.tip(), tip);
    assert_eq!(fleet.branches(), [BRANCH, "main"]);
}

#[test]
fn an_inbox_that_grows_while_it_is_taken_in_is_not_deleted() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    let inbox = name("host", 1);
    push(&a, &inbox, &[row(1), row(2)]);
    let grown = fleet.git(&["rev-parse", &inbox.branch()]);
    fleet.git(&["update-ref", "-d", &format!("refs/heads/{}", inbox.branch())]);
    push(&a, &inbox, &[row(1)]);
    // The moment that the registry has the first row, the inbox gets its second.
    let script = format!("git update-ref refs/heads/{} {grown}", inbox.branch());
    fleet.hook(
        "post-receive",
        &format!("read old new ref; test $ref = refs/heads/{BRANCH} && {script}"),
    );
    let drained = ci.drain();
    assert!(drained.merged.is_empty());
    assert!(drained.kept[0].reason.contains("somebody else moved it"), "{:?}", drained.kept);
    std::fs::remove_file(fleet.bare.join("hooks/post-receive")).unwrap();
    assert_eq!(ci.drain().merged, [inbox]);
    fleet.assert_runs(1..3);
}

#[test]
fn several_drains_at_once_take_every_row_in_once() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    for n in 0..6 {
        push(&a, &name("host", n), &[row(n)]);
    }
    std::thread::scope(|scope| {
        for drain in 0..3 {
            let fleet = &fleet;
            scope.spawn(move || fleet.clone(&format!("ci-{drain}")).drain());
        }
    });
    fleet.assert_runs(0..6);
    assert_eq!(fleet.branches(), [BRANCH, "main"]);
}

#[test]
fn inboxes_travel_through_clones_of_every_kind() {
    for (format, options) in [
        ("sha1", ["--depth=1"].as_slice()),
        ("sha1", &["--filter=blob:none", "--no-checkout"]),
        ("sha256", &[]),
    ] {
        let fleet = Fleet::with_format(format);
        fleet.git(&["config", "uploadpack.allowFilter", "true"]);
        fleet.clone("first").sync(&[row(0)]);
        let ship = fleet.clone_with("ship", options);
        push(&ship, &name("host", 1), &[row(1)]);
        push(&ship, &name("host", 1), &[row(2)]);
        let drained = fleet.clone_with("ci", options).drain();
        assert_eq!(drained.merged.len(), 1, "{format} {options:?}: {:?}", drained.kept);
        assert!(matches!(drained.synced.unwrap().local, LocalBranch::Moved { .. }));
        fleet.assert_runs(0..3);
    }
}
