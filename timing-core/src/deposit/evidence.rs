//! What the log of an interrupted phase says of its end.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::clock::UtcStamp;
use crate::journal::{Evidence, Running};
use crate::scan::ResourceCounter;

/// The last moment at which the log of `running` was written to, and what it counts up to there.
pub(super) fn of(repository: &Path, running: &Running) -> Option<Evidence> {
    let mut log = File::open(repository.join(running.log_path.as_ref()?.as_str())).ok()?;
    let written = log.metadata().ok()?.modified().ok()?;
    let last = UtcStamp::from_unix_seconds(written.duration_since(UNIX_EPOCH).ok()?.as_secs());
    let mut counter = ResourceCounter::default();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = log.read(&mut buffer) {
        counter.feed(buffer.get(..length).unwrap_or_default());
    }
    Some(Evidence { last, resources: counter.finish() })
}
