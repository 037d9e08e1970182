//! What an append puts on the branch, and what it leaves there.

use timing_core::registry::{Batch, Source};

use crate::sandbox::{self, BRANCH, DEV_CSV, Sandbox, path, record, record_in, run, stamp};

#[test]
fn a_branch_that_is_missing_is_made_for_its_validator() {
    let sandbox = Sandbox::new();
    let records = [record("apply-persistent", 1), record("deploy-persistent", 1)];
    let appended = sandbox::append(&sandbox.registry(), &records).unwrap();
    assert_eq!((appended.rows, appended.branch.as_str()), (2, BRANCH));
    assert_eq!(appended.commit.to_string(), sandbox.tip());
    let names = sandbox.git(&["ls-tree", "-r", "--name-only", BRANCH]);
    insta::assert_snapshot!(names, @r"
    README.md
    environments/development/history/.gitkeep
    environments/development/latest/build_timings.csv
    ");
    insta::assert_snapshot!(sandbox.csv(), @r"
    start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,resources_added,resources_changed,resources_destroyed,log_path
    2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,apply-persistent,dev,persistent,124,0,REGION=eu-west-2 RUN=6974da8f00000001,3,1,0,logs/build-timings/apply-persistent.log
    2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,deploy-persistent,dev,persistent,124,0,REGION=eu-west-2 RUN=6974da8f00000001,3,1,0,logs/build-timings/deploy-persistent.log
    ");
    insta::assert_snapshot!(String::from_utf8(sandbox.show("README.md")).unwrap(), @"
    # Governance registry

    This branch holds records, not source code; it shares no history with the other branches.
    `environments/<environment>/latest/build_timings.csv` has one row for each phase of a deployment
    that ended, `budget_measurements.csv` beside it one for each value that was measured for a budget;
    both only ever grow. `environments/<environment>/history/` has the stages and resources of each run. Commits come from `cargo xtask`; please do not edit by hand.
    ");
    // It is an orphan: nothing of the deployed repository is below it.
    assert_eq!(sandbox.git(&["rev-list", "--count", BRANCH]), "1");
    sandbox.fsck();
}

#[test]
fn the_commit_is_the_recorders_and_dated_by_its_clock() {
    let sandbox = Sandbox::new();
    sandbox.append("apply-persistent", 1).unwrap();
    let shown = sandbox.git(&["log", "-1", "--format=%an|%ae|%ad|%cn|%ce|%cd", BRANCH]);
    insta::assert_snapshot!(shown, @"xtask timing recorder|xtask@localhost|Sat Jan 24 14:43:27 2026 +0000|xtask timing recorder|xtask@localhost|Sat Jan 24 14:43:27 2026 +0000");
    let reflog = sandbox.git(&["reflog", "show", "--format=%gs|%gn", BRANCH]);
    insta::assert_snapshot!(reflog, @"chore(registry): record apply-persistent for dev build persistent|xtask timing recorder");
}

#[test]
fn trailers_are_read_back_by_git_whatever_the_branch_is_called() {
    let sandbox = Sandbox::new();
    let branch = "feature/x\nRun-Id: forged\u{2028}ü";
    let sha = sandbox.git(&["rev-parse", "HEAD"]);
    let source = Source { sha: Some(sha.parse().unwrap()), branch: Some(branch.to_owned()) };
    let records = [record("apply-persistent", 1)];
    let batch = Batch {
        outermost: Some(&records[0]),
        additions: &[records[0].clone().into()],
        source: &source,
        recorder: "xtask 0.1.0",
    };
    sandbox.registry().append(&batch, stamp()).unwrap();
    let trailers = sandbox.git(&["log", "-1", "--format=%(trailers:only)", BRANCH]);
    assert_eq!(
        trailers,
        format!(
            "Source-Sha: {sha}\nSource-Branch: feature/x?Run-Id: forged?ü\n\
             Run-Id: {}\nRecorded-By: xtask 0.1.0",
            run(1)
        )
    );
}

#[test]
fn the_remote_tracking_branch_is_what_a_missing_branch_starts_from() {
    let upstream = Sandbox::new();
    upstream.append("apply-persistent", 1).unwrap();
    let clone = Sandbox::empty();
    clone.git_in(&clone.path("."), &["clone", "-q", path(&upstream.repo), path(&clone.repo)]);
    let appended = clone.append("teardown-persistent", 2).unwrap();
    assert_eq!(appended.rows, 1);
    assert_eq!(clone.git(&["rev-parse", &format!("{BRANCH}^")]), upstream.tip());
    assert!(clone.csv().starts_with(&upstream.csv()));
    assert_eq!(sandbox::rows(&clone.csv()), 2);
}

#[test]
fn what_upstream_has_already_needs_no_branch() {
    let upstream = Sandbox::new();
    upstream.append("apply-persistent", 1).unwrap();
    let clone = Sandbox::empty();
    clone.git_in(&clone.path("."), &["clone", "-q", path(&upstream.repo), path(&clone.repo)]);
    let appended = clone.append("apply-persistent", 1).unwrap();
    assert_eq!((appended.rows, appended.commit.to_string()), (0, upstream.tip()));
    assert_eq!(clone.git(&["branch", "--list", BRANCH]), "");
}

#[test]
fn not_one_earlier_byte_changes() {
    // Nine columns, CRLF, a lone CR, quotes, bytes that are no UTF-8, no line end at the end.
    let old: &[u8] = b"start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,\
        flags,log_path\r\n\xef\xbb\xbf2025,x,\"a,b\",\xff\xfe,\r, 0 ,1,\"A=1 B=2\",x\r\n\n2025-01-15,last";
    for old in [old, b"x\n", b"\n", b"", b"\0"] {
        let sandbox = Sandbox::new();
        sandbox.seed(&[("100755", DEV_CSV, old)]);
        sandbox.append("apply-persistent", 1).unwrap();
        let new = sandbox.show(DEV_CSV);
        assert_eq!(&new[..old.len()], old);
        let tail = String::from_utf8_lossy(&new[old.len()..]).into_owned();
        let last = tail.lines().last().unwrap();
        assert!(last.starts_with("2026-01-24T14:43:27Z,"), "{tail:?}");
        // The mode is the file's own, odd as it is.
        assert!(
            sandbox.entries(BRANCH).iter().any(|e| e.starts_with("100755") && e.ends_with(DEV_CSV))
        );
        sandbox.fsck();
    }
}

#[test]
fn everything_else_on_the_branch_is_kept() {
    let sandbox = Sandbox::new();
    let blob = sandbox.git(&["rev-parse", "HEAD:file.txt"]);
    let commit = sandbox.git(&["rev-parse", "HEAD"]);
    let mut lines = Vec::new();
    for (mode, id, name) in [
        ("100755", &blob, b"environments/staging/latest/run.sh".as_slice()),
        ("120000", &blob, b"environments/development/latest/link"),
        ("160000", &commit, b"backstage-catalog/module"),
        ("100644", &blob, b"environments/development/latest/caf\xe9 \t\n.md"),
        ("100644", &blob, b"environments/development-2/latest/x"),
        ("100644", &blob, b"environments/development.md/latest/x"),
        ("100644", &blob, b"UNIFIED_DASHBOARD.md"),
    ] {
        lines.extend(format!("{mode} {id} 0\t").into_bytes());
        lines.extend(name);
        lines.push(0);
    }
    let old = sandbox.seed_lines(&lines);
    let before = sandbox.entries(&old);
    sandbox.append("apply-persistent", 1).unwrap();
    let after = sandbox.entries(BRANCH);
    assert!(before.iter().all(|entry| after.contains(entry)), "{before:#?}\n{after:#?}");
    let new: Vec<&String> = after.iter().filter(|entry| !before.contains(entry)).collect();
    // Its rows and its history; no README, which only a new branch gets.
    assert_eq!(new.len(), 2, "{new:#?}");
    sandbox.fsck();
}

#[test]
fn several_environments_go_into_one_commit() {
    let sandbox = Sandbox::new();
    let records = ["dev", "staging", "local"].map(|e| record_in(e, "apply-persistent", 1));
    assert_eq!(sandbox::append(&sandbox.registry(), &records).unwrap().rows, 3);
    assert_eq!(sandbox.git(&["rev-list", "--count", BRANCH]), "1");
    for directory in ["development", "staging", "local"] {
        let csv = sandbox.show(&format!("environments/{directory}/latest/build_timings.csv"));
        assert_eq!(sandbox::rows(std::str::from_utf8(&csv).unwrap()), 1);
    }
    sandbox.fsck();
}

#[test]
fn the_same_rows_again_change_nothing() {
    let sandbox = Sandbox::new();
    let first = [record("apply-persistent", 1)];
    let both = [record("apply-persistent", 1), record("deploy-persistent", 1)];
    let registry = sandbox.registry();
    let once = sandbox::append(&registry, &first).unwrap();
    let again = sandbox::append(&registry, &first).unwrap();
    assert_eq!((again.rows, again.commit), (0, once.commit));
    // Half of a batch that is there already is not written twice.
    let rest = sandbox::append(&registry, &both).unwrap();
    assert_eq!(rest.rows, 1);
    assert!(!sandbox.git(&["log", "-1", "--format=%b", BRANCH]).contains("apply-persistent took"));
    // Another run of the same phase is another row, whose id only begins alike.
    assert_eq!(sandbox.append("apply-persistent", 2).unwrap().rows, 1);
    assert_eq!(sandbox::rows(&sandbox.csv()), 3);
}

#[test]
fn a_text_that_only_mentions_the_run_is_no_row_of_it() {
    let sandbox = Sandbox::new();
    let id = run(1);
    let old = format!(
        "x\na,b,apply-persistent,d,e,1,0,XRUN={id},0,0,0,l\n\
         a,b,apply-persistent,d,e,1,0,RUN={id}0,0,0,0,l\nRUN={id}"
    );
    sandbox.seed(&[("100644", DEV_CSV, old.as_bytes())]);
    assert_eq!(sandbox.append("apply-persistent", 1).unwrap().rows, 1);
}

#[test]
fn a_sha256_repository_gets_sha256_objects() {
    let sandbox = Sandbox::with_format("sha256");
    for n in 0..2 {
        assert_eq!(sandbox.append("apply-persistent", n).unwrap().commit.to_string().len(), 64);
    }
    assert_eq!(sandbox::rows(&sandbox.csv()), 2);
    sandbox.fsck();
}

#[test]
fn objects_of_every_length_of_header_are_read_by_git() {
    // Lengths around the steps of a pack's length encoding and of zlib's stored blocks.
    for length in [15, 16, 2047, 2048, 65_535, 65_536, 300_000] {
        let sandbox = Sandbox::new();
        let old = vec![b'x'; length];
        sandbox.seed(&[("100644", DEV_CSV, &old)]);
        sandbox.append("apply-persistent", 1).unwrap();
        assert!(sandbox.show(DEV_CSV).starts_with(&old));
        sandbox.fsck();
    }
}

#[test]
fn another_kind_of_thing_in_the_way_is_named_and_left_alone() {
    let cases: [(&str, &str); 4] = [
        ("120000", "environments"),
        ("100644", "environments/development"),
        ("120000", DEV_CSV),
        ("100644", "environments/development/latest/build_timings.csv/below"),
    ];
    let mut told = Vec::new();
    for (mode, name) in cases {
        let sandbox = Sandbox::new();
        sandbox.seed(&[(mode, name, b"elsewhere")]);
        let tip = sandbox.tip();
        told.push(sandbox.append("apply-persistent", 1).unwrap_err().to_string());
        assert_eq!(sandbox.tip(), tip);
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    "environments" on the registry's branch is a symbolic link where a directory belongs; put that right on the branch
    "environments/development" on the registry's branch is a file where a directory belongs; put that right on the branch
    "environments/development/latest/build_timings.csv" on the registry's branch is a symbolic link where a file belongs; put that right on the branch
    "environments/development/latest/build_timings.csv" on the registry's branch is a directory where a file belongs; put that right on the branch
    "#);
}

#[test]
fn a_long_file_is_stored_as_a_short_one_is() {
    for format in ["sha1", "sha256"] {
        let sandbox = Sandbox::with_format(format);
        let old = "x,y\n".repeat(400_000);
        sandbox.seed(&[("100644", DEV_CSV, old.as_bytes())]);
        let records = [record("apply-persistent", 1), record_in("staging", "apply-persistent", 1)];
        assert_eq!(sandbox::append(&sandbox.registry(), &records).unwrap().rows, 2);
        let new = sandbox.csv();
        assert_eq!(new.strip_prefix(&old).unwrap().lines().count(), 1);
        // What is there already is stored again by nobody.
        assert_eq!(sandbox::append(&sandbox.registry(), &records).unwrap().rows, 0);
        sandbox.fsck();
    }
}
