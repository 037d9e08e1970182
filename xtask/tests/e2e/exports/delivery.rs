//! What could not be sent is sent later, once, in order.

use std::process::Stdio;

use prost::Message;
use rustix::process::{Pid, Signal, kill_process};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};

use super::collector::{Collector, Manner};
use super::{bash, refused, send, waiting};
use crate::support::background::Background;
use crate::support::{Scene, eventually};

/// Waits until nobody sends any more.
#[track_caller]
fn settled(scene: &Scene) {
    let lock = super::directory(scene).join("lock");
    eventually("the end of the sender", || {
        let lock = std::fs::File::open(&lock).ok()?;
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).ok()
    });
}

/// The runs of the rows, the oldest first.
fn recorded(scene: &Scene) -> Vec<String> {
    scene.rows().iter().map(|row| row.flag("RUN").unwrap().to_owned()).collect()
}

#[test]
fn what_a_collector_missed_arrives_when_it_is_back() {
    let scene = Scene::new();
    let nobody = refused();
    for _ in 0..3 {
        bash(&scene, &nobody, "true").run().exits(0);
        settled(&scene);
    }
    assert_eq!(waiting(&scene).len(), 3);
    let run = send(&scene, &nobody).run().exits(1);
    assert_eq!(run.stdout, "still waiting: 3 runs\n");
    assert!(
        run.stderr.starts_with(&format!("warning: otlp: {nobody}/v1/traces: ")),
        "{}",
        run.stderr
    );
    let collector = Collector::listen(Manner::answers(200));
    let run = send(&scene, &collector.url()).run().exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("told otlp of 3 runs\n", ""));
    let mut expected = recorded(&scene);
    expected.sort();
    assert_eq!(collector.runs(), expected, "each once, the oldest first");
    assert!(waiting(&scene).is_empty());
    let run = send(&scene, &collector.url()).run().exits(0);
    assert_eq!(run.stdout, "nothing waited to be exported\n");
    assert_eq!(collector.requests().len(), 3);
}

#[test]
fn the_next_run_takes_along_what_waits_and_says_what_was_wrong() {
    let scene = Scene::new();
    bash(&scene, &refused(), "true").run().exits(0);
    settled(&scene);
    eventually("the sender's word", || {
        super::directory(&scene).join("trouble.log").exists().then_some(())
    });
    let collector = Collector::listen(Manner::answers(200));
    let run = bash(&scene, &collector.url(), "true").run().exits(0);
    assert!(run.stderr.contains("exports: otlp: http://127.0.0.1:"), "{}", run.stderr);
    eventually("both runs", || (collector.requests().len() == 2).then_some(()));
    settled(&scene);
    let run = bash(&scene, &collector.url(), "true").run().exits(0);
    assert!(!run.stderr.contains("exports:"), "{}", run.stderr);
}

#[test]
fn an_answer_decides_what_becomes_of_a_run() {
    let partly = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 2,
            error_message: "too\nlong".to_owned(),
        }),
    };
    let later = |status, headers: &str| Manner::Answers(status, headers.to_owned(), Vec::new());
    let manners = [
        (Manner::answers(500), 1, "still waiting: 1 run\n", "otlp: the collector answered 500\n"),
        (Manner::answers(404), 1, "still waiting: 1 run\n", "otlp: the collector answered 404\n"),
        (
            later(301, "location: http://127.0.0.1:1/\r\n"),
            1,
            "still waiting: 1 run\n",
            "answered 301",
        ),
        (
            Manner::Answers(400, String::new(), b"no such field".to_vec()),
            0,
            "nothing waited to be exported\n",
            "the collector answered 400: no such field\n",
        ),
        (
            Manner::Answers(200, String::new(), partly.encode_to_vec()),
            0,
            "told otlp of 1 run\n",
            "the collector refused 2 spans: too long\n",
        ),
        (
            Manner::Answers(200, String::new(), b"\xff\xff garbage".to_vec()),
            0,
            "told otlp of 1 run\n",
            "",
        ),
    ];
    let nobody = refused();
    for (manner, left, said, remark) in manners {
        let scene = Scene::new();
        bash(&scene, &nobody, "true").run().exits(0);
        settled(&scene);
        let collector = Collector::listen(manner.clone());
        let run = send(&scene, &collector.url()).run();
        assert_eq!(run.stdout, said, "{manner:?}: {}", run.stderr);
        assert!(run.stderr.contains(remark), "{manner:?}: {}", run.stderr);
        assert_eq!((waiting(&scene).len(), collector.requests().len()), (left, 1), "{manner:?}");
    }
}

#[test]
fn who_asks_to_be_left_alone_is_left_alone() {
    let scene = Scene::new();
    bash(&scene, &refused(), "true").run().exits(0);
    settled(&scene);
    let busy = Manner::Answers(429, "retry-after: 3600\r\n".to_owned(), Vec::new());
    let collector = Collector::listen(busy);
    send(&scene, &collector.url()).run().exits(1);
    collector.changes(Manner::answers(200));
    let run = send(&scene, &collector.url()).run().exits(1);
    assert!(run.stderr.contains("it asked to be left alone until "), "{}", run.stderr);
    assert_eq!(collector.requests().len(), 1);
    assert_eq!(waiting(&scene).len(), 1);
}

#[test]
fn a_sender_that_is_killed_loses_nothing() {
    let scene = Scene::new();
    bash(&scene, &refused(), "true").run().exits(0);
    settled(&scene);
    let collector = Collector::listen(Manner::Hangs);
    let sender = Background::silent(&send(&scene, &collector.url()));
    eventually("a request", || collector.requests().pop());
    // Nobody else sends meanwhile.
    let background = scene.calling(&["export", "send", "--background"]);
    let run = background.env(super::ENDPOINT, collector.url()).run().exits(0);
    assert_eq!(run.stdout, "another sender is at work\n");
    sender.signal(Signal::KILL);
    settled(&scene);
    assert_eq!(waiting(&scene).len(), 1);
    collector.changes(Manner::answers(200));
    send(&scene, &collector.url()).run().exits(0);
    assert_eq!(collector.requests().len(), 2, "the one that nobody answered, and this");
    assert!(waiting(&scene).is_empty());
}

#[test]
fn senders_that_start_at_once_send_each_run_once() {
    let scene = Scene::new();
    let nobody = refused();
    for _ in 0..4 {
        bash(&scene, &nobody, "true").run().exits(0);
    }
    settled(&scene);
    let collector = Collector::listen(Manner::answers(200));
    let mut senders: Vec<Background> =
        (0..4).map(|_| Background::silent(&send(&scene, &collector.url()))).collect();
    for sender in &mut senders {
        assert_eq!(sender.code(), 0);
    }
    let mut runs = collector.runs();
    runs.sort();
    let mut expected = recorded(&scene);
    expected.sort();
    assert_eq!(runs, expected);
}

#[test]
fn a_run_that_is_killed_is_recorded_and_not_exported() {
    let collector = Collector::listen(Manner::answers(200));
    let scene = Scene::new();
    let call = bash(&scene, &collector.url(), "touch ../started; sleep 60");
    let run = Background::start(&call, |command| {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    });
    scene.wait_for_mark("started");
    kill_process(Pid::from_raw(run.child.id().try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
    drop(run);
    bash(&scene, &collector.url(), "true").run().exits(0);
    assert_eq!(scene.rows().len(), 2);
    eventually("the second run", || collector.requests().pop());
    settled(&scene);
    assert_eq!(collector.requests().len(), 1);
}

#[test]
fn an_address_that_is_none_is_not_repeated() {
    let scene = Scene::new();
    let address = "name:geheim@nohost:xx";
    bash(&scene, address, "true").run().exits(0);
    let sent = send(&scene, address).run().exits(1);
    assert!(sent.stderr.contains("an address may hold a password"), "{}", sent.stderr);
    let next = bash(&scene, address, "true").run().exits(0);
    let status = scene.calling(&["export", "status"]).env(super::ENDPOINT, address).run();
    for said in [&sent.stderr, &sent.stdout, &next.stderr, &status.stdout, &status.stderr] {
        assert!(!said.contains("geheim"), "{said}");
    }
}
