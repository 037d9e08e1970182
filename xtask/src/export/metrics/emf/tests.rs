//! The published rules, one by one.

use super::*;
use serde_json::Value;

fn phase<'a>() -> Phase<'a> {
    Phase {
        end_millis: 1_769_265_807_123,
        environment: "dev",
        phase: "apply-persistent",
        ending: PipelineResult::Failure,
        duration: Duration::from_millis(1_250),
        exit_code: ExitCode(7),
        resources: ResourceCounts { added: 3, changed: 1, destroyed: 0, imported: 9 },
        run: "6b01f737bf68de78",
        sha: Some("0123456789ab"),
    }
}

#[test]
fn a_phase_is_one_line() {
    let line = line(&phase()).unwrap();
    assert_eq!(line.find('\n'), Some(line.len() - 1));
    insta::assert_snapshot!(line, @r#"{"_aws":{"Timestamp":1769265807123,"CloudWatchMetrics":[{"Namespace":"xtask","Dimensions":[["environment","phase"],["environment","phase","result"]],"Metrics":[{"Name":"RunDuration","Unit":"Seconds"},{"Name":"ExitCode","Unit":"None"},{"Name":"ResourcesAdded","Unit":"Count"},{"Name":"ResourcesChanged","Unit":"Count"},{"Name":"ResourcesDestroyed","Unit":"Count"}]}]},"environment":"dev","phase":"apply-persistent","result":"failure","run":"6b01f737bf68de78","sha":"0123456789ab","RunDuration":1.25,"ExitCode":7,"ResourcesAdded":3,"ResourcesChanged":1,"ResourcesDestroyed":0}"#);
}

/// The specification's limits, and what its schema demands.
#[test]
fn the_rules_of_the_format_hold() {
    const UNITS: [&str; 3] = ["Seconds", "Count", "None"];
    let line: Value =
        serde_json::from_str(&line(&Phase { sha: None, ..phase() }).unwrap()).unwrap();
    let root = line.as_object().unwrap();
    assert!(line["_aws"]["Timestamp"].as_u64().unwrap() > 1_000_000_000_000, "milliseconds");
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 1);
    let namespace = directives[0]["Namespace"].as_str().unwrap();
    assert!((1..=256).contains(&namespace.len()) && !namespace.starts_with("AWS/"));
    let sets = directives[0]["Dimensions"].as_array().unwrap();
    for set in sets {
        let names = set.as_array().unwrap();
        assert!((1..=30).contains(&names.len()));
        for name in names {
            let value = root[name.as_str().unwrap()].as_str().unwrap();
            assert!(
                (1..=1024).contains(&value.len()) && value.is_ascii() && !value.trim().is_empty()
            );
        }
    }
    let metrics = directives[0]["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()));
    let mut names: Vec<&str> = Vec::new();
    for metric in metrics {
        let name = metric["Name"].as_str().unwrap();
        assert!((1..=1024).contains(&name.len()) && root[name].is_number(), "{name}");
        assert!(UNITS.contains(&metric["Unit"].as_str().unwrap()));
        names.push(name);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), metrics.len(), "each once");
    assert!(!root.contains_key("sha"), "absent, not null");
}
