//! What is to be expected of a phase, in words: before it starts and while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use timing_core::stats::estimate::{Estimate, Forecast, Mark, Outlook, Pace};
use unicode_width::UnicodeWidthStr;

use super::duration::human;
use super::report::{Value, harmless};
use super::style::Decoration;
use super::surface::Surface;
use crate::run::{StageBegan, StageChange};

/// `typical 16m 36s (p50 of 12), slow 18m 02s (p90)`; the second half where it is known.
pub(super) fn estimate(estimate: &Estimate) -> String {
    let typical = format!("typical {} (p50 of {})", whole(estimate.typical), estimate.count);
    let slow = estimate.slow().map(|slow| format!(", slow {} (p90)", whole(slow)));
    typical + &slow.unwrap_or_default()
}

/// A phase that goes on, what is expected of it, and how far it is. Clones are of the same phase:
/// whoever draws sees what has become known since.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    since: Instant,
    known: Arc<Mutex<Known>>,
}

/// What is known of a phase that goes on.
#[derive(Debug, Default)]
struct Known {
    forecast: Option<Forecast>,
    /// The stages that have begun.
    marks: Vec<Mark>,
    /// The innermost that goes on.
    stage: Option<String>,
}

impl Expected {
    /// Of a phase that starts now, of which nothing is known.
    pub(super) fn nothing() -> Self {
        Self { since: Instant::now(), known: Arc::default() }
    }

    /// What is known now. What a panic left behind is still true.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what earlier runs took.
    pub(super) fn learn(&self, forecast: Forecast) {
        self.known().forecast = Some(forecast);
    }

    /// Takes in that stages have begun or ended.
    pub(super) fn stage(&self, change: &StageChange<'_>) {
        let mut known = self.known();
        let mark = |began: &StageBegan<'_>| Mark {
            stage: began.name.to_owned(),
            at: began.at.as_secs_f64(),
        };
        known.marks.extend(change.began.iter().map(mark));
        known.stage = change.current.map(str::to_owned);
    }

    /// Takes in that a step ends or starts: stages are of one step.
    pub(super) fn between_steps(&self) {
        self.known().stage = None;
    }

    /// What stands behind the elapsed time of the step `name` on a terminal of `width` columns: a
    /// bar, what is left, and the stage, as far as there is room for them.
    pub(super) fn beside(&self, name: &str, width: usize, decoration: Decoration) -> String {
        beside(&self.known(), self.since.elapsed().as_secs_f64(), (name, width), decoration)
    }

    /// A line of its own after `elapsed` time of the step `name`.
    pub(super) fn line(&self, name: &str, elapsed: Duration) -> String {
        line(&self.known(), self.since.elapsed().as_secs_f64(), name, elapsed)
    }
}

/// What `name`, a spinner and the elapsed time take of a line.
const TIME: usize = 10;
/// Stages of more columns than this are cut.
const STAGE: usize = 32;
const SHORTEST_STAGE: usize = 10;
/// What stands before a stage.
const IN: &str = ", in ";
/// Bars, with a blank and their ends.
const SHORTEST_BAR: usize = 11;
const BAR_ENDS: usize = 3;
const LONGEST_BAR: usize = 20;
/// What the latest line of output keeps for itself.
const OUTPUT: usize = 12;

fn beside(
    known: &Known,
    elapsed: f64,
    (name, width): (&str, usize),
    decoration: Decoration,
) -> String {
    let surface = Surface { width, decoration };
    let room = width.saturating_sub(name.len() + TIME + OUTPUT);
    let outlook = known.forecast.as_ref().map(|forecast| forecast.outlook(elapsed, &known.marks));
    let words = outlook.as_ref().map(self::outlook).unwrap_or_default();
    // What is left matters most, then a short bar, then the stage; the bar takes what remains.
    let has_bar = outlook.is_some() && room >= words.len() + SHORTEST_BAR;
    let taken = words.len() + if has_bar { SHORTEST_BAR } else { 0 };
    let for_stage = room.saturating_sub(taken + IN.len()).min(STAGE);
    let stage = known.stage.as_ref().filter(|_| for_stage >= SHORTEST_STAGE);
    let stage = stage.map(|stage| format!("in {}", surface.cut(stage, for_stage)));
    let rest = room.saturating_sub(taken + stage.as_ref().map_or(0, |s| s.width() + 2));
    let cells = (SHORTEST_BAR - BAR_ENDS + rest).min(LONGEST_BAR);
    let bar = outlook.filter(|_| has_bar).map(|outlook| bar(&outlook, cells, decoration));
    let words = Some(words).filter(|words| !words.is_empty());
    let words: Vec<String> = words.into_iter().chain(stage).collect();
    let parts = bar.into_iter().chain(Some(words.join(", ")).filter(|words| !words.is_empty()));
    parts.map(|part| format!(" {part}")).collect()
}

/// The share that is done, as far as it is known; all of it for what has outlasted everything.
fn bar(outlook: &Outlook, cells: usize, decoration: Decoration) -> String {
    let done = outlook.done().unwrap_or(1.0).clamp(0.0, 1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few cells"
    )]
    let full = ((done * cells as f64) as usize).min(cells);
    match decoration {
        Decoration::Rich => "━".repeat(full) + &"╌".repeat(cells - full),
        Decoration::Plain => format!("[{}{}]", "#".repeat(full), ".".repeat(cells - full)),
    }
}

fn line(known: &Known, of_phase: f64, name: &str, elapsed: Duration) -> String {
    let outlook = known.forecast.as_ref().map(|forecast| forecast.outlook(of_phase, &known.marks));
    let outlook = outlook.map(|outlook| self::outlook(&outlook)).filter(|words| !words.is_empty());
    let stage = known.stage.as_ref().map(|stage| format!("in {}", harmless(stage)));
    let taken = format!("{name} has taken {} so far", human(elapsed));
    [Some(taken), outlook, stage].into_iter().flatten().collect::<Vec<String>>().join(", ")
}

/// `about 13m 24s left`, `+12s over p50, about 1m 03s left`, `+2m 10s over p90`: a run that has
/// outlasted all others has nothing that anybody could know of.
fn outlook(outlook: &Outlook) -> String {
    let pace = match outlook.pace {
        Pace::OnTime => None,
        Pace::Late { by } => Some(format!("+{} over p50", whole(by))),
        Pace::Overdue { by } => Some(format!("+{} over p90", whole(by))),
    };
    let left = outlook.remaining.map(|seconds| format!("about {} left", whole(seconds)));
    pace.into_iter().chain(left).collect::<Vec<String>>().join(", ")
}

/// No run is so regular that a fraction of a second is worth a word.
fn whole(seconds: f64) -> String {
    Value::Seconds(seconds.round()).for_people()
}

#[cfg(test)]
mod tests {
    use super::*;
    use timing_core::stats::estimate::PastRun;

    fn forecast(totals: &[f64]) -> Forecast {
        let run = |&total: &f64| PastRun { total, marks: Vec::new() };
        Forecast::of(&totals.iter().map(run).collect::<Vec<PastRun>>()).unwrap()
    }

    #[test]
    fn an_estimate_says_what_it_rests_on() {
        let few = forecast(&[936.0, 996.0, 1006.0]);
        assert_eq!(estimate(few.estimate()), "typical 16m 36s (p50 of 3)");
        let many: Vec<f64> = (0..9).map(|n| 960.0 + 9.0 * f64::from(n)).collect();
        assert_eq!(
            estimate(forecast(&many).estimate()),
            "typical 16m 36s (p50 of 9), slow 17m 12s (p90)"
        );
        assert_eq!(estimate(forecast(&[0.0, 0.0, 0.0]).estimate()), "typical 0s (p50 of 3)");
    }

    #[test]
    fn what_is_left_is_said_as_long_as_anybody_knows() {
        let totals: Vec<f64> = (1..=9).map(|n| 100.0 * f64::from(n)).collect();
        let forecast = forecast(&totals);
        let after = |elapsed| outlook(&forecast.outlook(elapsed, &[]));
        insta::assert_snapshot!([0.0, 450.0, 501.0, 850.0, 1030.0].map(after).join("\n"), @"
        about 8m 20s left
        about 4m 10s left
        +1s over p50, about 4m 09s left
        +5m 50s over p50, about 50s left
        +2m 10s over p90
        ");
    }

    fn known(stage: Option<&str>) -> Known {
        let totals: Vec<f64> = (1..=9).map(|n| 100.0 * f64::from(n)).collect();
        let stage = stage.map(str::to_owned);
        Known { forecast: Some(forecast(&totals)), marks: Vec::new(), stage }
    }

    #[test]
    fn a_line_has_room_for_what_matters_most() {
        let stages = [None, Some("STAGE 4: INGRESS CONTROLLER"), Some("\u{1b}[2J")];
        let mut shown = Vec::new();
        for (width, decoration) in [
            (80, Decoration::Plain),
            (80, Decoration::Rich),
            (160, Decoration::Rich),
            (40, Decoration::Rich),
        ] {
            for elapsed in [250.0, 1030.0] {
                for stage in stages {
                    let line = beside(&known(stage), elapsed, ("bootstrap", width), decoration);
                    assert!("bootstrap".len() + TIME + line.width() <= width, "{line}");
                    shown.push(line);
                }
            }
        }
        let nothing = Known { forecast: None, ..known(stages[1]) };
        shown.push(beside(&nothing, 5.0, ("bootstrap", 80), Decoration::Rich));
        shown.push(beside(&Known::default(), 5.0, ("bootstrap", 80), Decoration::Rich));
        insta::assert_snapshot!(shown.join("\n"), @r"
        [########............] about 5m 50s left
        [###.....] about 5m 50s left, in STAGE 4..TROLLER
        [######.........] about 5m 50s left, in \u{1b}[2J
        [####################] +2m 10s over p90
        [########] +2m 10s over p90, in STAGE 4..NTROLLER
        [################] +2m 10s over p90, in \u{1b}[2J
        ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌ about 5m 50s left
        ━━━╌╌╌╌╌ about 5m 50s left, in STAGE 4…NTROLLER
        ━━━━━━╌╌╌╌╌╌╌╌╌ about 5m 50s left, in \u{1b}[2J
        ━━━━━━━━━━━━━━━━━━━━ +2m 10s over p90
        ━━━━━━━━ +2m 10s over p90, in STAGE 4:…NTROLLER
        ━━━━━━━━━━━━━━━━ +2m 10s over p90, in \u{1b}[2J
        ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌ about 5m 50s left
        ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌ about 5m 50s left, in STAGE 4: INGRESS CONTROLLER
        ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌ about 5m 50s left, in \u{1b}[2J
        ━━━━━━━━━━━━━━━━━━━━ +2m 10s over p90
        ━━━━━━━━━━━━━━━━━━━━ +2m 10s over p90, in STAGE 4: INGRESS CONTROLLER
        ━━━━━━━━━━━━━━━━━━━━ +2m 10s over p90, in \u{1b}[2J
        about 5m 50s left
        about 5m 50s left
        about 5m 50s left
        +2m 10s over p90
        +2m 10s over p90
        +2m 10s over p90
        in STAGE 4: INGRESS CONTROLLER
        ");
    }

    #[test]
    fn elsewhere_a_line_says_it_in_words() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let lines = [
            line(&known(Some("STAGE 4: INGRESS CONTROLLER")), 250.0, "bootstrap", minutes(4)),
            line(&known(None), 1030.0, "bootstrap", minutes(17)),
            line(&Known::default(), 60.0, "apply", minutes(1)),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        bootstrap has taken 4m 00s so far, about 5m 50s left, in STAGE 4: INGRESS CONTROLLER
        bootstrap has taken 17m 00s so far, +2m 10s over p90
        apply has taken 1m 00s so far
        ");
    }

    #[test]
    fn what_becomes_known_reaches_who_draws() {
        let phase = Expected::nothing();
        let drawn = phase.clone();
        let began = [StageBegan {
            kind: timing_core::stages::Kind::Stage,
            name: "plan",
            at: Duration::from_secs(3),
        }];
        phase.stage(&StageChange { current: Some("plan"), began: &began });
        assert_eq!(drawn.line("apply", Duration::ZERO), "apply has taken 0.0s so far, in plan");
        assert_eq!(drawn.known().marks, [Mark { stage: "plan".to_owned(), at: 3.0 }]);
        phase.between_steps();
        assert_eq!(drawn.line("apply", Duration::ZERO), "apply has taken 0.0s so far");
    }
}
