//! How large the largest process was.

/// The largest resident size of any child that has ended, or of any child of those.
pub(super) struct Peak(f64);

impl Peak {
    /// Of all children of this process so far, set-up included; `None` where the system does not
    /// say, or says it in other units.
    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "no safe wrapper in the tree asks for it")]
    pub(super) fn of_children() -> Option<Self> {
        // SAFETY: getrusage only writes into `usage`, a plain C struct of integers for which all
        // zeros is a valid value.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            (libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) == 0).then_some(usage)?
        };
        // getrusage(2): in kilobytes.
        #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 kilobytes")]
        Some(Self(usage.ru_maxrss as f64 * 1024.0))
    }

    /// Of all children of this process so far; not known here.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn of_children() -> Option<Self> {
        None
    }

    pub(super) fn bytes(&self) -> f64 {
        self.0
    }
}
