//! The progress line of compact mode: elapsed time, what is left as far as anybody knows, and the
//! latest line of output.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::expected::Expected;
use super::style::Decoration;
use super::tail::Tail;

/// A line on the terminal that is drawn again and again; nothing without a terminal.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Starts the line of the step `name`, of whose phase this is expected.
    #[must_use]
    pub(super) fn start(
        name: &'static str,
        decoration: Decoration,
        expected: Option<Expected>,
    ) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if bar.is_hidden() {
            return Self(None);
        }
        let template = match decoration {
            Decoration::Rich => "{spinner} {prefix} {elapsed}{outlook} {wide_msg:.dim}",
            Decoration::Plain => "{prefix} {elapsed}{outlook} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            // Asked each time that the line is drawn.
            let outlook = move |_: &ProgressState, line: &mut dyn std::fmt::Write| {
                if let Some(expected) = &expected {
                    let _ = write!(line, ", {}", expected.outlook());
                }
            };
            bar.set_style(style.with_key("outlook", outlook));
        }
        bar.set_prefix(name);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Some(bar))
    }

    /// Shows the latest line, when it is drawn next: 20 times a second at most.
    pub(super) fn show(&self, tail: &Tail) {
        if let Some(bar) = &self.0 {
            bar.set_message(tail.latest());
        }
    }

    /// Takes the line away while something else is written.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        match &self.0 {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the line away.
    pub(super) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
