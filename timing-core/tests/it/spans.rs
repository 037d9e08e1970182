//! The spans of runs: files of their own, under the promises of rows.

use std::time::Duration;

use timing_core::addition::{self, Addition};
use timing_core::deposit::{Depot, Destination, Own, Which, spans};
use timing_core::journal::{Journal, PhaseStart, RunStart};
use timing_core::record::TimingRecord;
use timing_core::registry::{InboxName, Registry, Source};
use timing_core::stages::{Kind, Outcome, PhaseSpans, Span};

use crate::fleet::{Fleet, PATIENT, RECORDER, Ship, row};
use crate::sandbox::{BRANCH, run, stamp};

const FILE: &str = "environments/development/history/2026-01-24-1443Z-0000000/stages-";

fn span(name: &str) -> Span {
    Span {
        kind: Kind::Stage,
        name: name.to_owned(),
        start: Duration::from_millis(5),
        duration: Duration::from_millis(1200),
        outcome: Outcome::Complete,
        parent: None,
    }
}

fn phase_spans(n: u32) -> PhaseSpans {
    let spans = vec![span(&format!("Stage 1: of {n}")), span("=cmd, \"quoted\"")];
    PhaseSpans { phase: "apply-persistent".parse().unwrap(), spans }
}

/// What the run `n` adds: a row and a file.
fn additions(n: u32) -> Vec<Addition> {
    addition::of_run(&run(n), &"dev".parse().unwrap(), None, vec![row(n)], &[phase_spans(n)])
}

fn journal(ship: &Ship<'_>) -> Journal {
    Journal::in_common_dir(&ship.dir.join(".git"))
}

fn depot<'a>(journal: &'a Journal, registry: &'a Registry) -> Depot<'a> {
    let patience = Duration::from_secs(5);
    Depot { journal, registry, destination: Destination::Remote, patience }
}

fn deposit(ship: &Ship<'_>, additions: &[Addition]) {
    let (journal, registry) = (journal(ship), ship.registry());
    let own = Own { additions, source: &Source::default(), recorder: RECORDER };
    let deposited = depot(&journal, &registry).deposit(&own, stamp()).unwrap();
    assert!(deposited.warnings.is_empty(), "{:?}", deposited.warnings);
}

fn sync(ship: &Ship<'_>) {
    let (journal, registry) = (journal(ship), ship.registry());
    let sent = depot(&journal, &registry).sync(&PATIENT, RECORDER, stamp()).unwrap();
    assert!(sent.warnings.is_empty(), "{:?}", sent.warnings);
    sent.outcome.unwrap();
    assert!(journal.outbox().unwrap().0.is_empty());
}

fn file(n: u32) -> String {
    format!("{FILE}{}.csv", run(n))
}

/// The remote has the row and the file of each of these runs, added by one commit.
fn assert_there(fleet: &Fleet, runs: impl IntoIterator<Item = u32>) {
    let runs: Vec<u32> = runs.into_iter().collect();
    fleet.assert_runs(runs.iter().copied());
    for n in runs {
        let path = file(n);
        let said = fleet.git(&["log", "--format=%H", "--name-status", BRANCH, "--", &path]);
        assert_eq!(said.lines().count(), 3, "added once and never changed:\n{said}");
        let text = fleet.git(&["show", &format!("{BRANCH}:{path}")]);
        assert!(text.contains(&format!("Stage 1: of {n},,5,1200,complete")), "{text}");
    }
}

fn read(ship: &Ship<'_>, which: &Which<'_>) -> Vec<String> {
    let found = spans(&journal(ship), &ship.registry(), which).unwrap();
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    found
        .runs
        .iter()
        .map(|run| format!("{} {}", run.of.run(), run.phases[0].spans[0].name))
        .collect()
}

fn latest(ship: &Ship<'_>, count: usize) -> Vec<String> {
    let environment = "dev".parse().unwrap();
    read(ship, &Which::Latest { environment: &environment, phase: None, count })
}

fn expected(runs: &[u32]) -> Vec<String> {
    runs.iter().map(|&n| format!("{} Stage 1: of {n}", run(n))).collect()
}

#[test]
fn a_file_is_added_with_its_rows_and_again_when_the_branch_lost_it() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    deposit(&a, &additions(1));
    let tip = a.tip();
    let added = a.git(&["show", "--format=", "--name-status", &tip]);
    assert!(added.contains(&format!("A\t{}", file(1))), "{added}");
    assert!(added.contains("latest/build_timings.csv"), "one commit:\n{added}");
    // Nothing is added twice.
    deposit(&a, &additions(1));
    assert_eq!(a.tip(), tip);
    // Somebody resets the branch; the next run brings both back.
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    deposit(&a, &additions(2));
    assert_eq!(latest(&a, 9), expected(&[1, 2]));
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    assert_eq!(latest(&a, 9), expected(&[1, 2]), "from the outbox");
    sync(&a);
    assert_there(&fleet, 1..3);
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    assert_eq!(latest(&a, 1), expected(&[2]), "from what was fetched");
    assert_eq!(read(&a, &Which::Runs(&[run(1)])), expected(&[1]));
    assert_eq!(a.registry().audit().unwrap().findings.len(), 0);
}

#[test]
fn files_go_on_top_of_a_remote_that_moved() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    deposit(&b, &additions(1));
    sync(&b);
    deposit(&a, &additions(2));
    sync(&a);
    // Only the local branch knows of it any more.
    deposit(&b, &additions(3));
    std::fs::remove_file(journal(&b).directory().join("outbox.csv")).unwrap();
    std::fs::remove_file(journal(&b).directory().join("outbox.files")).unwrap();
    sync(&b);
    assert_there(&fleet, 1..4);
    sync(&a);
    assert_eq!(latest(&a, 2), expected(&[2, 3]));
}

#[test]
fn a_file_of_the_remotes_is_not_replaced_by_ours() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    deposit(&a, &additions(1));
    sync(&a);
    let other = addition::of_run(
        &run(1),
        &"dev".parse().unwrap(),
        None,
        vec![row(1)],
        &[PhaseSpans { spans: vec![span("other")], ..phase_spans(1) }],
    );
    deposit(&b, &other);
    sync(&b);
    assert_there(&fleet, [1]);
}

#[test]
fn inboxes_bring_files_along_and_nothing_that_is_no_spans() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    deposit(&a, &additions(1));
    let name = InboxName::new("laptop", &run(9));
    let (journal, registry) = (journal(&a), a.registry());
    let sent = depot(&journal, &registry).push_inbox(&name, &PATIENT, RECORDER, stamp()).unwrap();
    assert!(sent.warnings.is_empty(), "{:?}", sent.warnings);
    assert_eq!((sent.outcome.unwrap().rows, sent.waiting), (1, 0));
    let drained = ci.drain();
    assert_eq!((drained.merged.len(), drained.kept.len()), (1, 0));
    assert_there(&fleet, [1]);

    let (intruder, branch) = (fleet.clone("intruder"), "timing-inbox/x-00000000deadbeef");
    intruder.commit_file(None, &file(5), b"phase,kind\nrm -rf\n");
    intruder.git(&["push", "-q", "origin", &format!("{BRANCH}:refs/heads/{branch}")]);
    let drained = ci.drain();
    assert_eq!((drained.merged.len(), drained.kept.len()), (0, 1));
    assert!(drained.kept[0].reason.contains("header"), "{}", drained.kept[0].reason);
}

#[test]
fn a_killed_run_leaves_the_spans_of_what_ended() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let journal = journal(&a);
    let entry = |n: u32| {
        let record: TimingRecord = row(n);
        let mut entry = journal
            .create(&RunStart {
                run: &run(n),
                start: stamp(),
                target: "deploy-persistent",
                environment: &record.environment,
                recorder: RECORDER,
                repository: &a.dir,
                source_sha: None,
                source_branch: None,
                work: timing_core::journal::Work::Phases,
            })
            .unwrap();
        for phase in ["deploy-persistent", "apply-persistent"] {
            entry
                .phase_started(&PhaseStart {
                    phase: &phase.parse().unwrap(),
                    build_id: &record.build_id,
                    start: record.start,
                    flags: &record.flags,
                    log_path: None,
                })
                .unwrap();
        }
        entry.phase_ended(&record, &phase_spans(n).spans).unwrap();
        entry
    };
    let living = entry(1);
    assert_eq!(latest(&a, 9), expected(&[1]), "of a run that goes on");
    drop(living);
    deposit(&a, &additions(2));
    assert_eq!(latest(&a, 9), expected(&[1, 2]));
    sync(&a);
    let listed = fleet.git(&["ls-tree", "-r", "--name-only", BRANCH]);
    assert!(listed.contains(&file(1)) && listed.contains(&file(2)), "{listed}");
}

#[test]
fn the_latest_runs_of_a_phase_are_found_among_others() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    for n in 0..20 {
        let phase = if n % 10 == 0 { "rds-apply" } else { "apply-persistent" };
        let spans = PhaseSpans { phase: phase.parse().unwrap(), ..phase_spans(n) };
        let environment = "dev".parse().unwrap();
        deposit(&a, &addition::of_run(&run(n), &environment, None, vec![row(n)], &[spans]));
    }
    let (environment, phase) = ("development".parse().unwrap(), "rds-apply".parse().unwrap());
    let which = |count| Which::Latest { environment: &environment, phase: Some(&phase), count };
    assert_eq!(read(&a, &which(1)), expected(&[10]));
    assert_eq!(read(&a, &which(5)), expected(&[0, 10]));
}
