//! What an audit proves of a history, and what it says where it cannot.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use timing_core::git::TimeOuts;
use timing_core::registry::audit::{Kind, Removal};
use timing_core::registry::{Audit, AuditError, Verdict};

use crate::sandbox::{BRANCH, DEV_CSV, Sandbox, path};
use crate::story::{Deed, HEADER, Story, csv, lost, row, told};

const STAGING_CSV: &str = "environments/staging/latest/build_timings.csv";

fn audit(story: &Story) -> Audit {
    story.told().registry().audit().unwrap()
}

#[test]
fn a_history_that_only_appended_is_proved() {
    for format in ["sha1", "sha256"] {
        let sandbox = Sandbox::with_format(format);
        Story::line(&[&csv(0..3), &csv(0..4), &csv(0..9)]).tell_in(&sandbox);
        for n in 1..4 {
            sandbox.append("apply-persistent", n).unwrap();
        }
        let audit = sandbox.registry().audit().unwrap();
        assert_eq!((told(&audit).as_str(), audit.verdict()), ("", Verdict::OnlyAppended));
        assert_eq!((audit.commits, audit.lost.len()), (6, 0));
        assert_eq!(audit.tip.to_string(), sandbox.tip());
        assert_eq!(audit.reference, format!("refs/heads/{BRANCH}"));
    }
}

#[test]
fn a_last_line_that_had_no_end_gets_one() {
    let audit = audit(&Story::line(&[csv(0..3).trim_end(), &csv(0..4)]));
    assert_eq!(told(&audit), "");
}

#[test]
fn a_stale_file_over_the_rows_is_found() {
    let stale = format!("{}{}", csv(0..2), row(9));
    let audit = audit(&Story::line(&[&csv(0..2), &csv(0..5), &stale]));
    insta::assert_snapshot!(told(&audit), @"version 3 | Author 3 <a3@example.org> | 2026-01-21T12:53:23Z | environments/development/latest/build_timings.csv | 3 rows removed (the file was overwritten)");
    assert_eq!(audit.verdict(), Verdict::Broken);
    let Kind::Removed { how: Removal::Overwritten, rows } = &audit.findings[0].kind else {
        panic!()
    };
    let shown: Vec<(usize, String)> =
        rows.first.iter().map(|row| (row.line, format!("{}\n", row.text))).collect();
    assert_eq!(shown, [(4, row(2)), (5, row(3)), (6, row(4))]);
    let expected = [2, 3, 4].map(|n| (row(n), "version 2", "version 3"));
    assert_eq!(lost(&audit), expected);
}

#[test]
fn truncation_edit_reorder_and_insertion_are_told_apart() {
    let swapped = csv([0, 2, 1, 3, 4]);
    let edited = swapped.replace(",255,", ",0,");
    let inserted = edited.replace(&row(3), &format!("{}{}", row(7), row(3)));
    let cut = inserted.replace(&row(4), "");
    let audit = audit(&Story::line(&[&csv(0..5), &swapped, &edited, &inserted, &cut]));
    let kinds: Vec<String> = audit.findings.iter().map(|found| found.kind.to_string()).collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    1 row reordered
    1 row edited in place
    1 row inserted before others
    1 row removed (the file was cut short)
    ");
    let Kind::Edited { before, after } = &audit.findings[1].kind else { panic!() };
    assert!(before.first[0].text.contains(",255,") && after.first[0].text.contains(",0,"));
    // An edited row is still there; the one that was cut off is not.
    assert_eq!(lost(&audit), [(row(4), "version 1", "version 5")]);
}

#[test]
fn a_file_that_was_deleted_and_made_anew() {
    let mut story = Story::default();
    let first = story.csv(&[], "first", &csv(0..3));
    let gone = story.commit(&[first], "gone", &[Deed::Delete("environments/development")]);
    story.csv(&[gone], "anew", &csv(2..5));
    let audit = audit(&story);
    insta::assert_snapshot!(told(&audit), @"gone | Author 2 <a2@example.org> | 2026-01-21T12:53:22Z | environments/development/latest/build_timings.csv | 3 rows removed (the file was deleted)");
    assert_eq!(lost(&audit), [0, 1].map(|n| (row(n), "first", "gone")));
}

#[test]
fn a_link_or_a_mode_in_its_place() {
    let mut story = Story::default();
    let first = story.csv(&[], "first", &csv(0..2));
    let both = csv(0..2);
    let mode = Deed::WriteMode("100755", DEV_CSV, both.as_bytes());
    let mode = story.commit(&[first], "mode", &[mode]);
    story.commit(&[mode], "link", &[Deed::WriteMode("120000", DEV_CSV, b"elsewhere")]);
    let audit = audit(&story);
    let kinds: Vec<String> = audit.findings.iter().map(|found| found.kind.to_string()).collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    mode changed from 100644 to 100755
    became something of mode 120000, no file
    2 rows removed (the file was deleted)
    ");
    assert_eq!(audit.lost.len(), 2);
}

#[test]
fn a_merge_of_two_sides_that_appended_is_sound_and_one_that_drops_a_side_is_not() {
    for (merged, verdict, dropped) in [
        (csv([0, 1, 2]), Verdict::OnlyAppended, None),
        (csv([0, 2, 1]), Verdict::OnlyAppended, None),
        (csv([0, 1]), Verdict::Broken, Some(2)),
        (csv([0, 2]), Verdict::Broken, Some(1)),
    ] {
        let mut story = Story::default();
        let base = story.csv(&[], "base", &csv([0]));
        let ours = story.csv(&[base], "ours", &csv([0, 1]));
        let theirs = story.csv(&[base], "theirs", &csv([0, 2]));
        let merge = story.csv(&[ours, theirs], "merge", &merged);
        story.csv(&[merge], "after", &format!("{merged}{}", row(8)));
        let audit = audit(&story);
        assert_eq!(audit.verdict(), verdict, "{}", told(&audit));
        let side = if dropped == Some(1) { "ours" } else { "theirs" };
        let expected: Vec<_> = dropped.into_iter().map(|n| (row(n), side, "merge")).collect();
        assert_eq!(lost(&audit), expected);
    }
}

#[test]
fn a_merge_that_changes_the_order_of_both_sides_is_found() {
    let mut story = Story::default();
    let base = story.csv(&[], "base", &csv([0, 9]));
    let ours = story.csv(&[base], "ours", &csv([0, 9, 1]));
    let theirs = story.csv(&[base], "theirs", &csv([0, 9, 2]));
    story.csv(&[ours, theirs], "merge", &csv([0, 1, 2, 9]));
    let audit = audit(&story);
    assert!(audit.findings.iter().any(|found| matches!(found.kind, Kind::Reordered { .. })));
    assert_eq!((audit.verdict(), audit.lost.len()), (Verdict::Broken, 0));
}

#[test]
fn another_spelling_is_no_loss() {
    let plain = csv(0..6);
    let quoted = plain.replace(",dev,", ", \"dev\" ,");
    let crlf = quoted.replace('\n', "\r\n");
    let unended = crlf.trim_end().to_owned();
    let header = unended.replace("log_path", "log");
    let audit = audit(&Story::line(&[&plain, &quoted, &crlf, &unended, &header]));
    let kinds: Vec<String> = audit.findings.iter().map(|found| found.kind.to_string()).collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    6 rows respelled
    line ends, blank lines or header respelled
    line ends, blank lines or header respelled
    line ends, blank lines or header respelled
    ");
    assert_eq!((audit.verdict(), audit.lost.len()), (Verdict::OnlyAppended, 0));
}

#[test]
fn environments_are_told_apart_and_a_row_that_moved_is_not_lost() {
    let mut story = Story::default();
    let (four, two) = (csv(0..4), csv(4..6));
    let first = [Deed::Write(DEV_CSV, four.as_bytes()), Deed::Write(STAGING_CSV, two.as_bytes())];
    let first = story.commit(&[], "first", &first);
    let (old, rest, one) = (csv(0..2), csv(2..4), csv(4..5));
    let compact = story.commit(
        &[first],
        "compact",
        &[
            Deed::Write("environments/development/history/2026/old.csv", old.as_bytes()),
            Deed::Write(DEV_CSV, rest.as_bytes()),
        ],
    );
    story.commit(&[compact], "staging", &[Deed::Write(STAGING_CSV, one.as_bytes())]);
    let audit = audit(&story);
    let paths: Vec<(&str, String)> =
        audit.findings.iter().map(|found| (&*found.path, found.kind.to_string())).collect();
    assert_eq!(
        paths,
        [
            (DEV_CSV, "2 rows removed (the file was overwritten)".to_owned()),
            (STAGING_CSV, "1 row removed (the file was cut short)".to_owned()),
        ]
    );
    assert_eq!(lost(&audit), [(row(5), "first", "staging")]);
    assert_eq!(audit.lost[0].path, STAGING_CSV);
}

#[test]
fn identical_rows_are_counted() {
    let twice = format!("{}{}", csv(0..2), row(0));
    assert_eq!(told(&audit(&Story::line(&[&csv(0..2), &twice]))), "");
    let audit = audit(&Story::line(&[&twice, &csv(0..2)]));
    assert_eq!(lost(&audit), [(row(0), "version 1", "version 2")]);
}

#[test]
fn garbage_is_compared_as_text() {
    let torn = format!("{HEADER}half a l\n{}", row(0));
    let audit = audit(&Story::line(&[&torn, &csv(0..1)]));
    assert_eq!(lost(&audit), [("half a l\n".to_owned(), "version 1", "version 2")]);
    assert_eq!(audit.lost[0].identity, None);
}

#[test]
fn a_branch_that_was_rewound_is_found_while_the_reflog_remembers() {
    let sandbox = Story::line(&[&csv(0..2), &csv(0..5)]).told();
    let before = sandbox.tip();
    let mut other = Story::default();
    other.csv(&[], "a new root", &csv([0, 9]));
    other.tell_in(&sandbox);
    let new = sandbox.tip();
    let branch = format!("refs/heads/{BRANCH}");
    sandbox.git(&["update-ref", "--create-reflog", &branch, &before]);
    sandbox.git(&["update-ref", &branch, &new]);
    sandbox.append("apply-persistent", 1).unwrap();
    let audit = sandbox.registry().audit().unwrap();
    insta::assert_snapshot!(told(&audit), @"a new root | Author 1 <a1@example.org> | 2026-01-21T12:53:21Z | environments/development/latest/build_timings.csv | 4 rows removed (the branch was moved to a history without them)");
    assert_eq!(audit.findings[0].parent.unwrap().to_string(), before);
    assert_eq!(lost(&audit), [1, 2, 3, 4].map(|n| (row(n), "version 2", "a new root")));
    assert_eq!(audit.commits, 2);
}

#[test]
fn a_branch_whose_rows_were_put_on_top_of_another_history_is_sound() {
    let sandbox = Story::line(&[&csv(0..2), &csv(0..3)]).told();
    let before = sandbox.tip();
    let mut other = Story::default();
    let root = other.csv(&[], "theirs", &csv([0, 1, 9]));
    other.csv(&[root], "ours again", &csv([0, 1, 9, 2]));
    other.tell_in(&sandbox);
    let new = sandbox.tip();
    let branch = format!("refs/heads/{BRANCH}");
    sandbox.git(&["update-ref", "--create-reflog", &branch, &before]);
    sandbox.git(&["update-ref", &branch, &new]);
    let audit = sandbox.registry().audit().unwrap();
    assert_eq!((told(&audit).as_str(), audit.verdict()), ("", Verdict::OnlyAppended));
}

/// A clone without a branch of its own.
fn clone(upstream: &Sandbox, options: &[&str]) -> Sandbox {
    upstream.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Sandbox::empty();
    let url = format!("file://{}", path(&upstream.repo));
    let args =
        [&["clone", "-q", "--no-single-branch"], options, &[&url, path(&clone.repo)]].concat();
    clone.git_in(&clone.path("."), &args);
    clone
}

#[test]
fn a_shallow_clone_says_where_it_ends() {
    let upstream =
        Story::line(&[&csv(0..4), &csv(0..2), &csv(0..3), &csv(0..3).replace(",dev,", ",x,")])
            .told();
    let shallow = clone(&upstream, &["--depth=2"]);
    let audit = shallow.registry().audit().unwrap();
    assert_eq!(audit.reference, format!("refs/remotes/origin/{BRANCH}"));
    let ends: Vec<&str> = audit.boundaries.iter().map(|commit| &*commit.subject).collect();
    assert_eq!((audit.commits, ends), (2, vec!["version 3"]));
    assert_eq!(audit.verdict(), Verdict::Broken);
    // The rows that went before the clone begins are not guessed.
    assert_eq!(audit.lost.len(), 3);

    let sound = Story::line(&[&csv(0..1), &csv(0..2), &csv(0..3)]).told();
    let verdict = |options: &[&str]| clone(&sound, options).registry().audit().unwrap().verdict();
    assert_eq!(verdict(&["--depth=2"]), Verdict::Incomplete);
    assert_eq!(verdict(&["--depth=3"]), Verdict::OnlyAppended);
    assert_eq!(verdict(&[]), Verdict::OnlyAppended);
}

#[test]
fn a_partial_clone_says_which_objects_it_lacks() {
    let upstream = Story::line(&[&csv(0..3), &csv(0..2), &csv(0..4)]).told();
    let partial = clone(&upstream, &["--filter=blob:none"]);
    let audit = partial.registry().audit().unwrap();
    assert_eq!((audit.verdict(), audit.lost.len()), (Verdict::Incomplete, 0));
    let object = |n: usize| upstream.git(&["rev-parse", &format!("{BRANCH}~{}:{DEV_CSV}", 2 - n)]);
    let said: Vec<String> = audit.findings.iter().map(|found| found.kind.to_string()).collect();
    let expected = [0, 1, 2].map(|n| format!("object {} is not in this clone", object(n)));
    assert_eq!(said, expected);
}

#[test]
fn a_directory_that_is_damaged_is_an_error_and_no_proof() {
    let sandbox = Story::line(&[&csv(0..1), &csv(0..2)]).told();
    sandbox.append("apply-persistent", 1).unwrap();
    let tree = sandbox.git(&["rev-parse", &format!("{BRANCH}:environments")]);
    let object = sandbox.repo.join(".git/objects").join(&tree[..2]).join(&tree[2..]);
    std::fs::remove_file(object).unwrap();
    let error = sandbox.registry().audit().unwrap_err();
    assert!(matches!(error, AuditError::Git(_)), "{error}");
    assert!(error.to_string().contains(&tree), "{error}");
}

#[test]
fn without_a_branch_there_is_nothing_to_audit() {
    let error = Sandbox::new().registry().audit().unwrap_err();
    insta::assert_snapshot!(error, @"there is no branch governance-registry to audit, neither here nor as it was last fetched from origin; run `git fetch origin governance-registry`, or record a first run");
}

#[test]
fn the_users_configuration_and_directory_change_nothing() {
    let sandbox = Story::line(&[&csv(0..3), &csv(0..2)]).told();
    for (key, value) in [
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("diff.noprefix", "true"),
        ("log.showSignature", "true"),
        ("log.follow", "true"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("core.commitGraph", "false"),
        ("log.excludeDecoration", "*"),
    ] {
        sandbox.git(&["config", key, value]);
    }
    sandbox.write("below/file", "");
    let registry =
        crate::sandbox::registry(sandbox.library_git().in_dir(sandbox.repo.join("below")));
    let audit = registry.audit().unwrap();
    assert_eq!(lost(&audit), [(row(2), "version 1", "version 2")]);
    assert_eq!(told(&audit), told(&sandbox.registry().audit().unwrap()));
}

/// An audit with a git that does `instead` when its arguments hold `word`.
fn audit_with(word: &str, instead: &str) -> String {
    let sandbox = Story::line(&[&csv(0..3), &csv(0..2)]).told();
    let program = sandbox.path("git");
    let script = format!("#!/bin/sh\ncase \"$*\" in *{word}*) {instead};; esac\nexec git \"$@\"\n");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let time_outs = TimeOuts { local: Duration::from_secs(2) };
    let git = sandbox.library_git().with_program(&program).with_time_outs(time_outs);
    let before = Instant::now();
    let error = crate::sandbox::registry(git).audit().unwrap_err().to_string();
    assert!(before.elapsed() < Duration::from_secs(15), "{:?}", before.elapsed());
    error
}

#[test]
fn a_git_that_falls_silent_or_dies_or_raves_is_no_proof() {
    let told = [
        audit_with("diff-tree", "sleep 60"),
        audit_with("diff-tree", "echo no such tree >&2; exit 3"),
        audit_with("diff-tree", "exit 0"),
        audit_with("--buffer", "kill -9 $$"),
        audit_with("--buffer", "echo raving; exit 0"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    comparing commits of the registry's branch: git did not end within 2s and was stopped
    comparing commits of the registry's branch: git failed with 3: no such tree
    comparing commits of the registry's branch: git answered in a way that makes no sense: ""
    reading the files of the registry's branch: git was killed: it did not say why
    reading the files of the registry's branch: git answered in a way that makes no sense: raving
    "#);
}
