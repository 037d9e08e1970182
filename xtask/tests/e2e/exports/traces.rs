//! What a collector gets of a run: the same as its rows, as a tree of spans.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::trace::v1::Span;

use super::collector::{Collector, Manner, said};
use super::{ENDPOINT, bash};
use crate::support::{Row, Scene, eventually};

const APPLY: &str = "echo 'aws_vpc.this: Creating...'; echo 'aws_eip.a: Creating...'; sleep 0.3; \
    echo 'aws_eip.a: Creation complete after 0s [id=a]'; \
    echo 'aws_vpc.this: Creation complete after 0s [id=b]'; \
    echo 'Apply complete! Resources: 2 added, 0 changed, 0 destroyed.'";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The spans of the only request that arrives.
fn arrived(collector: &Collector) -> Vec<Span> {
    let requests = eventually("a request", || {
        let requests = collector.requests();
        (!requests.is_empty()).then_some(requests)
    });
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    request.spans()
}

/// Seconds since 1970 of a row's start.
fn unix(row: &Row) -> u64 {
    let date = std::process::Command::new("date").args(["-ud", &row.start, "+%s"]).output();
    String::from_utf8(date.unwrap().stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn a_deployment_arrives_as_its_rows_say() {
    let collector = Collector::listen(Manner::answers(200));
    let scene = Scene::new()
        .step("apply", &["bash", "-c", APPLY])
        .step("bootstrap", &["bash", "-c", "exit 7"])
        .committed();
    let run =
        scene.calling(&["deploy-persistent", "CREATE_RDS=false"]).env(ENDPOINT, collector.url());
    run.run().exits(7);
    let spans = arrived(&collector);
    let request = &collector.requests()[0];
    assert!(request.head.starts_with("post /v1/traces http/1.1\r\n"), "{}", request.head);
    assert!(request.head.contains("content-type: application/x-protobuf"), "{}", request.head);
    let of_resource = request.decoded().resource_spans.remove(0).resource.unwrap().attributes;
    assert_eq!(said(&of_resource, "service.name").as_deref(), Some("xtask"));

    let by_id: BTreeMap<&[u8], &Span> =
        spans.iter().map(|span| (&span.span_id[..], span)).collect();
    assert_eq!(by_id.len(), spans.len(), "each has an id of its own");
    let roots: Vec<&Span> = spans.iter().filter(|span| span.parent_span_id.is_empty()).collect();
    let [root] = roots[..] else { panic!("{roots:#?}") };
    for span in &spans {
        assert_eq!(span.trace_id, root.trace_id);
        if let Some(parent) = by_id.get(&span.parent_span_id[..]) {
            let (from, to) = (parent.start_time_unix_nano, parent.end_time_unix_nano);
            assert!(
                from <= span.start_time_unix_nano && span.end_time_unix_nano <= to,
                "{span:#?}"
            );
        } else {
            assert_eq!(span.span_id, root.span_id);
        }
    }
    let rows = scene.rows();
    assert_eq!(rows.len(), 3);
    let id = rows[0].flag("RUN").unwrap();
    assert_eq!(said(&root.attributes, "cicd.pipeline.run.id").as_deref(), Some(id));
    assert_eq!(said(&root.attributes, "cicd.pipeline.result").as_deref(), Some("failure"));
    let head = scene.git(&["rev-parse", "HEAD"]);
    assert_eq!(said(&root.attributes, "vcs.ref.head.revision"), Some(head));
    assert_eq!(root.kind, 2, "a server, as the conventions have the run of a pipeline");
    for row in &rows {
        let is_it = |span: &&Span| {
            said(&span.attributes, "cicd.pipeline.task.name").as_deref() == Some(&row.phase)
        };
        let span = spans.iter().find(is_it).unwrap();
        let said = |key: &str| said(&span.attributes, key);
        let nanoseconds = span.end_time_unix_nano - span.start_time_unix_nano;
        assert_eq!((nanoseconds + 500_000_000) / 1_000_000_000, row.duration, "{row:?}");
        assert!((span.start_time_unix_nano / 1_000_000_000).abs_diff(unix(row)) <= 1, "{row:?}");
        assert_eq!(said("process.exit.code").unwrap(), row.exit_code.to_string());
        assert_eq!(said("deployment.environment.name").unwrap(), row.env);
        assert_eq!(said("xtask.resources.added").unwrap(), row.added.to_string());
        let result = if row.exit_code == 0 { "success" } else { "failure" };
        assert_eq!(said("cicd.pipeline.task.run.result").unwrap(), result);
        let status = span.status.as_ref().unwrap().code;
        assert_eq!(status, if row.exit_code == 0 { 1 } else { 2 }, "{row:?}");
        let around = by_id.get(&span.parent_span_id[..]).unwrap();
        let expected =
            if row.phase == "deploy-persistent" { &root.name } else { "deploy-persistent" };
        assert_eq!(around.name, expected);
    }
    let names = |name: &str| spans.iter().filter(|span| span.name == name).count();
    assert_eq!((names("aws_vpc.this"), names("aws_eip.a")), (1, 1));
}

#[test]
fn a_step_is_told_of_the_span_that_it_runs_in() {
    let collector = Collector::listen(Manner::answers(200));
    let scene = Scene::new();
    let outer = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let call = bash(&scene, &collector.url(), "echo $TRACEPARENT $TRACESTATE");
    let run = call.env("TRACEPARENT", outer).env("TRACESTATE", "a=1,b=2").run().exits(0);
    let spans = arrived(&collector);
    let with = |key: &str| spans.iter().find(|span| said(&span.attributes, key).is_some()).unwrap();
    let phase = with("cicd.pipeline.task.name");
    let told = format!("00-{}-{}-01 a=1,b=2\n", hex(&phase.trace_id), hex(&phase.span_id));
    assert_eq!(run.stdout, told);
    let root = with("cicd.pipeline.run.id");
    assert_eq!(hex(&root.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&root.parent_span_id), "b7ad6b7169203331");
    assert_eq!(root.trace_state, "a=1,b=2");
}

#[test]
fn what_is_no_parent_begins_a_trace_and_what_nobody_keeps_is_not_sent() {
    let collector = Collector::listen(Manner::answers(200));
    let scene = Scene::new();
    let garbage = bash(&scene, &collector.url(), "echo \"$TRACEPARENT|$TRACESTATE|\"");
    let run = garbage.env("TRACEPARENT", "garbage").env("TRACESTATE", "a=1").run().exits(0);
    let spans = arrived(&collector);
    assert!(run.stdout.ends_with("-01||\n") && run.stdout.starts_with("00-"), "{}", run.stdout);
    assert!(spans.iter().any(|span| span.parent_span_id.is_empty()));
    let dropped = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let call = bash(&scene, &collector.url(), "echo $TRACEPARENT").env("TRACEPARENT", dropped);
    assert_eq!(call.run().exits(0).stdout, format!("{dropped}\n"));
    assert!(super::waiting(&scene).is_empty());
    assert_eq!(collector.requests().len(), 1);
}

#[test]
fn the_variables_of_opentelemetry_have_their_say() {
    let collector = Collector::listen(Manner::answers(200));
    let scene = Scene::new();
    let call = scene
        .calling(&["exec", "--phase", "x", "--", "true"])
        .env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/as/it/is", collector.url()))
        .env(ENDPOINT, super::refused())
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cr3t")
        .env("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-team=platform,authorization=Bearer%20s3cr3t")
        .env("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
        .env("OTEL_SERVICE_NAME", "deployments")
        .env("OTEL_RESOURCE_ATTRIBUTES", "team=platform");
    call.run().exits(0);
    let request = eventually("a request", || collector.requests().pop());
    for line in [
        "post /as/it/is http/1.1\r\n",
        "\r\nauthorization: bearer s3cr3t\r\n",
        "\r\nx-team: platform\r\n",
        "\r\ncontent-encoding: gzip\r\n",
    ] {
        assert!(request.head.contains(line), "{line:?} in {}", request.head);
    }
    assert!(request.body.starts_with(&[0x1f, 0x8b]));
    let everything = scene.call("grep", &["-r", "s3cr3t", ".git"]).run();
    assert_eq!((everything.code, everything.stdout.as_str()), (1, ""), "a header is kept nowhere");
}
