//! A clock that is set forward and back, for the program alone: by libfaketime, which answers in
//! the system's place. The clock that is never set is left alone, as setting the other would.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::super::random::Random;
use super::Unavailable;

/// Where Debian puts it, for its own architectures.
const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];

/// Sets the clock, until this value goes.
pub(crate) struct Steps {
    library: PathBuf,
    file: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Steps {
    pub(super) fn begin(
        directory: &Path,
        library: Option<&Path>,
        numbers: u64,
    ) -> Result<Self, Unavailable> {
        let known = library.into_iter().chain(LIBRARIES.iter().map(Path::new));
        let Some(library) = known.into_iter().find(|path| path.is_file()) else {
            return Err(Unavailable::Skipped("libfaketime is not installed".to_owned()));
        };
        let file = directory.join("clock");
        set(&file, 0)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, path) = (Arc::clone(&stop), file.clone());
        let mut random = Random::of(numbers, "clock");
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let hours = i64::try_from(random.below(200)).unwrap_or(0) - 100;
                // The next one comes soon.
                let _ = set(&path, hours * 3600);
                std::thread::sleep(Duration::from_millis(random.between(1, 60)));
            }
        });
        Ok(Self { library: library.to_owned(), file, stop, thread: Some(thread) })
    }

    /// What the program's environment needs.
    pub(in super::super) fn variables(&self) -> Vec<(OsString, OsString)> {
        vec![
            ("LD_PRELOAD".into(), self.library.clone().into()),
            ("FAKETIME_TIMESTAMP_FILE".into(), self.file.clone().into()),
            ("FAKETIME_NO_CACHE".into(), "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
            ("FAKETIME_DONT_RESET".into(), "1".into()),
        ]
    }

    pub(super) fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A thread that panicked has ended, too.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Replaces the file as a whole: it is read at any time.
fn set(file: &Path, seconds: i64) -> std::io::Result<()> {
    let next = file.with_extension("next");
    fs::write(&next, format!("{seconds:+}\n"))?;
    fs::rename(next, file)
}
