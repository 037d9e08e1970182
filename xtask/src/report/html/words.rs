//! Values as the page words them.

use std::time::Duration;

use timing_core::clock::UtcStamp;

use crate::ui::report::{Value, harmless};
pub(super) use crate::ui::thousands;

/// `text` without what would move a cursor or turn the direction of what follows.
pub(super) fn text(text: &str) -> String {
    harmless(text).into_owned()
}

/// `15m 36s`, as the terminal has it.
pub(super) fn seconds(seconds: f64) -> String {
    Value::Seconds(seconds).for_people()
}

/// The same of whole seconds.
pub(super) fn whole(of: u64) -> String {
    Value::whole_seconds(of).for_people()
}

/// The same of any duration.
pub(super) fn span(of: Duration) -> String {
    seconds(of.as_secs_f64())
}

/// `+25.0 %`.
pub(super) fn change(ratio: f64) -> String {
    Value::Change(ratio).for_people()
}

/// `85.7 %`.
pub(super) fn ratio(ratio: f64) -> String {
    Value::Ratio(ratio).for_people()
}

/// `2026-01-24 14:43 UTC`.
pub(super) fn minute(stamp: UtcStamp) -> String {
    format!("{} UTC", minute_of(stamp))
}

/// The same without the zone, where a heading has it.
pub(super) fn minute_of(stamp: UtcStamp) -> String {
    stamp.to_string().replacen('T', " ", 1).chars().take(16).collect()
}

/// `2026-01-24`.
pub(super) fn day(stamp: UtcStamp) -> String {
    stamp.to_string().chars().take(10).collect()
}

/// `1 run`, `12 runs`.
pub(super) fn count(number: usize, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", thousands(number))
}

/// A place on a chart, in hundredths of its width or height.
pub(super) fn place(part: f64) -> String {
    let text = format!("{:.2}", part * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
