//! `budget watch`: the thresholds of what runs, looked at over and over.
//!
//! What is seen goes into a [`Watch`], which knows no clock, no terminal and no source; this file
//! joins it to them.

mod chart;
mod state;
#[cfg(test)]
mod tests;

use std::io::{IsTerminal, Write, stdout};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use timing_core::budget::Budget;
use timing_core::budget::source::Source;
use timing_core::capture::{Signal, Signals};
use timing_core::clock::{Clock, SystemClock};

use super::{Answer, Refusal, measure, measured};
use crate::cli::WatchArgs;
use crate::settings::BudgetSettings;
use crate::ui::Surface;
use state::{Watch, Watched};

/// How often is looked whether a signal has come.
const LOOK: Duration = Duration::from_millis(50);

pub(super) fn watch(settings: &BudgetSettings, asked: WatchArgs) -> Result<Answer, Refusal> {
    let runs = |budget: &Budget<'_>| {
        matches!(budget.metric.source, Source::Prometheus(_) | Source::Http(_) | Source::Process(_))
    };
    let budgets: Vec<Budget<'_>> = measured::asked(settings).into_iter().filter(runs).collect();
    if budgets.is_empty() {
        return Err(Refusal::Impossible(format!(
            "there is nothing to watch in {}: no metric has a prometheus, http or process source",
            settings.environment
        )));
    }
    let machine = Arc::new(measured::machine(settings)?);
    let mut screen = Screen::of_stdout();
    let mut watch = Watch::of(&budgets);
    let begun = Instant::now();
    let interval = Duration::from_secs(asked.interval.seconds().max(1));
    let period = asked.period.map(|period| Duration::from_secs(period.seconds()));
    loop {
        let look = Instant::now();
        let seen = match measure::quietly(&budgets, &machine) {
            Ok(seen) => seen,
            Err(signal) => return Ok(ended(&watch, signal)),
        };
        let now = SystemClock.now();
        watch.take(seen, now.date());
        if screen.show(&watch, &now.to_string()).is_err() {
            // Nobody looks any more.
            return Ok(Answer { remarks: Vec::new(), ..watch.answer() });
        }
        let is_over = period.is_some_and(|period| begun.elapsed() + interval > period);
        if is_over || watch.failed().is_some() {
            return Ok(watch.answer());
        }
        if let Some(signal) = wait(interval.saturating_sub(look.elapsed()), &machine.signals) {
            return Ok(ended(&watch, signal));
        }
    }
}

/// As from Ctrl-C: what was seen until then, and the signal's code.
fn ended(watch: &Watch<'_>, signal: Signal) -> Answer {
    let mut answer = watch.answer();
    answer.remarks.push(format!("ended by {signal}"));
    Answer { exit_code: signal.exit_code(), ..answer }
}

fn wait(time: Duration, signals: &Signals) -> Option<Signal> {
    let end = Instant::now() + time;
    loop {
        if let Some(signal) = signals.received() {
            return Some(signal);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::sleep(left.min(LOOK));
    }
}

/// Where it is shown: a terminal, on which the last look is replaced, or lines.
enum Screen {
    Terminal { surface: Surface, lines: usize },
    Lines,
}

impl Screen {
    fn of_stdout() -> Self {
        if stdout().is_terminal() {
            Self::Terminal { surface: Surface::of_stdout(), lines: 0 }
        } else {
            Self::Lines
        }
    }

    fn show(&mut self, watch: &Watch<'_>, now: &str) -> std::io::Result<()> {
        let text = match self {
            Self::Lines => format!("{now} {}\n", watch.line()),
            Self::Terminal { surface, lines } => {
                // The window may have another size by now.
                *surface = Surface::of_stdout();
                let drawn =
                    fitting(watch.watched().iter().map(|one| chart::draw(one, *surface)).collect());
                let back = match *lines {
                    0 => String::new(),
                    lines => format!("\x1b[{lines}A\r\x1b[J"),
                };
                *lines = drawn.len();
                format!("{back}{}\n", drawn.join("\n"))
            }
        };
        let mut stdout = stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}

/// As much of `charts` as the terminal has lines for, since a cursor does not go back beyond its top:
/// without the drawings where there are too many, and then without the last of them.
fn fitting(charts: Vec<Vec<String>>) -> Vec<String> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok();
    let rows = size.map(|size| usize::from(size.ws_row)).filter(|rows| *rows > 1).unwrap_or(24) - 1;
    let all: usize = charts.iter().map(Vec::len).sum();
    if all <= rows {
        return charts.into_iter().flatten().collect();
    }
    let count = charts.len();
    let mut headings: Vec<String> =
        charts.into_iter().filter_map(|chart| chart.into_iter().next()).collect();
    if count > rows {
        headings.truncate(rows - 1);
        headings.push(format!("and {} more", count - headings.len()));
    }
    headings
}
