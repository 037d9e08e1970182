//! What the kernel says of a control group, version 2 (Linux, `admin-guide/cgroup-v2`).

use std::path::Path;
use std::time::Duration;

use super::subject::{Memory, small};

/// What is held against a container's limit: all of its memory but the file cache that nobody has
/// used lately, as the kubelet's working set is counted.
pub(super) fn memory(group: &Path) -> Result<Memory, String> {
    let current = number(&read(group, "memory.current")?).ok_or("its memory cannot be read")?;
    let inactive = read(group, "memory.stat").ok().and_then(|text| field(&text, "inactive_file"));
    let peak = read(group, "memory.peak").ok().and_then(|text| number(&text));
    Ok(Memory { resident: current.saturating_sub(inactive.unwrap_or(0)), peak })
}

pub(super) fn cpu(group: &Path) -> Result<Duration, String> {
    let text = read(group, "cpu.stat")?;
    let microseconds = field(&text, "usage_usec").ok_or("its processor time cannot be read")?;
    Ok(Duration::from_micros(microseconds))
}

fn read(group: &Path, name: &str) -> Result<String, String> {
    small(&group.join(name)).map_err(|error| format!("reading {name}: {error}"))
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number behind `name` in lines of `name number`.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| number(line.strip_prefix(name)?.strip_prefix(' ')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_working_set_and_the_time_are_read() {
        let group = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(group.path().join(name), text).unwrap();
        assert!(memory(group.path()).unwrap_err().starts_with("reading memory.current: No such"));
        write("memory.current", "1000000\n");
        write("memory.stat", "anon 5\ninactive_file 400000\nactive_file 1\n");
        write("cpu.stat", "usage_usec 1500000\nuser_usec 1\n");
        assert_eq!(memory(group.path()), Ok(Memory { resident: 600_000, peak: None }));
        write("memory.peak", "2000000\n");
        assert_eq!(memory(group.path()).unwrap().peak, Some(2_000_000));
        assert_eq!(cpu(group.path()), Ok(Duration::from_millis(1500)));
        write("cpu.stat", "usage_usec many\n");
        assert!(cpu(group.path()).is_err());
    }
}
