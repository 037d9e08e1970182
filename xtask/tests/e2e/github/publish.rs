//! `report --format markdown` and `registry publish-report`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{BRANCH, Scene};

const MD: &str = "environments/development/latest/BUILD_TIMINGS.md";
const HTML: &str = "environments/development/latest/build_timings.html";

fn scene() -> Scene {
    Scene::new().step("apply", &["sh", "-c", "exit 7"]).committed().with_origin()
}

/// The rules of the branch's validator, by the contract's text: what it would say of `repository`'s.
fn validated(scene: &Scene, repository: &Path) -> Vec<String> {
    let mut said = Vec::new();
    let git = |arguments: &[&str]| scene.git_in(repository, arguments);
    let root =
        ["environments", "backstage-catalog", "UNIFIED_DASHBOARD.md", "README.md", ".github"];
    for name in git(&["ls-tree", "--name-only", BRANCH]).lines() {
        if !root.contains(&name) {
            said.push(format!("{name} in the root"));
        }
    }
    for line in git(&["ls-tree", &format!("{BRANCH}:environments")]).lines() {
        let (kind, name) = line.split_once('\t').unwrap();
        if !kind.contains(" tree ") {
            said.push(format!("{name} is no directory"));
            continue;
        }
        let inside = git(&["ls-tree", "--name-only", &format!("{BRANCH}:environments/{name}")]);
        for needed in ["latest", "history"] {
            if !inside.lines().any(|line| line == needed) {
                said.push(format!("{name} lacks {needed}"));
            }
        }
    }
    for path in git(&["ls-tree", "-r", "--name-only", BRANCH]).lines() {
        let is_page = path.starts_with("environments/") && path.ends_with(".md");
        if is_page || path == "UNIFIED_DASHBOARD.md" {
            let page = git(&["cat-file", "blob", &format!("{BRANCH}:{path}")]);
            said.extend(missing(&page).into_iter().map(|key| format!("{path} lacks {key}")));
        }
    }
    said
}

/// Which keys the front matter of `page` lacks.
fn missing(page: &str) -> BTreeSet<&'static str> {
    let matter = page.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let matter = matter.map(|(matter, _)| matter).unwrap_or_default();
    let mut keys = BTreeSet::new();
    let mut above = String::new();
    for line in matter.lines() {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        if key.starts_with(' ') {
            assert!(!value.trim().is_empty(), "{line:?} says nothing");
            keys.insert(format!("{above}.{}", key.trim()));
        } else {
            above = key.to_owned();
            keys.insert(above.clone());
        }
    }
    let needed = [
        "env",
        "generated_at",
        "source.branch",
        "source.sha",
        "pipeline.workflow",
        "pipeline.run_id",
        "integrity.derived_only",
    ];
    needed.into_iter().filter(|key| !keys.contains(*key)).collect()
}

#[test]
fn markdown_goes_to_stdout_below_its_front_matter() {
    let scene = scene();
    scene.xtask(&["apply-persistent"]).exits(7);
    let run = scene.xtask(&["report", "--format", "markdown", "--env", "dev"]).exits(0);
    assert_eq!(missing(&run.stdout), BTreeSet::new(), "{}", run.stdout);
    let head = scene.git(&["rev-parse", "HEAD"]);
    for line in [
        "env: dev",
        "  branch: main",
        &format!("  sha: \"{head}\""),
        "  workflow: local",
        "  run_id: local",
        "# Build timings of dev",
        "## How long phases take",
    ] {
        assert!(run.stdout.lines().any(|found| found == line), "{line} in:\n{}", run.stdout);
    }
    let call = scene.calling(&["report", "--format", "markdown"]);
    let call = call.env("GITHUB_WORKFLOW", "Deploy: all").env("GITHUB_RUN_ID", "123");
    let page = call.run().exits(0).stdout;
    assert!(page.contains("  workflow: \"Deploy: all\"\n  run_id: \"123\"\n"), "{page}");
}

#[test]
fn in_ci_the_pages_are_pushed_in_one_commit_and_the_validator_is_content() {
    let scene = scene();
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    let origin = scene.origin();
    let before = scene.git_in(&origin, &["rev-parse", BRANCH]);
    let dry = scene.in_ci(&["registry", "publish-report", "--dry-run"]).run().exits(0);
    assert_eq!(dry.stdout, format!("would publish:\n  {MD}\n  {HTML}\n"));
    assert_eq!(scene.git_in(&origin, &["rev-parse", BRANCH]), before);
    let run = scene.in_ci(&["registry", "publish-report"]).run().exits(0);
    assert!(run.stdout.starts_with(&format!("published on origin/{BRANCH}, at ")), "{run:?}");
    assert_eq!(scene.git_in(&origin, &["rev-parse", &format!("{BRANCH}~1")]), before);
    let changed = scene.git_in(&origin, &["diff", "--name-only", &before, BRANCH]);
    assert_eq!(changed, format!("{MD}\n{HTML}"));
    assert_eq!(validated(&scene, &origin), [""; 0]);
    let page = scene.git_in(&origin, &["cat-file", "blob", &format!("{BRANCH}:{MD}")]);
    assert!(page.starts_with("---\nenv: dev\n"), "{page}");
    let trailers = scene.git_in(&origin, &["log", "-1", "--format=%B", BRANCH]);
    let head = scene.git(&["rev-parse", "HEAD"]);
    assert!(trailers.contains(&format!("Source-Sha: {head}")), "{trailers}");
    // Later, and in another run of the pipeline: nothing new.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let tip = scene.git_in(&origin, &["rev-parse", BRANCH]);
    let call = scene.in_ci(&["registry", "publish-report"]).env("GITHUB_RUN_ID", "77");
    let again = call.run().exits(0);
    assert!(again.stdout.contains("says all that already"), "{again:?}");
    assert_eq!(scene.git_in(&origin, &["rev-parse", BRANCH]), tip);
    // A run, and there is.
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    let run = scene.in_ci(&["registry", "publish-report", "--env", "dev"]).run().exits(0);
    assert!(run.stdout.starts_with("published"), "{run:?}");
    assert_eq!(scene.rows_at_origin().len(), 2);
    // What replaces a page is no loss.
    let audit = scene.xtask(&["registry", "audit"]).exits(0);
    assert!(audit.stdout.contains("every one only appended"), "{}", audit.stdout);
    let recover = scene.xtask(&["registry", "recover", "--dry-run"]).exits(0);
    assert!(recover.stdout.contains("there is nothing to recover"), "{}", recover.stdout);
    scene.only_appended_in(&origin);
    assert_eq!(scene.git(&["status", "--porcelain", "--untracked-files=no"]), "");
}

#[test]
fn another_clone_publishes_on_top_and_rows_that_wait_go_first() {
    let scene = scene();
    scene.in_ci(&["apply-persistent"]).run().exits(7);
    let other = scene.clone_of_origin("other");
    scene.in_ci(&["registry", "publish-report"]).run().exits(0);
    // Two more rows that nobody has seen: here one, at the other clone one.
    scene.xtask(&["apply-persistent"]).exits(7);
    scene.calling(&["apply-persistent"]).in_dir(&other).run();
    let publish = ["registry", "publish-report"];
    scene.in_ci(&publish).in_dir(&other).run().exits(0);
    scene.in_ci(&publish).run().exits(0);
    assert_eq!(scene.rows_at_origin().len(), 3);
    let page = format!("{BRANCH}:{MD}");
    let page = scene.git_in(&scene.origin(), &["cat-file", "blob", &page]);
    assert!(page.contains("3 rows of"), "{page}");
    assert_eq!(validated(&scene, &scene.origin()), [""; 0]);
    scene.only_appended_in(&scene.origin());
}

#[test]
fn a_workstation_keeps_its_pages_and_says_so() {
    let scene = scene();
    scene.xtask(&["apply-persistent"]).exits(7);
    let run = scene.xtask(&["registry", "publish-report"]).exits(0);
    assert!(run.stdout.starts_with(&format!("published on {BRANCH}, at ")), "{run:?}");
    assert!(run.stderr.contains("reports are sent from CI"), "{run:?}");
    assert_eq!(scene.branches_in(&scene.origin()), ["main"]);
    assert_eq!(validated(&scene, &scene.root()), [""; 0]);
    // The row goes its way all the same.
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert_eq!(scene.rows_at_origin(), scene.rows());
}

#[test]
fn where_there_is_nothing_to_tell_nothing_is_made() {
    let scene = scene();
    let run = scene.in_ci(&["registry", "publish-report"]).run().exits(0);
    assert_eq!(run.stdout, "there are no rows to report of\n");
    assert_eq!(scene.branches_in(&scene.origin()), ["main"]);
    let refused = scene.in_ci(&["registry", "publish-report", "--env", "../x"]).run().exits(2);
    assert!(refused.stderr.contains("--env: "), "{}", refused.stderr);
    scene.xtask(&["apply-persistent"]).exits(7);
    let refused = scene.in_ci(&["registry", "publish-report", "--env", "prod"]).run().exits(1);
    assert!(refused.stderr.contains("prod has no rows on the branch"), "{}", refused.stderr);
}
