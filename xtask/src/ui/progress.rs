//! The progress line of compact mode: elapsed time and the latest line of output.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::style::Decoration;
use super::tail::Tail;

/// A line on the terminal that is drawn again and again; nothing without a terminal.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Starts the line of the step `name`.
    #[must_use]
    pub(super) fn start(name: &'static str, decoration: Decoration) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if bar.is_hidden() {
            return Self(None);
        }
        let template = match decoration {
            Decoration::Rich => "{spinner} {prefix} {elapsed} {wide_msg:.dim}",
            Decoration::Plain => "{prefix} {elapsed} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
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

    /// Takes the line away.
    pub(super) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
