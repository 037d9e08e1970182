//! Baselines, replay and lint.

use super::*;
use crate::budget::measurement::tests::measurement;

fn of_version(day: u64, value: u64, version: &str, commit: &str) -> Measurement {
    let mut row = measurement("a", day, value);
    row.version = version.parse().ok();
    row.commit = commit.parse().ok();
    row
}

#[test]
fn baselines_are_of_what_they_say() {
    let history = History::new([
        of_version(3, 300, "v3", "ccccccc"),
        of_version(1, 100, "v1", "aaaaaaa"),
        of_version(2, 200, "v2", "bbbbbbb"),
        of_version(2, 202, "v2", "bbbbbbc"),
        of_version(2, 202, "v2", "bbbbbbc"),
    ]);
    let base = |against, version| {
        let budgets = regressing(against, 0, 1);
        let local = local();
        let budget = budgets.select(&local).next().unwrap();
        let series = history.of(&budget);
        assert_eq!(series.len(), 4, "what is there twice counts once");
        let subject = Subject { version, commit: Some("ccccccc") };
        let found = baseline(&budget, &series, subject);
        (found.value.map(|value| value.as_f64()), found.samples)
    };
    assert_eq!(base(Against::PreviousVersion, Some("v3")), (Some(201.0), 2));
    assert_eq!(base(Against::PreviousVersion, Some("v4")), (Some(300.0), 1));
    assert_eq!(base(Against::PreviousVersion, None), (None, 0));
    assert_eq!(base(Against::PreviousCommit, None), (Some(202.0), 1));
    assert_eq!(base(Against::Version("v1".to_owned()), None), (Some(100.0), 1));
    assert_eq!(base(Against::Commit("bbbbbbb".to_owned()), None), (Some(200.0), 1));
    let two = Against::Rolling { window: 2.try_into().unwrap() };
    assert_eq!(base(two, None), (Some(251.0), 2));
}

#[test]
fn measurements_from_before_the_baseline_was_accepted_do_not_count() {
    let mut budgets = regressing(Against::Rolling { window: WINDOW }, 0, 1);
    let days = [measurement("a", 0, 1), measurement("a", 1, 2)];
    let since = days[1].time.date();
    let why = "accepted".to_owned();
    budgets.metrics[0].accepted = Some(Accepted { value: Amount::whole(9), since, why });
    let local = local();
    let budget = budgets.select(&local).next().unwrap();
    assert_eq!(History::new(days).of(&budget).len(), 1);
}

/// Noise around a level, by a fixed walk.
fn noisy(days: std::ops::Range<u64>, level: u64) -> impl Iterator<Item = Measurement> {
    days.map(move |day| measurement("a", day, level + [0, 3, 1, 4, 2][(day % 5) as usize]))
}

#[test]
fn a_replay_tells_noise_from_a_change() {
    let budgets = budgets("warn", vec![metric("a", limits(1000, 120, 1000))]);
    let local = local();
    let budget = budgets.select(&local).next().unwrap();
    let mut rows: Vec<Measurement> = noisy(0..20, 100).chain(noisy(20..40, 130)).collect();
    rows[7].value = Amount::whole(125);
    let found = replay(&budget, &History::new(rows), 40);
    let false_at: Vec<usize> =
        (0..found.flagged.len()).filter(|at| !found.flagged[*at].is_confirmed).collect();
    assert_eq!((found.judged, found.flagged.len(), found.quiet), (40, 21, 20));
    assert_eq!((false_at, found.false_alarms()), (vec![0], 1));
    assert_eq!(found.false_alarm_rate(), Some(0.05));
    assert_eq!(found.count(Verdict::Warn), 21);
}

#[test]
fn a_replay_judges_by_what_was_known_then_and_only_the_last() {
    let budgets = regressing(Against::Rolling { window: WINDOW }, 0, 5);
    let local = local();
    let budget = budgets.select(&local).next().unwrap();
    let history = History::new(noisy(0..20, 100).chain(noisy(20..40, 130)));
    let all = replay(&budget, &history, 100);
    assert_eq!(all.judged, 40);
    // Until more than half of the last twenty are of the new level.
    assert_eq!(all.count(Verdict::Fail), 11);
    assert_eq!(all.false_alarms(), 0);
    assert_eq!(replay(&budget, &history, 10).flagged.len(), 1);
    assert_eq!(replay(&budget, &history, 9).flagged.len(), 0);
    assert_eq!(replay(&budget, &History::default(), 10).false_alarm_rate(), None);
}

#[test]
fn lint_says_what_is_overdue_and_what_can_hardly_be_meant() {
    let mut doubtful = metric("doubtful", limits(150, 120, 120));
    doubtful.owner = None;
    let mut expired = metric("expired", limits(10, 200, 150));
    let (why, who) = ("x".to_owned(), "platform".to_owned());
    expired.waiver = Some(Waiver { until: date!(2026 - 02 - 28), why, who });
    expired.review = Some(Review::On(date!(2026 - 01 - 31)));
    let nothing = Some(Allowed::Below(Amount::ZERO));
    let mut unreachable = metric("unreachable", Limits::new(nothing, None, None).unwrap());
    unreachable.goal = Some(Goal { better_by: crate::stats::Percent::whole(20), from: None });
    let mut again = metric("again", limits(1, 2, 3));
    again.source = doubtful.source.clone();
    let mut budgets = budgets("enforce", vec![doubtful, expired, unreachable, again]);
    budgets.review = Some(Review::Every { last: Some(date!(2026 - 01 - 24)), days: 30 });
    budgets.reviewed_in = budgets.rollout.find("warn");
    let shown: Vec<String> = lint(&budgets, &History::default(), &[local()], TODAY)
        .iter()
        .map(|remark| {
            let name = remark.metric.as_ref().map_or("-", MetricName::as_str);
            format!("{} {name}: {}", remark.what.weight(), remark.what)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    overdue -: the review of the file was due on 2026-02-23: review it, and say when
    overdue -: the file was last reviewed in phase warn, which is over: review it, and set reviewed_in
    info doubtful: nobody answers for it: give an owner
    doubtful doubtful: warn and fail are the same: nobody is ever warned
    info doubtful: the target is looser than warn: values that reach it are warned of, and the target is reported apart
    overdue expired: the waiver of platform ended on 2026-02-28: repair what it was for, and remove it
    overdue expired: the review of expired was due on 2026-01-31: review it, and say when
    doubtful expired: what crosses warn has crossed fail before: nobody is ever warned
    info unreachable: optimise is relative to an accepted baseline, and there is none yet
    doubtful unreachable: no value can be < 0s
    doubtful again: measures the same as doubtful
    ");
}

#[test]
fn ten_measurements_in_a_row_ask_for_a_review_and_nine_do_not() {
    let budgets = budgets("warn", vec![metric("a", limits(100, 900, 1000))]);
    let said = |values: &[u64]| {
        let rows = (0..).zip(values).map(|(day, value)| measurement("a", day, *value));
        let found = lint(&budgets, &History::new(rows), &[local()], TODAY);
        found.into_iter().map(|remark| remark.what).collect::<Vec<What>>()
    };
    assert_eq!(said(&[100; 10]), [What::Exceeded(local())]);
    assert_eq!(said(&[100; 9]), []);
    assert_eq!(said(&[100, 100, 100, 100, 100, 99, 100, 100, 100, 100]), []);
    assert_eq!(said(&[50; 10]), [What::Undercut(local())]);
    assert_eq!(said(&[51; 10]), []);
}
