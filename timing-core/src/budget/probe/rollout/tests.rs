//! Updates as an API server tells of them, and what else may be in a file.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::capture::Signals;

fn fixture(name: &str) -> String {
    let path = format!("{}/../testdata/rollout/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn settings() -> Settings {
    Settings { deployment: "sample-service".to_owned(), namespace: None, revision: None }
}

/// The report in a few lines.
fn told(text: &str, settings: &Settings) -> String {
    let report = match read(text.as_bytes(), settings) {
        Ok(report) => report,
        Err(unknown) => return format!("unknown: {unknown}"),
    };
    let mut told = format!("revision {}: {}\n", report.revision, report.state);
    let _ = writeln!(told, "total: {}", line(report.total.map(|total| vec![total])));
    let _ = writeln!(told, "pod replacement: {}", line(report.pod_replacement));
    let _ = writeln!(told, "traffic switch: {}", line(report.traffic_switch));
    let _ = write!(told, "stabilisation: {}", line(report.stabilisation));
    told
}

fn line(figures: Result<Vec<Duration>, Unknown>) -> String {
    match figures {
        Ok(figures) => format!("{figures:?}"),
        Err(unknown) => format!("unknown: {unknown}"),
    }
}

fn of(name: &str) -> String {
    told(&fixture(name), &settings())
}

/// A fixture after `change` to its objects.
fn changed(name: &str, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut list: Value = serde_json::from_str(&fixture(name)).unwrap();
    change(list["items"].as_array_mut().unwrap());
    told(&list.to_string(), &settings())
}

fn pod<'a>(items: &'a mut [Value], suffix: &str) -> &'a mut Value {
    let found = items.iter_mut().find(|item| {
        item["kind"] == "Pod" && item["metadata"]["name"].as_str().unwrap().ends_with(suffix)
    });
    found.unwrap()
}

fn ready_at(pod: &mut Value) -> &mut Value {
    let conditions = pod["status"]["conditions"].as_array_mut().unwrap();
    &mut conditions.iter_mut().find(|of| of["type"] == "Ready").unwrap()["lastTransitionTime"]
}

#[test]
fn an_update_without_a_pod_missing() {
    insta::assert_snapshot!(of("complete"), @"
    revision 4: the update is complete
    total: [24s]
    pod replacement: [11s, 10s]
    traffic switch: [1s, 2s]
    stabilisation: [7s, 7s]
    ");
}

#[test]
fn old_pods_that_are_on_their_way_say_when_they_were_told_to_go() {
    insta::assert_snapshot!(of("terminating"), @"
    revision 4: the update is complete
    total: [24s]
    pod replacement: [11s, 10s]
    traffic switch: [1s, 2s]
    stabilisation: [7s, 7s]
    ");
}

#[test]
fn all_pods_at_once() {
    insta::assert_snapshot!(of("full-surge"), @"
    revision 4: the update is complete
    total: [15s]
    pod replacement: [11s, 14s]
    traffic switch: [0ns, 1s]
    stabilisation: [7s, 10s]
    ");
}

#[test]
fn old_pods_first() {
    insta::assert_snapshot!(of("no-surge"), @"
    revision 4: the update is complete
    total: [19s]
    pod replacement: [9s, 9s]
    traffic switch: unknown: old pods left before new ones were ready (maxUnavailable allows it), so that no moment is the switch
    stabilisation: [6s, 6s]
    ");
}

#[test]
fn an_update_that_was_undone_is_timed_from_its_own_start() {
    insta::assert_snapshot!(of("undone"), @"
    revision 5: the update is complete
    total: [18s]
    pod replacement: [8s, 8s]
    traffic switch: [0ns, 1s]
    stabilisation: [6s, 6s]
    ");
}

#[test]
fn an_update_under_way() {
    insta::assert_snapshot!(of("in-progress"), @"
    revision 4: the update is under way: 1 old pods are left
    total: unknown: the update is under way: 1 old pods are left
    pod replacement: unknown: the update is under way: 1 old pods are left
    traffic switch: unknown: the update is under way: 1 old pods are left
    stabilisation: unknown: the update is under way: 1 old pods are left
    ");
}

#[test]
fn what_is_not_complete_has_a_state_and_no_figures() {
    for name in ["failed", "paused", "superseded"] {
        let report = read(fixture(name).as_bytes(), &settings()).unwrap();
        let why = report.state.to_string();
        let figures = [report.pod_replacement, report.traffic_switch, report.stabilisation];
        for figure in figures.into_iter().chain([report.total.map(|total| vec![total])]) {
            assert_eq!(figure.unwrap_err().to_string(), why);
        }
    }
    let first = |name| of(name).lines().next().unwrap().to_owned();
    insta::assert_snapshot!(first("failed"), @r#"revision 4: the update failed: ProgressDeadlineExceeded: ReplicaSet "sample-service-7c5ddbdf54" has timed out progressing."#);
    insta::assert_snapshot!(first("paused"), @"revision 4: the update is paused");
    insta::assert_snapshot!(first("superseded"), @"revision 5: the update is under way: 1 of 2 pods are new");
}

#[test]
fn the_revision_that_is_asked_for_is_the_one_that_is_told_of() {
    let asked = |name: &str, revision| {
        let settings = Settings { revision: Some(revision), ..settings() };
        read(fixture(name).as_bytes(), &settings).unwrap().state
    };
    assert_eq!(asked("complete", 4), State::Complete);
    assert_eq!(asked("complete", 3), State::Superseded { by: 4 });
    assert_eq!(asked("superseded", 4), State::Superseded { by: 5 });
    assert!(matches!(asked("complete", 5), State::InProgress(_)));
}

#[test]
fn a_change_that_the_controller_has_not_seen_is_under_way() {
    let told = changed("complete", |items| items[0]["metadata"]["generation"] = json!(8));
    assert!(told.contains("the controller has not yet seen the latest change"), "{told}");
}

#[test]
fn without_endpoints_or_events_nobody_can_tell_the_switch() {
    let told = changed("complete", |items| items.retain(|item| item["kind"] != "EndpointSlice"));
    assert!(told.contains("traffic switch: unknown: no EndpointSlice has Pod"), "{told}");
    let told = changed("complete", |items| items.retain(|item| item["kind"] != "Event"));
    assert!(told.contains("unknown: 2 new pods, but 0 old ones are known to have left"), "{told}");
    assert!(told.contains("pod replacement: [11s, 10s]"), "{told}");
    let told = changed("terminating", |items| {
        let slice = items.iter_mut().find(|item| item["kind"] == "EndpointSlice").unwrap();
        slice["endpoints"][2]["conditions"] = Value::Null;
    });
    assert!(
        told.contains("the old Pod sample-service-6d4c9f7b58-4vq8m still gets traffic"),
        "{told}"
    );
}

#[test]
fn a_liveness_kill_is_no_farewell() {
    let told = changed("complete", |items| {
        items.retain(|item| item["reason"] != "SuccessfulDelete");
        for event in items.iter_mut().filter(|item| item["reason"] == "Killing") {
            event["message"] = json!("Container service failed liveness probe, will be restarted");
        }
    });
    assert!(told.contains("0 old ones are known to have left"), "{told}");
}

#[test]
fn a_pod_that_was_ready_before_its_last_time_says_nothing() {
    let told = changed("complete", |items| {
        pod(items, "x7k2p")["status"]["containerStatuses"][0]["restartCount"] = json!(1);
    });
    assert!(told.contains("pod replacement: unknown: Pod sample-service-7c5ddbdf54-x7k2p had"));
    assert!(told.contains("total: [24s]"), "{told}");
    let told = changed("complete", |items| {
        *ready_at(pod(items, "m9d4c")) = json!("2026-01-24T15:00:00Z");
    });
    assert!(told.contains("turned ready again after the update"), "{told}");
}

#[test]
fn pods_that_came_later_are_not_the_updates() {
    let told = changed("complete", |items| {
        let mut later = pod(items, "x7k2p").clone();
        later["metadata"]["name"] = json!("sample-service-7c5ddbdf54-later");
        later["metadata"]["creationTimestamp"] = json!("2026-01-24T16:00:00Z");
        *ready_at(&mut later) = json!("2026-01-24T17:00:00Z");
        items.push(later);
    });
    assert!(told.contains("pod replacement: [11s, 10s]"), "{told}");
    let told = changed("complete", |items| items.retain(|item| item["kind"] != "Pod"));
    assert!(told.contains("none of the pods that the update made are there"), "{told}");
}

#[test]
fn an_undone_update_whose_events_are_gone_has_no_start() {
    let told = changed("undone", |items| items.retain(|item| item["kind"] != "Event"));
    assert!(told.contains("was used before, and no Event says"), "{told}");
}

#[test]
fn objects_that_belong_to_others_do_not_count() {
    let both = format!("{}{}", fixture("complete"), fixture("failed").replace("production", "x"));
    let ambiguous = told(&both, &settings());
    assert!(ambiguous.contains("several Deployments sample-service"), "{ambiguous}");
    let settings = Settings { namespace: Some("production".to_owned()), ..settings() };
    assert_eq!(told(&both, &settings), of("complete"));
}

#[test]
fn single_objects_in_a_row_are_as_good_as_a_list() {
    let list: Value = serde_json::from_str(&fixture("complete")).unwrap();
    let row: String = list["items"].as_array().unwrap().iter().map(|o| o.to_string()).collect();
    assert_eq!(told(&row, &settings()), of("complete"));
}

#[test]
fn what_is_missing_is_named() {
    for (change, part) in [
        (json!({"spec": {"strategy": {"type": "Recreate"}}}), "no rolling update"),
        (json!({"metadata": {"annotations": null}}), "no annotation"),
        (json!({"status": {"conditions": null}}), "no condition Progressing"),
        (json!({"status": null}), "cannot be read"),
        (json!({"status": {"replicas": "two"}}), "cannot be read"),
        (json!({"status": {"replicas": -1}}), "cannot be read"),
        (json!({"metadata": {"creationTimestamp": "yesterday"}}), "not a time (RFC 3339)"),
        (json!({"metadata": {"name": "other"}}), "there is no Deployment sample-service"),
    ] {
        let told = changed("complete", |items| merge(&mut items[0], change));
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = changed("complete", |items| items.retain(|item| item["kind"] != "ReplicaSet"));
    assert!(told.contains("the ReplicaSet of its revision 4 is missing"), "{told}");
}

fn merge(into: &mut Value, change: Value) {
    match change {
        Value::Object(fields) => {
            fields.into_iter().for_each(|(key, value)| merge(&mut into[key], value));
        }
        other => *into = other,
    }
}

/// Nothing that stands in a file may take long, or panic.
#[test]
fn hostile_json_ends_in_a_reason() {
    let deep = "[".repeat(1 << 20);
    let deep_items = format!("{{\"items\":[{{\"status\":{}", "{\"conditions\":[".repeat(100_000));
    let many = format!("{{\"items\":[{}{{}}]}}", "{},".repeat(1 << 20));
    let many_lists = "{\"items\":[{},{},{}]}".repeat(1 << 20);
    let slice = format!("{{\"items\":[{{\"endpoints\":[{}{{}}]}}]}}", "{},".repeat(1 << 20));
    let long = " ".repeat(50 << 20);
    let text = format!("{{\"items\":[{{\"kind\":\"{}", "x".repeat(8 << 20));
    for hostile in [&deep, &deep_items, &many, &many_lists, &slice, &long, &text] {
        let started = Instant::now();
        let unknown = read(hostile.as_bytes(), &settings()).unwrap_err().to_string();
        assert!(started.elapsed() < Duration::from_secs(5), "{unknown}");
        assert!(unknown.len() < 500, "{unknown}");
    }
    for garbage in ["", "null", "7", "\u{0}", "{\"items\":7}", "error: no such host", "[]", "{}"] {
        assert!(read(garbage.as_bytes(), &settings()).is_err(), "{garbage}");
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_ends_in_a_reason() {
    let whole = fixture("complete");
    for end in (0..whole.trim_end().len()).step_by(97) {
        assert!(read(&whole.as_bytes()[..end], &settings()).is_err(), "{end}");
    }
}

#[test]
fn kubectl_is_asked_for_all_kinds_at_once() {
    let settings = Settings { namespace: Some("--all".to_owned()), ..settings() };
    let arguments = arguments(&settings, Duration::from_secs(5)).join(" ");
    insta::assert_snapshot!(arguments, @"get deployments.apps,replicasets.apps,pods,endpointslices.discovery.k8s.io,events --output=json --request-timeout=5000ms --namespace=--all");
}

/// A `kubectl` that does what the script says.
fn asked(script: &str) -> Result<Report, String> {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("kubectl");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    let environment = [("PATH".into(), path.into())];
    let signals = Signals::none();
    let timeout = Duration::from_secs(2);
    let directory = directory.path();
    let asking = Asking { environment: &environment, directory, timeout, signals: &signals };
    ask(&settings(), &asking).map_err(|unknown| unknown.to_string())
}

#[test]
fn the_users_kubectl_is_asked_and_may_fail_hang_or_never_end() {
    let path = format!("{}/../testdata/rollout/complete.json", env!("CARGO_MANIFEST_DIR"));
    let report = asked(&format!("cat '{path}'")).unwrap();
    assert_eq!(report, read(fixture("complete").as_bytes(), &settings()).unwrap());
    let started = Instant::now();
    for (script, part) in [
        ("echo 'The connection to the server was refused' >&2; exit 1", "was refused"),
        ("sleep 60", "stopped after 2s"),
        ("cat /dev/zero", "stopped after 2s"),
        ("head -c 40000000 /dev/zero", "more than 33554432 bytes"),
        ("echo not json", "cannot be read"),
    ] {
        let unknown = asked(script).unwrap_err();
        assert!(unknown.contains(part), "{script}: {unknown}");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
