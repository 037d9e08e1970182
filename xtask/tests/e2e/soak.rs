//! The storm itself, a small one: it can be carried out, it counts, and what it counts adds up.

use std::path::Path;

use crate::support::{Run, Scene};

/// Kills while rows are recorded and pushed, writers and clones at once, and full disks where this
/// machine may mount.
const SMALL: [&str; 13] = [
    "soak",
    "--seed",
    "20260124",
    "--kills",
    "8",
    "--writers",
    "4",
    "--clones",
    "2",
    "--rows",
    "2",
    "--only",
    "kills,writers,clones,full-journal",
];

fn soak(scene: &Scene, more: &[&str]) -> Run {
    let arguments: Vec<&str> = SMALL.iter().chain(more).copied().collect();
    let temporary = scene.outside().join("temporary");
    std::fs::create_dir_all(&temporary).unwrap();
    scene.calling(&arguments).env("TMPDIR", temporary).run()
}

/// The number after `key=` in the line of figures.
fn figure(run: &Run, key: &str) -> u64 {
    let pairs = run.stdout.split(' ').filter_map(|word| word.split_once('='));
    let found: Vec<&str> = pairs.filter(|(known, _)| *known == key).map(|(_, n)| n).collect();
    let [number] = found[..] else { panic!("{key} in {:?}", run.stdout) };
    number.parse().unwrap()
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).unwrap().next().is_none()
}

#[test]
fn a_small_storm_loses_nothing_and_leaves_nothing() {
    let scene = Scene::new();
    let run = soak(&scene, &[]).exits(0);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    for key in ["lost", "duplicated", "exit_codes_wrong", "other"] {
        assert_eq!(figure(&run, key), 0, "{key}: {}", run.stderr);
    }
    assert!(figure(&run, "killed") > 0, "{}", run.stdout);
    assert!(figure(&run, "rows") >= 8 + 4, "{}", run.stdout);
    assert_eq!(figure(&run, "scenes") + figure(&run, "skipped"), 6, "{}", run.stderr);
    assert!(is_empty(&scene.outside().join("temporary")), "{}", run.stderr);
}

#[test]
fn runs_for_which_no_time_is_left_are_a_failure() {
    let scene = Scene::new();
    let run = soak(&scene, &["--deadline", "0"]).exits(1);
    assert_eq!(figure(&run, "runs"), 0);
    assert!(run.stderr.contains("had no time left"), "{}", run.stderr);
}

#[test]
fn a_scene_that_there_is_not_is_refused() {
    let run = Scene::new().xtask(&["soak", "--only", "calm"]).exits(1);
    assert!(run.stderr.contains("no scene has such a name"), "{}", run.stderr);
}
