//! Runs one probe by hand and shows what it found: `probe http URL [PER_SECOND]`,
//! `probe process PID [URL]`, `probe boot SAMPLE_SERVICE`, `probe matrix SAMPLE_SERVICE`.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use timing_core::budget::probe::{Unknown, boot, http, process};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (text, code) = match probe(&arguments) {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(unknown) => (format!("unknown: {unknown}"), ExitCode::FAILURE),
    };
    let _ = writeln!(io::stdout(), "{text}");
    code
}

fn probe(arguments: &[&str]) -> Result<String, Unknown> {
    let number =
        |text: &str| text.parse().map_err(|_| Unknown::because(format!("{text:?}: no number")));
    match arguments {
        ["http", url] => shown(http::measure(&http::Settings::new(*url))),
        ["http", url, per_second] => {
            let per_second = per_second.parse().map_err(Unknown::because)?;
            let load = http::Load::Rate { per_second, connections: 32 };
            shown(http::measure(&http::Settings { load, ..http::Settings::new(*url) }))
        }
        ["process", pid] => shown(process::measure(&settings_of(number(pid)?))),
        ["process", pid, url] => {
            let load = http::Load::Rate { per_second: 200.0, connections: 8 };
            let probed = Some(http::Settings { load, ..http::Settings::new(*url) });
            let probe_interval = Some(Duration::from_secs(5));
            let settings = settings_of(number(pid)?);
            shown(process::measure(&process::Settings { probed, probe_interval, ..settings }))
        }
        ["boot", program] => shown(boot::measure(&sample_service(program)?)),
        ["matrix", program] => {
            let mut settings = sample_service(program)?;
            settings.environment.push(("PF_METRICS_ENABLED".into(), "false".into()));
            let flags = ["CACHE", "POLICY", "TRACING", "METRICS"].map(|name| boot::Flag {
                name: name.to_lowercase(),
                environment: vec![(format!("PF_{name}_ENABLED").into(), "true".into())],
            });
            shown(boot::matrix(&settings, &flags))
        }
        _ => Err(Unknown::because("what to probe: see the head of this example")),
    }
}

fn settings_of(pid: u32) -> process::Settings {
    process::Settings::new(process::Target::Pid(pid))
}

fn shown(found: Result<impl std::fmt::Debug, Unknown>) -> Result<String, Unknown> {
    found.map(|found| format!("{found:#?}"))
}

fn sample_service(program: &str) -> Result<boot::Settings, Unknown> {
    let here = std::env::current_dir().map_err(Unknown::because)?;
    Ok(boot::Settings {
        ready_line: Some(r"^boot ready .*address=(?<address>\S+)".to_owned()),
        ready_url: Some("http://{address}/healthz?readiness=1".to_owned()),
        component_line: Some(r"^boot component=(?<name>\S+) duration_ms=(?<ms>[0-9.]+)".to_owned()),
        repeat: 5,
        ..boot::Settings::new(vec![program.to_owned()], here, Vec::new())
    })
}
