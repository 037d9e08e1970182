use super::*;

fn parse(text: &str, reading: Reading, direction: Direction) -> Result<Allowed, LimitError> {
    Allowed::parse(text, reading, Unit::Seconds, direction)
}

fn seconds(number: u64) -> Amount {
    Amount::whole(number)
}

#[test]
fn strictness_is_what_is_written() {
    use Direction::{Exact, Higher, Lower};
    use Reading::{Alarm, Target};
    for (text, reading, direction, below, on, above) in [
        ("< 10s", Target, Lower, true, false, false),
        ("<= 10s", Target, Lower, true, true, false),
        ("10s", Target, Lower, true, false, false),
        ("> 10s", Alarm, Lower, true, true, false),
        (">= 10s", Alarm, Lower, true, false, false),
        ("10s", Alarm, Lower, true, true, false),
        ("> 10s", Target, Higher, false, false, true),
        ("< 10s", Alarm, Higher, false, true, true),
        ("<= 10s", Alarm, Higher, false, false, true),
        ("10s", Alarm, Higher, false, true, true),
        ("10s", Target, Exact, false, true, false),
        ("not 10s", Alarm, Exact, false, true, false),
        ("10s..10s", Alarm, Exact, false, true, false),
    ] {
        let allowed = parse(text, reading, direction).unwrap();
        let found = [9, 10, 11].map(|number| allowed.holds(seconds(number)));
        assert_eq!(found, [below, on, above], "{text} {reading:?} {direction}");
        let shown = allowed.show(reading, Unit::Seconds);
        assert_eq!(parse(&shown, reading, direction), Ok(allowed), "{shown}");
    }
}

#[test]
fn a_range_includes_both_ends() {
    let range = parse("5s..10s", Reading::Alarm, Direction::Exact).unwrap();
    assert_eq!([4, 5, 10, 11].map(|n| range.holds(seconds(n))), [false, true, true, false]);
    let room = |n| range.room(seconds(n)).as_f64();
    assert_eq!([4, 5, 7, 11].map(room), [-1.0, 0.0, 2.0, -1.0]);
    assert_eq!(range.show(Reading::Alarm, Unit::Seconds), "not 5s..10s");
}

#[test]
fn what_is_no_limit_is_refused() {
    use Direction::{Exact, Higher, Lower};
    let shown = [
        ("fast", Reading::Target, Lower),
        ("> 10s", Reading::Target, Lower),
        ("< 10s", Reading::Alarm, Lower),
        ("5s..10s", Reading::Alarm, Lower),
        ("> 10s", Reading::Alarm, Higher),
        ("> 10s", Reading::Alarm, Exact),
        ("10s..5s", Reading::Alarm, Exact),
        ("..5s", Reading::Alarm, Exact),
        ("< -5s", Reading::Target, Lower),
    ]
    .map(|(text, reading, direction)| parse(text, reading, direction).unwrap_err().to_string());
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "fast" is no quantity in seconds: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "> 10s" does not fit a metric whose lower values are better: turn it round, or give direction = "higher" or "exact"
    "< 10s" does not fit a metric whose lower values are better: turn it round, or give direction = "higher" or "exact"
    "5s..10s" does not fit a metric whose lower values are better: turn it round, or give direction = "higher" or "exact"
    "> 10s" does not fit a metric whose higher values are better: turn it round, or give direction = "lower" or "exact"
    "> 10s" does not fit direction = "exact": give one value, or a range as 5s..10s
    "10s..5s" ends before it begins: give the smaller end first
    "" is no quantity in seconds: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "-5s" is negative: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "#);
    assert_eq!(Limits::new(None, None, None), Err(LimitError::Nothing));
}
