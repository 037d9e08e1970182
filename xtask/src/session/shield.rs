//! A panic in recording is a failure in recording.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static SHIELDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `recording`; a panic comes back as a reason.
///
/// # Errors
///
/// What it panicked with, when it did.
pub fn shield<T>(doing: &str, recording: impl FnOnce() -> T) -> Result<T, String> {
    let before = SHIELDED.replace(true);
    // Whatever was half done is not looked at again: callers only keep rows and warn.
    let result = catch_unwind(AssertUnwindSafe(recording));
    SHIELDED.set(before);
    result.map_err(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        format!("{doing} failed by a defect in xtask ({message}); please report it")
    })
}

/// Keeps the default hook from printing panics that [`shield`] turns into warnings.
pub fn install_quiet_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !SHIELDED.get() {
            default(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_reason() {
        assert_eq!(shield("counting", || 1), Ok(1));
        let reason = shield("counting", || -> u8 { panic!("no {}", "fingers") });
        assert_eq!(
            reason,
            Err("counting failed by a defect in xtask (no fingers); please report it".to_owned())
        );
    }
}
