//! No run waits for whoever is told of it.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::collector::{Collector, Manner};
use super::{ENDPOINT, bash, refused, waiting};
use crate::support::{Run, Scene};

/// What a run may take longer than one that tells nobody.
const MOST: Duration = Duration::from_millis(100);

/// How often each is measured; a busy machine disturbs some.
const TIMES: usize = 7;

fn timed(call: crate::support::Call) -> (Run, Duration) {
    let start = Instant::now();
    let run = call.run();
    (run, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn whoever_does_not_answer_costs_a_run_nothing() {
    let hangs = Collector::listen(Manner::Hangs);
    let drips = Collector::listen(Manner::Drips);
    let fails = Collector::listen(Manner::answers(500));
    // Nobody ever takes a call here; the system answers the first of them.
    let deaf = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let deaf = format!("http://{}", deaf.local_addr().unwrap());
    let nowhere = "http://no-such-host.invalid:4318".to_owned();
    for endpoint in [hangs.url(), drips.url(), fails.url(), deaf, nowhere, refused()] {
        let scene = Scene::new();
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let words = ["exec", "--phase", "x", "--", "bash", "-c", "echo out; exit 3"];
            let (plain, took) = timed(scene.calling(&words));
            without.push(took);
            let call = bash(&scene, &endpoint, "echo out; exit 3");
            let (told, took) = timed(call.env("OTEL_EXPORTER_OTLP_TIMEOUT", "1500"));
            with.push(took);
            assert_eq!((plain.code, told.code), (3, 3), "{endpoint}");
            assert_eq!(plain.stdout, told.stdout, "{endpoint}");
            assert_eq!(told.warnings(), Vec::<&str>::new(), "{endpoint}");
        }
        let (without, with) = (median(without), median(with));
        println!("{endpoint}: {without:?} without, {with:?} with");
        assert!(with < without + MOST, "{endpoint}: {with:?} instead of {without:?}");
        assert_eq!(waiting(&scene).len(), TIMES, "{endpoint}: nothing is lost");
        assert_eq!(scene.rows().len(), 2 * TIMES);
        let back = Collector::listen(Manner::answers(200));
        let send = scene.calling(&["export", "send"]).env(ENDPOINT, back.url());
        send.run().exits(0);
        assert_eq!(back.requests().len(), TIMES, "{endpoint}");
    }
}
