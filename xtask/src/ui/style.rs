//! Colour and symbols, where a person looks.

use anstyle::{AnsiColor, Style};

/// How messages are decorated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoration {
    /// Colour and symbols: a terminal that wants them.
    Rich,
    /// Words only.
    Plain,
}

/// What a piece of text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A name.
    Title,
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// Look at this.
    Caution,
    /// Beside the point.
    Faint,
}

impl Decoration {
    /// What stderr asks for: a terminal, and no `NO_COLOR`.
    #[must_use]
    pub fn of_stderr() -> Self {
        match anstream::AutoStream::choice(&std::io::stderr()) {
            anstream::ColorChoice::Never => Self::Plain,
            _ => Self::Rich,
        }
    }

    /// `text` in `tone`.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let style = match (self, tone) {
            (Self::Plain, _) => return text.to_owned(),
            (Self::Rich, Tone::Title) => Style::new().bold(),
            (Self::Rich, Tone::Good) => AnsiColor::Green.on_default(),
            (Self::Rich, Tone::Bad) => AnsiColor::Red.on_default().bold(),
            (Self::Rich, Tone::Caution) => AnsiColor::Yellow.on_default(),
            (Self::Rich, Tone::Faint) => Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }

    /// `symbol`, or `word` where symbols are not wanted.
    #[must_use]
    pub fn symbol(self, symbol: &'static str, word: &'static str) -> &'static str {
        match self {
            Self::Rich => symbol,
            Self::Plain => word,
        }
    }
}
