//! The values of one metric over time, with the limit that is nearest to being crossed drawn in.

use timing_core::budget::{Allowed, Amount, Reading, Verdict};

use super::Watched;
use crate::ui::{Decoration, Surface, Tone};

/// Lines that a chart has.
const ROWS: usize = 4;

const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The lines of `one`, none wider than the surface.
pub(super) fn draw(one: &Watched<'_>, surface: Surface) -> Vec<String> {
    let limits = one.budget.limits;
    let drawn = limits.fail().or(limits.warn()).or(limits.target());
    let reading = if limits.is_target_only() { Reading::Target } else { Reading::Alarm };
    let unit = one.budget.metric.unit;
    let limit = drawn.map(|limit| format!("  {}", limit.show(reading, unit)));
    let heading = format!("{}{}", one.shown(), limit.unwrap_or_default());
    let tone = match one.last.as_ref().map(|last| last.verdict) {
        Some(Verdict::Pass) => Tone::Good,
        Some(Verdict::Warn) => Tone::Caution,
        Some(Verdict::Fail) => Tone::Bad,
        Some(Verdict::Unknown) | None => Tone::Faint,
    };
    let heading = surface.decoration.paint(tone, &surface.cut(&heading, surface.width));
    std::iter::once(heading).chain(rows(one, drawn, surface)).collect()
}

fn rows(one: &Watched<'_>, limit: Option<Allowed>, surface: Surface) -> Vec<String> {
    let columns = surface.width.saturating_sub(2);
    let skipped = one.values.len().saturating_sub(columns);
    let values = one.values.get(skipped..).unwrap_or_default();
    let limit = limit.map(|limit| limit.edge(Amount::ZERO).as_f64());
    let most = values.iter().flatten().map(|value| value.as_f64()).fold(0.0, f64::max);
    // The limit has room above it.
    let top = most.max(limit.unwrap_or(0.0) * 4.0 / 3.0);
    let line = limit.filter(|_| top > 0.0).map(|limit| height(limit, top).saturating_sub(1) / 8);
    (0..ROWS)
        .rev()
        .map(|row| {
            let cell = |column: usize| {
                let value = values.get(column).copied().flatten().map_or(0.0, Amount::as_f64);
                let filled = height(value, top).saturating_sub(row * 8).min(8);
                symbol(filled, line == Some(row), surface.decoration)
            };
            format!("  {}", (0..columns).map(cell).collect::<String>())
        })
        .collect()
}

/// In eighths of a line; whatever is more than nothing is seen.
fn height(value: f64, top: f64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a few lines")]
    let full = (ROWS * 8) as f64;
    if value.is_nan() || value <= 0.0 || top <= 0.0 {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 32")]
    let eighths = (value / top * full).clamp(1.0, full).round() as usize;
    eighths
}

fn symbol(filled: usize, is_limit: bool, decoration: Decoration) -> char {
    match decoration {
        Decoration::Rich if filled == 0 && is_limit => '┄',
        Decoration::Rich => BARS.get(filled).copied().unwrap_or(' '),
        Decoration::Plain if filled >= 4 => '#',
        Decoration::Plain if is_limit => '-',
        Decoration::Plain => ' ',
    }
}
