//! Traces in a file, for a viewer.

use crate::support::Scene;

#[test]
fn the_last_runs_as_trace_events() {
    let script = "echo 'a.x: Creating...'; echo 'a.y: Creating...'; sleep 0.2; \
        echo 'a.x: Creation complete after 0s [id=1]'; echo 'a.y: Creation complete after 0s [id=2]'";
    let scene = Scene::new().step("apply", &["bash", "-c", script]).committed();
    scene.xtask(&["apply-persistent"]).exits(0);
    scene.xtask(&["exec", "--phase", "docker-build", "--", "false"]).exits(1);
    let out = scene.outside().join("trace.json");
    let path = out.to_str().unwrap();
    let run = scene.xtask(&["report", "--format", "chrome-trace", "--out", path]).exits(0);
    assert!(run.stderr.contains("written to "), "{}", run.stderr);
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    let events = file["traceEvents"].as_array().unwrap();
    let find = |name: &str| {
        let found = events.iter().find(|event| event["ph"] == "X" && event["name"] == name);
        found.unwrap_or_else(|| panic!("{name} in {file:#}"))
    };
    let (x, y) = (find("a.x"), find("a.y"));
    assert_ne!(x["tid"], y["tid"], "side by side");
    assert!(x["dur"].as_u64().unwrap() >= 150_000, "{x}");
    assert_eq!(find("docker-build")["args"]["process.exit.code"], 1);
    assert_ne!(find("docker-build")["pid"], x["pid"], "another run");
}

#[cfg(feature = "otlp")]
#[test]
fn the_last_runs_as_a_collectors_json() {
    let scene = Scene::new();
    scene.xtask(&["exec", "--phase", "docker-build", "--", "false"]).exits(1);
    let run = scene.xtask(&["report", "--format", "otlp-json"]).exits(0);
    let traces: opentelemetry_proto::tonic::trace::v1::TracesData =
        serde_json::from_str(&run.stdout).unwrap();
    let spans = &traces.resource_spans[0].scope_spans[0].spans;
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["docker-build", "docker-build"]);
    let row = &scene.rows()[0];
    let file: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let span = &file["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["traceId"].as_str().unwrap().len(), 32);
    assert!(span["startTimeUnixNano"].is_string(), "as proto3's JSON has 64 bits: {span}");
    assert!(span.to_string().contains(row.flag("RUN").unwrap()));
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_build_without_otlp_says_how_to_get_it() {
    let scene = Scene::new();
    let run = scene.xtask(&["report", "--format", "otlp-json"]).exits(1);
    assert!(run.stderr.contains("cargo xtask-full report --format otlp-json"), "{}", run.stderr);
}
