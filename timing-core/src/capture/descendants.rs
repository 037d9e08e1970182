//! Which processes a command has started, directly or not.

use std::collections::HashMap;

/// Those of `roots` that are our children now, and all that descend from them. One that has been
/// waited for is none any more: its number may be that of a stranger. A process whose parent has
/// died is no longer found either: it belongs to init, as a daemon does.
pub(crate) fn of(roots: &[u32]) -> Vec<i32> {
    let children = children_of_each();
    let ours = i32::try_from(std::process::id()).ok().and_then(|us| children.get(&us));
    let ours = ours.map(Vec::as_slice).unwrap_or_default();
    let roots = roots.iter().filter_map(|&pid| i32::try_from(pid).ok());
    let mut found: Vec<i32> = roots.filter(|root| ours.contains(root)).collect();
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        for &child in children.get(&parent).into_iter().flatten() {
            if !found.contains(&child) {
                found.push(child);
            }
        }
    }
    found
}

fn children_of_each() -> HashMap<i32, Vec<i32>> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for (pid, parent) in processes() {
        children.entry(parent).or_default().push(pid);
    }
    children
}

/// Every process with its parent.
#[cfg(target_os = "linux")]
fn processes() -> Vec<(i32, i32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read(entry.path().join("stat")).ok()?;
            Some((pid, parent_in_stat(&stat)?))
        })
        .collect()
}

/// The fourth field of `/proc/PID/stat`; the second is a name in parentheses that may itself hold
/// blanks and parentheses (proc(5)).
#[cfg(target_os = "linux")]
fn parent_in_stat(stat: &[u8]) -> Option<i32> {
    let after_name = stat.get(memchr::memrchr(b')', stat)? + 1..)?;
    std::str::from_utf8(after_name).ok()?.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Every process with its parent, as POSIX has it.
#[cfg(not(target_os = "linux"))]
fn processes() -> Vec<(i32, i32)> {
    let listing = duct::cmd!("ps", "-A", "-o", "pid=", "-o", "ppid=").stderr_null().read();
    let Ok(listing) = listing else { return Vec::new() };
    listing
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_grandchild_is_found() {
        let shell = duct::cmd!("sh", "-c", "sleep 30 & wait").start().unwrap();
        let root = shell.pids();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while super::of(&root).len() < 2 && std::time::Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let found = super::of(&root);
        for pid in found.iter().rev() {
            let pid = rustix::process::Pid::from_raw(*pid).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = shell.wait();
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_number_that_is_no_child_of_ours_is_left_alone() {
        assert_eq!(super::of(&[1, std::process::id()]), Vec::<i32>::new());
        let child = duct::cmd!("true").start().unwrap();
        let root = child.pids();
        child.wait().unwrap();
        assert_eq!(super::of(&root), Vec::<i32>::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_may_hold_parentheses() {
        assert_eq!(super::parent_in_stat(b"12 (a) b) S 7 12 12"), Some(7));
    }
}
