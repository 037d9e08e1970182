//! The outbox and the remote.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use timing_core::deposit::{Depot, Destination, Own};
use timing_core::journal::Journal;
use timing_core::registry::{InboxName, Registry, Source, SyncPolicy};

use crate::fleet::{Fleet, PATIENT, RECORDER, SHORT, Ship, row};
use crate::sandbox::{self, BRANCH, run, stamp};

fn depot<'a>(journal: &'a Journal, registry: &'a Registry) -> Depot<'a> {
    let patience = Duration::from_secs(5);
    Depot { journal, registry, destination: Destination::Remote, patience }
}

fn journal(ship: &Ship<'_>) -> Journal {
    Journal::in_common_dir(&ship.dir.join(".git"))
}

fn deposit(depot: &Depot<'_>, n: u32) -> usize {
    let (additions, source) = ([row(n).into()], Source::default());
    let own = Own { additions: &additions, source: &source, recorder: RECORDER };
    depot.deposit(&own, stamp()).unwrap().waiting
}

#[test]
fn rows_wait_until_they_were_seen_at_the_remote() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let (journal, registry) = (journal(&a), a.registry());
    let depot = depot(&journal, &registry);
    assert_eq!((deposit(&depot, 1), deposit(&depot, 2)), (1, 2));
    fleet.hook("pre-receive", "exit 1");
    let refused = depot.sync(&PATIENT, RECORDER, stamp()).unwrap();
    assert!(refused.outcome.is_err());
    assert_eq!((refused.offered, refused.waiting), (2, 2));
    assert_eq!(journal.outbox().unwrap().0, [row(1).into(), row(2).into()]);
    // Somebody resets the branch: the rows still go.
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    std::fs::remove_file(fleet.bare.join("hooks/pre-receive")).unwrap();
    let sent = depot.sync(&PATIENT, RECORDER, stamp()).unwrap();
    assert_eq!((sent.outcome.unwrap().rows, sent.offered, sent.waiting), (2, 2, 0));
    assert!(sent.warnings.is_empty());
    assert!(journal.outbox().unwrap().0.is_empty());
    fleet.assert_runs(1..3);
}

#[test]
fn an_outbox_that_cannot_be_read_is_not_replaced() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let (journal, registry) = (journal(&a), a.registry());
    let depot = depot(&journal, &registry);
    deposit(&depot, 1);
    let outbox = journal.directory().join("outbox.csv");
    // What it holds is out of reach, and could be replaced all the same.
    std::fs::remove_file(&outbox).unwrap();
    std::os::unix::fs::symlink("outbox.csv", &outbox).unwrap();
    deposit(&depot, 2);
    assert!(outbox.is_symlink());
    assert_eq!(
        a.git(&["show", &format!("{BRANCH}:environments/development/latest/build_timings.csv")])
            .lines()
            .count(),
        3
    );
}

#[test]
fn rows_that_somebody_else_brought_there_wait_no_longer() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    let (journal, registry) = (journal(&a), a.registry());
    let depot = depot(&journal, &registry);
    deposit(&depot, 1);
    b.sync(&[row(1)]);
    let sent = depot.sync(&PATIENT, RECORDER, stamp()).unwrap();
    assert_eq!((sent.outcome.unwrap().rows, sent.waiting), (0, 0));
    fleet.assert_runs([1]);
}

#[test]
fn an_inbox_takes_the_rows_off_the_outbox() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    let (journal, registry) = (journal(&a), a.registry());
    let depot = depot(&journal, &registry);
    deposit(&depot, 1);
    let name = InboxName::new("laptop", &run(1));
    let sent = depot.push_inbox(&name, &PATIENT, RECORDER, stamp()).unwrap();
    assert_eq!((sent.outcome.unwrap().rows, sent.waiting), (1, 0));
    ci.drain();
    fleet.assert_runs([1]);
}

#[test]
fn what_a_killed_run_left_goes_along() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let (journal, registry) = (journal(&a), a.registry());
    let mut entry = journal
        .create(&timing_core::journal::RunStart {
            run: &run(1),
            start: stamp(),
            target: "apply-persistent",
            environment: &"dev".parse().unwrap(),
            recorder: RECORDER,
            repository: &a.dir,
            source_sha: None,
            source_branch: None,
            work: timing_core::journal::Work::Phases,
        })
        .unwrap();
    let record = row(1);
    entry
        .phase_started(&timing_core::journal::PhaseStart {
            phase: &record.phase,
            build_id: &record.build_id,
            start: record.start,
            flags: &record.flags,
            log_path: None,
        })
        .unwrap();
    drop(entry);
    // The run is this very process, in which other tests fork: until such a child becomes git it
    // holds the lock of the entry, too.
    let deadline = Instant::now() + Duration::from_secs(60);
    let sent = loop {
        let sent = depot(&journal, &registry).sync(&PATIENT, RECORDER, stamp()).unwrap();
        if sent.offered > 0 || Instant::now() > deadline {
            break sent;
        }
    };
    assert_eq!((sent.outcome.unwrap().rows, sent.waiting), (1, 0));
    assert_eq!(sent.interrupted, [run(1).to_string()]);
    fleet.assert_runs([1]);
    assert!(fleet.csv().contains("OUTCOME=interrupted"));
    assert!(!journal.directory().join(format!("{}.jsonl", run(1))).exists());
}

#[test]
fn a_recorder_does_not_wait_for_the_network() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/x", listener.local_addr().unwrap());
    a.git(&["remote", "set-url", "origin", &url]);
    let (journal, registry) = (journal(&a), a.registry());
    let depot = depot(&journal, &registry);
    deposit(&depot, 1);
    let policy = SyncPolicy { total: Duration::from_secs(60), ..SHORT };
    std::thread::scope(|scope| {
        let sync = scope.spawn(|| depot.sync(&policy, RECORDER, stamp()).unwrap());
        // It hangs in the network now, and goes on hanging.
        let held = listener.accept().unwrap();
        assert_eq!(deposit(&depot, 2), 2);
        assert!(!sync.is_finished());
        drop(held);
        let sent = sync.join().unwrap();
        assert!(sent.outcome.is_err());
    });
    assert_eq!(journal.outbox().unwrap().0, [row(1).into(), row(2).into()]);
}

#[test]
fn rows_that_come_in_while_others_travel_go_on_waiting() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let (journal, registry) = (journal(&a), a.registry());
    let depot = depot(&journal, &registry);
    deposit(&depot, 1);
    // The remote holds the push up until the second row was deposited.
    let (reached, go) = (fleet.sandbox.path("reached"), fleet.sandbox.path("go"));
    fleet.hook(
        "pre-receive",
        &format!(
            ": > '{}'; while ! test -e '{}'; do sleep 0.02; done",
            reached.display(),
            go.display()
        ),
    );
    std::thread::scope(|scope| {
        let sync = scope.spawn(|| depot.sync(&PATIENT, RECORDER, stamp()).unwrap());
        let deadline = Instant::now() + Duration::from_secs(60);
        while !reached.exists() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(deposit(&depot, 2), 2);
        std::fs::write(go, "").unwrap();
        let sent = sync.join().unwrap();
        assert_eq!(
            (sent.outcome.unwrap().rows, sent.waiting),
            (1, 1),
            "what waits is the later row"
        );
    });
    assert_eq!(journal.outbox().unwrap().0, [row(2).into()]);
    fleet.assert_runs([1]);
    assert_eq!(depot.sync(&PATIENT, RECORDER, stamp()).unwrap().waiting, 0);
    fleet.assert_runs(1..3);
    assert_eq!(sandbox::rows(&fleet.csv()), 2);
}
