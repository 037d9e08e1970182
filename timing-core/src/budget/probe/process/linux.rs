//! What Linux says of a process (proc(5), `clock_getcpuclockid`(3)). Other systems say nothing here.
//!
//! Few reads, hence no library: the usual one takes as long to build as everything else in this room.
//! Processor time comes from the process's own clock, in nanoseconds and with the threads that have
//! ended; `/proc/PID/stat` counts in hundredths of a second, and `schedstat` forgets dead threads.

use std::time::Duration;

use super::subject::Memory;

/// When the process started, in a unit of the system's.
#[cfg(target_os = "linux")]
pub(super) fn start_of(pid: u32) -> Result<u64, String> {
    let stat = read(pid, "stat")?;
    let (state, started) = state_and_start(&stat).ok_or("its state cannot be read")?;
    if state == "Z" { Err("it has ended".to_owned()) } else { Ok(started) }
}

/// Memory that is resident now, and the most there was.
#[cfg(target_os = "linux")]
pub(super) fn memory(pid: u32) -> Result<Memory, String> {
    let status = read(pid, "status")?;
    // Exact where it may be read; `status` counts in batches on machines of many processors.
    let exact = read(pid, "smaps_rollup").ok().and_then(|text| kibibytes(&text, "Rss:"));
    let resident = exact.or_else(|| kibibytes(&status, "VmRSS:"));
    let resident = resident.ok_or("it has no memory (any more)")?;
    Ok(Memory { resident, peak: kibibytes(&status, "VmHWM:") })
}

/// User and system time of all threads.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no safe wrapper in the tree reads another process's clock")]
pub(super) fn cpu(pid: u32) -> Result<Duration, String> {
    let pid = libc::pid_t::try_from(pid).map_err(|_| "there is no such process")?;
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let mut clock = 0;
    // SAFETY: both calls only write to the variables that they are given, which outlive them.
    let read = unsafe {
        libc::clock_getcpuclockid(pid, &raw mut clock) == 0
            && libc::clock_gettime(clock, &raw mut now) == 0
    };
    if !read {
        return Err("there is no such process (any more)".to_owned());
    }
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    Ok(Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or(0)))
}

#[cfg(target_os = "linux")]
fn read(pid: u32, name: &str) -> Result<String, String> {
    use std::io::ErrorKind;
    let path = format!("/proc/{pid}/{name}");
    super::subject::small(std::path::Path::new(&path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound => "there is no such process (any more)".to_owned(),
        _ => format!("reading {path}: {error}"),
    })
}

/// The third field of `/proc/PID/stat` and the twenty-second, counted from behind the name, which
/// may itself hold blanks and parentheses.
#[cfg(target_os = "linux")]
fn state_and_start(stat: &str) -> Option<(&str, u64)> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

#[cfg(target_os = "linux")]
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(not(target_os = "linux"))]
const ELSEWHERE: &str = "processes are measured on Linux alone";

/// Not known.
#[cfg(not(target_os = "linux"))]
pub(super) fn start_of(_pid: u32) -> Result<u64, String> {
    Err(ELSEWHERE.to_owned())
}

/// Not known.
#[cfg(not(target_os = "linux"))]
pub(super) fn memory(_pid: u32) -> Result<Memory, String> {
    Err(ELSEWHERE.to_owned())
}

/// Not known.
#[cfg(not(target_os = "linux"))]
pub(super) fn cpu(_pid: u32) -> Result<Duration, String> {
    Err(ELSEWHERE.to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 4242 6 7\n";
        assert_eq!(state_and_start(stat), Some(("S", 4242)));
        assert_eq!(state_and_start("7 (short) S 1"), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(kibibytes("Rss:\t  12 kB\nPss: 3 kB\n", "Rss:"), Some(12_288));
        assert_eq!(kibibytes("Rss: many kB\n", "Rss:"), None);
    }
}
