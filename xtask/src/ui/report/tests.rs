use super::*;
use crate::cli::Format;

fn report() -> Report {
    let columns = vec![
        Column::all("phase", "phase"),
        Column::all("duration_seconds", "duration"),
        Column::all("success_rate", "success"),
        Column::people("recent"),
        Column::programs("flags"),
    ];
    let rows = vec![
        vec![
            Value::Text("apply|\"x\"".to_owned()),
            Value::Seconds(936.0),
            Value::Ratio(1.0 / 3.0),
            Value::Sparkline(vec![1.0, 2.0, 9.0]),
            Value::Text("A=1, B=\"2\"".to_owned()),
        ],
        vec![
            Value::Text("<script>".to_owned()),
            Value::Seconds(-12.25),
            Value::Absent,
            Value::Sparkline(vec![5.0, 5.0]),
            Value::Absent,
        ],
    ];
    Report { columns, rows }
}

#[test]
fn people_and_programs_see_the_same_values() {
    let all = [Format::Table, Format::Markdown, Format::Json, Format::Csv]
        .map(|format| report().render(format))
        .join("----\n");
    insta::assert_snapshot!(all, @r#"
    phase      duration  success  recent
    apply|"x"   15m 36s   33.3 %  ▁▂█
    <script>     -12.3s        -  ▄▄
    ----
    | phase       | duration | success | recent |
    |-------------|----------|---------|--------|
    | apply\|"x"  |  15m 36s |  33.3 % | ▁▂█    |
    | &lt;script> |   -12.3s |       - | ▄▄     |
    ----
    [
      {
        "phase": "apply|\"x\"",
        "duration_seconds": 936,
        "success_rate": 0.3333333333333333,
        "flags": "A=1, B=\"2\""
      },
      {
        "phase": "<script>",
        "duration_seconds": -12.25,
        "success_rate": null,
        "flags": null
      }
    ]
    ----
    phase,duration_seconds,success_rate,flags
    "apply|""x""",936,0.3333333333333333,"A=1, B=""2"""
    <script>,-12.25,,
    "#);
}

#[test]
fn what_a_file_holds_moves_no_cursor_and_ends_no_cell() {
    let text = "\u{1b}[31m\u{9b}\u{202e} <b> a\\|b [x](y) `c` &";
    let report = Report {
        columns: vec![Column::all("env", "env")],
        rows: vec![vec![Value::Text(text.to_owned())]],
    };
    let all = [Format::Table, Format::Markdown].map(|format| report.render(format)).concat();
    insta::assert_snapshot!(all, @r"
    env
    \u{1b}[31m\u{9b}\u{202e} <b> a\|b [x](y) `c` &
    | env                                                             |
    |-----------------------------------------------------------------|
    | \\u{1b}\[31m\\u{9b}\\u{202e} &lt;b> a\\\|b \[x\](y) \`c\` &amp; |
    ");
}

#[test]
fn a_chance_too_small_for_a_number_is_not_zero() {
    assert_eq!(Value::Probability(0.0).for_people(), "<1e-307");
    assert_eq!(Value::Probability(2.3e-9).for_people(), "2e-9");
}

#[test]
fn no_rows_are_an_answer_too() {
    let all = [Format::Table, Format::Markdown, Format::Json, Format::Csv]
        .map(|format| Report { rows: Vec::new(), ..report() }.render(format))
        .join("----\n");
    insta::assert_snapshot!(all, @"
    phase  duration  success  recent
    ----
    | phase | duration | success | recent |
    |-------|----------|---------|--------|
    ----
    []
    ----
    phase,duration_seconds,success_rate,flags
    ");
}

#[test]
fn numbers_that_json_does_not_know_are_null() {
    let report = Report {
        columns: vec![Column::all("n", "n")],
        rows: vec![vec![Value::Number(f64::INFINITY, 1)], vec![Value::Number(0.5, 1)]],
    };
    assert_eq!(
        report.render(Format::Json).split_whitespace().collect::<String>(),
        "[{\"n\":null},{\"n\":0.5}]"
    );
}
