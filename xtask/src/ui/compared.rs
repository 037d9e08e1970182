//! Below the table of phases: how they compare with those before them.

use super::report::Value;
use crate::session::Compared;

/// How many durations are drawn where there is room.
const DRAWN: usize = 20;

/// Fewer show nothing.
const FEWEST_DRAWN: usize = 3;

const GAP: &str = "  ";

/// One line for each phase: its verdict, and the last durations, its own the last of them. Of these
/// as many as `width` (columns) has room for. `None` when nothing is compared.
#[must_use]
pub fn comparison(compared: &[Compared], width: Option<u16>) -> Option<String> {
    let verdicts: Vec<String> = compared.iter().map(|phase| phase.verdict.to_string()).collect();
    let names = compared.iter().map(|phase| phase.target.len()).max()?;
    let phrases = verdicts.iter().map(|verdict| verdict.chars().count()).max()?;
    let room = width
        .map_or(DRAWN, |width| usize::from(width).saturating_sub(names + phrases + 2 * GAP.len()));
    let lines = compared.iter().zip(&verdicts).map(|(phase, verdict)| {
        let drawn = drawn(&phase.recent, room.min(DRAWN));
        let line = format!("{:names$}{GAP}{verdict:phrases$}{GAP}{drawn}", phase.target);
        line.trim_end().to_owned()
    });
    Some(lines.collect::<Vec<String>>().join("\n"))
}

fn drawn(recent: &[f64], most: usize) -> String {
    if most < FEWEST_DRAWN {
        return String::new();
    }
    let latest = recent.get(recent.len().saturating_sub(most)..).unwrap_or_default();
    Value::Sparkline(latest.to_vec()).for_people()
}

#[cfg(test)]
mod tests {
    use super::*;
    use timing_core::stats::estimate::{Standing, Verdict};

    fn compared(target: &'static str, change: f64, standing: Standing) -> Compared {
        let recent = (0..30u8).map(|n| f64::from(n % 8)).collect();
        Compared { target, verdict: Verdict::Compared { standing, change, count: 30 }, recent }
    }

    #[test]
    fn each_phase_has_its_verdict_and_its_last_durations() {
        let phases = [
            compared("bootstrap-persistent", -0.1, Standing::Usual),
            compared("apply-persistent", 1.12, Standing::Slower),
        ];
        insta::assert_snapshot!(comparison(&phases, None).unwrap(), @"
        bootstrap-persistent  -10 % against the median of 30                    ▃▄▅▆▇█▁▂▃▄▅▆▇█▁▂▃▄▅▆
        apply-persistent      +112 % against the median of 30, slower than p90  ▃▄▅▆▇█▁▂▃▄▅▆▇█▁▂▃▄▅▆
        ");
        let narrow = comparison(&phases, Some(80)).unwrap();
        assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
        assert!(narrow.contains('█'), "{narrow}");
        let narrower = comparison(&phases, Some(72)).unwrap();
        assert!(!narrower.contains('█') && narrower.contains("slower than p90"), "{narrower}");
    }

    #[test]
    fn without_a_history_there_is_no_line() {
        assert_eq!(comparison(&[], None), None);
    }
}
