//! The record as metrics, read by what they are for: promtool, a Pushgateway and node exporter that
//! a Prometheus scrapes, and CloudWatch's rules for lines of a log.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use timing_core::budget::probe::http;
use timing_core::budget::probe::prometheus::{Across, Settings, ask};

use crate::support::background::Background;
use crate::support::{PATIENCE, Run, Scene, eventually, require};

const TEXT: &str = "../collected/xtask.prom";

/// A repository that exports to a file and, where there is one, a gateway.
fn scene(gateway: Option<&str>) -> Scene {
    let gateway = gateway.map(|address| format!("pushgateway = \"http://{address}\"\n"));
    let config = format!("[export]\nmetrics_file = \"{TEXT}\"\n{}", gateway.unwrap_or_default());
    let scene = Scene::new().config(&config).step("apply", &["true"]).committed();
    fs::create_dir(scene.outside().join("collected")).unwrap();
    scene
}

/// What waits is sent, if the run's own sender has not done so already.
fn sent(scene: &Scene) -> Run {
    scene.xtask(&["export", "send"]).exits(0)
}

/// An address where nobody listens yet.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn start(scene: &Scene, program: &str, arguments: &[String]) -> Background {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Background::silent(&scene.call(program, &arguments))
}

/// The body of an answer with 200, as soon as there is one.
fn fetched(url: &str) -> String {
    eventually(url, || {
        let answer = http::fetch(url, Duration::from_secs(5), 8 << 20).ok()?;
        (answer.status == 200).then(|| String::from_utf8(answer.body).unwrap())
    })
}

fn gateway(scene: &Scene, address: &str) -> Background {
    let started =
        start(scene, "prometheus-pushgateway", &[format!("--web.listen-address={address}")]);
    fetched(&format!("http://{address}/-/ready"));
    started
}

/// A server that says of the file at `path` that it is OpenMetrics, until the test's process ends.
fn openmetrics_server(path: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let path = path.to_owned();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let text = fs::read_to_string(&path).unwrap();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\nContent-Type: \
                 application/openmetrics-text; version=1.0.0; charset=utf-8\r\n\r\n{text}",
                text.len()
            );
        }
    });
    address
}

fn prometheus(scene: &Scene, targets: &[(&str, &str)]) -> (Background, String) {
    let jobs = targets.iter().map(|(job, address)| {
        format!(
            "  - job_name: {job}\n    honor_labels: {}\n    static_configs: [{{ targets: \
             ['{address}'] }}]\n",
            // As its documentation has it for a gateway, whose metrics have a job already.
            *job == "gateway"
        )
    });
    let global = "global: { scrape_interval: 500ms, scrape_timeout: 500ms }\nscrape_configs:\n";
    let configuration = scene.outside().join("prometheus.yml");
    fs::write(&configuration, global.to_owned() + &jobs.collect::<String>()).unwrap();
    let address = free();
    let arguments = [
        format!("--config.file={}", configuration.display()),
        format!("--storage.tsdb.path={}", scene.outside().join("data").display()),
        format!("--web.listen-address={address}"),
    ];
    let url = format!("http://{address}");
    let started = start(scene, "prometheus", &arguments);
    fetched(&format!("{url}/-/ready"));
    (started, url)
}

/// What Prometheus says of `query`, as soon as it is `expected`.
#[track_caller]
fn comes_to(url: &str, query: &str, expected: f64) {
    let mut last = String::new();
    eventually(&format!("{query} is {expected}"), || {
        let (url, query) = (url.to_owned(), query.to_owned());
        let settings =
            Settings { url, query, sustained: None, across: Across::One, timeout: PATIENCE };
        match ask(&settings) {
            #[expect(clippy::float_cmp, reason = "whole numbers")]
            Ok(found) if found.value == expected => Some(()),
            other => {
                last = format!("{other:?}");
                None
            }
        }
    });
}

#[test]
fn promtool_finds_nothing_to_complain_of() {
    if !require("promtool_finds_nothing_to_complain_of", "promtool") {
        return;
    }
    let scene = scene(None).step("apply", &["bash", "-c", "exit 7"]).committed();
    scene.xtask(&["apply-persistent"]).exits(7);
    sent(&scene);
    let text = scene.read(TEXT);
    assert!(text.contains("last_run_exit_code{environment=\"dev\",phase=\"apply-persistent\"} 7"));
    let checked = scene.call("promtool", &["check", "metrics"]).stdin(&text).run().exits(0);
    assert_eq!((checked.stdout.as_str(), checked.stderr.as_str()), ("", ""));
    // It does look.
    let broken = text.replacen("# HELP cicd_pipeline_task_last_run_exit_code", "# ", 1);
    let checked = scene.call("promtool", &["check", "metrics"]).stdin(&broken).run().exits(3);
    assert!(checked.stderr.contains("no help text"), "{}", checked.stderr);
}

#[test]
fn a_prometheus_has_the_rows_figures_by_every_way() {
    let test = "a_prometheus_has_the_rows_figures_by_every_way";
    for program in ["prometheus", "prometheus-pushgateway", "prometheus-node-exporter"] {
        if !require(test, program) {
            return;
        }
    }
    let [pushed, exported] = [free(), free()];
    let scene = scene(Some(&pushed));
    let _gateway = gateway(&scene, &pushed);
    let _exporter = start(
        &scene,
        "prometheus-node-exporter",
        &[
            "--collector.disable-defaults".to_owned(),
            "--collector.textfile".to_owned(),
            format!(
                "--collector.textfile.directory={}",
                scene.outside().join("collected").display()
            ),
            format!("--web.listen-address={exported}"),
        ],
    );
    let served = openmetrics_server(&scene.root().join(TEXT));
    let targets = [("gateway", &*pushed), ("textfile", &*exported), ("openmetrics", &*served)];
    let (_server, url) = prometheus(&scene, &targets);

    scene.xtask(&["apply-persistent"]).exits(0);
    let scene = scene.step("apply", &["bash", "-c", "sleep 1.6; exit 7"]).committed();
    scene.xtask(&["apply-persistent"]).exits(7);
    sent(&scene);
    let rows = scene.rows();
    let row = rows.iter().find(|row| row.exit_code == 7).unwrap();
    assert!(row.duration > 0, "{row:?}");
    let start = scene.call("date", &["+%s", "-d", &row.start]).run().exits(0);
    let start: f64 = start.stdout.trim().parse().unwrap();
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let seconds = row.duration as f64;
    // The job of what was pushed is that of its group.
    let gateway = "job=\"xtask\",repository=\"repo\"";
    for source in [gateway, "job=\"textfile\"", "job=\"openmetrics\""] {
        let of = |name: &str, more: &str| {
            format!(
                "cicd_pipeline_task_{name}{{{source},environment=\"dev\",\
                 phase=\"apply-persistent\"{more}}}"
            )
        };
        comes_to(&url, &of("last_run_duration_seconds", ""), seconds);
        comes_to(&url, &of("last_run_exit_code", ""), 7.0);
        comes_to(&url, &of("last_run_timestamp_seconds", ""), start);
        comes_to(&url, &of("run_duration_seconds_count", ",result=\"success\""), 1.0);
        comes_to(&url, &of("run_duration_seconds_count", ",result=\"failure\""), 1.0);
        comes_to(&url, &of("run_duration_seconds_sum", ",result=\"failure\""), seconds);
        let within = of("run_duration_seconds_bucket", ",result=\"failure\",le=\"5.0\"");
        // node exporter writes a bound as it likes.
        comes_to(&url, &within.replace("le=\"5.0\"", "le=~\"5(.0)?\""), 1.0);
    }
    comes_to(&url, "node_textfile_scrape_error", 0.0);
    comes_to(&url, "sum(up)", 3.0);
    comes_to(&url, &format!("push_failure_time_seconds{{{gateway}}}"), 0.0);
}

#[test]
fn what_a_gateway_did_not_take_is_told_when_it_is_back() {
    let test = "what_a_gateway_did_not_take_is_told_when_it_is_back";
    if !require(test, "prometheus-pushgateway") {
        return;
    }
    let address = free();
    let scene = scene(Some(&address));
    let run = scene.xtask(&["apply-persistent"]).exits(0);
    assert_eq!(run.warnings(), [""; 0]);
    let failed = scene.xtask(&["export", "send"]).exits(1);
    assert!(failed.stderr.contains("pushgateway: the Pushgateway did not answer"), "{failed:?}");
    let _gateway = gateway(&scene, &address);
    sent(&scene);
    let told = fetched(&format!("http://{address}/metrics"));
    let line =
        "cicd_pipeline_task_last_run_exit_code{environment=\"dev\",instance=\"\",job=\"xtask\"";
    assert!(told.contains(line), "{told}");
}

#[test]
fn cloudwatch_has_a_line_for_each_phase_and_the_steps_words_stay_theirs() {
    let step = "echo one; printf 'no end'; echo aside >&2; exit 7";
    let with =
        |config: &str| Scene::new().config(config).step("apply", &["bash", "-c", step]).committed();
    let plain = with("").xtask(&["apply-persistent"]).exits(7);
    let scene = with("[export]\nemf = \"stdout\"");
    let run = scene.xtask(&["apply-persistent"]).exits(7);
    let (lines, words): (Vec<&str>, Vec<&str>) =
        run.stdout.lines().partition(|line| line.contains("_aws"));
    assert_eq!(words.join("\n"), plain.stdout, "but for the end of its last line");
    let [line] = &lines[..] else { panic!("{}", run.stdout) };
    let line: Value = serde_json::from_str(line).unwrap();
    let row = &scene.rows()[0];
    assert_eq!(line["ExitCode"], 7);
    assert_eq!(
        (&line["environment"], &line["phase"], &line["result"]),
        (&"dev".into(), &"apply-persistent".into(), &"failure".into())
    );
    let seconds = line["RunDuration"].as_f64().unwrap();
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let recorded = row.duration as f64;
    assert!((seconds - recorded).abs() <= 0.5, "{seconds} {recorded}");
    assert!(row.flags.contains(&format!("RUN={}", line["run"].as_str().unwrap())), "{row:?}");
}

#[test]
fn a_stdout_that_takes_no_line_changes_nothing() {
    let config = "[export]\nemf = \"stdout\"";
    let scene = Scene::new().config(config).step("apply", &["true"]).committed();
    let call = scene.calling(&["apply-persistent"]);
    for (stdout, warned) in [("/dev/full", true), ("/dev/null", false)] {
        let mut command = call.command();
        let output =
            command.stdout(fs::File::options().write(true).open(stdout).unwrap()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert_eq!(stderr.contains("was not written to stdout"), warned, "{stderr}");
    }
    assert_eq!(scene.rows().len(), 2);
}
