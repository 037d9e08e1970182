//! The branch and its remote, where both mean well.

use timing_core::registry::{LeftAlone, LocalBranch};

use crate::fleet::{Fleet, row};
use crate::sandbox::{BRANCH, DEV_CSV, path};

#[test]
fn two_clones_take_turns() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    for n in 0..6 {
        let ship = if n % 2 == 0 { &a } else { &b };
        ship.append(n);
        let synced = ship.sync(&[row(n)]);
        assert_eq!((synced.rows, synced.attempts), (1, 1));
        assert_eq!(ship.tip(), fleet.tip());
    }
    fleet.assert_runs(0..6);
    assert!(matches!(a.sync(&[]).local, LocalBranch::Moved { from: Some(_) }));
    assert_eq!(a.tip(), fleet.tip());
    let synced = a.sync(&[row(0), row(5)]);
    assert_eq!(synced.rows, 0);
    assert!(matches!(synced.local, LocalBranch::Unchanged));
}

#[test]
fn eight_clones_at_once_lose_nothing() {
    let fleet = Fleet::new();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let fleet = &fleet;
            scope.spawn(move || {
                let ship = fleet.clone(&format!("ship-{writer}"));
                for n in (writer * 4)..(writer * 4 + 4) {
                    ship.append(n);
                    ship.sync(&[row(n)]);
                }
            });
        }
    });
    fleet.assert_runs(0..32);
}

#[test]
fn a_local_branch_that_only_appends_is_pushed_as_it_is() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    a.sync(&[]);
    a.append(2);
    a.append(3);
    let tip = a.tip();
    let synced = a.sync(&[row(2)]);
    assert_eq!((fleet.tip(), synced.rows), (tip, 2));
    // What waits and is not there yet goes on top.
    a.sync(&[row(4)]);
    fleet.assert_runs(1..5);
    assert_eq!(a.tip(), fleet.tip());
}

#[test]
fn with_nothing_anywhere_nothing_happens() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let synced = a.sync(&[]);
    assert_eq!((synced.commit, synced.rows), (None, 0));
    assert_eq!(fleet.branches(), ["main"]);
    assert_eq!(a.git(&["branch", "--list", BRANCH]), "");
}

#[test]
fn a_clone_that_never_had_the_branch_gets_it_with_its_rows_only() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.sync(&[row(1)]);
    assert!(matches!(b.sync(&[]).local, LocalBranch::Unchanged));
    assert_eq!(b.git(&["branch", "--list", BRANCH]), "");
    assert!(matches!(b.sync(&[row(2)]).local, LocalBranch::Moved { from: None }));
    assert_eq!(b.tip(), fleet.tip());
    fleet.assert_runs(1..3);
}

#[test]
fn rows_of_every_generation_are_carried_over_as_they_stand() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    a.sync(&[]);
    b.sync(&[row(2)]);
    let own = "2026-01-01T00:00:00Z,2026-01-01T00:01:00Z,dev,persistent,60,0,a.log\n\
               2026-01-02T00:00:00Z,2026-01-02T00:01:00Z,build,dev,x, 60 ,0,\"A=1 B=2\",b.log\r\n\
               2026-01-03T00:00:00Z,2026-01-03T00:01:00Z,build,dev,y,60,0,1,2,3,https://ci/1\n";
    let base = a.tip();
    let csv = a.git(&["show", &format!("{base}:{DEV_CSV}")]) + "\n" + own;
    a.commit_csv(Some(&base), csv.as_bytes());
    assert_eq!(a.sync(&[row(3)]).rows, 4);
    let bytes =
        fleet.sandbox.git_bytes(&fleet.bare, &["show", &format!("{BRANCH}:{DEV_CSV}")], b"");
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(own), "{text}");
    assert!(text.find("a.log").unwrap() > text.find(crate::sandbox::run(2).as_str()).unwrap());
    fleet.assert_only_appends();
    assert_eq!(a.tip(), fleet.tip());
    assert_eq!(a.sync(&[row(3)]).rows, 0);
    let message = fleet.git(&["log", "-1", "--format=%B", BRANCH]);
    insta::assert_snapshot!(message, @r"
    chore(registry): record apply-persistent for dev build persistent

    apply-persistent took 124 s and ended with exit code 0.
    Resources: +3 ~1 -0
    Log: logs/build-timings/apply-persistent.log

    Rows of other recorders: 3

    Run-Id: 6974da8f00000003
    Recorded-By: xtask 0.1.0
    ");
}

#[test]
fn a_remote_that_was_rewritten_gets_the_rows_it_lacks() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    a.sync(&[]);
    b.sync(&[]);
    b.sync(&[row(2)]);
    a.sync(&[]);
    a.append(3);
    // Somebody takes the second row back by force.
    fleet.git(&["update-ref", &format!("refs/heads/{BRANCH}"), &format!("{BRANCH}~1")]);
    a.sync(&[row(3)]);
    fleet.assert_runs(1..4);
    assert_eq!(a.tip(), fleet.tip());
}

#[test]
fn a_stale_file_that_was_pushed_over_the_rows_loses_none_for_good() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.sync(&[row(1)]);
    let old = a.git(&["show", &format!("{BRANCH}:{DEV_CSV}")]) + "\n";
    a.sync(&[row(2), row(3)]);
    b.sync(&[row(4)]);
    b.commit_csv(Some(&b.tip()), old.as_bytes());
    b.git(&["push", "-q", "origin", BRANCH]);
    // The branch of `a` is an ancestor of the remote's now, and holds what that lost.
    assert_eq!(a.sync(&[]).rows, 2);
    let csv = fleet.csv();
    assert!([1, 2, 3].iter().all(|n| csv.contains(crate::sandbox::run(*n).as_str())), "{csv}");
    // The same file committed here does not travel, either.
    let tip = fleet.tip();
    a.commit_csv(Some(&a.tip()), old.as_bytes());
    assert_eq!(a.sync(&[]).rows, 0);
    assert_eq!((fleet.tip(), a.tip()), (tip.clone(), tip));
}

#[test]
fn a_branch_that_was_deleted_comes_back() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    a.sync(&[]);
    fleet.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    a.sync(&[row(2)]);
    fleet.assert_runs(1..3);
    // Deleted and made anew by another clone, which shares no history with it.
    fleet.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    let b = fleet.clone("b");
    b.append(7);
    b.sync(&[]);
    a.append(3);
    a.sync(&[row(3)]);
    fleet.assert_runs([1, 2, 3, 7]);
    assert_eq!(a.tip(), fleet.tip());
}

#[test]
fn two_branches_that_were_born_apart_become_one() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    b.append(2);
    a.sync(&[]);
    assert_eq!(b.sync(&[]).rows, 1);
    fleet.assert_runs(1..3);
    assert_eq!(b.tip(), fleet.tip());
}

#[test]
fn a_local_branch_that_was_reset_or_deleted_loses_no_row_that_waits() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    a.append(1);
    a.sync(&[]);
    a.append(2);
    a.git(&["update-ref", &format!("refs/heads/{BRANCH}"), &format!("origin/{BRANCH}")]);
    a.sync(&[row(2)]);
    a.append(3);
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    a.sync(&[row(3)]);
    fleet.assert_runs(1..4);
    assert_eq!(a.tip(), fleet.tip());
}

#[test]
fn a_clean_work_tree_comes_along_and_a_dirty_one_is_left_alone() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    a.append(1);
    a.sync(&[]);
    let linked = fleet.sandbox.path("linked");
    a.git(&["worktree", "add", "-q", path(&linked), BRANCH]);
    b.sync(&[row(2)]);
    assert!(matches!(a.sync(&[]).local, LocalBranch::Moved { .. }));
    assert_eq!(fleet.sandbox.git_in(&linked, &["status", "--porcelain"]), "");
    assert_eq!(std::fs::read_to_string(linked.join(DEV_CSV)).unwrap().trim_end(), fleet.csv());

    std::fs::write(linked.join("README.md"), "mine\n").unwrap();
    let before = a.tip();
    let LocalBranch::Left(LeftAlone::Refused(error)) = a.sync(&[row(3)]).local else {
        panic!("the work tree is dirty");
    };
    assert!(error.to_string().contains("not committed"), "{error}");
    assert_eq!(a.tip(), before);
    assert_eq!(std::fs::read_to_string(linked.join("README.md")).unwrap(), "mine\n");
    fleet.assert_runs(1..4);
}

#[test]
fn other_changes_on_the_local_branch_are_neither_pushed_nor_dropped() {
    for diverged in [false, true] {
        let fleet = Fleet::new();
        let (a, b) = (fleet.clone("a"), fleet.clone("b"));
        a.append(1);
        a.sync(&[]);
        if diverged {
            b.sync(&[row(2)]);
        }
        let mine = a.commit_file(Some(&a.tip()), "UNIFIED_DASHBOARD.md", b"mine\n");
        a.append(3);
        let tip = a.tip();
        let LocalBranch::Left(LeftAlone::OtherChanges { path }) = a.sync(&[row(3)]).local else {
            panic!("the branch holds a commit of the user's");
        };
        assert_eq!(path, "UNIFIED_DASHBOARD.md");
        assert_eq!(a.tip(), tip);
        assert_eq!(a.git(&["rev-parse", &format!("{tip}~1")]), mine);
        fleet.assert_runs(if diverged { vec![1, 2, 3] } else { vec![1, 3] });
        let files = fleet.git(&["ls-tree", "-r", "--name-only", BRANCH]);
        assert!(!files.contains("DASHBOARD"), "{files}");
        assert_eq!(a.sync(&[row(3)]).rows, 0);
    }
}

#[test]
fn clones_of_every_kind_synchronise() {
    for (format, options) in [
        ("sha1", ["--depth=1", "--no-single-branch"].as_slice()),
        ("sha1", &["--depth=1"]),
        ("sha1", &["--filter=blob:none", "--no-checkout"]),
        ("sha1", &["--filter=tree:0", "--no-checkout"]),
        ("sha256", &[]),
    ] {
        let fleet = Fleet::with_format(format);
        fleet.git(&["config", "uploadpack.allowFilter", "true"]);
        let whole = fleet.clone("whole");
        for n in 0..4 {
            whole.sync(&[row(n)]);
        }
        let ship = fleet.clone_with("ship", options);
        assert_eq!(ship.sync(&[row(4)]).rows, 1, "{format} {options:?}");
        whole.sync(&[row(5)]);
        ship.append(6);
        assert_eq!(ship.sync(&[row(6)]).rows, 1, "{format} {options:?}");
        fleet.assert_runs(0..7);
        assert_eq!(ship.tip(), fleet.tip());
        assert_eq!(ship.git(&["rev-parse", &format!("origin/{BRANCH}")]), fleet.tip());
    }
}

#[test]
fn nothing_else_of_the_repository_changes() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    b.sync(&[row(1)]);
    // What a plain fetch or push would take along.
    b.git(&["tag", "-m", "one", "v1", BRANCH]);
    b.git(&["checkout", "-q", "-b", "other"]);
    b.git(&["push", "-q", "origin", "other", "v1"]);
    a.git(&["config", "push.followTags", "true"]);
    a.git(&["config", "fetch.prune", "true"]);
    a.git(&["config", "remote.origin.tagOpt", "--tags"]);
    a.git(&["update-ref", "refs/remotes/origin/gone", "main"]);
    a.sync(&[row(3)]);
    assert_eq!(a.git(&["tag"]), "");
    a.append(2);
    a.git(&["tag", "-m", "mine", "mine", BRANCH]);
    let state = || {
        let refs = a.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let refs: Vec<String> =
            refs.lines().filter(|line| !line.contains(BRANCH)).map(str::to_owned).collect();
        let config = std::fs::read_to_string(a.dir.join(".git/config")).unwrap();
        let fetch_head = a.dir.join(".git/FETCH_HEAD").exists();
        let index = std::fs::read(a.dir.join(".git/index")).unwrap();
        (refs, config, fetch_head, index, a.git(&["status", "--porcelain=v2", "--branch"]))
    };
    let before = state();
    assert_eq!(a.sync(&[row(2)]).rows, 1);
    assert_eq!(state(), before);
    assert_eq!(fleet.git(&["tag"]), "v1");
    fleet.assert_runs(1..4);
}
