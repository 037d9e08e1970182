//! What Prometheus is given, letter by letter; `e2e::metrics` has it read.

use super::*;
use crate::export::metrics::model::tests::{row, rows};

fn text(rows_text: &str) -> String {
    render(Metrics::of(&rows(rows_text))).unwrap()
}

#[test]
fn it_is_text_of_both_formats() {
    let build = ("dev", "build");
    let text = text(&[row(0, build, (61, 0), ""), row(1, build, (4000, 7), "")].concat());
    insta::assert_snapshot!(text, @r#"
    # HELP cicd_pipeline_task_run_duration_seconds How long the runs of the phase took, by how they ended.
    # TYPE cicd_pipeline_task_run_duration_seconds histogram
    # UNIT cicd_pipeline_task_run_duration_seconds seconds
    cicd_pipeline_task_run_duration_seconds_sum{environment="dev",phase="build",result="success"} 61.0
    cicd_pipeline_task_run_duration_seconds_count{environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="1.0",environment="dev",phase="build",result="success"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="5.0",environment="dev",phase="build",result="success"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="10.0",environment="dev",phase="build",result="success"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="30.0",environment="dev",phase="build",result="success"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="60.0",environment="dev",phase="build",result="success"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="120.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="300.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="600.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="900.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="1200.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="1800.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="2700.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="3600.0",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="+Inf",environment="dev",phase="build",result="success"} 1
    cicd_pipeline_task_run_duration_seconds_sum{environment="dev",phase="build",result="failure"} 4000.0
    cicd_pipeline_task_run_duration_seconds_count{environment="dev",phase="build",result="failure"} 1
    cicd_pipeline_task_run_duration_seconds_bucket{le="1.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="5.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="10.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="30.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="60.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="120.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="300.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="600.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="900.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="1200.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="1800.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="2700.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="3600.0",environment="dev",phase="build",result="failure"} 0
    cicd_pipeline_task_run_duration_seconds_bucket{le="+Inf",environment="dev",phase="build",result="failure"} 1
    # HELP cicd_pipeline_task_last_run_duration_seconds How long the newest run of the phase took.
    # TYPE cicd_pipeline_task_last_run_duration_seconds gauge
    # UNIT cicd_pipeline_task_last_run_duration_seconds seconds
    cicd_pipeline_task_last_run_duration_seconds{environment="dev",phase="build"} 4000.0
    # HELP cicd_pipeline_task_last_run_exit_code The exit code of the newest run of the phase.
    # TYPE cicd_pipeline_task_last_run_exit_code gauge
    cicd_pipeline_task_last_run_exit_code{environment="dev",phase="build"} 7
    # HELP cicd_pipeline_task_last_run_timestamp_seconds When the newest run of the phase started, since 1970.
    # TYPE cicd_pipeline_task_last_run_timestamp_seconds gauge
    # UNIT cicd_pipeline_task_last_run_timestamp_seconds seconds
    cicd_pipeline_task_last_run_timestamp_seconds{environment="dev",phase="build"} 1767312000
    # HELP cicd_pipeline_task_last_success_timestamp_seconds When the newest run of the phase that succeeded started, since 1970.
    # TYPE cicd_pipeline_task_last_success_timestamp_seconds gauge
    # UNIT cicd_pipeline_task_last_success_timestamp_seconds seconds
    cicd_pipeline_task_last_success_timestamp_seconds{environment="dev",phase="build"} 1767225600
    # HELP cicd_pipeline_task_last_run_resources What the newest run of the phase did to resources.
    # TYPE cicd_pipeline_task_last_run_resources gauge
    cicd_pipeline_task_last_run_resources{environment="dev",phase="build",change="added"} 3
    cicd_pipeline_task_last_run_resources{environment="dev",phase="build",change="changed"} 1
    cicd_pipeline_task_last_run_resources{environment="dev",phase="build",change="destroyed"} 0
    # HELP cicd_pipeline_tasks_left_out Phases that are not told here, because there are too many.
    # TYPE cicd_pipeline_tasks_left_out gauge
    cicd_pipeline_tasks_left_out 0
    # EOF
    "#);
}

#[test]
fn nothing_is_told_of_no_rows() {
    insta::assert_snapshot!(text(""), @"
    # HELP cicd_pipeline_task_run_duration_seconds How long the runs of the phase took, by how they ended.
    # TYPE cicd_pipeline_task_run_duration_seconds histogram
    # UNIT cicd_pipeline_task_run_duration_seconds seconds
    # HELP cicd_pipeline_task_last_run_duration_seconds How long the newest run of the phase took.
    # TYPE cicd_pipeline_task_last_run_duration_seconds gauge
    # UNIT cicd_pipeline_task_last_run_duration_seconds seconds
    # HELP cicd_pipeline_task_last_run_exit_code The exit code of the newest run of the phase.
    # TYPE cicd_pipeline_task_last_run_exit_code gauge
    # HELP cicd_pipeline_task_last_run_timestamp_seconds When the newest run of the phase started, since 1970.
    # TYPE cicd_pipeline_task_last_run_timestamp_seconds gauge
    # UNIT cicd_pipeline_task_last_run_timestamp_seconds seconds
    # HELP cicd_pipeline_task_last_success_timestamp_seconds When the newest run of the phase that succeeded started, since 1970.
    # TYPE cicd_pipeline_task_last_success_timestamp_seconds gauge
    # UNIT cicd_pipeline_task_last_success_timestamp_seconds seconds
    # HELP cicd_pipeline_task_last_run_resources What the newest run of the phase did to resources.
    # TYPE cicd_pipeline_task_last_run_resources gauge
    # HELP cicd_pipeline_tasks_left_out Phases that are not told here, because there are too many.
    # TYPE cicd_pipeline_tasks_left_out gauge
    cicd_pipeline_tasks_left_out 0
    # EOF
    ");
}

#[test]
fn names_are_text_whatever_is_in_them() {
    let text = text(
        "2026-01-01T00:00:00Z,,\"a\"\"} 1\\n\",d\\ev\u{e9},b,5,0,,0,0,0,a\n\
         2026-01-02T00:00:00Z,,old,x,5,0,a\n",
    );
    let last =
        text.lines().filter(|line| line.starts_with("cicd_pipeline_task_last_run_exit_code"));
    insta::assert_snapshot!(last.collect::<Vec<_>>().join("\n"), @r#"
    cicd_pipeline_task_last_run_exit_code{environment="d\\evé",phase="a\"} 1\\n"} 0
    cicd_pipeline_task_last_run_exit_code{environment="old",phase=""} 0
    "#);
}

#[test]
fn no_name_ends_as_a_counter_does() {
    let text = text(&row(0, ("dev", "build"), (1, 0), ""));
    assert!(!text.contains("_total"), "the two formats differ in counters: {text}");
}
