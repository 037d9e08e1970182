use unicode_width::UnicodeWidthStr;

use super::super::testing::{FIRST, query, row, rows, seen, surface};
use super::*;
use crate::ui::Decoration;

const SPANS: &str = "\
apply-persistent,resource,module.vpc.aws_vpc.this,create,5000,12000,complete,
apply-persistent,resource,\"module.eks.aws_eks_cluster.this[\"\"a.b c\"\"]\",create,17000,400000,complete,
apply-persistent,resource,module.vpc.aws_nat_gateway.this,create,17010,90000,complete,
apply-persistent,resource,data.aws_iam_policy.node,read,420000,0,complete,
apply-persistent,resource,aws_eks_addon.dns,create,480000,95000,errored,
apply-persistent,resource,aws_eks_addon.cni,create,480005,95000,unfinished,
bootstrap-persistent,stage,Stage 1: Terraform Apply,,0,60000,complete,
bootstrap-persistent,pass,Pass 1/2,,100,30000,complete,Stage 1: Terraform Apply
bootstrap-persistent,resource,helm_release.argo,update,200,29000,complete,Pass 1/2
bootstrap-persistent,stage,Stage 2: <script>,,60000,39000,unfinished,
";

fn run_of(spans: &str, extent: Extent, surface: Surface) -> String {
    let flags = format!("RUN={FIRST}");
    let text = row(24, 0, "apply-persistent", 580, 1, &flags)
        + &row(24, 580, "bootstrap-persistent", 100, 0, &flags)
        + &row(24, 0, "deploy-persistent", 684, 1, &flags);
    let rows = rows(&text);
    let runs = spans::asked(&rows, &query(None));
    let [run] = &runs[..] else { panic!("{runs:?}") };
    let seen = seen(FIRST, spans);
    super::text(run, &tree::of(run, Some(&seen)), extent, surface)
}

#[test]
fn a_run_in_80_and_160_columns() {
    let narrow = run_of(SPANS, Extent::Short, surface(80, Decoration::Plain));
    assert!(narrow.lines().all(|line| line.width() <= 80), "{narrow}");
    insta::assert_snapshot!(narrow, @r#"
    deploy-persistent in dev failed after 11m 24s
    run 6b01f737bf68de78 of 2026-01-24T00:00:00Z

                                              took   work  0s                11m 24s
    deploy-persistent                    x 11m 24s   78 %  ===============...====...
      apply-persistent                   x  9m 40s   87 %  ===============...===
        module.vpc.aws_vpc.this          *   12.0s         #
        module.eks.aws_..r.this["a.b c"] *  6m 40s         ###############
        module.vpc.aws_nat_gateway.this     1m 30s         ----
        data.aws_iam_policy.node         *    0.0s                        #
        aws_eks_addon.dns                x  1m 35s                          ----
        aws_eks_addon.cni                ?  1m 35s                          ####
      bootstrap-persistent                  1m 40s   29 %                       =...
        Stage 1: Terraform Apply            1m 00s   48 %                       =.
          Pass 1/2                           30.0s   97 %                       =
            helm_release.argo            *   29.0s                              #
        Stage 2: <script>                ?   39.0s      -                         ~~

    resources: # * on the critical path, - others; x failed, ? did not end
    the rest: = a resource in progress, . none, ~ none all the time
    a resource was in progress for 8m 56s; 2m 28s of waiting or other work
    "#);
    let wide = run_of(SPANS, Extent::Short, surface(160, Decoration::Rich));
    let wide = anstream::adapter::strip_str(&wide).to_string();
    assert!(wide.lines().all(|line| line.width() <= 160), "{wide}");
    insta::assert_snapshot!(wide, @r#"
    deploy-persistent in dev failed after 11m 24s
    run 6b01f737bf68de78 of 2026-01-24T00:00:00Z

                                                      took   work  0s                                                                                        11m 24s
    deploy-persistent                            x 11m 24s   78 %  ┄━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄━━━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄
      apply-persistent                           x  9m 40s   87 %  ┄━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄━━━━━━━━━━━━━━
        module.vpc.aws_vpc.this                  *   12.0s         ██
        module.eks.aws_eks_cluster.this["a.b c"] *  6m 40s           █████████████████████████████████████████████████████████
        module.vpc.aws_nat_gateway.this             1m 30s           ▒▒▒▒▒▒▒▒▒▒▒▒▒
        data.aws_iam_policy.node                 *    0.0s                                                                    █
        aws_eks_addon.dns                        x  1m 35s                                                                             ▒▒▒▒▒▒▒▒▒▒▒▒▒▒
        aws_eks_addon.cni                        ?  1m 35s                                                                             ██████████████
      bootstrap-persistent                          1m 40s   29 %                                                                                    ━━━━┄┄┄┄┄┄┄┄┄┄
        Stage 1: Terraform Apply                    1m 00s   48 %                                                                                    ━━━━┄┄┄┄┄
          Pass 1/2                                   30.0s   97 %                                                                                    ━━━━━
            helm_release.argo                    *   29.0s                                                                                           ████
        Stage 2: <script>                        ?   39.0s      -                                                                                            ──────

    resources: █ * on the critical path, ▒ others; x failed, ? did not end
    the rest: ━ a resource in progress, ┄ none, ─ none all the time
    a resource was in progress for 8m 56s; 2m 28s of waiting or other work
    "#);
}

fn many() -> String {
    let line = |n: u32| {
        let start = n / 10 * 3_000;
        format!("apply-persistent,resource,a.b[{n}],create,{start},{},complete,\n", 1_000 + n % 10)
    };
    (0..1_500).map(line).collect()
}

#[test]
fn of_1500_resources_the_longest_and_the_critical_path_are_shown_and_the_rest_is_summed_up() {
    let short = run_of(&many(), Extent::Short, surface(80, Decoration::Plain));
    let resources = |text: &str| text.lines().filter(|line| line.contains("a.b[")).count();
    assert_eq!(resources(&short), 18, "{short}");
    let more = short.lines().find(|line| line.contains("more")).unwrap();
    insta::assert_snapshot!(more.trim(), @"and 1,482 more, 24m 49s in total");
    let whole = run_of(&many(), Extent::Whole, surface(80, Decoration::Plain));
    assert_eq!(resources(&whole), 1_500);
    assert!(!whole.contains("more"));
}

#[test]
fn hostile_names_break_no_line() {
    let long = "m".repeat(70_000);
    let spans = format!(
        "apply-persistent,stage,\x1b[2J\u{202e}\x07,,0,9000,complete,\n\
         apply-persistent,resource,{long}.x,create,10,1000,complete,\n\
         apply-persistent,resource,,create,10,1000,complete,\n\
         apply-persistent,resource,漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字,create,18446744073709551615,18446744073709551615,complete,\n"
    );
    for width in [60, 80, 160, 240] {
        let text = run_of(&spans, Extent::Short, surface(width, Decoration::Plain));
        assert!(!text.replace('\n', "").chars().any(char::is_control), "{text}");
        assert!(text.lines().skip(1).all(|line| line.width() <= width.max(110)), "{width}\n{text}");
    }
}

#[test]
fn programs_get_every_span_with_its_times() {
    let rows = rows(&row(24, 0, "apply-persistent", 580, 1, &format!("RUN={FIRST}")));
    let runs = spans::asked(&rows, &query(None));
    let seen = seen(FIRST, SPANS);
    let tree = tree::of(&runs[0], Some(&seen));
    let report = report(&runs[0], &shown::kept(&tree, Extent::Whole));
    insta::assert_snapshot!(report.render(Format::Csv), @r#"
    run,phase,parent,depth,kind,name,action,start_seconds,duration_seconds,working_seconds,outcome,on_critical_path
    6b01f737bf68de78,apply-persistent,,0,phase,apply-persistent,,0,580,507.005,errored,
    6b01f737bf68de78,apply-persistent,apply-persistent,1,resource,module.vpc.aws_vpc.this,create,5,12,,complete,true
    6b01f737bf68de78,apply-persistent,apply-persistent,1,resource,"module.eks.aws_eks_cluster.this[""a.b c""]",create,17,400,,complete,true
    6b01f737bf68de78,apply-persistent,apply-persistent,1,resource,module.vpc.aws_nat_gateway.this,create,17.01,90,,complete,false
    6b01f737bf68de78,apply-persistent,apply-persistent,1,resource,data.aws_iam_policy.node,read,420,0,,complete,true
    6b01f737bf68de78,apply-persistent,apply-persistent,1,resource,aws_eks_addon.dns,create,480,95,,errored,false
    6b01f737bf68de78,apply-persistent,apply-persistent,1,resource,aws_eks_addon.cni,create,480.005,95,,unfinished,true
    "#);
    insta::assert_snapshot!(report.render(Format::Markdown), @r#"
    | phase            | kind     | name                                       | action |  start | duration | outcome    | critical path |
    |------------------|----------|--------------------------------------------|--------|--------|----------|------------|---------------|
    | apply-persistent | phase    | apply-persistent                           | -      |     0s |   9m 40s | errored    |               |
    | apply-persistent | resource | module.vpc.aws_vpc.this                    | create |     5s |      12s | complete   | yes           |
    | apply-persistent | resource | module.eks.aws_eks_cluster.this\["a.b c"\] | create |    17s |   6m 40s | complete   | yes           |
    | apply-persistent | resource | module.vpc.aws_nat_gateway.this            | create |  17.0s |   1m 30s | complete   |               |
    | apply-persistent | resource | data.aws_iam_policy.node                   | read   | 7m 00s |       0s | complete   | yes           |
    | apply-persistent | resource | aws_eks_addon.dns                          | create | 8m 00s |   1m 35s | errored    |               |
    | apply-persistent | resource | aws_eks_addon.cni                          | create | 8m 00s |   1m 35s | unfinished | yes           |
    "#);
}

#[test]
fn a_run_is_found_by_its_id_by_how_far_back_it_is_and_by_what_it_has() {
    let ids = ["6b01f737bf68de78", "6b01f73700000000", "7000000000000000"];
    let text: String = (1..)
        .zip(ids)
        .map(|(day, id)| row(day, 0, "apply-persistent", 5, 0, &format!("RUN={id}")))
        .collect();
    let rows = rows(&(text + &row(9, 0, "build", 5, 0, "")));
    let runs = spans::asked(&rows, &query(None));
    let chosen = |wanted: &str| {
        let run = spans::choose(&runs, &wanted.parse().unwrap(), |_| true);
        run.map_or_else(|error| error.to_string(), |run| run.start().to_string()[..10].to_owned())
    };
    assert_eq!(
        ["last", "-1", "-2", "7", "6b01f737b"].map(chosen),
        ["2026-01-09", "2026-01-09", "2026-01-03", "2026-01-03", "2026-01-01"]
    );
    insta::assert_snapshot!(chosen("6b01f737"), @r#"
    2 runs begin with "6b01f737"; the last of 2:
      6b01f73700000000  2026-01-02T00:00:00Z  apply-persistent in dev
      6b01f737bf68de78  2026-01-01T00:00:00Z  apply-persistent in dev
    "#);
    insta::assert_snapshot!(chosen("\u{1b}[31m"), @r#"
    no run is called "\\u{1b}[31m"; the last of 4:
      (no id)           2026-01-09T00:00:00Z  build in dev
      7000000000000000  2026-01-03T00:00:00Z  apply-persistent in dev
      6b01f73700000000  2026-01-02T00:00:00Z  apply-persistent in dev
      6b01f737bf68de78  2026-01-01T00:00:00Z  apply-persistent in dev
    "#);
    insta::assert_snapshot!(chosen("-9"), @"
    there is no run -9 of 4; the last of 4:
      (no id)           2026-01-09T00:00:00Z  build in dev
      7000000000000000  2026-01-03T00:00:00Z  apply-persistent in dev
      6b01f73700000000  2026-01-02T00:00:00Z  apply-persistent in dev
      6b01f737bf68de78  2026-01-01T00:00:00Z  apply-persistent in dev
    ");
    let suitable = |run: &Run<'_, '_>| run.id.as_ref().is_some_and(|id| id.as_str() == ids[1]);
    let run = spans::choose(&runs, &Wanted::Suitable, suitable).unwrap();
    assert_eq!(run.start().to_string(), "2026-01-02T00:00:00Z");
    let none = spans::choose(&[], &Wanted::Suitable, |_| true).unwrap_err().to_string();
    assert_eq!(none, "no run has stages; nothing matches that was recorded");
}
