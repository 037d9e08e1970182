//! Durations as people read them.

use std::time::Duration;

/// `0.4s`, `12.3s`, `15m 36s`, `1h 02m 03s`.
#[must_use]
pub(crate) fn human(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    if tenths < 600 {
        return format!("{}.{}s", tenths / 10, tenths % 10);
    }
    let seconds = (duration.as_millis() + 500) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        format!("{minutes}m {seconds:02}s")
    } else {
        format!("{hours}h {minutes:02}m {seconds:02}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let shown = |ms| human(Duration::from_millis(ms));
        assert_eq!(shown(0), "0.0s");
        assert_eq!(shown(350), "0.4s");
        assert_eq!(shown(59_949), "59.9s");
        assert_eq!(shown(59_950), "1m 00s");
        assert_eq!(shown(936_000), "15m 36s");
        assert_eq!(shown(3_723_000), "1h 02m 03s");
    }
}
