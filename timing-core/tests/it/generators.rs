//! Arbitrary values, in one place.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use timing_core::clock::UtcStamp;
use timing_core::record::{ExitCode, Flags, TimingRecord};

/// Any record that the types allow.
pub(crate) fn records() -> impl Strategy<Value = TimingRecord> {
    let word = "[A-Za-z0-9][A-Za-z0-9_-]{0,20}(\\.[A-Za-z0-9_-]{1,5}){0,2}";
    let log = option::of("[a-z0-9][a-z0-9_-]{0,9}(/[A-Za-z0-9_-]{1,9}){0,3}\\.log");
    let names = ("[a-z0-9][a-z0-9-]{0,30}", word, word, log);
    // The last second of the scale would leave no room for a duration.
    let times = (0u64..200_000_000_000, 0u64..10_000_000_000);
    let counts = (any::<u64>(), any::<u64>(), any::<u64>());
    (names, times, any::<u8>(), flags(), counts).prop_map(
        |((phase, environment, build_id, log), (start, duration), code, flags, counts)| {
            TimingRecord {
                start: UtcStamp::from_unix_seconds(start),
                duration_seconds: duration,
                phase: phase.parse().unwrap(),
                environment: environment.parse().unwrap(),
                build_id: build_id.parse().unwrap(),
                exit_code: ExitCode(code),
                flags,
                resources_added: counts.0,
                resources_changed: counts.1,
                resources_destroyed: counts.2,
                log_path: log.map(|path| path.parse().unwrap()),
            }
        },
    )
}

/// Flags with keys that may look secret and values of any text at all.
fn flags() -> impl Strategy<Value = Flags> {
    let key = prop_oneof!["[A-Za-z_][A-Za-z0-9_]{0,12}", Just("DB_PASSWORD".to_owned())];
    vec((key, any::<String>()), 0..6).prop_map(|pairs| {
        let mut flags = Flags::default();
        pairs.iter().for_each(|(key, value)| flags.set(key, value));
        flags
    })
}

/// Bytes that a file may hold before us: of no kind in particular, or nearly a table.
pub(crate) fn earlier_bytes() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "[a-z0-9, \"=-]{0,40}\r?\n".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..40),
    ];
    vec(line, 0..8).prop_map(|lines| lines.concat())
}
