use super::*;
use crate::history::{Gathered, Source, gather_file, series};

/// Rows of the twelve columns: day of January, what it did, seconds; each spelled
/// `day env phase exit resources seconds`.
fn rows(lines: &[&str]) -> Gathered {
    let line = |line: &&str| {
        let [day, environment, phase, exit, resources, seconds] =
            line.split(' ').collect::<Vec<_>>()[..]
        else {
            panic!("{line}")
        };
        let resources = match resources {
            "?" => ",,".to_owned(),
            counts => counts.replace('/', ","),
        };
        format!(
            "2026-01-{day}T00:00:00Z,,{phase},{environment},b,{seconds},{exit},,{resources},x.log\n"
        )
    };
    let text: String = lines.iter().map(line).collect();
    gather_file(&Source { name: "x".to_owned(), bytes: text.into() })
}

fn epoch(since: &str, environment: Option<&str>, phase: Option<&str>) -> Epoch {
    Epoch {
        since: since.parse().unwrap(),
        why: "because".to_owned(),
        environment: environment.map(|name| name.parse().unwrap()),
        phase: phase.map(|name| name.parse().unwrap()),
    }
}

/// `environment phase: latest < the baseline`, all by their seconds.
fn compared(lines: &[&str], epochs: &[Epoch], window: usize) -> Vec<String> {
    let gathered = rows(lines);
    let rows: Vec<&Row<'_>> = gathered.rows.iter().collect();
    let window = NonZeroUsize::new(window).unwrap();
    let shown = |series: &Series<'_, '_>| {
        let phase = series.phase.unwrap();
        let name = format!("{} {phase}:", series.environment);
        let Some(found) = compare(series, phase, epochs, window) else { return name + " none" };
        let seconds = |row: &&Row<'_>| format!(" {}", row.duration_seconds);
        let baseline: String = found.baseline.iter().map(seconds).collect();
        let outdated = if found.is_outdated() { " outdated" } else { "" };
        format!("{name} {} <{baseline}{outdated}", found.latest.duration_seconds)
    };
    series(&rows, None).iter().map(shown).collect()
}

#[test]
fn only_runs_of_the_same_environment_and_phase_are_compared() {
    let lines = [
        "01 dev apply 0 1/0/0 10",
        "02 test apply 0 1/0/0 20",
        "03 dev build 0 1/0/0 30",
        "04 dev apply 0 1/0/0 40",
    ];
    assert_eq!(
        compared(&lines, &[], 20),
        ["dev apply: 40 < 10", "dev build: 30 <", "test apply: 20 <"]
    );
}

#[test]
fn failures_are_neither_latest_nor_baseline() {
    let lines = [
        "01 dev apply 1 1/0/0 10",
        "02 dev apply 0 1/0/0 20",
        "03 dev apply 255 1/0/0 30",
        "04 dev apply 0 1/0/0 40",
        "05 dev apply 130 1/0/0 50",
        "06 dev build 1 0/0/0 60",
    ];
    assert_eq!(compared(&lines, &[], 20), ["dev apply: 40 < 20", "dev build: none"]);
}

#[test]
fn runs_that_changed_nothing_are_kept_apart_from_those_that_did() {
    let earlier = [
        "01 dev apply 0 0/0/0 1",
        "02 dev apply 0 0/0/2 2",
        "03 dev apply 0 ? 3",
        "04 dev apply 0 1/0/0 4",
        "05 dev apply 0 0/1/0 5",
        "06 dev apply 0 0/0/0 6",
        "07 dev apply 0 ? 7",
    ];
    let with = |latest: &'static str| {
        let lines: Vec<&str> = earlier.into_iter().chain([latest]).collect();
        compared(&lines, &[], 20).remove(0)
    };
    assert_eq!(with("08 dev apply 0 3/0/0 8"), "dev apply: 8 < 2 4 5");
    assert_eq!(with("08 dev apply 0 0/0/0 8"), "dev apply: 8 < 1 6");
    assert_eq!(with("08 dev apply 0 ? 8"), "dev apply: 8 < 3 7");
}

#[test]
fn the_baseline_is_the_newest_of_those_before() {
    let lines = ["01 dev a 0 ? 1", "02 dev a 0 ? 2", "03 dev a 0 ? 3", "04 dev a 0 ? 4"];
    assert_eq!(compared(&lines, &[], 2), ["dev a: 4 < 2 3"]);
    assert_eq!(compared(&lines, &[], 20), ["dev a: 4 < 1 2 3"]);
}

#[test]
fn order_is_by_start_and_then_by_place_in_the_file() {
    let lines =
        ["05 dev a 0 ? 1", "09 dev a 0 ? 2", "05 dev a 0 ? 3", "09 dev a 0 ? 4", "01 dev a 0 ? 5"];
    assert_eq!(compared(&lines, &[], 20), ["dev a: 4 < 5 1 3 2"]);
}

#[test]
fn an_epoch_begins_with_the_run_that_starts_at_its_second() {
    let lines = ["01 dev a 0 ? 1", "02 dev a 0 ? 2", "03 dev a 0 ? 3", "04 dev a 0 ? 4"];
    for (since, expected) in [
        ("2026-01-01T00:00:00Z", "dev a: 4 < 1 2 3"),
        ("2026-01-01T00:00:01Z", "dev a: 4 < 2 3"),
        ("2026-01-02T00:00:00Z", "dev a: 4 < 2 3"),
        ("2026-01-02T00:00:01Z", "dev a: 4 < 3"),
        ("2026-01-04T00:00:00Z", "dev a: 4 <"),
        ("2026-01-04T00:00:01Z", "dev a: 4 < outdated"),
    ] {
        assert_eq!(compared(&lines, &[epoch(since, None, None)], 20), [expected], "{since}");
    }
}

#[test]
fn an_epoch_may_be_about_one_environment_or_one_phase() {
    let lines = [
        "01 dev a 0 ? 1",
        "01 dev b 0 ? 2",
        "01 test a 0 ? 3",
        "03 dev a 0 ? 4",
        "03 dev b 0 ? 5",
        "03 test a 0 ? 6",
    ];
    let with = |environment, phase| {
        compared(&lines, &[epoch("2026-01-02T00:00:00Z", environment, phase)], 20)
    };
    assert_eq!(with(None, None), ["dev a: 4 <", "dev b: 5 <", "test a: 6 <"]);
    assert_eq!(with(Some("dev"), None), ["dev a: 4 <", "dev b: 5 <", "test a: 6 < 3"]);
    assert_eq!(with(Some("development"), None), with(Some("dev"), None));
    assert_eq!(with(None, Some("a")), ["dev a: 4 <", "dev b: 5 < 2", "test a: 6 <"]);
    assert_eq!(with(Some("dev"), Some("a")), ["dev a: 4 <", "dev b: 5 < 2", "test a: 6 < 3"]);
    assert_eq!(with(Some("prod"), Some("a")), ["dev a: 4 < 1", "dev b: 5 < 2", "test a: 6 < 3"]);
}

#[test]
fn of_many_epochs_the_newest_that_concerns_a_phase_holds() {
    let lines = ["01 dev a 0 ? 1", "03 dev a 0 ? 2", "05 dev a 0 ? 3"];
    let mut epochs = [
        epoch("2026-01-02T00:00:00Z", None, None),
        epoch("2026-01-01T00:00:00Z", Some("dev"), None),
        epoch("2026-01-04T00:00:00Z", Some("test"), None),
    ];
    assert_eq!(compared(&lines, &epochs, 20), ["dev a: 3 < 2"]);
    epochs.reverse();
    assert_eq!(compared(&lines, &epochs, 20), ["dev a: 3 < 2"], "in whatever order they stand");
}
