//! Budgets of production against the real thing: a Prometheus that scrapes two sample services, one
//! that works hard and one that is slow and large.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use timing_core::budget::probe::http::{self, Load};
use timing_core::budget::probe::prometheus::{Across, Bad, Found, Settings, Sustained, ask};

use crate::gate;

/// How long is waited for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// 70 % of the 50 millicores that development requests.
const CPU: &str = "rate(process_cpu_seconds_total{job=\"JOB\"}[3s]) / 0.05";
/// Of a limit that the smallest service is far below, and the largest beyond 80 % of.
const MEMORY: &str = "process_resident_memory_bytes{job=\"JOB\"} / (16 * 1024 * 1024)";
const P95: &str =
    "histogram_quantile(0.95, sum by (le) (rate(pf_health_seconds_bucket{job=\"JOB\"}[3s])))";

/// A child of the test, which ends with it.
struct Child(duct::Handle);

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Requests without a pause until it is dropped.
struct Busy(Arc<AtomicBool>, Option<JoinHandle<()>>);

impl Busy {
    fn with(url: String) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let work = move || {
            let settings = http::Settings {
                load: Load::Concurrency { workers: 4, expected_interval: None },
                duration: Duration::from_millis(500),
                warm_up: Duration::ZERO,
                timeout: Duration::from_secs(10),
                ..http::Settings::new(url)
            };
            while !stop.load(Ordering::SeqCst) {
                let _ = http::measure(&settings);
            }
        };
        Self(over, Some(std::thread::spawn(work)))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
        self.1.take().map(JoinHandle::join);
    }
}

/// The example, built if need be.
fn built_service() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let arguments = ["build", "--offline", "--quiet", "-p", "timing-core", "--example"];
    let target = profile.parent().unwrap();
    duct::cmd(env!("CARGO"), arguments.into_iter().chain(["sample-service"]))
        .env("CARGO_TARGET_DIR", target)
        .dir(env!("CARGO_MANIFEST_DIR"))
        .run()
        .unwrap();
    profile.join("examples/sample-service")
}

fn service(program: &Path, address_file: &Path, features: &str, latency: &str) -> (Child, String) {
    let mut command = duct::cmd!(program, "--address-file", address_file)
        .stdout_null()
        .env("PF_DATABASE_LATENCY_MS", latency);
    for feature in ["ORCH", "CACHE", "POLICY", "TRACING"] {
        command = command.env(format!("PF_{feature}_ENABLED"), features);
    }
    let child = Child(command.start().unwrap());
    let address = eventually(|| {
        let text = fs::read_to_string(address_file).map_err(|error| error.to_string())?;
        text.lines().next().map(str::to_owned).ok_or_else(|| "it is empty".to_owned())
    });
    (child, address)
}

/// What `attempt` comes to when it does.
fn eventually<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match attempt() {
            Ok(done) => return done,
            Err(why) => assert!(started.elapsed() < PATIENCE, "{why}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn prometheus(directory: &Path, targets: &[(&str, &str)]) -> (Child, String) {
    let jobs = targets.iter().map(|(job, address)| {
        format!("  - job_name: {job}\n    static_configs: [{{ targets: ['{address}'] }}]\n")
    });
    let global = "global: { scrape_interval: 500ms, scrape_timeout: 500ms }\nscrape_configs:\n";
    let configuration = directory.join("prometheus.yml");
    fs::write(&configuration, global.to_owned() + &jobs.collect::<String>()).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = duct::cmd!(
        "prometheus",
        format!("--config.file={}", configuration.display()),
        format!("--storage.tsdb.path={}", directory.join("data").display()),
        format!("--web.listen-address={free}"),
        "--log.level=error"
    );
    let log = fs::File::create(directory.join("prometheus.log")).unwrap();
    (Child(child.stdout_null().stderr_file(log).start().unwrap()), format!("http://{free}"))
}

struct World {
    url: String,
}

impl World {
    fn now(&self, query: &str) -> Result<Found, String> {
        self.ask(query, None, Across::One)
    }

    fn sustained(&self, query: &str, job: &str) -> Result<Found, String> {
        let step = Some(Duration::from_millis(500));
        let sustained = Sustained { window: Duration::from_secs(2), step, bad: Bad::High };
        self.ask(&query.replace("JOB", job), Some(sustained), Across::One)
    }

    fn ask(
        &self,
        query: &str,
        sustained: Option<Sustained>,
        across: Across,
    ) -> Result<Found, String> {
        let (url, query) = (self.url.clone(), query.to_owned());
        let settings = Settings { url, query, sustained, across, timeout: PATIENCE };
        ask(&settings).map_err(|unknown| unknown.to_string())
    }

    /// Waits until what is sustained is on that side of `threshold`, and says what it is.
    fn on_side(&self, side: std::cmp::Ordering, threshold: f64, query: &str, job: &str) -> f64 {
        eventually(|| {
            let value = self.sustained(query, job)?.value;
            if value.total_cmp(&threshold) == side {
                Ok(value)
            } else {
                Err(format!("{job}: {query} is {value}, to be {side:?} than {threshold}"))
            }
        })
    }
}

/// Prometheus and two services take much of a small machine.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn both_sides_of_each_threshold_of_production_are_seen() {
    if !gate::require("both_sides_of_each_threshold_of_production_are_seen", "prometheus") {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let program = built_service();
    let (_busy, busy) = service(&program, &at("busy"), "false", "0");
    let (slow_service, slow) = service(&program, &at("slow"), "true", "600");
    let (_server, url) = prometheus(directory.path(), &[("busy", &busy), ("slow", &slow)]);
    let world = World { url };
    eventually(|| match world.now("sum(up)")?.value {
        2.0 => Ok(()),
        up => Err(format!("{up} of 2 services are up")),
    });
    let load = Busy::with(format!("http://{busy}/healthz"));
    let checks = Busy::with(format!("http://{slow}/healthz?readiness=1"));

    use std::cmp::Ordering::{Greater, Less};
    let cpu = world.on_side(Greater, 0.7, CPU, "busy");
    let idle = world.on_side(Less, 0.7, CPU, "slow");
    let large = world.on_side(Greater, 0.8, MEMORY, "slow");
    let small = world.on_side(Less, 0.8, MEMORY, "busy");
    let late = world.on_side(Greater, 0.5, P95, "slow");
    let quick = world.on_side(Less, 0.5, P95, "busy");
    println!("cpu {cpu} {idle}, memory {large} {small}, p95 {late} {quick}");

    // Both services answer to a query that does not say which.
    let both = "process_resident_memory_bytes";
    assert!(world.now(both).unwrap_err().contains("2 series answer to the query"));
    assert_eq!(world.ask(both, None, Across::Highest).unwrap().series, 2);

    // What ends is not sustained any more.
    drop(load);
    world.on_side(Less, 0.7, CPU, "busy");
    let silent = eventually(|| match world.sustained(P95, "busy") {
        Ok(found) => Err(format!("{} without traffic", found.value)),
        Err(unknown) => Ok(unknown),
    });
    assert!(silent.contains("NaN"), "{silent}");

    // What is gone is unknown, not well.
    drop(checks);
    drop(slow_service);
    let gone = eventually(|| match world.sustained(MEMORY, "slow") {
        Ok(found) => Err(format!("{} of a service that is gone", found.value)),
        Err(unknown) => Ok(unknown),
    });
    assert!(gone.contains("points of the window are missing"), "{gone}");
}

#[test]
fn a_real_server_says_what_is_wrong_with_a_query() {
    if !gate::require("a_real_server_says_what_is_wrong_with_a_query", "prometheus") {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (_server, url) = prometheus(directory.path(), &[]);
    let world = World { url };
    assert_eq!(eventually(|| world.now("1 + 1")).value, 2.0);
    for (query, part) in [
        ("up", "no series answers to the query"),
        ("up[5m]", "the answer is a range of values"),
        ("\"text\"", "the answer is a text"),
        ("vector(0) / 0", "the query comes to NaN"),
        ("1 / 0", "the query comes to +Inf"),
        ("rate(", "status 400, bad_data"),
    ] {
        let unknown = world.now(query).unwrap_err();
        assert!(unknown.contains(part), "{query}: {unknown}");
    }
    let held = world.sustained("time() > bool 0", "");
    assert_eq!(held, Ok(Found { value: 1.0, series: 1, points: 5 }));
    let nothing = world.sustained("up[5m]", "").unwrap_err();
    assert!(nothing.contains("status 400, bad_data"), "{nothing}");
}
