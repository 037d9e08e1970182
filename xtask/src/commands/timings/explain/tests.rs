use proptest::prelude::*;
use timing_core::stages::Difference;
use unicode_width::UnicodeWidthStr;

use super::super::testing::{FIRST, SECOND, query, row, rows, seen, surface};
use super::*;
use crate::settings::{CheckConfig, RegistrySettings};
use crate::ui::Decoration;

fn settings() -> TimingsSettings {
    let registry = RegistrySettings {
        repository: "/nowhere".into(),
        branch: "governance-registry".parse().unwrap(),
        remote: "origin".parse().unwrap(),
        push: crate::settings::Push::Never,
        place: crate::settings::Place::Workstation,
    };
    TimingsSettings {
        registry,
        check: CheckConfig::default(),
        objectives: Vec::new(),
        epochs: Vec::new(),
    }
}

/// The last run of `text` beside the one before it.
fn explained<T>(
    text: &str,
    spans: [&str; 2],
    show: impl FnOnce(&found::Explanation<'_, '_>) -> T,
) -> T {
    let rows = rows(text);
    let runs = spans::asked(&rows, &query(None));
    let run = runs.last().unwrap();
    let before = comparable(&runs, run);
    let [first, second] = [seen(FIRST, spans[0]), seen(SECOND, spans[1])];
    let settings = settings();
    show(&found::Explanation {
        run,
        before,
        difference: before
            .filter(|_| run.is_success())
            .map(|before| found::difference((run, Some(&second)), (before, Some(&first)))),
        phases: found::phases(run, &rows, &settings),
        flags: before.map(|before| found::flags(run, before)).unwrap_or_default(),
        failures: failure::of(run, Some(&second), &settings.registry.repository),
    })
}

fn deployment(day: u8, run: &str, [apply, boot, all]: [u32; 3], exit: u8, flags: &str) -> String {
    let flags = format!("{flags} RUN={run}");
    row(day, 0, "apply-persistent", apply, exit, &format!("TF=1 {flags}"))
        + &row(day, apply, "bootstrap-persistent", boot, exit, &flags)
        + &row(day, 0, "deploy-persistent", all, exit, &flags)
}

const BEFORE: &str = "\
apply-persistent,resource,aws_vpc.this,create,5000,12000,complete,
apply-persistent,resource,aws_eks_cluster.this,create,17000,400000,complete,
bootstrap-persistent,stage,STAGE 1: CERT MANAGER,,0,60000,complete,
bootstrap-persistent,stage,STAGE 2: ARGO CD,,60000,38000,complete,
";
const NOW: &str = "\
apply-persistent,resource,aws_vpc.this,create,5000,12100,complete,
apply-persistent,resource,aws_eks_cluster.this,create,17200,520000,complete,
bootstrap-persistent,stage,STAGE 1: CERT MANAGER,,0,60100,complete,
bootstrap-persistent,stage,STAGE 2: ARGO CD,,60200,20000,complete,
bootstrap-persistent,stage,STAGE 3: METRICS,,80200,18000,complete,
";

#[test]
fn a_run_that_became_slower() {
    let text = deployment(1, FIRST, [420, 100, 524], 0, "A=1 B=2 SHA=aaaa")
        + &deployment(2, SECOND, [540, 100, 645], 0, "A=1 B=3 C=%20 SHA=bbbb");
    let shown = explained(&text, [BEFORE, NOW], |found| {
        let narrow = report::text(found, surface(80, Decoration::Plain));
        assert!(narrow.lines().all(|line| line.width() <= 80), "{narrow}");
        [narrow, report::markdown(found), report::for_programs(found).render(Format::Csv)]
    });
    let [narrow, markdown, csv] = shown;
    insta::assert_snapshot!(narrow, @"
    deploy-persistent in dev succeeded after 10m 45s
    run 6b01f737bf68de79 of 2026-01-02T00:00:00Z
    against run 6b01f737bf68de78 of 2026-01-01T00:00:00Z, which took 8m 44s

    phases
      phase                   outcome     took  baseline  verdict
      deploy-persistent       success  10m 45s    8m 44s  unknown (too few: 1)
        apply-persistent      success   9m 00s    7m 00s  unknown (too few: 1)
        bootstrap-persistent  success   1m 40s    1m 40s  unknown (too few: 1)

    where the difference comes from
      part                          took  before  difference    share
      deploy-persistent          10m 45s  8m 44s     +2m 01s  100.0 %
        apply-persistent          9m 00s  7m 00s     +2m 00s   99.2 %
          aws_vpc.this             12.1s     12s       +0.1s    0.1 %
          aws_eks_cluster.this    8m 40s  6m 40s     +2m 00s   99.2 %
          between resources         7.9s      8s       -0.1s   -0.1 %
        bootstrap-persistent      1m 40s  1m 40s          0s    0.0 %
          STAGE 1: CERT MANAGER   1m 00s  1m 00s       +0.1s    0.1 %
          STAGE 2: ARGO CD           20s     38s        -18s  -14.9 %
          STAGE 3: METRICS           18s       -        +18s   14.9 %
          between stages            1.9s      2s       -0.1s   -0.1 %
        between phases                5s      4s         +1s    0.8 %
      resources are those that an end waited for (the critical path)

    flags that differ
      flag  now   before
      B     3     2
      C     %20   -
      SHA   bbbb  aaaa
    ");
    insta::assert_snapshot!(markdown, @"
    deploy-persistent in dev succeeded after 10m 45s

    run 6b01f737bf68de79 of 2026-01-02T00:00:00Z

    against run 6b01f737bf68de78 of 2026-01-01T00:00:00Z, which took 8m 44s

    ### phases

    | phase                  | outcome |    took | baseline | verdict              |
    |------------------------|---------|---------|----------|----------------------|
    | deploy-persistent      | success | 10m 45s |   8m 44s | unknown (too few: 1) |
    |   apply-persistent     | success |  9m 00s |   7m 00s | unknown (too few: 1) |
    |   bootstrap-persistent | success |  1m 40s |   1m 40s | unknown (too few: 1) |

    ### where the difference comes from

    | part                      |    took | before | difference |   share |
    |---------------------------|---------|--------|------------|---------|
    | deploy-persistent         | 10m 45s | 8m 44s |    +2m 01s | 100.0 % |
    |   apply-persistent        |  9m 00s | 7m 00s |    +2m 00s |  99.2 % |
    |     aws_vpc.this          |   12.1s |    12s |      +0.1s |   0.1 % |
    |     aws_eks_cluster.this  |  8m 40s | 6m 40s |    +2m 00s |  99.2 % |
    |     between resources     |    7.9s |     8s |      -0.1s |  -0.1 % |
    |   bootstrap-persistent    |  1m 40s | 1m 40s |         0s |   0.0 % |
    |     STAGE 1: CERT MANAGER |  1m 00s | 1m 00s |      +0.1s |   0.1 % |
    |     STAGE 2: ARGO CD      |     20s |    38s |       -18s | -14.9 % |
    |     STAGE 3: METRICS      |     18s |      - |       +18s |  14.9 % |
    |     between stages        |    1.9s |     2s |      -0.1s |  -0.1 % |
    |   between phases          |      5s |     4s |        +1s |   0.8 % |

    resources are those that an end waited for (the critical path)

    ### flags that differ

    | flag | now  | before |
    |------|------|--------|
    | B    | 3    | 2      |
    | C    | %20  | -      |
    | SHA  | bbbb | aaaa   |
    ");
    insta::assert_snapshot!(csv, @"
    run,against,section,depth,phase,kind,name,seconds,before_seconds,difference_seconds,share_ratio,outcome,exit_code,verdict,now,before
    6b01f737bf68de79,6b01f737bf68de78,phase,0,deploy-persistent,,,645,524,,,success,0,unknown,,
    6b01f737bf68de79,6b01f737bf68de78,phase,1,apply-persistent,,,540,420,,,success,0,unknown,,
    6b01f737bf68de79,6b01f737bf68de78,phase,1,bootstrap-persistent,,,100,100,,,success,0,unknown,,
    6b01f737bf68de79,6b01f737bf68de78,difference,0,,phase,deploy-persistent,645,524,121,1,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,1,,phase,apply-persistent,540,420,120,0.9917355371900827,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,resource,aws_vpc.this,12.1,12,0.1,0.0008264462809917355,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,resource,aws_eks_cluster.this,520,400,120,0.9917355371900827,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,between,between resources,7.9,8,-0.1,-0.0008264462809917355,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,1,,phase,bootstrap-persistent,100,100,0,0,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,stage,STAGE 1: CERT MANAGER,60.1,60,0.1,0.0008264462809917355,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,stage,STAGE 2: ARGO CD,20,38,-18,-0.1487603305785124,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,stage,STAGE 3: METRICS,18,,18,0.1487603305785124,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,2,,between,between stages,1.9,2,-0.1,-0.0008264462809917355,,,,,
    6b01f737bf68de79,6b01f737bf68de78,difference,1,,between,between phases,5,4,1,0.008264462809917356,,,,,
    6b01f737bf68de79,6b01f737bf68de78,flag,,bootstrap-persistent,,B,,,,,,,,3,2
    6b01f737bf68de79,6b01f737bf68de78,flag,,bootstrap-persistent,,C,,,,,,,,%20,
    6b01f737bf68de79,6b01f737bf68de78,flag,,bootstrap-persistent,,SHA,,,,,,,,bbbb,aaaa
    ");
}

#[test]
fn a_run_that_failed_names_the_resource_or_says_why_there_is_no_log() {
    let failed = "apply-persistent,resource,aws_eks_cluster.<b>,create,17200,20000,errored,\n";
    let text = deployment(1, FIRST, [420, 100, 524], 0, "")
        + &row(2, 0, "apply-persistent", 40, 1, &format!("RUN={SECOND} OUTCOME=timeout"))
        + &row(2, 0, "deploy-persistent", 41, 1, &format!("RUN={SECOND}"));
    let show =
        |found: &found::Explanation<'_, '_>| report::text(found, surface(80, Decoration::Plain));
    insta::assert_snapshot!(explained(&text, [BEFORE, failed], show), @"
    deploy-persistent in dev failed after 41.0s
    run 6b01f737bf68de79 of 2026-01-02T00:00:00Z
    against run 6b01f737bf68de78 of 2026-01-01T00:00:00Z, which took 8m 44s

    phases
      phase               outcome      took  baseline  verdict
      deploy-persistent   failure (1)   41s  -         -
        apply-persistent  timeout (1)   40s  -         -

    flags that differ
      flag     now      before
      OUTCOME  timeout  -
      TF       -        1

    what failed
      name                 what    outcome  after
      aws_eks_cluster.<b>  create  failed   20.0s
    ");
    insta::assert_snapshot!(explained(&text, [BEFORE, ""], show), @"
    deploy-persistent in dev failed after 41.0s
    run 6b01f737bf68de79 of 2026-01-02T00:00:00Z
    against run 6b01f737bf68de78 of 2026-01-01T00:00:00Z, which took 8m 44s

    phases
      phase               outcome      took  baseline  verdict
      deploy-persistent   failure (1)   41s  -         -
        apply-persistent  timeout (1)   40s  -         -

    flags that differ
      flag     now      before
      OUTCOME  timeout  -
      TF       -        1

    why apply-persistent exited with 1
      is not known here: its log logs/build-timings/x.log cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn only_what_is_alike_is_compared() {
    let other = row(1, 0, "deploy-persistent", 5, 0, &format!("RUN={FIRST}"));
    let failed = row(2, 0, "deploy-persistent", 5, 1, "RUN=6b01f737bf68de70");
    let idle =
        row(3, 0, "deploy-persistent", 5, 0, "RUN=6b01f737bf68de71").replace(",1,0,0,", ",0,0,0,");
    let staging =
        row(4, 0, "deploy-persistent", 5, 0, "RUN=6b01f737bf68de72").replace(",dev,", ",staging,");
    let this = row(5, 0, "deploy-persistent", 9, 0, &format!("RUN={SECOND}"));
    let against = |text: String| {
        explained(&text, ["", ""], |found| found.before.map(|before| before.start().to_string()))
    };
    assert_eq!(
        against([&*other, &failed, &idle, &staging, &this].concat()).as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    assert_eq!(against([&*failed, &idle, &staging, &this].concat()), None);
}

fn any_spans(phase: &'static str) -> impl Strategy<Value = String> {
    let one = (0..3u8, 0..4u8, 0..400_000u64, 0..90_000u64);
    prop::collection::vec(one, 0..20).prop_map(move |all| {
        let line = |(kind, name, start, took)| {
            let (kind, action) =
                [("stage", ""), ("resource", "create"), ("step", "")][usize::from(kind)];
            format!("{phase},{kind},n{name},{action},{start},{took},complete,\n")
        };
        all.into_iter().map(line).collect()
    })
}

/// Each line is the sum of those directly below it, as they are printed.
fn adds_up(lines: &[(usize, i64)]) {
    for (place, (depth, by)) in lines.iter().enumerate() {
        let below = lines[place + 1..].iter().take_while(|(other, _)| other > depth);
        let below: Vec<i64> =
            below.filter(|(other, _)| *other == depth + 1).map(|(_, by)| *by).collect();
        assert!(below.is_empty() || below.iter().sum::<i64>() == *by, "{lines:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_printed_below_a_line_adds_up_to_it(
        before in (any_spans("apply-persistent"), any_spans("bootstrap-persistent")),
        now in (any_spans("apply-persistent"), any_spans("bootstrap-persistent")),
        times in (1..900u32, 1..900u32, 1..900u32, 1..900u32),
    ) {
        let (a, b, c, d) = times;
        let text = deployment(1, FIRST, [a, b, a + b], 0, "")
            + &deployment(2, SECOND, [c, d, c + d + 3], 0, "");
        let (before, now) = (before.0 + &before.1, now.0 + &now.1);
        let total = i64::from(c + d + 3) * 1000 - i64::from(a + b) * 1000;
        explained(&text, [&before, &now], |found| {
            let difference: &Difference = found.difference.as_ref().unwrap();
            assert_eq!(difference.milliseconds(), total);
            for lines in [lines::lines(difference), lines::every_line(difference)] {
                assert_eq!(lines[0].difference, total);
                let lines: Vec<_> = lines.iter().map(|l| (l.depth, l.difference)).collect();
                adds_up(&lines);
            }
        });
    }
}
