//! `registry.push`, on a workstation and in CI.

use super::{UNSEEN, scene};
use crate::support::{BRANCH, Scene};

fn inboxes(scene: &Scene) -> Vec<String> {
    let branches = scene.branches_in(&scene.origin());
    branches.into_iter().filter(|name| name.starts_with("timing-inbox/")).collect()
}

#[test]
fn never_sends_nothing_and_nothing_waits() {
    let scene = scene("never");
    for call in [scene.calling(&["apply-persistent"]), scene.in_ci(&["apply-persistent"])] {
        let run = call.run().exits(7);
        assert!(!run.stderr.contains(UNSEEN) && run.warnings().is_empty(), "{}", run.stderr);
    }
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert_eq!((scene.rows().len(), scene.waiting().len()), (2, 0));
    assert_eq!(scene.branches_in(&scene.origin()), ["main"]);
    assert_eq!(scene.sync_log(), "");
}

#[test]
fn by_default_a_workstation_sends_nothing_and_says_so_in_one_line() {
    for scene in [scene("ci"), Scene::new().step("apply", &["bash", "-c", "exit 7"]).with_origin()]
    {
        for (n, rows) in [(1, "1 row"), (2, "2 rows")] {
            let run = scene.xtask(&["apply-persistent"]).exits(7);
            let lines: Vec<&str> =
                run.stderr.lines().filter(|line| line.contains(UNSEEN)).collect();
            let [line] = lines[..] else { panic!("{}", run.stderr) };
            assert!(line.starts_with(&format!("{rows} of this clone {UNSEEN}: ")), "{line}");
            assert!(line.contains("\"inbox\" or \"always\" in xtask.toml"), "{line}");
            assert_eq!((scene.rows().len(), scene.waiting().len()), (n, n));
        }
        assert_eq!(scene.branches_in(&scene.origin()), ["main"]);
        assert_eq!(scene.sync_log(), "", "nothing goes on in the background");
    }
}

#[test]
fn without_a_remote_there_is_nobody_to_be_told_of() {
    for push in ["ci", "inbox", "always"] {
        let scene = super::without_origin(push);
        for call in [scene.calling(&["apply-persistent"]), scene.in_ci(&["apply-persistent"])] {
            let run = call.run().exits(7);
            assert!(!run.stderr.contains(UNSEEN) && run.warnings().is_empty(), "{}", run.stderr);
        }
        assert_eq!((scene.rows().len(), scene.waiting().len()), (2, 0), "{push}");
        assert_eq!(scene.sync_log(), "", "{push}");
    }
}

#[test]
fn ci_sends_at_once_whatever_the_policy_but_never() {
    for push in ["ci", "inbox", "always"] {
        let scene = scene(push);
        // What the workstation would have kept goes along.
        let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
        assert!(run.stderr.contains("origin lacked 1 row"), "{push}: {}", run.stderr);
        assert_eq!(scene.rows_at_origin(), scene.rows(), "{push}");
        assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 0), "{push}");
        assert_eq!(scene.branches_in(&scene.origin()), [BRANCH, "main"], "{push}");
        assert_eq!(scene.sync_log(), "", "{push}: a background process would die with the job");
    }
}

#[test]
fn in_ci_a_phase_that_someone_else_timed_is_sent_too() {
    let scene = scene("ci");
    let said = [
        "record",
        "--phase=build",
        "--build-id=24-01-26-03",
        "--env=dev",
        "--start=2026-01-24T14:43:27Z",
        "--duration=90s",
        "--exit-code=0",
    ];
    let kept = scene.xtask(&said).exits(0);
    assert!(kept.stderr.contains(UNSEEN), "{}", kept.stderr);
    assert_eq!(scene.branches_in(&scene.origin()), ["main"]);
    // What is on the branch already is sent all the same.
    scene.in_ci(&said).run().exits(0);
    assert_eq!(scene.rows_at_origin(), scene.rows());
    let mut other = said;
    other[1] = "--phase=helm";
    scene.in_ci(&other).run().exits(0);
    assert_eq!(scene.rows_at_origin(), scene.rows());
    assert_eq!((scene.rows().len(), scene.waiting().len()), (2, 0));
}

#[test]
fn ci_is_what_the_variable_says() {
    for (value, is_ci) in [("1", true), ("false", false), ("", false), ("0", false)] {
        let scene = scene("ci");
        scene.calling(&["apply-persistent"]).env("CI", value).run().exits(7);
        assert_eq!(scene.rows_at_origin().len(), usize::from(is_ci), "CI={value}");
    }
}

#[test]
fn always_sends_in_the_background() {
    let scene = scene("always");
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    assert!(run.stderr.contains("1 row on the way to origin in the background"), "{}", run.stderr);
    scene.wait_for_syncs(1);
    assert_eq!(scene.rows_at_origin(), scene.rows());
    assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 0));
    scene.only_appended_in(&scene.origin());
}

#[test]
fn inbox_sends_to_a_branch_of_its_own_in_the_background() {
    let scene = scene("inbox");
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.wait_for_syncs(1);
    assert_eq!(inboxes(&scene).len(), 1, "{}", scene.sync_log());
    assert_eq!(scene.rows_at_origin(), [], "the registry itself is left to CI");
    assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 0));
}

#[test]
fn a_policy_that_is_changed_sends_what_has_waited() {
    let scene = scene("ci");
    scene.xtask(&["apply-persistent"]).exits(7);
    let run = scene.xtask(&["registry", "sync"]).exits(0);
    assert!(run.stdout.contains(UNSEEN), "{}", run.stdout);
    assert_eq!(scene.rows_at_origin(), []);
    let scene = scene.config("[registry]\npush = \"always\"");
    let run = scene.xtask(&["registry", "sync"]).exits(0);
    assert!(run.stdout.ends_with("\norigin lacked 1 row\n"), "{}", run.stdout);
    assert_eq!((scene.rows_at_origin(), scene.waiting()), (scene.rows(), vec![]));
}

#[test]
fn branch_and_remote_of_other_names() {
    let scene = scene("always");
    scene.git(&["remote", "rename", "origin", "upstream"]);
    let call = scene.in_ci(&["apply-persistent"]);
    let call = call.env("GOVERNANCE_REGISTRY_REMOTE", "upstream");
    call.env("GOVERNANCE_REGISTRY_BRANCH", "records").run().exits(7);
    assert_eq!(scene.branches_in(&scene.origin()), ["main", "records"]);
    assert!(scene.recordings().is_empty() && scene.waiting().is_empty());
}
