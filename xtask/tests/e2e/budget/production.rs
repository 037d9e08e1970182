//! `budget check` of the thresholds of production: a real Prometheus scrapes two sample services,
//! of which one works hard and one is slow and large.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::background::Background;
use crate::support::{Scene, eventually, require};

/// The thresholds of the document, and what one machine can see of them within seconds.
const METRICS: [(&str, &str, &str, &str); 3] = [
    ("cpu", "ratio", "> 70%", "rate(process_cpu_seconds_total{job='JOB'}[3s]) / 0.05"),
    ("memory", "ratio", "> 80%", "process_resident_memory_bytes{job='JOB'} / 16777216"),
    (
        "p95",
        "seconds",
        "> 500ms",
        "histogram_quantile(0.95, sum by (le) (rate(pf_health_seconds_bucket{job='JOB'}[3s])))",
    ),
];

fn budgets(prometheus: &str) -> String {
    let metric = |job: &str, (name, unit, warn, query): (&str, &str, &str, &str)| {
        format!(
            "[metric.{job}-{name}]\nunit = \"{unit}\"\nwarn = \"{warn}\"\n\
             [metric.{job}-{name}.source]\nkind = \"prometheus\"\nurl = \"{prometheus}\"\n\
             query = \"{}\"\nsustained = \"2s\"\nstep = \"500ms\"\n",
            query.replace("JOB", job)
        )
    };
    ["busy", "slow"].into_iter().flat_map(|job| METRICS.map(|of| metric(job, of))).collect()
}

/// Where the tests' own build of the example is.
fn service() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet", "-p", "timing-core", "--example", "sample-service"])
        .env("CARGO_TARGET_DIR", target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.unwrap().success());
    target.join("debug/examples/sample-service")
}

fn started(scene: &Scene, program: &Path, job: &str, features: &str) -> (Background, String) {
    let file = scene.outside().join(job);
    let mut call = scene
        .call(program, &["--address-file", file.to_str().unwrap()])
        .env("PF_DATABASE_LATENCY_MS", if job == "slow" { "600" } else { "0" });
    for feature in ["ORCH", "CACHE", "POLICY", "TRACING"] {
        call = call.env(&format!("PF_{feature}_ENABLED"), features);
    }
    let process = Background::silent(&call);
    let address = eventually("the address of a service", || {
        fs::read_to_string(&file).ok()?.lines().next().map(str::to_owned)
    });
    (process, address)
}

fn prometheus(scene: &Scene, targets: [(&str, &str); 2]) -> (Background, String) {
    let jobs = targets.map(|(job, address)| {
        format!("  - job_name: {job}\n    static_configs: [{{ targets: ['{address}'] }}]\n")
    });
    let global = "global: { scrape_interval: 500ms, scrape_timeout: 500ms }\nscrape_configs:\n";
    let configuration = scene.outside().join("prometheus.yml");
    fs::write(&configuration, global.to_owned() + &jobs.concat()).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let arguments = [
        format!("--config.file={}", configuration.display()),
        format!("--storage.tsdb.path={}", scene.outside().join("data").display()),
        format!("--web.listen-address={free}"),
    ];
    let call = scene.call("prometheus", &arguments.each_ref().map(String::as_str));
    (Background::silent(&call), format!("http://{free}"))
}

/// Something that asks `url` again and again, several times at once.
fn load(scene: &Scene, url: &str) -> Background {
    let (address, path) = url.split_once('/').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let ask = format!(
        "ask() {{ while exec 3<>/dev/tcp/{host}/{port}; do \
         printf 'GET /{path} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3; \
         cat <&3 >/dev/null; exec 3>&-; done; }}; \
         for _ in 1 2 3 4; do ask & done; wait"
    );
    Background::silent(&scene.call("bash", &["-c", &ask]))
}

fn verdicts(scene: &Scene) -> Vec<(String, String)> {
    let run = scene.xtask(&["budget", "check", "--no-record", "--format", "json"]).exits(0);
    let found: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    let text = |found: &Value, key: &str| found[key].as_str().unwrap_or("-").to_owned();
    found.iter().map(|found| (text(found, "metric"), text(found, "verdict"))).collect()
}

#[test]
fn both_sides_of_each_threshold_of_production_are_judged() {
    if !require("both_sides_of_each_threshold_of_production_are_judged", "prometheus") {
        return;
    }
    let program = service();
    let scene = Scene::new().committed();
    let (_busy, busy) = started(&scene, &program, "busy", "false");
    let (_slow, slow) = started(&scene, &program, "slow", "true");
    let (server, url) = prometheus(&scene, [("busy", &busy), ("slow", &slow)]);
    scene.write("budgets.toml", &budgets(&url));
    let _load = load(&scene, &format!("{busy}/healthz"));
    let _checks = load(&scene, &format!("{slow}/healthz?readiness=1"));
    let wanted = [
        ("busy-cpu", "warn"),
        ("busy-memory", "pass"),
        ("busy-p95", "pass"),
        ("slow-cpu", "pass"),
        ("slow-memory", "warn"),
        ("slow-p95", "warn"),
    ]
    .map(|(metric, verdict)| (metric.to_owned(), verdict.to_owned()));
    eventually("the verdicts under load", || (verdicts(&scene) == wanted).then_some(()));
    // What is not answered is unknown, and no pass.
    drop(server);
    assert!(verdicts(&scene).iter().all(|(_, verdict)| verdict == "unknown"));
}
