//! Recording that fails: one warning that says what was not recorded and where the row is, and
//! otherwise the run is what it would have been.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Mounted, Row, Run, Scene, skipped};

/// Prints on both streams and fails with 7.
const STEP: [&str; 3] = ["bash", "-c", "echo to stdout; echo to stderr >&2; exit 7"];

fn scene() -> Scene {
    Scene::new().config("").step("apply", &STEP).committed()
}

/// What a failed recording must not change.
#[track_caller]
fn as_without_recording(run: &Run) {
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert_eq!(run.stdout, "to stdout\n");
    assert!(run.stderr.contains("\nto stderr\n"), "{}", run.stderr);
}

#[track_caller]
fn one_warning(run: &Run) -> String {
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    warning.to_owned()
}

/// The file that a message names behind `kept in`.
#[track_caller]
fn kept_in(message: &str) -> PathBuf {
    let (_, path) = message.rsplit_once("kept in ").unwrap_or_else(|| panic!("{message}"));
    PathBuf::from(path.trim_end_matches(':'))
}

/// A row that is kept in a journal's entry.
#[track_caller]
fn row_in_journal(path: &Path) -> Row {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().last().unwrap();
    let row = line.split('"').find(|part| part.contains(",apply-persistent,")).unwrap();
    Row::parse(row)
}

#[test]
fn a_file_where_the_logs_belong() {
    for place in ["logs", "logs/build-timings"] {
        let scene = scene().file(place, "in the way\n");
        let run = scene.xtask(&["apply-persistent"]);
        as_without_recording(&run);
        assert!(one_warning(&run).contains("apply-persistent has no log"), "{}", run.stderr);
        assert_eq!(scene.read(place), "in the way\n");
        let rows = scene.rows();
        assert_eq!((rows.len(), rows[0].exit_code, rows[0].log.as_str()), (1, 7, ""));
    }
}

#[test]
fn a_read_only_directory_of_logs() {
    let scene = scene();
    let logs = scene.root().join("logs");
    let Some(_mounted) = Mounted::at("a_read_only_directory_of_logs", logs, "ro,size=64k") else {
        return;
    };
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    assert!(one_warning(&run).contains("Read-only file system"), "{}", run.stderr);
    assert_eq!(scene.rows()[0].exit_code, 7);
}

#[test]
fn a_disk_that_fills_up() {
    let script = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end; \
                  echo 'Apply complete! Resources: 2 added, 0 changed, 0 destroyed.'; exit 7";
    let scene = Scene::new().step("apply", &["bash", "-c", script]);
    let logs = scene.root().join("logs/build-timings");
    let Some(_mounted) = Mounted::at("a_disk_that_fills_up", logs, "size=64k") else {
        return;
    };
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    let end = "\nthe end\nApply complete! Resources: 2 added, 0 changed, 0 destroyed.\n";
    assert_eq!(run.stdout.strip_suffix(end), Some("x".repeat(300_000).as_str()));
    let warning = one_warning(&run);
    assert!(warning.contains("is incomplete") && warning.contains("No space left"), "{warning}");
    let rows = scene.rows();
    assert_eq!((rows.len(), rows[0].exit_code, rows[0].added), (1, 7, 2));
    assert!(scene.root().join(&rows[0].log).is_file());
}

#[test]
fn a_disk_that_fills_up_in_a_deployment_costs_one_warning() {
    let test = "a_disk_that_fills_up_in_a_deployment_costs_one_warning";
    let long = ["bash", "-c", "head -c 300000 /dev/zero | tr '\\0' x; exit 0"];
    let scene =
        Scene::new().step("apply", &long).step("bootstrap", &long).step("verify", &["true"]);
    let logs = scene.root().join("logs/build-timings");
    let Some(_mounted) = Mounted::at(test, logs, "size=64k") else {
        return;
    };
    // Two logs are open when it happens, and a third one is to come.
    let run = scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    let warning = one_warning(&run);
    assert!(warning.contains("is incomplete") && warning.contains("No space left"), "{warning}");
}

#[test]
fn a_deployment_without_a_directory_for_logs_costs_one_warning() {
    let scene = Scene::new().recorders().file("logs", "in the way\n");
    let run = scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    assert!(one_warning(&run).contains("deploy-persistent has no log"), "{}", run.stderr);
    assert_eq!(scene.rows().len(), 3);
}

#[test]
fn a_disk_without_room_for_all_logs_of_a_deployment_costs_one_warning() {
    let scene = Scene::new().recorders();
    let logs = scene.root().join("logs/build-timings");
    let test = "a_disk_without_room_for_all_logs_of_a_deployment_costs_one_warning";
    let Some(mounted) = Mounted::at(test, logs, "size=64k,nr_inodes=3") else {
        return;
    };
    // The directory, .gitignore, and the log of the deployment.
    let run = scene.xtask(&["deploy-persistent", "CREATE_RDS=false"]).exits(0);
    assert!(one_warning(&run).contains("apply-persistent has no log"), "{}", run.stderr);
    let logs: Vec<bool> = scene.rows().iter().map(|row| row.log.is_empty()).collect();
    assert_eq!(logs, [true, true, false]);
    drop(mounted);
}

#[test]
fn outside_a_repository_the_row_is_printed_and_kept_in_a_file() {
    let scene = Scene::without_repository().step("apply", &STEP);
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    assert!(run.warnings().is_empty(), "nothing failed: {}", run.stderr);
    let said = run.stderr.lines().find(|line| line.contains("kept in ")).unwrap();
    let kept = fs::read_to_string(kept_in(said)).unwrap();
    let row = kept.lines().nth(1).unwrap();
    assert_eq!(Row::parse(row).exit_code, 7);
    assert!(run.stderr.contains(row), "{}", run.stderr);
    assert!(kept_in(said).starts_with(scene.root().join("logs/build-timings")));
    assert_eq!(scene.logs().len(), 1);
}

#[test]
fn without_git_on_the_path() {
    let scene = Scene::new().step("apply", &["/bin/sh", "-c", STEP[2]]);
    let bin = scene.outside().join("bin");
    let run = scene.calling(&["apply-persistent"]).env("PATH", bin).run();
    as_without_recording(&run);
    let warning = one_warning(&run);
    assert!(warning.contains("1 row not recorded") && warning.contains("git"), "{warning}");
    let kept = fs::read_to_string(kept_in(&warning)).unwrap();
    assert_eq!(Row::parse(kept.lines().nth(1).unwrap()).exit_code, 7);
    assert!(scene.recordings().is_empty());
    assert_eq!(scene.git(&["status", "--porcelain", "--", "logs"]), "");
}

#[test]
fn a_git_that_fails_from_the_start() {
    let scene = scene().program("git", "#!/bin/sh\necho broken >&2\nexit 3\n");
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    let warning = one_warning(&run);
    assert!(warning.contains("broken"), "{warning}");
    let kept = fs::read_to_string(kept_in(&warning)).unwrap();
    assert_eq!(Row::parse(kept.lines().nth(1).unwrap()).exit_code, 7);
}

#[test]
fn a_git_that_fails_at_any_call() {
    // The real git until the n-th call of the run.
    let machine = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&machine).map(|dir| dir.join("git")).find(|git| git.is_file());
    let real = real.unwrap().display().to_string();
    let mut reached_the_end = false;
    for working in 0..12 {
        let scene = scene();
        let count = scene.outside().join("count").display().to_string();
        let script = format!(
            "#!/bin/sh\necho >>{count}\n[ \"$(wc -l <{count})\" -le {working} ] || \
             {{ echo broken >&2; exit 3; }}\nexec {real} \"$@\"\n"
        );
        let scene = scene.program("git", &script);
        let run = scene.xtask(&["apply-persistent"]);
        as_without_recording(&run);
        let scene = scene.program("git", &format!("#!/bin/sh\nexec {real} \"$@\"\n"));
        if run.warnings().is_empty() {
            assert_eq!(scene.rows().len(), 1);
            reached_the_end = true;
            break;
        }
        let warning = one_warning(&run);
        let kept = fs::read_to_string(kept_in(&warning)).unwrap();
        assert!(kept.contains(",apply-persistent,dev,persistent,"), "{working}: {kept}");
        assert!(scene.recordings().is_empty(), "{working}");
        assert_eq!(scene.git(&["status", "--porcelain"]), "", "{working}");
    }
    assert!(reached_the_end, "a recording takes more than twelve calls of git");
}

#[test]
fn a_repository_that_is_damaged_is_not_taken_for_none() {
    let scene = scene();
    let objects = scene.root().join(".git/objects");
    fs::rename(&objects, scene.outside().join("objects")).unwrap();
    fs::write(&objects, "").unwrap();
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    let warning = one_warning(&run);
    assert!(warning.contains("git does not take"), "{warning}");
    let kept = fs::read_to_string(kept_in(&warning)).unwrap();
    assert_eq!(Row::parse(kept.lines().nth(1).unwrap()).exit_code, 7);
}

#[test]
fn objects_that_cannot_be_written_keep_the_row_in_the_journal() {
    let scene = scene();
    let commit = scene.git(&["rev-parse", "HEAD"]);
    let test = "objects_that_cannot_be_written_keep_the_row_in_the_journal";
    let objects = scene.root().join(".git/objects");
    // What is there stays readable; nothing can be added to it.
    let aside = scene.outside().join("objects");
    fs::rename(&objects, &aside).unwrap();
    let Some(_mounted) = Mounted::at(test, objects.clone(), "size=64k,nr_inodes=4") else {
        return;
    };
    fs::create_dir(objects.join("info")).unwrap();
    fs::write(objects.join("info/alternates"), format!("{}\n", aside.display())).unwrap();
    assert_eq!(scene.git(&["rev-parse", "HEAD^{commit}"]), commit);
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    let warning = one_warning(&run);
    assert!(warning.contains("storing the rows"), "{warning}");
    assert_eq!(row_in_journal(&kept_in(&warning)).exit_code, 7);
    assert!(scene.recordings().is_empty());
}

#[test]
fn a_branch_that_is_locked_keeps_the_row_in_the_journal() {
    let scene = scene();
    scene.write(".git/refs/heads/governance-registry.lock", "");
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    let warning = one_warning(&run);
    assert_eq!(row_in_journal(&kept_in(&warning)).exit_code, 7);
    assert_eq!(scene.journal(), [kept_in(&warning)]);
    assert!(scene.root().join(".git/refs/heads/governance-registry.lock").exists());
}

#[test]
fn a_journal_that_cannot_be_written_costs_one_warning_and_no_row() {
    let scene = scene();
    scene.write(".git/timing-journal", "in the way\n");
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    assert!(one_warning(&run).contains("no journal"), "{}", run.stderr);
    assert_eq!(scene.rows()[0].exit_code, 7);
}

#[test]
fn where_nothing_can_be_kept_the_row_is_printed() {
    let scene = scene().file("logs", "in the way\n");
    scene.write(".git/timing-journal", "in the way\n");
    scene.write(".git/refs/heads/governance-registry.lock", "");
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    let row = run.stderr.lines().find(|line| line.contains(",apply-persistent,dev,")).unwrap();
    assert_eq!(Row::parse(row.trim()).exit_code, 7);
}

#[test]
fn a_repository_that_is_deleted_while_the_step_runs() {
    let scene = Scene::new().step("apply", &["bash", "-c", "rm -rf .git logs; echo done; exit 7"]);
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    assert_eq!(run.stdout, "done\n");
    let warnings = run.warnings();
    let kept = fs::read_to_string(kept_in(warnings.last().unwrap())).unwrap();
    assert_eq!(Row::parse(kept.lines().nth(1).unwrap()).exit_code, 7);
}

#[test]
fn a_repository_that_is_gone_altogether_stays_gone() {
    let script = "cd / && rm -rf \"$OLDPWD\"; echo done; exit 7";
    let scene = Scene::new().step("apply", &["bash", "-c", script]);
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    assert_eq!(run.stdout, "done\n");
    assert!(!scene.root().exists(), "{}", run.stderr);
    let row = run.stderr.lines().find(|line| line.contains(",apply-persistent,dev,")).unwrap();
    assert_eq!(Row::parse(row.trim()).exit_code, 7);
}

#[test]
fn a_git_that_is_slow_only_at_the_start_costs_no_row() {
    let machine = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&machine).map(|dir| dir.join("git")).find(|git| git.is_file());
    let scene = scene();
    let awake = scene.outside().join("awake");
    let script = format!(
        "#!/bin/sh\n[ -e {0} ] || {{ : >{0}; exec sleep 60; }}\nexec {1} \"$@\"\n",
        awake.display(),
        real.unwrap().display()
    );
    let scene = scene.program("git", &script);
    let run = scene.xtask(&["apply-persistent"]);
    as_without_recording(&run);
    let warning = one_warning(&run);
    assert!(
        warning.contains("no journal") && warning.contains("did not end within 2s"),
        "{warning}"
    );
    assert_eq!(scene.rows()[0].exit_code, 7);
}

/// A journal in which the entry fits until the second phase has started; what `ENV_NAME` says goes
/// with each.
fn full_journal(test: &str, bootstrap: &str) -> Option<(Scene, Run, Mounted)> {
    let scene = Scene::new().recorders();
    let scene = scene.step("bootstrap", &["/bin/sh", "-c", bootstrap]).committed();
    let journal = scene.root().join(".git/timing-journal");
    let mounted = Mounted::at(test, journal, "size=4k")?;
    let name = format!("ENV_NAME={}", "x".repeat(2600));
    let run = scene.xtask(&["deploy-persistent", "CREATE_RDS=false", &name]);
    Some((scene, run, mounted))
}

#[test]
fn a_journal_that_fills_up_costs_one_warning_and_no_row() {
    let test = "a_journal_that_fills_up_costs_one_warning_and_no_row";
    let Some((scene, run, _mounted)) = full_journal(test, "exit 7") else { return };
    assert_eq!(run.code, 7, "{}", run.stderr);
    let warning = one_warning(&run);
    assert!(warning.contains("cannot be written: No space left"), "{warning}");
    let rows = scene.rows();
    let ended: Vec<_> = rows.iter().map(|row| (row.phase.as_str(), row.exit_code)).collect();
    let expected = [("apply-persistent", 0), ("bootstrap-persistent", 7), ("deploy-persistent", 7)];
    assert_eq!(ended, expected);
    assert!(scene.journal().is_empty(), "{:?}", scene.journal());
    // Nobody takes it for a run that was killed.
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert!(!run.stderr.contains("interrupted"), "{}", run.stderr);
    assert_eq!(scene.rows().len(), 4);
}

#[test]
fn what_had_ended_before_the_journal_was_full_outlives_the_run() {
    let test = "what_had_ended_before_the_journal_was_full_outlives_the_run";
    let Some((scene, run, mounted)) = full_journal(test, "kill -9 $PPID") else { return };
    assert_eq!(run.code, 137, "{}", run.stderr);
    let entries = scene.journal();
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    let kept = fs::read(entry).unwrap();
    drop(mounted);
    fs::write(entry, kept).unwrap();
    scene.xtask(&["verify"]).exits(0);
    let run = scene.xtask(&["registry", "sync"]);
    let rows = scene.rows();
    let ended: Vec<_> = rows.iter().map(|row| (row.phase.as_str(), row.exit_code)).collect();
    assert_eq!(ended, [("apply-persistent", 0), ("deploy-persistent", 137)], "{}", run.stderr);
}

#[test]
fn a_closed_stderr_changes_nothing() {
    let scene = scene();
    let xtask = env!("CARGO_BIN_EXE_xtask");
    let script = format!("exec {xtask} apply-persistent 2>&-");
    let run = scene.call("sh", &["-c", &script]).run().exits(7);
    assert_eq!(run.stdout, "to stdout\n");
    assert_eq!(scene.rows()[0].exit_code, 7);
}

#[test]
fn a_full_stderr_changes_nothing() {
    if !Path::new("/dev/full").exists() {
        skipped("a_full_stderr_changes_nothing", "/dev/full", "does not exist");
        return;
    }
    let scene = Scene::new().step("apply", &["bash", "-c", "echo to stdout; exit 7"]);
    let xtask = env!("CARGO_BIN_EXE_xtask");
    let script = format!("exec {xtask} apply-persistent 2>/dev/full");
    let run = scene.call("sh", &["-c", &script]).run().exits(7);
    assert_eq!(run.stdout, "to stdout\n");
    assert_eq!(scene.rows()[0].exit_code, 7);
}
