use timing_core::budget::Amount;

use super::*;

fn limit(metric: &str, place: Whose, warn: Option<u64>, fail: Option<u64>) -> NewLimit {
    let at = |edge: Option<u64>| edge.map(|edge| Allowed::AtMost(Amount::whole(edge)));
    NewLimit { metric: metric.parse().unwrap(), place, warn: at(warn), fail: at(fail) }
}

fn inside(name: &str) -> Whose {
    Whose::Environment(name.parse().unwrap())
}

fn edited(text: &str, limits: &[NewLimit]) -> String {
    match edit(text, Path::new("budgets.toml"), limits) {
        Ok(edited) => edited.text,
        Err(error) => format!("error: {error}"),
    }
}

const SOURCE: &str = "source = { kind = \"phase\", phase = \"a\" }";

#[test]
fn only_the_limits_change() {
    let text = format!(
        r#"# Ours.
[metric.build]   # the image
unit = "seconds"
target = "< 2m"  # wanted
  warn   = '> 90s'   # alarms
fail = "> 180s"
{SOURCE}

[metric.chart]
unit = "seconds"
target = "< 5s" # only this
env.staging = {{ target = "< 6s" }}
{SOURCE}
metric.pack = {{ unit = "seconds", target = "< 3s", {SOURCE} }}
"#
    )
    .replace("metric.pack = ", "[metric]\npack = ");
    // A second [metric] is no TOML: the inline table has to stand first.
    let (head, pack) = text.split_once("[metric]\n").unwrap();
    let text = format!("metric.{pack}{head}");
    let limits = [
        limit("build", Whose::Default, Some(85), Some(120)),
        limit("chart", inside("staging"), Some(1), Some(5)),
        limit("pack", Whose::Default, Some(2), None),
    ];
    insta::assert_snapshot!(edited(&text, &limits), @r#"
    metric.pack = { unit = "seconds", target = "< 3s", warn = "> 2s", source = { kind = "phase", phase = "a" } }
    # Ours.
    [metric.build]   # the image
    unit = "seconds"
    target = "< 2m"  # wanted
      warn   = "> 85s"   # alarms
    fail = "> 2m"
    source = { kind = "phase", phase = "a" }

    [metric.chart]
    unit = "seconds"
    target = "< 5s" # only this
    env.staging = { target = "< 6s", warn = "> 1s", fail = "> 5s" }
    source = { kind = "phase", phase = "a" }
    "#);
}

#[test]
fn an_environment_has_limits_of_its_own() {
    let text =
        |rest: &str| format!("[metric.\"a.b\"]\nunit = \"seconds\"\nwarn = \"> 90s\"\n{rest}\n");
    let both = [limit("a.b", inside("local"), Some(80), Some(100))];
    let source = SOURCE;
    let all = [
        text(source),
        text(&format!("env.staging = {{ fail = \"> 99s\" }}\n{source}")),
        text(&format!("env.local.fail = \"> 3m\"\n{source}")),
        text(&format!("env = {{ staging = {{ fail = \"> 99s\" }} }}\n{source}")),
        text(&format!("{source}\n[metric.\"a.b\".env.staging]\nfail = \"> 99s\"")),
        text(&format!("{source}\n[metric.\"a.b\".env.local]\nfail = \"> 3m\" # ours")),
    ];
    let all: Vec<String> = all.iter().map(|text| edited(text, &both)).collect();
    insta::assert_snapshot!(all.join("\n---\n"), @r#"
    [metric."a.b"]
    unit = "seconds"
    warn = "> 90s"
    env.local = { warn = "> 80s", fail = "> 100s" }
    source = { kind = "phase", phase = "a" }

    ---
    [metric."a.b"]
    unit = "seconds"
    warn = "> 90s"
    env.staging = { fail = "> 99s" }
    env.local = { warn = "> 80s", fail = "> 100s" }
    source = { kind = "phase", phase = "a" }

    ---
    [metric."a.b"]
    unit = "seconds"
    warn = "> 90s"
    env.local.fail = "> 100s"
    env.local.warn = "> 80s"
    source = { kind = "phase", phase = "a" }

    ---
    [metric."a.b"]
    unit = "seconds"
    warn = "> 90s"
    env = { staging = { fail = "> 99s" }, local = { warn = "> 80s", fail = "> 100s" } }
    source = { kind = "phase", phase = "a" }

    ---
    [metric."a.b"]
    unit = "seconds"
    warn = "> 90s"
    source = { kind = "phase", phase = "a" }
    [metric."a.b".env.staging]
    fail = "> 99s"

    [metric."a.b".env.local]
    warn = "> 80s"
    fail = "> 100s"

    ---
    [metric."a.b"]
    unit = "seconds"
    warn = "> 90s"
    source = { kind = "phase", phase = "a" }
    [metric."a.b".env.local]
    fail = "> 100s" # ours
    warn = "> 80s"
    "#);
}

#[test]
fn what_cannot_be_said_there_is_refused() {
    let text = format!("[metric.a]\nunit = \"seconds\"\nwarn = \"> 90s\"\n{SOURCE}\n");
    insta::assert_snapshot!(edited(&text, &[limit("b", Whose::Default, Some(1), None)]), @"error: there is no metric b");
    let far = Allowed::AtLeast(Amount::whole(1));
    let wrong = NewLimit { warn: Some(far), ..limit("a", Whose::Default, None, None) };
    insta::assert_snapshot!(edited(&text, &[wrong]), @"error: a: its limits are written in a way that cannot be changed here: change them by hand");
}
