//! Pages on the branch: one commit, on top of what the remote has, and no row the worse for it.

use std::cell::Cell;

use timing_core::git::Git;
use timing_core::registry::{
    LeftAlone, LocalBranch, Page, PageKind, PagePath, Publication, Published, Source, SyncError,
    SyncPolicy, Verdict,
};

use crate::fleet::{Fleet, PATIENT, RECORDER, SHORT, Ship, row};
use crate::sandbox::{self, BRANCH, Sandbox, path, stamp};

const MD: &str = "environments/development/latest/BUILD_TIMINGS.md";
const HTML: &str = "environments/development/latest/build_timings.html";

/// Two pages that say `text`, made at `time`.
fn pages(text: &str, time: u32) -> Vec<Page> {
    let environment = "dev".parse().unwrap();
    let page = |kind| Page {
        path: PagePath::new(&environment, kind),
        bytes: format!("{text}\nmade {time}\n").into_bytes(),
    };
    vec![page(PageKind::Markdown), page(PageKind::Html)]
}

/// Whether all but the time is the same.
fn is_same(_: PageKind, old: &[u8], new: &[u8]) -> bool {
    old.split(|b| *b == b'\n').next() == new.split(|b| *b == b'\n').next()
}

fn publication<'a>(
    make: &'a dyn Fn() -> Result<Vec<Page>, String>,
    source: &'a Source,
) -> Publication<'a> {
    Publication { make, is_same, source, recorder: RECORDER }
}

fn try_publish(
    ship: &Ship<'_>,
    policy: &SyncPolicy,
    make: &dyn Fn() -> Result<Vec<Page>, String>,
) -> Result<Published, SyncError> {
    let source = Source::default();
    ship.registry().publish_at_remote(&publication(make, &source), policy, stamp())
}

fn publish(ship: &Ship<'_>, text: &str, time: u32) -> Published {
    try_publish(ship, &PATIENT, &|| Ok(pages(text, time))).unwrap()
}

fn publish_here(git: Git, text: &str, time: u32) -> Result<Published, SyncError> {
    let (make, source) = (|| Ok(pages(text, time)), Source::default());
    sandbox::registry(git).publish_here(&publication(&make, &source), stamp())
}

#[test]
fn pages_come_in_one_commit_that_changes_nothing_else_and_the_same_pages_in_none() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let (before, csv) = (sandbox.tip(), sandbox.csv());
    let published = publish_here(sandbox.library_git(), "one", 1).unwrap();
    assert_eq!(published.changed.len(), 2);
    assert_eq!(sandbox.git(&["rev-parse", &format!("{BRANCH}~1")]), before);
    let changed = sandbox.git(&["diff", "--name-only", &before, BRANCH]);
    assert_eq!(changed, format!("{MD}\n{HTML}"));
    assert_eq!(sandbox.csv(), csv);
    insta::assert_snapshot!(sandbox.git(&["log", "-1", "--format=%B", BRANCH]), @r"
    chore(registry): publish reports of development

    Report: environments/development/latest/BUILD_TIMINGS.md

    Report: environments/development/latest/build_timings.html

    Recorded-By: xtask 0.1.0
    ");
    // Only the time differs.
    let tip = sandbox.tip();
    let again = publish_here(sandbox.library_git(), "one", 2).unwrap();
    assert!(again.changed.is_empty());
    assert_eq!(sandbox.tip(), tip);
    publish_here(sandbox.library_git(), "two", 3).unwrap();
    assert_eq!(sandbox.show(MD), b"two\nmade 3\n");
    sandbox.append("apply-persistent", 2).unwrap();
    assert_eq!(sandbox::rows(&sandbox.csv()), 2);
    assert_eq!(sandbox.show(MD), b"two\nmade 3\n", "an append leaves pages alone");
    sandbox.fsck();
}

#[test]
fn a_page_that_is_replaced_is_no_loss() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    for (n, text) in (1..).zip(["one", "two", "three"]) {
        publish_here(sandbox.library_git(), text, n).unwrap();
        sandbox.append("apply-persistent", n + 1).unwrap();
    }
    let audit = sandbox.registry().audit().unwrap();
    assert_eq!((audit.verdict(), audit.lost.len()), (Verdict::OnlyAppended, 0));
    assert_eq!(sandbox.registry().rows().unwrap().local.unwrap().rows(), 4);
}

#[test]
fn a_branch_without_history_gets_what_its_validator_wants() {
    let sandbox = Sandbox::new();
    let text = "start_time_utc,end_time_utc,phase\n";
    sandbox.seed(&[(
        "100644",
        "environments/development/latest/build_timings.csv",
        text.as_bytes(),
    )]);
    publish_here(sandbox.library_git(), "one", 1).unwrap();
    assert_eq!(sandbox.show("environments/development/history/.gitkeep"), b"");
}

#[test]
fn a_publication_goes_on_top_of_what_the_remote_has() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    a.sync(&[]);
    b.sync(&[row(2)]);
    // `a` has not seen that, and has a row that nobody has seen.
    a.append(3);
    let published = publish(&a, "one", 1);
    assert_eq!((published.changed.len(), published.rows, published.attempts), (2, 1, 1));
    fleet.assert_runs(1..4);
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{MD}")]), "one\nmade 1");
    assert_eq!(a.tip(), fleet.tip());
    // And from a clone that knows nothing of it.
    let tip = fleet.tip();
    assert!(publish(&b, "one", 9).changed.is_empty());
    assert_eq!(fleet.tip(), tip);
    b.sync(&[row(4)]);
    publish(&b, "two", 9);
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{MD}")]), "two\nmade 9");
    fleet.assert_runs(1..5);
}

#[test]
fn who_loses_a_race_makes_its_pages_anew_of_what_the_winner_left() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    a.sync(&[]);
    let made = Cell::new(0);
    let published = try_publish(&a, &PATIENT, &|| {
        // What is there now, while the winner is on its way.
        let seen = a.git(&["show", &format!("origin/{BRANCH}:{}", sandbox::DEV_CSV)]);
        made.set(made.get() + 1);
        if made.get() <= 3 {
            b.sync(&[row(10 + made.get())]);
        }
        Ok(pages(&format!("{} rows", sandbox::rows(&seen)), made.get()))
    })
    .unwrap();
    assert_eq!((published.attempts, made.get()), (4, 4));
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{MD}")]), "4 rows\nmade 4");
    fleet.assert_runs([1, 11, 12, 13]);
    assert_eq!(a.tip(), fleet.tip());
}

#[test]
fn eight_that_publish_and_append_at_once_lose_nothing() {
    let fleet = Fleet::new();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let fleet = &fleet;
            scope.spawn(move || {
                let ship = fleet.clone(&format!("ship-{writer}"));
                for n in (writer * 2)..(writer * 2 + 2) {
                    ship.append(n);
                    publish(&ship, &format!("of {n}"), n);
                }
            });
        }
    });
    fleet.assert_runs(0..16);
}

#[test]
fn a_page_of_this_clone_alone_gives_way_to_rows_and_is_no_change_of_the_users() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    a.sync(&[]);
    a.append(2);
    publish_here(a.registry_git(), "here", 1).unwrap();
    b.sync(&[row(3)]);
    let synced = a.sync(&[row(2)]);
    assert!(matches!(synced.local, LocalBranch::Moved { .. }), "{:?}", synced.local);
    fleet.assert_runs(1..4);
    assert_eq!(a.tip(), fleet.tip());
    b.drain();
}

#[test]
fn changes_of_the_users_are_neither_pushed_nor_dropped() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    a.sync(&[]);
    let mine = a.commit_file(Some(&a.tip()), "UNIFIED_DASHBOARD.md", b"mine\n");
    let published = publish(&a, "one", 1);
    let LocalBranch::Left(LeftAlone::OtherChanges { path }) = published.local else {
        panic!("{:?}", published.local)
    };
    assert_eq!((path.as_str(), a.tip()), ("UNIFIED_DASHBOARD.md", mine));
    assert_eq!(published.changed.len(), 2);
    let names = fleet.git(&["ls-tree", "-r", "--name-only", BRANCH]);
    assert!(names.contains(MD) && !names.contains("UNIFIED"), "{names}");
    fleet.assert_runs([1]);
}

#[test]
fn a_page_that_somebody_wrote_is_theirs() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    publish(&a, "one", 1);
    let tip = fleet.tip();
    let mine = a.commit_file(Some(&a.tip()), MD, b"by hand");
    a.append(2);
    let local = a.tip();
    let synced = a.sync(&[]);
    assert!(
        matches!(synced.local, LocalBranch::Left(LeftAlone::OtherChanges { .. })),
        "{synced:?}"
    );
    assert_eq!((synced.rows, a.tip()), (1, local));
    assert_eq!(fleet.git(&["rev-parse", &format!("{BRANCH}~1")]), tip, "{mine} was pushed");
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{MD}")]), "one\nmade 1");
    fleet.assert_runs(1..3);
}

#[test]
fn a_dirty_work_tree_of_the_branch_is_left_alone() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    a.sync(&[]);
    let linked = fleet.sandbox.path("linked");
    a.git(&["worktree", "add", "-q", path(&linked), BRANCH]);
    std::fs::write(linked.join("README.md"), "mine\n").unwrap();
    let (tip, status) = (a.tip(), fleet.sandbox.git_in(&linked, &["status", "--porcelain"]));
    let published = publish(&a, "one", 1);
    assert!(matches!(published.local, LocalBranch::Left(LeftAlone::Refused(_))), "{published:?}");
    assert_eq!(a.tip(), tip);
    assert_eq!(fleet.sandbox.git_in(&linked, &["status", "--porcelain"]), status);
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{MD}")]), "one\nmade 1");
    // Here there is nothing else to do than to refuse.
    let refused = publish_here(a.registry_git(), "two", 2).unwrap_err().to_string();
    assert!(refused.contains("changes that are not committed"), "{refused}");
    // A clean one shows the pages.
    fleet.sandbox.git_in(&linked, &["checkout", "-q", "README.md"]);
    a.sync(&[]);
    assert_eq!(std::fs::read_to_string(linked.join(MD)).unwrap(), "one\nmade 1\n");
    assert_eq!(fleet.sandbox.git_in(&linked, &["status", "--porcelain"]), "");
}

#[test]
fn what_cannot_be_made_or_pushed_leaves_everything_as_it_was() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    a.sync(&[]);
    let tips = (a.tip(), fleet.tip());
    let failed = try_publish(&a, &SHORT, &|| Err("no rows".to_owned())).unwrap_err().to_string();
    assert_eq!(failed, "the reports cannot be made: no rows; the branch is as it was");
    fleet.hook("pre-receive", "echo not here >&2; exit 1");
    let failed = try_publish(&a, &SHORT, &|| Ok(pages("one", 1))).unwrap_err().to_string();
    assert!(failed.contains("refused the push"), "{failed}");
    assert_eq!((a.tip(), fleet.tip()), tips);
}
