//! Everything a person sees.

mod compared;
mod duration;
mod expected;
pub mod plan_tree;
mod progress;
pub mod report;
mod reporter;
mod rows;
mod style;
mod surface;
mod table;
mod tail;
mod waterfall;

pub use compared::comparison;
pub(crate) use duration::human;
pub use reporter::Reporter;
pub use rows::{Message, beside, count, rows, unseen};
pub use style::{Decoration, Tone};
pub use surface::Surface;
pub use table::summary;
pub use waterfall::{Bar, Line, Part, thousands, waterfall};

/// How many columns the terminal on stderr has; `None` when there is no terminal.
#[must_use]
pub fn terminal_width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

#[cfg(test)]
mod tests;
