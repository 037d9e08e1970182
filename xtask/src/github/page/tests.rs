use std::time::Duration;

use timing_core::clock::UtcStamp;
use timing_core::record::{ExitCode, ResourceCounts};
use timing_core::stages::Action;
use timing_core::stats::estimate::{Standing, Verdict};

use super::*;

fn span(kind: Kind, name: &str, seconds: u64, outcome: Outcome, parent: Option<usize>) -> Span {
    let (start, duration) = (Duration::ZERO, Duration::from_secs(seconds));
    Span { kind, name: name.to_owned(), start, duration, outcome, parent }
}

fn phase(target: &'static str, ending: Ending) -> PhaseEnded {
    PhaseEnded {
        target,
        phase: target.parse().unwrap(),
        build_id: "persistent".parse().unwrap(),
        flags: Vec::new(),
        start: UtcStamp::from_unix_seconds(1_769_265_807),
        offset: Duration::ZERO,
        depth: 0,
        duration: Duration::from_secs(996),
        exit_code: ExitCode(u8::from(ending != Ending::Success)),
        ending,
        resources: ResourceCounts { added: 3, changed: 1, destroyed: 0, imported: 0 },
        spans: Vec::new(),
        log: Some("logs/build-timings/a.log".parse().unwrap()),
    }
}

#[test]
fn a_run_reads_as_one_table() {
    let create = Kind::Resource(Action::Create);
    let spans = vec![
        span(Kind::Stage, "Stage 1: <b>Apply</b> | all", 900, Outcome::Complete, None),
        span(create, "module.eks[\"a|b\"].aws_eks_cluster.this", 600, Outcome::Errored, Some(0)),
        span(create, "module.vpc.aws_vpc.this", 12, Outcome::Complete, Some(0)),
        span(create, "aws_iam_role.`x`", 30, Outcome::Unfinished, Some(0)),
        span(create, "aws_s3_bucket.logs", 1, Outcome::Complete, Some(0)),
    ];
    let apply = PhaseEnded { spans, ..phase("apply-persistent", Ending::Failure) };
    let bootstrap = PhaseEnded {
        resources: ResourceCounts::default(),
        log: None,
        ..phase("bootstrap-persistent", Ending::Success)
    };
    let compared = Compared {
        target: "bootstrap-persistent",
        verdict: Verdict::Compared { standing: Standing::Slower, change: 0.25, count: 12 },
        recent: Vec::new(),
    };
    let end = End {
        budgets: vec![["deploy|time", "17m", "fail", "fails > 15m"].map(str::to_owned)],
        remarks: vec![
            "recorded 2 rows on governance-registry (0123456789ab)".to_owned(),
            "warning: <script> | x\n  a,row".to_owned(),
        ],
    };
    let page = head("deploy-persistent", &"dev".parse().unwrap())
        + &row(&apply, None)
        + &row(&bootstrap, Some(&compared))
        + &row(&phase("deploy-persistent", Ending::TimedOut), None)
        + &tail(&end);
    insta::assert_snapshot!(page);
    let cells = |line: &str| line.replace(r"\|", "").matches('|').count();
    let table: Vec<usize> =
        page.lines().skip(2).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert_eq!(table, [10; 5]);
}
