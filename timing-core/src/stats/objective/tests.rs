use proptest::prelude::*;

use super::*;

fn target(text: &str) -> Target {
    Target::new(text.parse().unwrap()).unwrap()
}

fn at(seconds: u64) -> UtcStamp {
    UtcStamp::from_unix_seconds(seconds)
}

/// The 1200 seconds from 1000 on; the last twelfth are the 100 from 2100 on.
const WINDOW_SECONDS: u64 = 1200;

fn window() -> Window {
    Window::before(at(2200), WINDOW_SECONDS)
}

fn attain(text: &str, events: &[(u64, Outcome)]) -> Attainment {
    let events: Vec<Event> =
        events.iter().map(|&(seconds, outcome)| Event { at: at(seconds), outcome }).collect();
    Attainment::of(target(text), &events, window())
}

/// `bad` of `all` events, all of them early in the window.
fn early(text: &str, bad: usize, all: usize) -> Attainment {
    let outcome = |place| if place < bad { Outcome::Bad } else { Outcome::Good };
    let events: Vec<_> = (0..all).map(|place| (1500, outcome(place))).collect();
    attain(text, &events)
}

#[test]
fn exactly_the_target_is_attained_and_one_more_failure_is_not() {
    assert_eq!(early("95%", 1, 20).standing(), Standing::Attained);
    assert_eq!(early("95%", 2, 20).standing(), Standing::Missed);
    assert_eq!(early("95%", 1, 19).standing(), Standing::Missed);
    assert_eq!(early("99.9%", 1, 1000).standing(), Standing::Attained);
    assert_eq!(early("99.9%", 1, 999).standing(), Standing::Missed);
}

#[test]
fn without_events_nothing_is_known() {
    let none = early("95%", 0, 0);
    assert_eq!(none.standing(), Standing::Unknown);
    assert_eq!((none.attained_ratio(), none.burn_rate()), (None, None));
    assert_eq!((none.budget_left_ratio(), none.allowed_bad()), (None, 0.0));
}

#[test]
fn the_budget_is_what_may_go_wrong() {
    let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-9;
    let half = early("90%", 1, 20);
    assert!((half.allowed_bad() - 2.0).abs() < 1e-9);
    assert!(near(half.budget_left_ratio(), 0.5) && near(half.burn_rate(), 0.5));
    assert!(near(half.attained_ratio(), 0.95));
    assert!(near(early("90%", 0, 20).budget_left_ratio(), 1.0));
    let over = early("90%", 5, 20);
    assert!(near(over.budget_left_ratio(), -1.5) && near(over.burn_rate(), 2.5));
}

#[test]
fn the_last_twelfth_has_a_rate_of_its_own() {
    use Outcome::{Bad, Good};
    let quiet = attain("90%", &[(1000, Bad), (1001, Good)]);
    assert_eq!((quiet.recent.events, quiet.recent_burn_rate()), (0, None), "no events, no rate");
    let edge = attain("90%", &[(2099, Bad), (2100, Good)]);
    assert_eq!(edge.recent, Tally { events: 1, bad: 0 });
    assert_eq!(edge.recent_burn_rate(), Some(0.0));
    let burning = attain("90%", &[(1000, Good), (2100, Bad), (2199, Bad)]);
    assert_eq!(burning.recent, Tally { events: 2, bad: 2 });
    assert!((burning.recent_burn_rate().unwrap() - 10.0).abs() < 1e-9);
}

#[test]
fn a_window_holds_its_first_second_and_not_the_one_after_its_last() {
    use Outcome::Bad;
    let all = attain("90%", &[(999, Bad), (1000, Bad), (2199, Bad), (2200, Bad), (9999, Bad)]);
    assert_eq!(all.whole.events, 2);
}

#[test]
fn targets_leave_something_to_reach_and_something_to_lose() {
    for text in ["0%", "100%", "250%"] {
        assert_eq!(Target::new(text.parse().unwrap()), None, "{text}");
    }
    assert_eq!(target("99.999%").percent().to_string(), "99.999%");
}

#[test]
fn the_nearest_rank_is_one_of_the_values() {
    let values: Vec<u64> = (1..=10).rev().collect();
    assert_eq!(nearest_rank(target("90%"), &values), Some(9));
    assert_eq!(nearest_rank(target("90.001%"), &values), Some(10));
    assert_eq!(nearest_rank(target("0.001%"), &values), Some(1));
    assert_eq!(nearest_rank(target("90%"), &[7]), Some(7));
    assert_eq!(nearest_rank(target("90%"), &[]), None);
}

proptest! {
    #[test]
    fn the_nearest_rank_is_within_a_limit_exactly_when_enough_values_are(
        values in prop::collection::vec(0_u64..50, 1..40),
        limit in 0_u64..50,
        percent in 1_u32..100,
    ) {
        let target = Target::new(Percent::whole(percent)).unwrap();
        let outcome = |value: &u64| if *value <= limit { Outcome::Good } else { Outcome::Bad };
        let events: Vec<Event> =
            values.iter().map(|value| Event { at: at(1500), outcome: outcome(value) }).collect();
        let attained = Attainment::of(target, &events, window()).standing() == Standing::Attained;
        prop_assert_eq!(attained, nearest_rank(target, &values).unwrap() <= limit);
    }
}
