//! The registry's branch, in each state that it may be found in.

use std::fs;
use std::path::PathBuf;

use crate::support::{BRANCH, CSV, Scene, skipped};

const OLD: &str = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,log_path\r\n\
    2026-01-05T10:00:00Z,2026-01-05T10:09:00Z,bootstrap,dev,05-01-26-01,540,0,\"A=1 B=2\",logs/a.log\r\n\
    \r\n\
    2026-01-06T10:00:00Z,2026-01-06T10:00:00Z,terraform-apply,dev,20250115-06#####NEEDTOUPDATE###,0,255,, logs/b.log ";

/// A registry as it exists, with more on it than rows: the repository `seed` beside the scene's.
fn seed(scene: &Scene) -> PathBuf {
    let seed = scene.outside().join("seed");
    let files = [
        (CSV, OLD),
        ("environments/development/history/2026-01-05-abcdef0/notes.md", "kept\n"),
        ("environments/test/latest/build_timings.csv", "another\n"),
        ("environments/test/history/.gitkeep", ""),
        ("backstage-catalog/all.yaml", "kept: true\n"),
        ("README.md", "Somebody's own words.\n"),
    ];
    for (path, text) in files {
        let path = seed.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    scene.git_in(&seed, &["init", "-q", "-b", BRANCH]);
    scene.git_in(&seed, &["add", "."]);
    scene.git_in(&seed, &["commit", "-q", "-m", "Seed"]);
    seed
}

/// A scene whose apply exits with 7, and whose registry is the seed's.
fn seeded() -> Scene {
    let scene = Scene::new().config("").step("apply", &["bash", "-c", "exit 7"]).committed();
    let seed = seed(&scene);
    let refs = format!("{BRANCH}:{BRANCH}");
    scene.git(&["fetch", "-q", seed.to_str().unwrap(), &refs]);
    scene
}

fn tip(scene: &Scene) -> String {
    scene.git(&["rev-parse", BRANCH])
}

/// The names of all files of a commit but the rows of `dev`, each with its object.
fn others(scene: &Scene, commit: &str) -> String {
    let all = scene.git(&["ls-tree", "-r", commit]);
    all.lines().filter(|line| !line.ends_with(CSV)).map(|line| format!("{line}\n")).collect()
}

/// The rows are the old bytes, a newline where they had none, and one row with exit code 7.
#[track_caller]
fn one_row_after_the_old_ones(scene: &Scene) {
    let csv = scene.csv().unwrap();
    let new = csv.strip_prefix(OLD.as_bytes()).unwrap();
    let new = String::from_utf8(new.to_vec()).unwrap();
    let row = new.strip_prefix('\n').or(new.strip_prefix("\r\n")).unwrap();
    let row = row.strip_suffix('\n').unwrap();
    assert_eq!(row.lines().count(), 1, "{row:?}");
    assert_eq!(crate::support::Row::parse(row.trim_end()).exit_code, 7);
}

#[test]
fn missing_it_is_created_with_what_the_validator_wants() {
    let scene = Scene::new().step("apply", &["true"]);
    scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!(scene.recordings().len(), 1);
    assert_eq!(scene.git(&["log", "-1", "--format=%P", BRANCH]), "");
    assert_eq!(scene.git(&["ls-tree", "--name-only", BRANCH]), "README.md\nenvironments");
    let environment = format!("{BRANCH}:environments/development");
    assert_eq!(scene.git(&["ls-tree", "--name-only", &environment]), "history\nlatest");
    let csv = String::from_utf8(scene.csv().unwrap()).unwrap();
    let header = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,\
        resources_added,resources_changed,resources_destroyed,log_path";
    assert_eq!(csv.lines().next(), Some(header));
    scene.git(&["fsck", "--strict"]);
}

#[test]
fn every_environment_has_its_directory() {
    let scene = Scene::new().recorders();
    scene.xtask(&["apply-persistent", "ENV=staging"]).exits(0);
    let csv = format!("{BRANCH}:environments/staging/latest/build_timings.csv");
    assert_eq!(scene.git(&["show", &csv]).lines().count(), 2);
    assert_eq!(scene.csv(), None);
}

#[test]
fn only_on_the_remote_it_starts_from_there() {
    let scene = Scene::new().step("apply", &["bash", "-c", "exit 7"]);
    let seed = seed(&scene);
    let bare = scene.outside().join("origin.git");
    scene.git(&["clone", "-q", "--bare", seed.to_str().unwrap(), bare.to_str().unwrap()]);
    scene.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
    scene.git(&["fetch", "-q", "origin"]);
    let remote = format!("origin/{BRANCH}");
    let before = scene.git(&["rev-parse", &remote]);
    scene.xtask(&["apply-persistent"]).exits(7);
    assert_eq!(scene.git(&["log", "-1", "--format=%P", BRANCH]), before);
    assert_eq!(others(&scene, BRANCH), others(&scene, &before));
    one_row_after_the_old_ones(&scene);
    assert_eq!(scene.git(&["rev-parse", &remote]), before);
    assert_eq!(scene.git_in(&bare, &["rev-parse", BRANCH]), before, "nothing is pushed");
    let tracking = scene.call("git", &["config", &format!("branch.{BRANCH}.remote")]).run();
    assert_eq!(tracking.code, 1, "no upstream is configured: {}", tracking.stdout);
}

#[test]
fn an_existing_file_is_a_prefix_of_the_new_one_and_the_rest_is_kept() {
    let scene = seeded();
    let before = tip(&scene);
    scene.xtask(&["apply-persistent"]).exits(7);
    one_row_after_the_old_ones(&scene);
    assert_eq!(scene.git(&["log", "-1", "--format=%P", BRANCH]), before);
    assert_eq!(others(&scene, BRANCH), others(&scene, &before));
    let changed = scene.git(&["diff", "--name-only", &before, BRANCH]);
    assert_eq!(changed, CSV);
    scene.git(&["fsck", "--strict"]);
}

#[test]
fn checked_out_and_clean_it_is_brought_along() {
    let scene = seeded();
    scene.git(&["worktree", "add", "-q", "../registry", BRANCH]);
    let registry = scene.outside().join("registry");
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    one_row_after_the_old_ones(&scene);
    assert_eq!(scene.git_in(&registry, &["status", "--porcelain"]), "");
    assert_eq!(scene.git_in(&registry, &["rev-parse", "HEAD"]), tip(&scene));
    assert_eq!(fs::read(registry.join(CSV)).unwrap(), scene.csv().unwrap());
}

#[test]
fn checked_out_and_dirty_it_is_left_alone() {
    let scene = seeded();
    scene.git(&["worktree", "add", "-q", "../registry", BRANCH]);
    let registry = scene.outside().join("registry");
    fs::write(registry.join("README.md"), "half a thought").unwrap();
    let (before, status) = (tip(&scene), scene.git_in(&registry, &["status", "--porcelain"]));
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.contains("1 row not recorded"), "{warning}");
    assert!(warning.contains(&format!("{:?}", registry)), "{warning}");
    let [journal] = &scene.journal()[..] else { panic!("{:?}", scene.journal()) };
    assert!(warning.contains(&format!("kept in {}", journal.display())), "{warning}");
    assert!(fs::read_to_string(journal).unwrap().contains(",apply-persistent,dev,persistent,"));
    assert_eq!(tip(&scene), before);
    assert_eq!(scene.git_in(&registry, &["status", "--porcelain"]), status);
    assert_eq!(fs::read_to_string(registry.join("README.md")).unwrap(), "half a thought");
    assert_eq!(fs::read_to_string(registry.join(CSV)).unwrap(), OLD);
}

#[test]
fn checked_out_where_the_run_takes_place() {
    let scene = seeded();
    scene.git(&["checkout", "-q", BRANCH]);
    scene.write("xtask.toml", "[env.dev.steps]\napply = [\"false\"]\n");
    let status = scene.git(&["status", "--porcelain"]);
    let run = scene.xtask(&["apply-persistent"]).exits(1);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    assert_eq!(scene.git(&["status", "--porcelain"]), status);
    assert_eq!(scene.read(CSV).into_bytes(), scene.csv().unwrap());
    assert!(scene.csv().unwrap().starts_with(OLD.as_bytes()));
    assert_eq!(scene.recordings().len(), 2);
}

#[test]
fn something_else_in_the_place_of_the_file_is_not_overwritten() {
    let scene = Scene::new().step("apply", &["bash", "-c", "exit 7"]);
    scene.git(&["checkout", "-q", "--orphan", BRANCH]);
    scene.write(&format!("{CSV}/a-directory"), "");
    scene.git(&["add", "environments"]);
    scene.git(&["commit", "-q", "-m", "A directory where a file belongs"]);
    scene.git(&["checkout", "-q", "-f", "main"]);
    let before = tip(&scene);
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.contains(CSV) && warning.contains("kept in"), "{warning}");
    assert_eq!(tip(&scene), before);
    assert_eq!(scene.journal().len(), 1);
}

/// A scene whose repository was made by `git init option`; `None` when this git does not know it.
fn made_with(test: &str, option: &str) -> Option<Scene> {
    let scene = Scene::without_repository().step("apply", &["bash", "-c", "exit 7"]);
    if scene.call("git", &["init", "-q", "-b", "main", option]).run().code != 0 {
        skipped(test, &format!("git init {option}"), "is not supported by this git");
        return None;
    }
    scene.git(&["add", "."]);
    scene.git(&["commit", "-q", "-m", "The platform"]);
    Some(scene)
}

#[test]
fn repositories_of_other_formats() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let Some(scene) = made_with("repositories_of_other_formats", option) else { continue };
        for _ in 0..2 {
            let run = scene.xtask(&["apply-persistent"]).exits(7);
            assert!(run.warnings().is_empty(), "{option}: {}", run.stderr);
        }
        let sha = scene.git(&["rev-parse", "HEAD"]);
        let rows = scene.rows();
        assert_eq!((rows.len(), scene.recordings().len()), (2, 2), "{option}");
        assert_eq!(rows[1].flag("SHA"), Some(&sha[..12]), "{option}");
        scene.git(&["fsck", "--strict"]);
    }
}
