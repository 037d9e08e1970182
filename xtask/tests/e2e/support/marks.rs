//! Files beside the repository by which a test and the programs that it starts wait for each other.

use std::time::{Duration, Instant};

use super::Scene;

/// Far beyond what anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `look` finds something.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Scene {
    /// Whether `name` is there, beside the repository; steps say with it how far they are.
    pub(crate) fn has_mark(&self, name: &str) -> bool {
        self.outside().join(name).exists()
    }

    /// Puts `name` beside the repository; steps wait for it.
    pub(crate) fn mark(&self, name: &str) {
        std::fs::write(self.outside().join(name), "").unwrap();
    }

    #[track_caller]
    pub(crate) fn wait_for_mark(&self, name: &str) {
        eventually(name, || self.has_mark(name).then_some(()));
    }

    /// The lines of the file `name` beside the repository, sorted.
    pub(crate) fn marks(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.outside().join(name)).unwrap_or_default();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}
