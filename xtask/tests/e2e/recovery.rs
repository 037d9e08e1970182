//! Runs that were killed: whoever comes next records what is known of them, once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::Signal;

use crate::support::background::Background;
use crate::support::{BRANCH, Row, Run, Scene, eventually};

/// Says what it did, and then takes its time.
const LONG: &str = "echo 'Apply complete! Resources: 3 added, 1 changed, 0 destroyed.'; \
                    touch ../ready; until [ -e ../stop ] || [ ! -e ../bin ]; do sleep 0.02; done";

/// Whether the step takes its time is said by a file, so that the next run is short.
fn scene() -> Scene {
    let script = format!("[ -e ../short ] || {{ {LONG}; }}");
    Scene::new().step("apply", &["bash", "-c", &script]).committed()
}

/// Starts `apply-persistent`, kills xtask alone once the step is in the middle of its work, and
/// lets the step end by itself. The log was written to for the last time `after` the run's start.
fn kill_in_the_middle(scene: &Scene, directory: &Path, after: Duration) -> SystemTime {
    let call = scene.calling(&["apply-persistent"]).in_dir(directory);
    let mut run = Background::silent(&call);
    let log = written_log(scene, directory);
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    scene.mark("stop");
    scene.mark("short");
    last_written(&log, after)
}

/// The only log, once it holds what the step said.
fn written_log(scene: &Scene, directory: &Path) -> PathBuf {
    scene.wait_for_mark("ready");
    eventually("the step's words in the log", || {
        let mut logs = fs::read_dir(directory.join("logs/build-timings")).ok()?;
        let log = logs.find_map(|log| {
            let path = log.unwrap().path();
            path.extension().is_some_and(|extension| extension == "log").then_some(path)
        })?;
        said_in(&fs::read_to_string(&log).ok()?).then_some(log)
    })
}

/// The command is in the log, too, and with it these words within a line.
fn said_in(log: &str) -> bool {
    log.lines().any(|line| line.starts_with("Apply complete! Resources: 3 added"))
}

fn last_written(log: &Path, after: Duration) -> SystemTime {
    let written = fs::metadata(log).unwrap().modified().unwrap() + after;
    File::options().append(true).open(log).unwrap().set_modified(written).unwrap();
    written
}

/// As a row says it.
fn stamp(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    timing_core::clock::UtcStamp::from_unix_seconds(seconds).to_string()
}

fn interrupted(rows: &[Row]) -> Vec<&Row> {
    rows.iter().filter(|row| row.flag("OUTCOME") == Some("interrupted")).collect()
}

fn summary(row: &Row) -> (&str, i32, u64, Option<&str>) {
    (&row.phase, row.exit_code, row.added, row.flag("OUTCOME"))
}

/// Everything that is known of a run that [`kill_in_the_middle`] killed.
#[track_caller]
fn recorded(scene: &Scene, end: SystemTime) {
    let rows = scene.rows();
    let [row] = interrupted(&rows)[..] else { panic!("{rows:#?}") };
    let expected = ("apply-persistent", 137, 3, Some("interrupted"));
    assert_eq!(summary(row), expected, "{rows:#?}");
    assert_eq!((row.changed, row.destroyed), (1, 0));
    assert_eq!(row.end, stamp(end));
    assert!((90..=120).contains(&row.duration), "{row:#?}");
}

/// Nothing is left, and doing it again does nothing.
#[track_caller]
fn settled(scene: &Scene) {
    assert!(scene.journal().is_empty(), "{:?}", scene.journal());
    let rows = scene.rows();
    let run = scene.xtask(&["registry", "sync"]).exits(0);
    assert_eq!(run.stdout, "nothing was left to record on governance-registry\n");
    assert_eq!(scene.rows(), rows);
    scene.only_appended_in(&scene.root());
}

const LATER: Duration = Duration::from_secs(90);

#[test]
fn the_next_run_records_one_that_was_killed_during_its_first_step() {
    let scene = scene();
    let end = kill_in_the_middle(&scene, &scene.root(), LATER);
    assert_eq!((scene.rows().len(), scene.journal().len()), (0, 1));
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert!(run.stderr.contains(" had been killed; "), "{}", run.stderr);
    assert!(run.warnings().is_empty(), "{}", run.stderr);
    recorded(&scene, end);
    assert_eq!((scene.rows().len(), scene.recordings().len()), (2, 1), "one commit for both");
    settled(&scene);
}

#[test]
fn a_synchronisation_alone_records_it_too() {
    let scene = scene();
    let end = kill_in_the_middle(&scene, &scene.root(), LATER);
    let run = scene.xtask(&["registry", "sync"]).exits(0);
    assert_eq!(run.stdout, "recorded 1 row on governance-registry\n");
    assert!(run.stderr.contains(" had been killed; "), "{}", run.stderr);
    recorded(&scene, end);
    settled(&scene);
}

#[test]
fn a_log_that_is_gone_leaves_the_row() {
    let scene = scene();
    kill_in_the_middle(&scene, &scene.root(), LATER);
    fs::remove_dir_all(scene.root().join("logs")).unwrap();
    scene.xtask(&["registry", "sync"]).exits(0);
    let row = &scene.rows()[0];
    assert_eq!(summary(row), ("apply-persistent", 137, 0, Some("interrupted")));
    assert_eq!((&row.end, row.duration), (&row.start, 0), "no later moment is known");
    settled(&scene);
}

#[test]
fn phases_that_had_ended_keep_their_results() {
    let done = "echo 'Apply complete! Resources: 2 added, 0 changed, 0 destroyed.'";
    let scene = Scene::new()
        .step("apply", &["bash", "-c", done])
        .step("bootstrap", &["bash", "-c", LONG])
        .committed();
    let mut run = Background::silent(&scene.calling(&["deploy-persistent", "CREATE_RDS=false"]));
    scene.wait_for_mark("ready");
    eventually("the words of the second phase", || {
        let logs = scene.logs();
        let log = logs.iter().find(|log| log.contains("bootstrap"))?;
        said_in(&scene.read(log)).then_some(())
    });
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    scene.mark("stop");
    scene.xtask(&["registry", "sync"]).exits(0);
    let rows = scene.rows();
    let rows: Vec<_> = rows.iter().map(summary).collect();
    let killed = Some("interrupted");
    assert_eq!(
        rows,
        [
            ("apply-persistent", 0, 2, None),
            ("bootstrap-persistent", 137, 3, killed),
            ("deploy-persistent", 137, 5, killed),
        ]
    );
    settled(&scene);
}

/// A run that was killed while git was about to move the branch; that git still waits for `go`.
fn killed_in_update_ref() -> Scene {
    let scene = Scene::new().step("apply", &["true"]).committed();
    let machine = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&machine).map(|dir| dir.join("git")).find(|git| git.is_file());
    let (real, at) = (real.unwrap().display().to_string(), scene.outside().display().to_string());
    let script = format!(
        "#!/bin/sh
case \" $* \" in *' update-ref '*)
    if mkdir '{at}/moving' 2>/dev/null; then
        until [ -e '{at}/go' ] || [ ! -e '{at}/bin' ]; do sleep 0.02; done
        '{real}' \"$@\"
        touch '{at}/went'
        exit
    fi ;;
esac
exec '{real}' \"$@\"
"
    );
    let scene = scene.program("git", &script);
    let mut run = Background::silent(&scene.calling(&["apply-persistent"]));
    scene.wait_for_mark("moving");
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    scene
}

#[test]
fn killed_during_the_recording_whose_git_goes_on() {
    let scene = killed_in_update_ref();
    scene.mark("go");
    scene.wait_for_mark("went");
    let rows = scene.rows();
    scene.xtask(&["registry", "sync"]).exits(0);
    assert!(rows.is_empty() || rows == scene.rows(), "{rows:#?}");
    only_the_result(&scene);
}

#[test]
fn killed_during_the_recording_whose_git_is_late() {
    let scene = killed_in_update_ref();
    scene.xtask(&["registry", "sync"]).exits(0);
    only_the_result(&scene);
    scene.mark("go");
    scene.wait_for_mark("went");
    only_the_result(&scene);
}

/// The step had ended: its row says how, and not that it was interrupted.
#[track_caller]
fn only_the_result(scene: &Scene) {
    let rows = scene.rows();
    let rows: Vec<_> = rows.iter().map(summary).collect();
    assert_eq!(rows, [("apply-persistent", 0, 0, None)]);
    settled(scene);
}

#[test]
fn worktrees_share_what_was_left() {
    let scene = scene();
    scene.git(&["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let linked = scene.outside().join("linked");
    let end = kill_in_the_middle(&scene, &linked, LATER);
    assert_eq!(scene.journal().len(), 1, "in the directory that all worktrees share");
    scene.xtask(&["registry", "sync"]).exits(0);
    recorded(&scene, end);
    settled(&scene);
}

/// A killed run's entry, one that is `text` instead, and a run after both.
fn beside_another(text: &str) -> (Scene, PathBuf, Run) {
    let scene = scene();
    kill_in_the_middle(&scene, &scene.root(), LATER);
    let path = scene.root().join(".git/timing-journal/0000000000000000.jsonl");
    fs::write(&path, text).unwrap();
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!(scene.rows().len(), 2, "the others are recorded");
    assert_eq!(interrupted(&scene.rows()).len(), 1);
    (scene, path, run)
}

#[test]
fn an_entry_of_a_newer_format_is_left_alone() {
    let text = "{\"event\":\"begin\",\"format\":3}\n{\"event\":\"unheard of\"}\n";
    let (scene, path, run) = beside_another(text);
    for run in [run, scene.xtask(&["registry", "sync"]).exits(0)] {
        let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
        assert!(warning.contains("format 3"), "{warning}");
        assert!(warning.contains(path.to_str().unwrap()), "{warning}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(scene.journal(), [path]);
}

#[test]
fn a_damaged_entry_is_moved_aside_and_said_once() {
    let (scene, path, run) = beside_another("garbage\n");
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    let aside = scene.root().join(".git/timing-journal/damaged/0000000000000000.jsonl");
    assert!(warning.contains(aside.to_str().unwrap()), "{warning}");
    assert!(warning.contains("line 1"), "{warning}");
    assert!(!path.exists());
    assert_eq!(fs::read_to_string(&aside).unwrap(), "garbage\n");
    let run = scene.xtask(&["registry", "sync"]).exits(0);
    assert!(run.warnings().is_empty(), "said once: {}", run.stderr);
    let status = scene.xtask(&["registry", "status"]).exits(0);
    assert!(status.stdout.contains("\ndamaged  1 "), "{}", status.stdout);
}

#[test]
fn several_that_recover_at_once_add_nothing_twice() {
    let scene = scene();
    let end = kill_in_the_middle(&scene, &scene.root(), LATER);
    let call = |arguments| Background::silent(&scene.calling(arguments));
    let mut syncs = [(); 2].map(|()| call(&["registry", "sync"]));
    let mut runs = [(); 2].map(|()| call(&["apply-persistent"]));
    for run in &mut runs {
        assert_eq!(run.code(), 0);
    }
    for sync in &mut syncs {
        // Others may have had the turn all the time; then it has said so.
        assert!(sync.code() <= 1);
    }
    // Who did not get its turn in time has left its row for this.
    scene.xtask(&["registry", "sync"]).exits(0);
    recorded(&scene, end);
    assert_eq!(scene.rows().len(), 3);
    settled(&scene);
}

#[test]
fn a_branch_that_cannot_be_moved_keeps_what_was_left() {
    let scene = scene();
    let end = kill_in_the_middle(&scene, &scene.root(), LATER);
    let lock = scene.root().join(format!(".git/refs/heads/{BRANCH}.lock"));
    fs::write(&lock, "").unwrap();
    let run = scene.xtask(&["registry", "sync"]).exits(1);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert_eq!((scene.rows().len(), scene.journal().len()), (0, 1));
    fs::remove_file(lock).unwrap();
    scene.xtask(&["registry", "sync"]).exits(0);
    recorded(&scene, end);
    settled(&scene);
}
