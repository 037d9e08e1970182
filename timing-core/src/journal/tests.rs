use super::*;
use crate::clock::UtcStamp;
use crate::record::{BuildId, ExitCode, Flags, LogPath, Phase, ResourceCounts, TimingRecord};

fn at(seconds: u64) -> UtcStamp {
    UtcStamp::from_unix_seconds(1_769_265_807 + seconds)
}

fn create(journal: &Journal, run: &str) -> std::io::Result<Entry> {
    journal.create(&RunStart {
        run: &run.parse().unwrap(),
        start: at(0),
        target: "deploy-persistent",
        environment: &"dev".parse().unwrap(),
        recorder: "xtask 0.1.0",
        repository: Path::new("/repo"),
        source_sha: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        source_branch: None,
        work: Work::Phases,
    })
}

fn start(entry: &mut Entry, phase: &str, seconds: u64) {
    let (phase, build_id): (Phase, BuildId) =
        (phase.parse().unwrap(), "persistent".parse().unwrap());
    let log: LogPath = format!("logs/{phase}.log").parse().unwrap();
    let flags: Flags = "RUN=6974d98fdeadbeef".parse().unwrap();
    entry
        .phase_started(&PhaseStart {
            phase: &phase,
            build_id: &build_id,
            start: at(seconds),
            flags: &flags,
            log_path: Some(&log),
        })
        .unwrap();
}

fn record(phase: &str, start: u64, duration_seconds: u64) -> TimingRecord {
    TimingRecord {
        start: at(start),
        duration_seconds,
        phase: phase.parse().unwrap(),
        environment: "dev".parse().unwrap(),
        build_id: "persistent".parse().unwrap(),
        exit_code: ExitCode(0),
        flags: "RUN=6974d98fdeadbeef".parse().unwrap(),
        resources_added: 3,
        resources_changed: 1,
        resources_destroyed: 0,
        log_path: None,
    }
}

/// A journal with one entry in which one phase has ended and two run.
fn interrupted() -> (tempfile::TempDir, Journal, Entry) {
    let common = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(common.path());
    let mut entry = create(&journal, "6974d98fdeadbeef").unwrap();
    start(&mut entry, "deploy-persistent", 0);
    start(&mut entry, "apply-persistent", 0);
    entry.phase_ended(&record("apply-persistent", 0, 10), &[]).unwrap();
    start(&mut entry, "bootstrap-persistent", 10);
    (common, journal, entry)
}

#[test]
fn an_entry_says_what_started_and_what_ended() {
    let (_common, _journal, entry) = interrupted();
    insta::assert_snapshot!(std::fs::read_to_string(entry.path()).unwrap(), @r#"
    {"event":"run_started","format":1,"run":"6974d98fdeadbeef","start":"2026-01-24T14:43:27Z","target":"deploy-persistent","environment":"dev","recorder":"xtask 0.1.0","repository":"/repo","source_sha":"0123456789abcdef0123456789abcdef01234567","source_branch":null}
    {"event":"phase_started","phase":"deploy-persistent","build_id":"persistent","start":"2026-01-24T14:43:27Z","flags":"RUN=6974d98fdeadbeef","log_path":"logs/deploy-persistent.log"}
    {"event":"phase_started","phase":"apply-persistent","build_id":"persistent","start":"2026-01-24T14:43:27Z","flags":"RUN=6974d98fdeadbeef","log_path":"logs/apply-persistent.log"}
    {"event":"phase_ended","row":"2026-01-24T14:43:27Z,2026-01-24T14:43:37Z,apply-persistent,dev,persistent,10,0,RUN=6974d98fdeadbeef,3,1,0,"}
    {"event":"phase_started","phase":"bootstrap-persistent","build_id":"persistent","start":"2026-01-24T14:43:37Z","flags":"RUN=6974d98fdeadbeef","log_path":"logs/bootstrap-persistent.log"}
    "#);
}

#[test]
fn the_entry_of_a_living_run_is_nobody_elses() {
    let (_common, journal, entry) = interrupted();
    let found = journal.leftovers().unwrap();
    assert_eq!((found.entries.len(), found.living), (0, 1));
    assert!(create(&journal, "6974d98fdeadbeef").is_err(), "two runs share an id");
    drop(entry);
    let found = journal.leftovers().unwrap();
    assert_eq!((found.entries.len(), found.living), (1, 0));
    // Found and not settled, it belongs to the finder.
    assert_eq!(journal.leftovers().unwrap().living, 1);
    for left in found.entries {
        left.settle().unwrap();
    }
    let found = journal.leftovers().unwrap();
    assert_eq!((found.entries.len(), found.living), (0, 0));
}

#[test]
fn what_was_running_is_recorded_as_interrupted() {
    let (_common, journal, entry) = interrupted();
    drop(entry);
    let left = journal.leftovers().unwrap().entries.remove(0);
    let rows =
        |records: Vec<TimingRecord>| String::from_utf8(crate::table::rows(&records)).unwrap();
    let evidence = |running: &Running| {
        (running.phase.as_str() == "bootstrap-persistent").then(|| Evidence {
            last: at(15),
            resources: ResourceCounts { added: 2, imported: 1, ..ResourceCounts::default() },
        })
    };
    insta::assert_snapshot!(rows(records(&left.history, evidence)), @"
    2026-01-24T14:43:27Z,2026-01-24T14:43:37Z,apply-persistent,dev,persistent,10,0,RUN=6974d98fdeadbeef,3,1,0,
    2026-01-24T14:43:37Z,2026-01-24T14:43:42Z,bootstrap-persistent,dev,persistent,5,137,RUN=6974d98fdeadbeef IMPORTED=1 OUTCOME=interrupted,2,0,0,logs/bootstrap-persistent.log
    2026-01-24T14:43:27Z,2026-01-24T14:43:42Z,deploy-persistent,dev,persistent,15,137,RUN=6974d98fdeadbeef OUTCOME=interrupted,0,0,0,logs/deploy-persistent.log
    ");
    // Without evidence a phase ends no earlier than it started, or than what was within it.
    let ends: Vec<UtcStamp> =
        records(&left.history, |_| None).iter().map(TimingRecord::end).collect();
    assert_eq!(ends, [at(10), at(10), at(10)]);
}

#[test]
fn a_line_that_was_being_written_never_happened() {
    let (_common, _journal, entry) = interrupted();
    let bytes = std::fs::read(entry.path()).unwrap();
    let whole = read(&bytes).unwrap();
    let last_line = memchr::memrchr(b'\n', &bytes[..bytes.len() - 1]).unwrap() + 1;
    for cut in last_line..bytes.len() {
        let history = read(&bytes[..cut]).unwrap();
        assert_eq!(history.running.len(), whole.running.len() - 1, "cut at {cut}");
        assert_eq!(history.ended, whole.ended);
    }
}

#[test]
fn a_damaged_entry_is_moved_aside_and_blocks_no_other() {
    let (_common, journal, entry) = interrupted();
    let mut bytes = std::fs::read(entry.path()).unwrap();
    drop(entry);
    bytes.extend_from_slice(b"\0\0\0\0\n");
    std::fs::write(journal.directory().join("6974d98fdeadbeef.jsonl"), bytes).unwrap();
    std::fs::write(journal.directory().join("0000000000000000.jsonl"), b"garbage\n").unwrap();
    std::fs::write(journal.directory().join("1111111111111111.jsonl"), b"").unwrap();
    drop(create(&journal, "7000000000000000").unwrap());
    let found = journal.leftovers().unwrap();
    let runs: Vec<&str> = found.entries.iter().map(|left| left.history.run.as_str()).collect();
    assert_eq!(runs, ["6974d98fdeadbeef", "7000000000000000"], "salvaged, and sound");
    assert_eq!(found.entries[0].history.ended.len(), 1);
    assert_eq!(found.set_aside.len(), 3);
    for aside in &found.set_aside {
        assert!(aside.path.starts_with(journal.directory().join("damaged")), "{aside:?}");
        assert!(aside.path.is_file());
    }
    for left in found.entries {
        left.settle().unwrap();
    }
    assert_eq!(journal.leftovers().unwrap().set_aside.len(), 0, "reported once");
    assert_eq!(std::fs::read_dir(journal.directory().join("damaged")).unwrap().count(), 3);
}

#[test]
fn a_newer_entry_is_left_alone() {
    let common = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(common.path());
    std::fs::create_dir_all(journal.directory()).unwrap();
    let path = journal.directory().join("6974d98fdeadbeef.jsonl");
    let text = "{\"event\":\"begin\",\"format\":3}\n{\"event\":\"unheard of\"}\n";
    std::fs::write(&path, text).unwrap();
    let found = journal.leftovers().unwrap();
    assert!(found.entries.is_empty());
    assert!(matches!(found.set_aside[0].fault, Fault::Newer { format: 3 }));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_run_that_died_before_it_was_born_leaves_nothing() {
    let common = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(common.path());
    std::fs::create_dir_all(journal.directory()).unwrap();
    let path = journal.directory().join("6974d98fdeadbeef.new");
    std::fs::write(&path, b"").unwrap();
    journal.leftovers().unwrap();
    assert!(path.exists(), "somebody may be making it");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    journal.leftovers().unwrap();
    assert!(!path.exists());
    // What holds something was locked once.
    std::fs::write(&path, b"{").unwrap();
    let found = journal.leftovers().unwrap();
    assert!(found.entries.is_empty() && found.set_aside.is_empty());
    assert_eq!(std::fs::read_dir(journal.directory()).unwrap().count(), 0);
}

#[test]
fn recorders_take_turns() {
    let common = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(common.path());
    let soon = std::time::Duration::from_millis(20);
    let turn = journal.lock(soon).unwrap().unwrap();
    assert!(journal.lock(soon).unwrap().is_none());
    drop(turn);
    assert!(journal.lock(soon).unwrap().is_some());
}

#[test]
fn the_outbox_keeps_rows_and_says_what_is_none() {
    let common = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(common.path());
    let turn = journal.lock(std::time::Duration::ZERO).unwrap().unwrap();
    let rows = [record("apply-persistent", 0, 10), record("deploy-persistent", 0, 12)]
        .map(crate::addition::Addition::from);
    journal.set_outbox(&turn, &rows).unwrap();
    assert_eq!(journal.outbox().unwrap(), (rows.to_vec(), Vec::new()));
    let path = journal.directory().join("outbox.csv");
    let text = std::fs::read_to_string(&path).unwrap() + "a,b\n";
    std::fs::write(&path, text).unwrap();
    let (read, others) = journal.outbox().unwrap();
    assert_eq!(read, rows);
    assert_eq!(others, ["outbox.csv line 4: 2 fields where a row has 12"]);
    assert!(journal.directory().join("damaged/outbox.csv").is_file());
    journal.set_outbox(&turn, &[]).unwrap();
    assert!(!path.exists());
}

#[test]
fn an_entry_is_made_while_others_look_for_leftovers() {
    let common = tempfile::tempdir().unwrap();
    let journal = Journal::in_common_dir(common.path());
    let done = std::sync::atomic::AtomicBool::new(false);
    // Alive until nobody looks any more.
    let created: Vec<_> = std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let found = journal.leftovers().unwrap();
                    assert!(found.entries.is_empty(), "a run that lives was taken for dead");
                }
            });
        }
        let created = (0..200).map(|n| create(&journal, &format!("{n:016x}"))).collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        created
    });
    let failed: Vec<_> = created.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} of 200: {:?}", failed.len(), failed.first());
}
