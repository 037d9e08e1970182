use super::*;
use crate::table::{Reading, read_line};

const DAY: u64 = 86_400;

fn at(seconds: u64) -> UtcStamp {
    UtcStamp::from_unix_seconds(1_700_000_000 + seconds)
}

/// Deployments of 100 seconds: `+` succeeded, `-` failed, `x` was cancelled; one starts every 1000
/// seconds, `.` is a pause.
fn deployments(outcomes: &str) -> Vec<Deployment> {
    let one = |(place, outcome): (usize, char)| {
        let outcome = match outcome {
            '+' => Outcome::Succeeded,
            '-' => Outcome::Failed,
            'x' => Outcome::Cancelled,
            _ => return None,
        };
        let start = 1000 * u64::try_from(place).unwrap();
        Some(Deployment { start: at(start), end: at(start + 100), outcome })
    };
    outcomes.chars().enumerate().filter_map(one).collect()
}

fn all(outcomes: &str) -> Dora {
    dora(&deployments(outcomes), Window { since: at(0), before: at(100 * DAY) })
}

#[test]
fn deployments_are_counted_by_what_became_of_them() {
    let figures = all("++-+x+");
    assert_eq!((figures.succeeded, figures.failed, figures.cancelled), (4, 1, 1));
    assert_eq!(figures.change_failure_rate(), Some(0.2), "of those that were not cancelled");
    let week = Window { since: at(0), before: at(8 * DAY) };
    assert_eq!(figures.per_day(week), Some(0.5), "only those that succeeded");
}

#[test]
fn where_nothing_was_deployed_nothing_failed_or_recovered() {
    for outcomes in ["", "xx"] {
        let figures = all(outcomes);
        let window = Window { since: at(0), before: at(DAY) };
        assert_eq!(figures.per_day(window), Some(0.0), "that is how often");
        assert_eq!((figures.change_failure_rate(), figures.recovery_seconds()), (None, None));
    }
    let failed = all("-");
    assert_eq!(failed.per_day(Window { since: at(0), before: at(DAY) }), Some(0.0));
    assert_eq!(failed.per_day(Window { since: at(0), before: at(0) }), None, "no time at all");
    assert_eq!(failed.change_failure_rate(), Some(1.0));
}

#[test]
fn recovery_is_from_the_end_of_the_failed_one_to_the_end_of_the_next_that_succeeds() {
    assert_eq!(all("-+").recoveries, [1000.0]);
    assert_eq!(all("-..+").recoveries, [3000.0]);
    assert_eq!(all("-+..-...+").recovery_seconds(), Some(2500.0), "the median of 1000 and 4000");
}

#[test]
fn failures_that_follow_each_other_are_one_incident_from_the_first_on() {
    let figures = all("+---+");
    assert_eq!((figures.failed, figures.recoveries), (3, vec![3000.0]));
}

#[test]
fn what_is_cancelled_neither_begins_an_incident_nor_ends_one() {
    assert_eq!(all("x+").recoveries, [0.0; 0]);
    assert_eq!(all("-x+").recoveries, [2000.0]);
}

#[test]
fn an_incident_that_is_not_over_has_no_duration() {
    let figures = all("+--");
    assert_eq!((figures.recoveries.len(), figures.recovery_seconds()), (0, None));
    assert_eq!(figures.open, Some(Incident { since: at(1100), until: None }));
    assert_eq!(all("+--+").open, None);
}

#[test]
fn the_window_holds_what_starts_in_it() {
    let deployments = deployments("-+-+-.-+--");
    let window =
        |since, before| dora(&deployments, Window { since: at(since), before: at(before) });
    let second = window(2000, 4000);
    assert_eq!((second.succeeded, second.failed), (1, 1), "its first second and not its last");
    assert_eq!(second.recoveries, [1000.0]);
    let third = window(4000, 5000);
    assert_eq!((third.failed, third.recoveries), (1, vec![3000.0]), "it ended after the window");
    assert_eq!(third.open, None);
    let late = window(9000, 10_000);
    assert_eq!(late.failed, 1);
    assert_eq!(late.open, Some(Incident { since: at(8100), until: None }), "it began before");
    assert_eq!(window(0, 8000).open, None, "it had not begun");
}

#[test]
fn deployments_count_in_the_order_in_which_they_ended() {
    let long = Deployment { start: at(0), end: at(900), outcome: Outcome::Succeeded };
    let short = Deployment { start: at(100), end: at(200), outcome: Outcome::Failed };
    let figures = dora(&[long, short], Window { since: at(0), before: at(1000) });
    assert_eq!(figures.recoveries, [700.0]);
}

#[test]
fn a_row_says_how_its_deployment_ended() {
    let of = |code: i32, flags: &str| {
        let line =
            format!("2026-01-24T14:43:27Z,,deploy-persistent,dev,persistent,60,{code},{flags},,,,");
        let Reading::Row(row) = read_line(line.as_bytes()) else { panic!("{line}") };
        let deployment = Deployment::of(&row);
        assert_eq!(deployment.end.to_string(), "2026-01-24T14:44:27Z");
        deployment.outcome
    };
    assert_eq!(of(0, ""), Outcome::Succeeded);
    assert_eq!(of(1, "A=1"), Outcome::Failed);
    assert_eq!(of(130, "A=1 OUTCOME=cancelled"), Outcome::Cancelled);
    assert_eq!(of(0, "OUTCOME=cancelled"), Outcome::Succeeded, "its work was done");
    assert_eq!(of(137, "OUTCOME=interrupted"), Outcome::Failed);
    assert_eq!(of(124, "OUTCOME=timeout"), Outcome::Failed);
}
