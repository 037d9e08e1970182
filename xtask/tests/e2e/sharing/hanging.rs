//! A remote that accepts a connection and never answers.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::without_origin;
use crate::support::{Scene, eventually};

/// Accepts whoever comes, and says nothing, until it is told to hang up.
struct Silence {
    port: u16,
    callers: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Silence {
    fn listen() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let callers = Arc::new(Mutex::new(Some(Vec::new())));
        let ours = Arc::clone(&callers);
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                match &mut *ours.lock().unwrap() {
                    Some(callers) => callers.push(caller),
                    None => return,
                }
            }
        });
        Self { port, callers }
    }

    fn url(&self) -> String {
        format!("git://127.0.0.1:{}/platform", self.port)
    }

    fn calls(&self) -> usize {
        self.callers.lock().unwrap().as_ref().map_or(0, Vec::len)
    }

    /// Whoever waits is refused, and whoever comes.
    fn hang_up(&self) {
        drop(self.callers.lock().unwrap().take());
        // So that the listener sees it, and goes.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        self.hang_up();
    }
}

/// From the moment at which the step wrote its mark, which is the last that it does.
fn since(mark: &Path) -> Duration {
    let ended = std::fs::metadata(mark).unwrap().modified().unwrap();
    SystemTime::now().duration_since(ended).unwrap_or_default()
}

/// Puts a remote that answers in the place of the silent one.
fn with_an_answer(scene: Scene) -> Scene {
    scene.git(&["remote", "remove", "origin"]);
    scene.with_origin()
}

#[test]
fn a_workstation_does_not_wait_for_it() {
    let silence = Silence::listen();
    let scene = without_origin("always")
        .step("apply", &["bash", "-c", "echo >../ended; exit 7"])
        .with_origin_at(&silence.url());
    let took: Vec<Duration> = (0..3)
        .map(|_| {
            scene.xtask(&["apply-persistent"]).exits(7);
            since(&scene.outside().join("ended"))
        })
        .collect();
    // The best of them: other tests run beside.
    let best = took.iter().min().unwrap();
    println!("returned {took:?} after the step's end");
    assert!(*best < Duration::from_secs(1), "{took:?}");
    assert_eq!((scene.rows().len(), scene.waiting().len()), (3, 3));
    eventually("a call of the silent remote", || (silence.calls() > 0).then_some(()));
    silence.hang_up();
    scene.wait_for_syncs(3);
    assert_eq!(scene.waiting().len(), 3);
    let scene = with_an_answer(scene);
    scene.xtask(&["registry", "sync"]).exits(0);
    assert_eq!((scene.rows_at_origin(), scene.waiting()), (scene.rows(), vec![]));
    scene.only_appended_in(&scene.origin());
}

#[test]
fn ci_gives_up_in_time_and_keeps_the_steps_exit_code() {
    let silence = Silence::listen();
    let scene = without_origin("ci").with_origin_at(&silence.url());
    let started = Instant::now();
    let run = scene.in_ci(&["apply-persistent"]).run().exits(7);
    let took = started.elapsed();
    // Once, and not once for each question that is asked.
    assert!((Duration::from_secs(19)..Duration::from_secs(35)).contains(&took), "{took:?}");
    assert_eq!(silence.calls(), 1);
    let [warning] = run.warnings()[..] else { panic!("{}", run.stderr) };
    assert!(warning.contains("20s") && warning.contains("1 row waits in the journal"), "{warning}");
    assert_eq!((scene.rows().len(), scene.waiting().len()), (1, 1));
    let scene = with_an_answer(scene);
    scene.in_ci(&["registry", "sync"]).run().exits(0);
    assert_eq!((scene.rows_at_origin(), scene.waiting()), (scene.rows(), vec![]));
}
