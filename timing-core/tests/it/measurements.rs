//! The measurements of budgets: a table of its own, under the promises of timings.

use std::time::Duration;

use timing_core::addition::Addition;
use timing_core::budget::measurement::Measurement;
use timing_core::budget::{Amount, Statistic, Unit};
use timing_core::deposit::{Depot, Destination, Own, measurements};
use timing_core::git::Git;
use timing_core::journal::{Journal, RunStart, Work};
use timing_core::record::Flags;
use timing_core::registry::audit::Mode;
use timing_core::registry::{InboxName, Registry, Source, Verdict};

use crate::fleet::{Fleet, PATIENT, RECORDER, Ship, executable, row};
use crate::sandbox::{self, BRANCH, DEV_CSV, run, stamp};
use crate::story::{lost, recover};

const CSV: &str = "environments/development/latest/budget_measurements.csv";

const HEADER: &str =
    "time_utc,metric,env,unit,statistic,value,samples,commit,version,run_id,flags\n";

fn measurement(metric: &str, n: u32) -> Measurement {
    Measurement {
        time: stamp(),
        metric: metric.parse().unwrap(),
        environment: "dev".parse().unwrap(),
        unit: Unit::Seconds,
        statistic: Statistic::Permille(950),
        value: Amount::whole(u64::from(n)),
        samples: 3,
        commit: Some("0123abc".parse().unwrap()),
        version: None,
        run: Some(run(n)),
        flags: Flags::default(),
    }
}

/// What the check `n` adds.
fn check(n: u32) -> Vec<Addition> {
    ["boot", "size"].map(|metric| measurement(metric, n).into()).to_vec()
}

fn line(metric: &str, n: u32) -> String {
    format!("{},{metric},dev,seconds,p95,{n},3,0123abc,,{},\n", stamp(), run(n))
}

/// The file with what these checks add.
fn csv(runs: impl IntoIterator<Item = u32>) -> String {
    let lines = runs.into_iter().flat_map(|n| ["boot", "size"].map(|metric| line(metric, n)));
    HEADER.to_owned() + &lines.collect::<String>()
}

fn journal(ship: &Ship<'_>) -> Journal {
    Journal::in_common_dir(&ship.dir.join(".git"))
}

fn depot<'a>(journal: &'a Journal, registry: &'a Registry) -> Depot<'a> {
    let patience = Duration::from_secs(5);
    Depot { journal, registry, destination: Destination::Remote, patience }
}

fn deposit(ship: &Ship<'_>, additions: &[Addition]) -> usize {
    let (journal, registry) = (journal(ship), ship.registry());
    let own = Own { additions, source: &Source::default(), recorder: RECORDER };
    let deposited = depot(&journal, &registry).deposit(&own, stamp()).unwrap();
    assert!(deposited.warnings.is_empty(), "{:?}", deposited.warnings);
    deposited.appended.map_or(0, |appended| appended.rows)
}

fn sync(ship: &Ship<'_>) -> usize {
    let (journal, registry) = (journal(ship), ship.registry());
    let sent = depot(&journal, &registry).sync(&PATIENT, RECORDER, stamp()).unwrap();
    assert!(sent.warnings.is_empty(), "{:?}", sent.warnings);
    assert!(journal.outbox().unwrap().0.is_empty());
    sent.outcome.unwrap().rows
}

fn at(ship: &Ship<'_>) -> String {
    ship.git(&["show", &format!("{BRANCH}:{CSV}")]) + "\n"
}

/// What is found, the runs in the order of their first row.
fn found(ship: &Ship<'_>) -> Vec<(String, String)> {
    let found = measurements(&journal(ship), &ship.registry()).unwrap();
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    let pair = |row: &Measurement| (row.run.as_ref().unwrap().to_string(), row.metric.to_string());
    found.measurements.iter().map(pair).collect()
}

fn expected(runs: &[u32]) -> Vec<(String, String)> {
    let pairs = runs
        .iter()
        .flat_map(|&n| ["boot", "size"].map(|metric| (run(n).to_string(), metric.to_owned())));
    pairs.collect()
}

#[test]
fn a_check_is_one_commit_and_comes_back_when_the_branch_lost_it() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    assert_eq!(deposit(&a, &check(1)), 2);
    assert_eq!(at(&a), csv([1]), "a new file has a header");
    insta::assert_snapshot!(a.git(&["log", "--format=%B", BRANCH]), @"
    chore(registry): record measurements for dev

    Measurements of budgets: 2

    Run-Id: 6974da8f00000001
    Recorded-By: xtask 0.1.0
    ");
    let tip = a.tip();
    assert_eq!(deposit(&a, &check(1)), 0);
    assert_eq!(a.tip(), tip, "nothing is added twice");
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    assert_eq!(found(&a), expected(&[1]), "from the outbox");
    // The next run of a deployment brings them back.
    assert_eq!(deposit(&a, &[row(7).into()]), 3);
    assert_eq!((at(&a), a.git(&["rev-list", "--count", BRANCH])), (csv([1]), "1".to_owned()));
    assert_eq!(sync(&a), 3);
    a.git(&["update-ref", "-d", &format!("refs/heads/{BRANCH}")]);
    assert_eq!(found(&a), expected(&[1]), "from what was fetched");
    fleet.assert_runs([7]);
}

#[test]
fn measurements_go_on_top_of_a_remote_that_moved() {
    let fleet = Fleet::new();
    let (a, b) = (fleet.clone("a"), fleet.clone("b"));
    deposit(&b, &check(1));
    sync(&b);
    deposit(&a, &check(2));
    assert_eq!(sync(&a), 2);
    // Only the local branch knows of it any more.
    deposit(&b, &check(3));
    std::fs::remove_file(journal(&b).directory().join("outbox.measurements")).unwrap();
    assert_eq!(sync(&b), 2);
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{CSV}")]) + "\n", csv([1, 2, 3]));
    // Nothing diverges: what is ahead is pushed as it is.
    deposit(&b, &check(4));
    let tip = b.tip();
    assert_eq!(sync(&b), 2);
    assert_eq!(fleet.git(&["rev-parse", BRANCH]), tip);
    sync(&a);
    assert_eq!(found(&a), expected(&[1, 2, 3, 4]));
}

#[test]
fn inboxes_bring_measurements_along_and_nothing_that_is_none() {
    let fleet = Fleet::new();
    let (a, ci) = (fleet.clone("a"), fleet.clone("ci"));
    deposit(&a, &check(1));
    let (journal, registry) = (journal(&a), a.registry());
    let name = InboxName::new("laptop", &run(9));
    let sent = depot(&journal, &registry).push_inbox(&name, &PATIENT, RECORDER, stamp()).unwrap();
    assert_eq!((sent.outcome.unwrap().rows, sent.offered, sent.waiting), (2, 2, 0));
    let drained = ci.drain();
    assert_eq!((drained.merged.len(), drained.kept.len()), (1, 0));
    assert_eq!(drained.synced.unwrap().rows, 2);
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{CSV}")]) + "\n", csv([1]));

    let intruder = fleet.clone("intruder");
    let good = csv([2]);
    for (n, bad) in [
        good.replace(HEADER, ""),
        good.replace(",p95,", ",p95 ,"),
        good.replace(",dev,", ",staging,"),
        good.replace(",2,3,", ",=2,3,"),
        good.trim_end().to_owned(),
        format!("{good}<script>\n"),
    ]
    .iter()
    .enumerate()
    {
        let branch = format!("timing-inbox/x-00000000deadbee{n}");
        intruder.commit_file(None, CSV, bad.as_bytes());
        intruder.git(&["push", "-q", "origin", &format!("{BRANCH}:refs/heads/{branch}")]);
        let drained = ci.drain();
        assert_eq!((drained.merged.len(), drained.kept.len()), (0, n + 1), "{bad}");
    }
    assert_eq!(fleet.git(&["show", &format!("{BRANCH}:{CSV}")]) + "\n", csv([1]));
}

#[test]
fn what_a_killed_check_had_measured_is_taken_along() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let journal = journal(&a);
    let environment = "dev".parse().unwrap();
    let mut entry = journal
        .create(&RunStart {
            run: &run(1),
            start: stamp(),
            target: "budget",
            environment: &environment,
            recorder: RECORDER,
            repository: &a.dir,
            source_sha: None,
            source_branch: None,
            work: Work::Measuring,
        })
        .unwrap();
    for metric in ["boot", "size"] {
        entry.measured(&measurement(metric, 1)).unwrap();
    }
    let text = std::fs::read_to_string(entry.path()).unwrap();
    assert!(text.starts_with("{\"event\":\"run_started\",\"format\":2,"), "{text}");
    assert_eq!(found(&a), expected(&[1]), "of a check that goes on");
    assert_eq!(deposit(&a, &check(2)), 2, "which is not taken from it");
    drop(entry);
    assert_eq!(deposit(&a, &[]), 2);
    assert_eq!(at(&a), csv([2, 1]));
    assert_eq!(journal.census().unwrap().left, 0);
}

#[test]
fn not_one_byte_of_a_file_that_others_wrote_changes() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    let old =
        format!("\u{feff}{}\r\n<<<<<<< HEAD\n{}", HEADER.trim_end(), line("boot", 1).trim_end());
    a.commit_file(None, CSV, old.as_bytes());
    assert_eq!(deposit(&a, &check(1)), 1, "one of the two is there");
    assert_eq!(at(&a), format!("{old}\n{}", line("size", 1)));
    let found = measurements(&journal(&a), &a.registry()).unwrap();
    assert_eq!((found.measurements.len(), found.warnings.len()), (2, 1));
    assert!(found.warnings[0].contains("line 2: time_utc"), "{}", found.warnings[0]);
    let held = a.registry().rows().unwrap().local.unwrap();
    assert_eq!((held.rows(), held.faults.len()), (2, 1));
}

#[test]
fn an_audit_sees_what_was_removed_and_a_recovery_brings_it_back() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    for n in 1..4 {
        deposit(&a, &check(n));
    }
    // The same run and name in the other table is another row.
    let mut timing = row(2);
    timing.phase = "boot".parse().unwrap();
    deposit(&a, &[timing.into()]);
    let registry = a.registry();
    assert_eq!(registry.audit().unwrap().verdict(), Verdict::OnlyAppended);
    let timings = a.git(&["show", &format!("{BRANCH}:{DEV_CSV}")]);
    let tip = a.tip();
    let edited = csv([1, 3]).replace(",p95,3,", ",p95,9,");
    a.commit_file(Some(&tip), CSV, edited.as_bytes());
    let audit = registry.audit().unwrap();
    assert_eq!(audit.verdict(), Verdict::Broken);
    let rows: Vec<String> = lost(&audit).into_iter().map(|(row, ..)| row).collect();
    assert_eq!(rows, ["boot", "size"].map(|metric| line(metric, 2)));
    let kinds: Vec<String> = audit.findings.iter().map(|found| found.kind.to_string()).collect();
    assert_eq!(kinds, ["2 rows removed (the file was overwritten)", "2 rows edited in place"]);
    assert_eq!(recover(&registry, &audit, Mode::Apply).rows, 2);
    let lines = ["boot", "size"].map(|metric| line(metric, 2)).concat();
    assert_eq!(at(&a), edited + &lines);
    assert_eq!(recover(&registry, &audit, Mode::Apply).rows, 0);
    assert_eq!(a.git(&["show", &format!("{BRANCH}:{DEV_CSV}")]), timings);
    assert!(registry.audit().unwrap().lost.is_empty());
}

#[test]
fn a_file_that_was_moved_is_not_lost() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    deposit(&a, &check(1));
    let moved = "old/measured.csv";
    a.commit_file(None, moved, csv([1]).as_bytes());
    let audit = a.registry().audit().unwrap();
    assert!(audit.lost.is_empty(), "{:?}", audit.lost);
}

#[test]
fn a_check_is_appended_with_as_many_processes_as_a_run() {
    let fleet = Fleet::new();
    let a = fleet.clone("a");
    deposit(&a, &check(1));
    // A git that notes what it is asked for.
    let (bin, trace) = (fleet.sandbox.path("bin"), fleet.sandbox.path("trace"));
    let path = std::env::var("PATH").unwrap();
    let script = format!("echo \"$*\" >> '{}'\nPATH='{path}' exec git \"$@\"", trace.display());
    executable(&bin.join("git"), &script);
    let path = format!("{}:{path}", bin.display());
    let machine = fleet.sandbox.environment().into_iter().filter(|(key, _)| key != "PATH");
    let git = Git::new(&a.dir, machine.chain([("PATH".into(), path.into())]));
    let (journal, registry) = (journal(&a), sandbox::registry(git));
    let both: Vec<Addition> = [check(2), vec![row(2).into()]].concat();
    let own = Own { additions: &both, source: &Source::default(), recorder: RECORDER };
    depot(&journal, &registry).deposit(&own, stamp()).unwrap();
    let trace = std::fs::read_to_string(trace).unwrap();
    assert_eq!(trace.lines().count(), 4, "{trace}");
}
