//! Much output costs neither memory nor a byte.

#![cfg(target_os = "linux")]

use std::io::{Read, Seek, SeekFrom};
use std::process::Stdio;

use super::background::{Background, apply};
use super::{applying, status_line};

const GIBIBYTE: u64 = 1 << 30;

/// 32 MiB, as the kernel counts it.
const MEMORY_KIB: u64 = 32 * 1024;

/// Runs a step that prints 1 GiB of nothing but `line`.
fn one_gibibyte(script: &str, line: &[u8]) {
    let scene = applying(script);
    let mut run = Background::start(&apply(&scene), |command| {
        command.stderr(Stdio::null());
    });
    let mut stdout = run.child.stdout.take().unwrap();
    let block = line.repeat((64 << 10) / line.len());
    let mut buffer = vec![0; block.len()];
    let (mut count, mut peak) = (0, 0);
    while let Ok(()) = stdout.read_exact(&mut buffer) {
        assert!(buffer == block, "after {count} bytes");
        count += buffer.len() as u64;
        if count % (64 << 20) == 0 {
            let kib = status_line(run.child.id(), "VmHWM");
            peak = kib.and_then(|kib| kib.trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        }
    }
    assert_eq!(run.code(), 0);
    assert_eq!(count, GIBIBYTE);
    assert!((1..MEMORY_KIB).contains(&peak), "{peak} KiB");
    let logs = scene.logs();
    assert_eq!(bytes_of(&scene.root().join(&logs[0]), line), GIBIBYTE);
}

/// How many bytes of the log are lines of this kind.
fn bytes_of(log: &std::path::Path, line: &[u8]) -> u64 {
    let mut file = std::fs::File::open(log).unwrap();
    let size = file.metadata().unwrap().len();
    // The frame is all that is neither; it is small and begins and ends the file.
    let mut head = vec![0; 4096];
    file.read_exact(&mut head).unwrap();
    let start = head.windows(2 * line.len()).position(|w| w == line.repeat(2)).unwrap() as u64;
    file.seek(SeekFrom::End(-4096)).unwrap();
    file.read_exact(&mut head).unwrap();
    let end = head.windows(line.len()).rposition(|w| w == line).unwrap() + line.len();
    size - start - (4096 - end as u64)
}

#[test]
fn a_gibibyte_of_lines_and_one_of_a_single_line() {
    one_gibibyte("yes | head -c 1G", b"y\n");
    one_gibibyte("head -c 1G /dev/zero", b"\0");
}
