//! Runs as GitHub tells of them, and what else may be in a file.

use std::time::Instant;

use serde_json::{Value, json};

use super::*;

fn fixture(name: &str) -> String {
    let path = format!("{}/../testdata/github/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn settings(part: Part) -> Settings {
    Settings { part, combine: Combine::Span, attempt: None }
}

fn jobs(glob: &str) -> Settings {
    settings(Part::Jobs(Glob::new(glob)))
}

fn steps(job: &str, step: &str) -> Settings {
    settings(Part::Steps { job: Glob::new(job), step: Glob::new(step) })
}

fn sum(of: Settings) -> Settings {
    Settings { combine: Combine::Sum, ..of }
}

fn told(text: &str, settings: &Settings) -> String {
    match read(text.as_bytes(), settings) {
        Ok(report) => format!("{:?}: {}", report.duration, report.measured.join(", ")),
        Err(unknown) => format!("unknown: {unknown}"),
    }
}

/// The run after `change` to its jobs.
fn changed(settings: &Settings, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut page: Value = serde_json::from_str(&fixture("jobs")).unwrap();
    change(page["jobs"].as_array_mut().unwrap());
    page["total_count"] = json!(page["jobs"].as_array().unwrap().len());
    told(&page.to_string(), settings)
}

fn named<'a>(jobs: &'a mut [Value], name: &str) -> &'a mut Value {
    jobs.iter_mut().find(|job| job["name"] == name).unwrap()
}

#[test]
fn a_run_its_jobs_and_its_steps_have_their_times() {
    let run = fixture("jobs");
    insta::assert_snapshot!(told(&run, &settings(Part::Run)), @"187s: build (linux/amd64), helm, build (linux/arm64), deploy");
    insta::assert_snapshot!(told(&run, &jobs("build*")), @"128s: build (linux/amd64), build (linux/arm64)");
    insta::assert_snapshot!(told(&run, &sum(jobs("build*"))), @"228s: build (linux/amd64), build (linux/arm64)");
    insta::assert_snapshot!(told(&run, &steps("build*amd64*", "* image")), @"92s: build (linux/amd64): Build image, build (linux/amd64): Push image");
    insta::assert_snapshot!(told(&run, &sum(steps("helm", "*"))), @"20s: helm: Set up job, helm: Lint, helm: Template, helm: Package, helm: Complete job");
    insta::assert_snapshot!(told(&run, &steps("build*", "Upload artifacts")), @"31s: build (linux/amd64): Upload artifacts, build (linux/arm64): Upload artifacts");
}

#[test]
fn which_run_it_was_is_told() {
    let report = read(fixture("jobs").as_bytes(), &settings(Part::Run)).unwrap();
    assert_eq!((report.run, report.attempt), (Some(21_094_467_311), Some(1)));
    assert_eq!(report.commit.as_deref(), Some("8f4b0f1f3c1e5a2b7d6c9e0a4b8d2f6e1c3a5b79"));
}

#[test]
fn both_spellings_and_all_pagings_say_the_same() {
    let whole: Value = serde_json::from_str(&fixture("jobs")).unwrap();
    let page = |from: usize, to: usize| json!({"total_count": 5, "jobs": whole["jobs"].as_array().unwrap()[from..to]});
    let in_a_row = format!("{}{}", page(0, 2), page(2, 5));
    let slurped = json!([page(0, 2), page(2, 5)]).to_string();
    let overlapping = format!("{}{}", page(0, 3), page(2, 5));
    for of in [settings(Part::Run), jobs("deploy"), sum(steps("*", "* image")), jobs("notify")] {
        let expected = told(&fixture("jobs"), &of);
        for text in [&fixture("view"), &in_a_row, &slurped, &overlapping] {
            assert_eq!(told(text, &of), expected);
        }
    }
    let first = page(0, 2).to_string();
    let unknown = told(&first, &settings(Part::Run));
    assert_eq!(unknown, "unknown: 2 of 5 jobs are there: ask with --paginate");
}

#[test]
fn what_did_not_succeed_has_not_been_measured() {
    let run = fixture("jobs");
    insta::assert_snapshot!(told(&run, &jobs("notify")), @r#"unknown: job "notify" was skipped"#);
    insta::assert_snapshot!(told(&run, &steps("deploy", "Roll*")), @r#"unknown: step "deploy: Roll back" was skipped"#);
    insta::assert_snapshot!(told(&run, &jobs("Build*")), @r#"unknown: no job of the run is named "Build*""#);
    insta::assert_snapshot!(told(&run, &steps("helm", "Push")), @r#"unknown: no step of job "helm" is named "Push""#);
    for (status, conclusion) in [
        ("completed", json!("failure")),
        ("completed", json!("cancelled")),
        ("completed", json!("timed_out")),
        ("completed", Value::Null),
        ("in_progress", Value::Null),
        ("queued", Value::Null),
        ("", json!("")),
    ] {
        for of in [settings(Part::Run), jobs("deploy")] {
            let told = changed(&of, |jobs| {
                let job = named(jobs, "deploy");
                (job["status"], job["conclusion"]) = (json!(status), conclusion.clone());
            });
            assert!(told.starts_with("unknown: job \"deploy\""), "{status} {conclusion}: {told}");
        }
    }
    let told = changed(&steps("deploy", "Upgrade"), |jobs| {
        named(jobs, "deploy")["status"] = json!("in_progress");
    });
    assert!(told.contains("is not over (in_progress)"), "{told}");
    let told = changed(&settings(Part::Run), |jobs| {
        jobs.iter_mut().for_each(|job| job["conclusion"] = json!("skipped"));
    });
    assert_eq!(told, "unknown: no job of the run has run");
}

#[test]
fn times_that_cannot_be_are_no_times() {
    for (start, end, part) in [
        (json!("2026-01-24T15:00:00Z"), json!("2026-01-24T14:59:59Z"), "ended before it started"),
        (Value::Null, json!("2026-01-24T14:59:59Z"), "does not say when"),
        (json!("0001-01-01T00:00:00Z"), json!("2026-01-24T14:59:59Z"), "does not say when"),
        (json!("2026-01-24T14:00:00Z"), json!("soon"), "does not say when"),
    ] {
        let told = changed(&jobs("helm"), |jobs| {
            let job = named(jobs, "helm");
            (job["started_at"], job["completed_at"]) = (start, end);
        });
        assert!(told.contains(part), "{told}");
    }
}

/// Failed jobs, `deploy` alone here, were run again; the rest stands there as it was.
fn run_again(jobs: &mut Vec<Value>) {
    let mut again = named(jobs, "deploy").clone();
    named(jobs, "deploy")["conclusion"] = json!("failure");
    again["id"] = json!(1);
    again["run_attempt"] = json!(2);
    again["created_at"] = json!("2026-01-24T16:00:00Z");
    again["started_at"] = json!("2026-01-24T16:00:02Z");
    again["completed_at"] = json!("2026-01-24T16:01:01Z");
    jobs.push(again);
}

#[test]
fn of_a_run_that_was_run_again_the_latest_attempt_counts() {
    insta::assert_snapshot!(changed(&jobs("deploy"), run_again), @"59s: deploy");
    insta::assert_snapshot!(changed(&jobs("helm"), run_again), @"21s: helm");
    insta::assert_snapshot!(changed(&settings(Part::Run), run_again), @r#"unknown: attempt 2 may have run only a part again: job "build (linux/amd64)" is of an earlier one, or does not say of which"#);
    let first = Settings { attempt: Some(1), ..jobs("deploy") };
    insta::assert_snapshot!(changed(&first, run_again), @r#"unknown: job "deploy" did not succeed (failure)"#);
    let third = Settings { attempt: Some(3), ..jobs("deploy") };
    insta::assert_snapshot!(changed(&third, run_again), @"unknown: nothing is told of attempt 3; the latest is 2");
}

#[test]
fn an_attempt_that_ran_everything_again_has_a_whole() {
    let all = |jobs: &mut Vec<Value>| {
        let again: Vec<Value> = jobs.clone();
        jobs.iter_mut().for_each(|job| job["conclusion"] = json!("failure"));
        for (id, mut job) in again.into_iter().enumerate() {
            (job["id"], job["run_attempt"]) = (json!(id), json!(2));
            jobs.push(job);
        }
    };
    let whole = told(&fixture("jobs"), &settings(Part::Run));
    assert_eq!(changed(&settings(Part::Run), all), whole);
}

#[test]
fn jobs_that_an_attempt_lists_with_older_times_make_no_whole() {
    let told = changed(&settings(Part::Run), |jobs| {
        for job in jobs.iter_mut() {
            job["run_attempt"] = json!(2);
            job["created_at"] = json!("2026-01-24T16:00:00Z");
        }
        let job = named(jobs, "deploy");
        job["started_at"] = json!("2026-01-24T16:00:02Z");
        job["completed_at"] = json!("2026-01-24T16:01:01Z");
    });
    assert!(told.contains("attempt 2 may have run only a part again"), "{told}");
    let mut view: Value = serde_json::from_str(&fixture("view")).unwrap();
    view["attempt"] = json!(2);
    let told = super::tests::told(&view.to_string(), &settings(Part::Run));
    assert!(told.contains("attempt 2 may have run only a part again"), "{told}");
}

#[test]
fn hostile_json_ends_in_a_reason() {
    let deep = "[".repeat(1 << 20);
    let job = "{\"name\":\"\",\"status\":\"\"}";
    let many = format!("{{\"jobs\":[{}{job}]}}", format!("{job},").repeat(1 << 20));
    let pages = format!("[{}{{\"jobs\":[]}}]", "{\"jobs\":[]},".repeat(1 << 20));
    let long = " ".repeat(50 << 20);
    for hostile in [&deep, &many, &pages, &long, &"{\"jobs\":[]}".repeat(1 << 20)] {
        let started = Instant::now();
        let unknown = told(hostile, &settings(Part::Run));
        assert!(started.elapsed() < Duration::from_secs(5), "{unknown}");
        assert!(unknown.starts_with("unknown: ") && unknown.len() < 500, "{unknown}");
    }
    let other_run = fixture("jobs").replace("21094467311", "7").replace("\"id\": 6", "\"id\": 7");
    let two = told(&format!("{}{other_run}", fixture("jobs")), &settings(Part::Run));
    assert_eq!(two, "unknown: the jobs are of several runs");
    for garbage in ["", "null", "7", "{}", "{\"jobs\":null}", "{\"jobs\":[{}]}", "HTTP 404"] {
        let told = told(garbage, &settings(Part::Run));
        assert!(told.starts_with("unknown: "), "{garbage}: {told}");
    }
    let whole = fixture("jobs");
    for end in (0..whole.trim_end().len()).step_by(97) {
        assert!(told(&whole[..end], &settings(Part::Run)).starts_with("unknown: "), "{end}");
    }
}

#[test]
fn the_users_gh_is_asked_for_the_run_and_then_for_its_jobs() {
    let which = Which { workflow: "deploy.yml".to_owned(), commit: Some("8f4b0f1".to_owned()) };
    insta::assert_snapshot!(list_arguments(&which).join(" "), @"run list --limit=1 --status=completed --json=databaseId --workflow=deploy.yml --commit=8f4b0f1");
    insta::assert_snapshot!(jobs_arguments(7, None).join(" "), @"api --paginate repos/{owner}/{repo}/actions/runs/7/jobs?per_page=100");
    insta::assert_snapshot!(jobs_arguments(7, Some(2)).join(" "), @"api --paginate repos/{owner}/{repo}/actions/runs/7/attempts/2/jobs?per_page=100");
    assert_eq!(jobs::run_id(b"[{\"databaseId\":7}]\n").unwrap(), Some(7));
    assert_eq!(jobs::run_id(b"[]\n").unwrap(), None);
    assert!(jobs::run_id(b"[{}]").is_err());
}
