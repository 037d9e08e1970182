//! All that a person sees of a run on stderr, but what the steps themselves write there.
//!
//! Real commands under a clock that stands still but for the seconds that a step is said to take.

use std::path::{Path, PathBuf};
use std::time::Duration;

use timing_core::capture::{Signals, Streams};
use timing_core::clock::{FixedClock, UtcStamp};
use timing_core::deposit::Deposited;
use timing_core::record::RunId;
use timing_core::registry::Appended;
use timing_core::scan::StageKinds;

use super::{Decoration, Message, Reporter, rows, summary};
use crate::plan::{TargetName, build};
use crate::run::{
    self, Capture, Context, Observer, Outcome, PhaseEnded, PhaseStarted, StageChange, StepEnded,
    StepStarted,
};
use crate::session::{Expectation, Kept, Report};
use crate::settings::{Config, EnvSnapshot, Given, RawArgs, Settings, TimeLimit};

/// A reporter in whose run every step takes 83.4 seconds.
struct Timed<'a> {
    reporter: Reporter<&'a mut Vec<u8>>,
    clock: &'a FixedClock,
    /// Passes at the end of each phase.
    pause: Duration,
}

impl Observer for Timed<'_> {
    fn nothing_started(&mut self) {
        self.reporter.nothing_started();
    }

    fn target_started(&mut self, target: &'static str) {
        self.reporter.target_started(target);
    }

    fn phase_started(&mut self, phase: &PhaseStarted<'_>) {
        self.reporter.phase_started(phase);
    }

    fn phase_ended(&mut self, phase: &PhaseEnded) {
        self.reporter.phase_ended(phase);
        self.clock.advance(self.pause);
    }

    fn step_started(&mut self, step: &StepStarted<'_>) {
        self.reporter.step_started(step);
        self.clock.advance(Duration::from_millis(83_400));
    }

    fn stage(&mut self, change: &StageChange<'_>) {
        self.reporter.stage(change);
    }

    fn output(&mut self, bytes: &[u8]) {
        self.reporter.output(bytes);
    }

    fn step_ended(&mut self, step: &StepEnded<'_>) {
        self.reporter.step_ended(step);
    }

    fn warning(&mut self, warning: &str) {
        self.reporter.warning(warning);
    }
}

fn settings(repository: &Path, toml: &str) -> Settings {
    let given = vec![Given::Assignment("CREATE_RDS=false".to_owned())];
    let raw = RawArgs { given, ..RawArgs::default() };
    let config = Config::parse(toml, Path::new("/repo/xtask.toml")).unwrap();
    let nothing = |_: &Path| Ok(None);
    let repository = repository.to_path_buf();
    Settings::resolve(&raw, &EnvSnapshot::default(), &config, repository, &nothing).unwrap()
}

/// Deploys with the steps that `toml` names, in `capture`, and tells all that was said.
fn deployed(toml: &str, capture: Capture, decoration: Decoration) -> (String, Outcome) {
    deployed_within(None, toml, capture, decoration)
}

/// The same in no more than `timeout`; where there is one, 83.4 seconds pass after each phase too.
fn deployed_within(
    timeout: Option<TimeLimit>,
    toml: &str,
    capture: Capture,
    decoration: Decoration,
) -> (String, Outcome) {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(directory.path(), toml);
    let clock = FixedClock::at(UtcStamp::from_unix_seconds(1_769_265_807));
    let run: RunId = "6974d98fdeadbeef".parse().unwrap();
    let signals = Signals::none();
    let context = Context {
        repository: &settings.repository,
        directory: &settings.platform_root,
        environment: &settings.environment,
        variables: &std::env::vars_os().collect(),
        run: &run,
        invocation: "xtask deploy-persistent",
        capture,
        timeout,
        grace: TimeLimit::GRACE,
        stage_kinds: &StageKinds::default(),
        signals: &signals,
        clock: &clock,
        told: &|_| Vec::new(),
        drainer: &["cat".into()],
    };
    let mut said = Vec::new();
    let environment = settings.environment.clone();
    let reporter = Reporter::new(&mut said, decoration, environment, Streams::Merged);
    let pause = timeout.map_or(Duration::ZERO, |_| Duration::from_millis(83_400));
    let mut timed = Timed { reporter, clock: &clock, pause };
    let plan = build(TargetName::DeployPersistent, &settings).unwrap();
    let outcome = run::run(&plan, &context, &mut timed);
    timed.reporter.line("");
    timed.reporter.line(&summary(&outcome.phases, None));
    (String::from_utf8(said).unwrap(), outcome)
}

const SUCCESS: &str = r#"
[env.dev.steps]
apply = ["echo", "Apply complete! Resources: 3 added, 1 changed, 0 destroyed."]
bootstrap = ["bash", "-c", "echo '=== Stage 1 ==='", "--token", "t0k3n"]
verify = ["false"]
"#;

/// The second step fails; of its fifty-one lines the last forty are shown.
const FAILURE: &str = r#"
[env.dev.steps]
apply = ["true"]
bootstrap = ["bash", "-c", "seq 50; printf 'no newline'; exit 7"]
verify = ["true"]
"#;

#[test]
fn a_deployment_that_succeeds() {
    let (said, outcome) = deployed(SUCCESS, Capture::Compact, Decoration::Plain);
    assert_eq!(outcome.exit_code.0, 0);
    insta::assert_snapshot!(said);
}

#[test]
fn time_that_is_up_between_two_steps_keeps_the_next_from_starting() {
    let timeout = Some("2m".parse().unwrap());
    let (said, outcome) = deployed_within(timeout, SUCCESS, Capture::Compact, Decoration::Plain);
    let codes: Vec<u8> = outcome.phases.iter().map(|phase| phase.exit_code.0).collect();
    assert_eq!((outcome.exit_code.0, codes), (124, vec![0, 124]));
    let last = said.lines().filter(|line| line.contains("did not")).collect::<String>();
    assert_eq!(last, "warning: the run did not end within 2m; did not start bootstrap-persistent");
}

#[test]
fn the_same_on_a_terminal() {
    let (said, _) = deployed(SUCCESS, Capture::Compact, Decoration::Rich);
    insta::assert_snapshot!(said.replace('\u{1b}', "␛"));
}

#[test]
fn a_deployment_that_fails_shows_the_end_of_what_was_hidden() {
    let (said, outcome) = deployed(FAILURE, Capture::Compact, Decoration::Plain);
    assert_eq!(outcome.exit_code.0, 7);
    insta::assert_snapshot!(said);
}

#[test]
fn a_summary_on_80_columns_breaks_no_path() {
    let (_, outcome) = deployed(SUCCESS, Capture::Compact, Decoration::Plain);
    let narrow = summary(&outcome.phases, Some(80));
    let (table, logs) = narrow.split_once("\n\n").unwrap();
    assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    for phase in &outcome.phases {
        let log = format!("{}:\n  {}", phase.target, phase.log.as_ref().unwrap());
        assert!(logs.contains(&log), "{logs}");
    }
}

#[test]
fn steps_that_cannot_be_started() {
    let toml = "[env.dev.steps]\napply = [\"no-such-program\"]\n";
    let (said, outcome) = deployed(toml, Capture::Shown, Decoration::Plain);
    assert_eq!(outcome.exit_code.0, 127);
    insta::assert_snapshot!(said);
}

#[test]
fn where_the_rows_went() {
    let row = "2026-01-24T14:43:27Z,2026-01-24T14:59:03Z,apply-persistent,dev,…";
    let missed = |kept, expected| Report::NotRecorded {
        rows: vec![row.to_owned(), row.to_owned()],
        reason: "the reason; what to do".to_owned(),
        kept,
        expected,
    };
    let journal = Kept::Journal(PathBuf::from("/repo/.git/timing-journal/6974d98fdeadbeef.jsonl"));
    let file = Kept::File(PathBuf::from("/repo/logs/build-timings/rows-6974d98fdeadbeef.csv"));
    let reports = [
        Report::Recorded {
            rows: 1,
            branch: "governance-registry".parse().unwrap(),
            deposited: Deposited {
                appended: Some(Appended {
                    commit: "ce013625030ba8dba906f756967f9e9ca394464a".parse().unwrap(),
                    branch: "governance-registry".parse().unwrap(),
                    rows: 3,
                }),
                taken_along: 2,
                interrupted: vec!["6974d98f00000001".to_owned()],
                set_aside: Vec::new(),
                waiting: 0,
                journal_unusable: None,
                warnings: vec!["something beside went wrong".to_owned()],
            },
        },
        missed(journal, Expectation::Failure),
        missed(file.clone(), Expectation::Failure),
        missed(file, Expectation::Expected),
        missed(Kept::Printed("No space left on device".to_owned()), Expectation::Failure),
    ];
    let said: Vec<String> = reports
        .iter()
        .flat_map(rows)
        .map(|message| match message {
            Message::Note(note) => note,
            Message::Warning(warning) => format!("warning: {warning}"),
        })
        .collect();
    insta::assert_snapshot!(said.join("\n\n"));
}
