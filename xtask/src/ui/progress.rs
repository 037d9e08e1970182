//! How far a hidden step is: a line on a terminal that is drawn again and again, and elsewhere a line
//! now and then.
//!
//! On a terminal it shows elapsed time, what is left as far as anybody knows, the stage, and the
//! latest line of output.

use std::io::{Write, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::expected::Expected;
use super::style::Decoration;
use super::tail::Tail;

/// What a terminal is as wide as that does not say.
const WIDTH: usize = 80;

/// How far a step is.
pub(super) enum Progress {
    /// On a terminal.
    Line(ProgressBar),
    /// Elsewhere. Ends when the sender goes.
    Now(Sender<()>, JoinHandle<()>),
    /// There is no way to say anything.
    Silent,
}

impl Progress {
    /// Starts to tell of the step `name`, of whose phase this is expected.
    #[must_use]
    pub(super) fn start(name: &'static str, decoration: Decoration, expected: Expected) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if bar.is_hidden() {
            return Self::now_and_then(name, expected, next, stderr());
        }
        let template = match decoration {
            Decoration::Rich => "{spinner} {prefix} {elapsed}{outlook} {wide_msg:.dim}",
            Decoration::Plain => "{prefix} {elapsed}{outlook} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            // Asked each time that the line is drawn.
            let outlook = move |_: &ProgressState, line: &mut dyn std::fmt::Write| {
                let width = super::terminal_width().map_or(WIDTH, usize::from);
                let _ = line.write_str(&expected.beside(name, width, decoration));
            };
            bar.set_style(style.with_key("outlook", outlook));
        }
        bar.set_prefix(name);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Line(bar)
    }

    /// Writes a line to `out` whenever the time has come that `next` says.
    fn now_and_then(
        name: &'static str,
        expected: Expected,
        next: fn(Duration) -> Duration,
        mut out: impl Write + Send + 'static,
    ) -> Self {
        let (going_on, ends) = mpsc::channel();
        let telling = move || {
            let mut elapsed = Duration::ZERO;
            loop {
                let at = next(elapsed);
                match ends.recv_timeout(at.saturating_sub(elapsed)) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
                elapsed = at;
                // In one piece, so that nothing comes between; nobody is told when it fails.
                let _ = out.write_all(format!("  {}\n", expected.line(name, elapsed)).as_bytes());
            }
        };
        match thread::Builder::new().name("progress".to_owned()).spawn(telling) {
            Ok(thread) => Self::Now(going_on, thread),
            Err(_) => Self::Silent,
        }
    }

    /// Shows the latest line, when it is drawn next: 20 times a second at most.
    pub(super) fn show(&self, tail: &Tail) {
        if let Self::Line(bar) = self {
            bar.set_message(tail.latest());
        }
    }

    /// Takes the line away while something else is written.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        match self {
            Self::Line(bar) => bar.suspend(write),
            Self::Now(..) | Self::Silent => write(),
        }
    }

    /// Takes the line away, or says nothing more.
    pub(super) fn finish(self) {
        match self {
            Self::Line(bar) => bar.finish_and_clear(),
            Self::Now(going_on, thread) => {
                drop(going_on);
                // It is waiting, or writing to where our next line goes. What it dies of is no news.
                let _ = thread.join();
            }
            Self::Silent => {}
        }
    }
}

/// When a line is due after that of `elapsed`: each minute, after ten of them every five, after an
/// hour every fifteen. A step of less than a minute has none.
fn next(elapsed: Duration) -> Duration {
    let minutes = elapsed.as_secs() / 60;
    let every = match minutes {
        0..10 => 1,
        10..60 => 5,
        _ => 15,
    };
    Duration::from_secs((minutes / every + 1) * every * 60)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn lines_come_each_minute_and_then_more_seldom() {
        let minutes: Vec<u64> = std::iter::successors(Some(Duration::ZERO), |at| Some(next(*at)))
            .map(|at| at.as_secs() / 60)
            .skip(1)
            .take(24)
            .collect();
        let expected = [
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 75, 90, 105, 120,
        ];
        assert_eq!(minutes, expected);
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn elsewhere_lines_come_until_the_step_ends_and_a_short_step_has_none() {
        let out = Shared::default();
        let soon = |elapsed: Duration| elapsed + Duration::from_millis(5);
        let progress = Progress::now_and_then("apply", Expected::nothing(), soon, out.clone());
        while out.0.lock().unwrap().iter().filter(|byte| **byte == b'\n').count() < 3 {
            thread::sleep(Duration::from_millis(1));
        }
        progress.finish();
        let said = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert!(said.lines().all(|line| line == "  apply has taken 0.0s so far"), "{said}");
        thread::sleep(Duration::from_millis(20));
        assert_eq!(out.0.lock().unwrap().len(), said.len());

        let out = Shared::default();
        Progress::now_and_then("apply", Expected::nothing(), next, out.clone()).finish();
        assert!(out.0.lock().unwrap().is_empty());
    }
}
