//! Budgets where they meet the registry and the work tree.

mod deployed;
mod measured;
mod production;

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::{BRANCH, Scene};

const CSV: &str = "environments/development/latest/budget_measurements.csv";

const BUDGETS: &str = "\
# What is promised.
[metric.deploy-time]
unit = \"seconds\"
target = \"< 5m\"
fail = \"> 10m\"
source = { kind = \"phase\", phase = \"deploy-persistent\" }

[metric.image-size]   # of the image
unit = \"bytes\"
fail = \"> 200MB\"
source = { kind = \"image\", image = \"x\" }
";

const ROWS: &str = "\
time_utc,metric,env,unit,statistic,value,samples,commit,version,run_id,flags
2026-02-01T10:00:00Z,image-size,dev,bytes,last,110000000,1,,,000000000000000a,
2026-02-02T10:00:00Z,image-size,dev,bytes,last,120000000,1,,,000000000000000b,
2026-02-03T10:00:00Z,image-size,dev,bytes,last,210000000,1,,,000000000000000c,
";

/// A scene whose registry holds `rows` of measurements.
fn scene(budgets: &str, rows: &str) -> Scene {
    let scene = Scene::new().file("budgets.toml", budgets).committed();
    let made = scene.call("git", &["hash-object", "-w", "--stdin"]).stdin(rows).run().exits(0);
    let (mut id, mut kind) = (made.stdout.trim().to_owned(), "100644 blob");
    for name in CSV.rsplit('/') {
        let tree = format!("{kind} {id}\t{name}\n");
        id = scene.call("git", &["mktree"]).stdin(&tree).run().exits(0).stdout.trim().to_owned();
        kind = "040000 tree";
    }
    let commit = scene.git(&["commit-tree", "-m", "rows", &id]);
    scene.git(&["update-ref", &format!("refs/heads/{BRANCH}"), &commit]);
    scene
}

#[test]
fn what_the_registry_holds_is_judged_when_no_file_is_named() {
    let scene = scene(BUDGETS, ROWS);
    let run = scene.xtask(&["budget", "check", "--no-measure", "--format", "csv"]).exits(1);
    assert!(run.stdout.contains("image-size,dev,210000000"), "{}", run.stdout);
    assert_eq!(run.stderr.matches("warning").count(), 0, "{}", run.stderr);
    let run = scene.xtask(&["budget", "replay", "--format", "csv"]).exits(0);
    assert!(run.stdout.contains("image-size,dev,3,0,1"), "{}", run.stdout);
    assert_eq!(scene.recordings().len(), 1, "reading leaves nothing");
    // Without a repository there are none, and the budgets are unknown.
    let bare = Scene::without_repository().file("budgets.toml", BUDGETS).config("");
    let run = bare.xtask(&["budget", "check", "--no-measure"]);
    assert!(run.stderr.contains("measurements were not read"), "{}", run.stderr);
}

#[test]
fn baselines_are_listed_accepted_and_set() {
    let scene = scene(BUDGETS, ROWS);
    insta::assert_snapshot!(scene.xtask(&["budget", "baseline"]).exits(0).stdout, @"
    metric       env  against  baseline  samples  spread  newest
    deploy-time  dev  last 20  -               0  -       -
    image-size   dev  last 20  120MB           3  50MB    210MB
    ");
    assert_eq!(scene.git(&["status", "--porcelain"]), "");
    let path = scene.root().join("budgets.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let accept = ["budget", "baseline", "--accept", "image-size", "--why", "a \"new\" base"];
    let run = scene.xtask(&accept).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    --- budgets.toml
    +++ budgets.toml
    @@ line 11 @@
    +baseline = { value = "210MB", since = 2026-02-03, why = "a \"new\" base" }
    "#);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let changed = scene.git(&["diff", "-U0", "--", "budgets.toml"]);
    let lines = changed.lines().filter(|line| line.starts_with(['+', '-'])).count();
    assert_eq!(lines, 3, "one line is new:\n{changed}");
    let left = scene.git(&["status", "--porcelain"]);
    assert_eq!(left.trim(), "M budgets.toml", "nothing else is left");
    // It has one now, so there is nothing to set.
    let run = scene.xtask(&["budget", "baseline", "--set"]).exits(0);
    assert!(run.stderr.contains("nothing to accept"), "{}", run.stderr);
    scene.git(&["checkout", "-q", "--", "budgets.toml"]);
    let run = scene.xtask(&["budget", "baseline", "--set"]).exits(0);
    insta::assert_snapshot!(run.stdout, @r#"
    --- budgets.toml
    +++ budgets.toml
    @@ line 11 @@
    +baseline = { value = "120MB", since = 2026-02-01, why = "the median of what was measured" }
    "#);
}

#[test]
fn a_file_is_changed_when_it_is_asked_for_and_nowhere_else() {
    let scene = scene(BUDGETS, ROWS);
    let accept = ["budget", "baseline", "--accept", "image-size", "--why", "it is right"];
    for (arguments, code) in [
        (["budget", "baseline", "--accept", "image-size"].as_slice(), 2),
        (&["budget", "baseline", "--accept", "deploy-time", "--why", "x"], 1),
        (&["budget", "baseline", "--accept", "other", "--why", "x"], 1),
        (&["budget", "baseline", "--accept", "image-size", "--why", "a\nb"], 2),
        (&["budget", "baseline", "--accept", "image-size", "--why", "x", "--set"], 2),
    ] {
        scene.xtask(arguments).exits(code);
    }
    assert_eq!(scene.git(&["status", "--porcelain"]), "");
    // Behind a link that leads out of the repository lies what is not ours.
    let (path, outside) = (scene.root().join("budgets.toml"), scene.outside().join("theirs.toml"));
    std::fs::rename(&path, &outside).unwrap();
    symlink(&outside, &path).unwrap();
    let run = scene.xtask(&accept).exits(1);
    assert!(run.stderr.contains("outside the repository"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), BUDGETS);
    // One that stays within is followed, and stays a link.
    std::fs::remove_file(&path).unwrap();
    scene.write("docs/real.toml", BUDGETS);
    symlink("docs/real.toml", &path).unwrap();
    scene.xtask(&accept).exits(0);
    assert!(scene.read("docs/real.toml").contains("it is right"));
    assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn a_deployment_ends_with_the_budgets_of_its_phases() {
    let scene = scene(BUDGETS, ROWS).step("apply", &["true"]);
    let text = BUDGETS.replace("fail = \"> 10m\"", "fail = \"> 1ms\"");
    let line = |stderr: &str| {
        let line = stderr.lines().find(|line| line.starts_with("budget ")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("{stderr}"))
    };
    let text = text.replace("deploy-persistent", "apply-persistent");
    scene.write("budgets.toml", &text.replace("1ms", "10m"));
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert!(line(&run.stderr).contains("  holds  target < 5m, fails > 10m"), "{}", run.stderr);
    scene.write("budgets.toml", &text);
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert!(line(&run.stderr).contains("  fail  target < 5m, fails > 1ms"), "{}", run.stderr);
    // A file that cannot be used is one line, and no part of how the run ended.
    scene.write("budgets.toml", "[metric.x]\nunit = \"parsecs\"\n");
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!(run.warnings().len(), 1, "{}", run.stderr);
    assert!(run.warnings()[0].contains("no budget was looked at"), "{}", run.stderr);
    std::fs::remove_file(scene.root().join("budgets.toml")).unwrap();
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert!(!run.stderr.contains("budget"), "{}", run.stderr);
    assert_eq!(scene.rows().len(), 4);
}
