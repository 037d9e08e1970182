//! How a step is run: its bytes, its terminal, its signals, what it leaves behind, and how much of
//! it there may be.
//!
//! Scripts that wait for a mark also end when `../bin` is gone, and with it the scene: a test that
//! fails leaves nothing running.

mod signals;
mod streams;
mod survivors;
mod terminal;
mod terraform;
mod timeout;
mod volume;

use std::path::Path;

use crate::support::{Row, Scene, background, eventually};

/// A repository whose apply step is this bash script.
fn applying(script: &str) -> Scene {
    Scene::new().step("apply", &["bash", "-c", script]).committed()
}

impl Scene {
    /// The row of `phase`, of which there is one.
    #[track_caller]
    fn row(&self, phase: &str) -> Row {
        let rows = self.rows();
        let mut of_phase = rows.iter().filter(|row| row.phase == phase);
        let row = of_phase.next().unwrap_or_else(|| panic!("no row of {phase} in {rows:#?}"));
        assert_eq!(of_phase.next(), None, "a second row of {phase}");
        row.clone()
    }

    /// What the only log holds.
    #[track_caller]
    fn log(&self) -> Vec<u8> {
        let logs = self.logs();
        let [log] = logs.as_slice() else { panic!("one log expected: {logs:?}") };
        std::fs::read(self.root().join(log)).unwrap()
    }
}

/// Whether `haystack` holds `needle`.
fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// The value of a line of `/proc/PID/status`.
fn status_line(process: u32, key: &str) -> Option<String> {
    let status =
        std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let line = status.ok()?.lines().find_map(|line| line.strip_prefix(key).map(str::to_owned))?;
    Some(line.trim_start_matches(':').trim().to_owned())
}
