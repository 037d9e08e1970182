//! Runs that others are told of: what arrives, what waits, and that no run ever waits for it.

#[cfg(feature = "otlp")]
mod collector;
#[cfg(feature = "otlp")]
mod delays;
#[cfg(feature = "otlp")]
mod delivery;
mod spool;
#[cfg(feature = "otlp")]
mod traces;
mod viewer;

use std::path::PathBuf;

use crate::support::{Call, Scene};

/// Where somebody could listen.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// A port that nobody listens at.
fn refused() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// `exec` with the phase `x` and a bash script for its command, told of a collector.
fn bash(scene: &Scene, endpoint: &str, script: &str) -> Call {
    let words = ["exec", "--phase", "x", "--", "bash", "-c", script];
    scene.calling(&words).env(ENDPOINT, endpoint)
}

/// `export send`, told of a collector.
#[cfg(feature = "otlp")]
fn send(scene: &Scene, endpoint: &str) -> Call {
    scene.calling(&["export", "send"]).env(ENDPOINT, endpoint)
}

/// Where runs wait.
fn directory(scene: &Scene) -> PathBuf {
    scene.root().join(".git/timing-journal/exports")
}

/// The runs that wait.
fn waiting(scene: &Scene) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory(scene)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}
