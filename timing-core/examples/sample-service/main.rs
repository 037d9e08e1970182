//! A small service to deploy: what `cargo xtask deploy-persistent` builds, starts, asks and stops
//! when it is given no other environment.
//!
//! It boots in the five components that the performance budget names, says how long each took,
//! and answers `/healthz`, `/healthz?readiness=1` and `/metrics` on loopback. It must not know
//! who deploys it, and it uses the standard library alone, so that its own cost is all there is
//! to measure.

mod address_file;
mod arguments;
mod boot;
mod checks;
mod database;
mod features;
mod http;
mod metrics;
mod mix;
mod orchestrator;
mod process;
mod service;
mod telemetry;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use arguments::{Mode, ServeOptions};
use boot::BootLog;
use features::Features;

/// How long `--probe` waits for the whole answer.
const PROBE_LIMIT: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let lookup = |name: &str| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned());
    match arguments::parse(std::env::args_os().skip(1), lookup) {
        Ok(Mode::Help) => {
            say(arguments::USAGE);
            ExitCode::SUCCESS
        }
        Ok(Mode::Probe { address, target }) => probe(address, &target),
        Ok(Mode::Serve(options)) => match Features::read(lookup) {
            Ok(features) => serve(&options, features),
            Err(error) => fail(2, &error.to_string()),
        },
        Err(error) => fail(2, &format!("{error}\n\n{}", arguments::USAGE)),
    }
}

/// Boots and answers until the process is stopped or its address file is taken away.
fn serve(options: &ServeOptions, features: Features) -> ExitCode {
    let running = match boot::boot(options, features, BootLog::new(io::stdout())) {
        Ok(running) => running,
        Err(error) => return fail(1, &error.to_string()),
    };
    match running.address_file {
        Some(claim) => {
            claim.wait_until_lost();
            say("stopping: the address file is gone or names another instance");
            ExitCode::SUCCESS
        }
        None => loop {
            std::thread::park();
        },
    }
}

/// One GET; success is a status of 2xx.
fn probe(address: SocketAddr, target: &str) -> ExitCode {
    match http::client::get(address, target, PROBE_LIMIT) {
        Ok(answer) => {
            say(&format!("{} {}", answer.status, answer.body.trim_end()));
            if answer.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => fail(1, &format!("asking http://{address}{target}: {error}")),
    }
}

/// A line on stdout. A reader that went away is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{}", text.trim_end());
}

fn fail(code: u8, text: &str) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "sample-service: {}", text.trim_end());
    ExitCode::from(code)
}
