//! Where an answer is printed: how wide it is, and what can be drawn there.

use std::ffi::OsString;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::report::harmless;
use super::style::Decoration;

/// What an answer that is no terminal's is as wide as.
const NOT_A_TERMINAL: usize = 100;

/// Narrower than this nothing can be drawn.
const NARROWEST: usize = 60;

/// Nobody reads lines that are longer.
const WIDEST: usize = 240;

/// What an answer is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surface {
    /// Columns.
    pub width: usize,
    /// Colour and symbols, or plain ASCII.
    pub decoration: Decoration,
}

impl Surface {
    /// What stdout is.
    #[must_use]
    pub fn of_stdout() -> Self {
        let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok();
        let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
        let is_drawn = anstream::AutoStream::choice(&std::io::stdout())
            != anstream::ColorChoice::Never
            && is_unicode(|name| std::env::var_os(name));
        Self {
            width: columns.unwrap_or(NOT_A_TERMINAL).clamp(NARROWEST, WIDEST),
            decoration: if is_drawn { Decoration::Rich } else { Decoration::Plain },
        }
    }

    /// `name` in at most `width` columns, without its middle where it has more; the end of a
    /// resource's address says as much as its beginning. Nothing of it moves a cursor.
    #[must_use]
    pub fn cut(self, name: &str, width: usize) -> String {
        let name = harmless(name);
        if name.is_empty() {
            return "\"\"".to_owned();
        }
        if name.width() <= width {
            return name.into_owned();
        }
        let gap = match self.decoration {
            Decoration::Rich => "…",
            Decoration::Plain => "..",
        };
        let room = width.saturating_sub(gap.width());
        let head = taken(name.chars(), room / 2);
        let tail: String = taken(name.chars().rev(), room - head.width()).chars().rev().collect();
        format!("{head}{gap}{tail}")
    }
}

/// The characters that `width` columns have room for.
fn taken(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

/// `text`, filled up with blanks to `width` columns.
#[must_use]
pub(super) fn padded(text: &str, width: usize) -> String {
    format!("{text}{:fill$}", "", fill = width.saturating_sub(text.width()))
}

/// Whether the locale's characters are Unicode's: the first of these that says anything decides.
fn is_unicode(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable);
    let mut said = said.filter(|value| !value.is_empty());
    said.next().is_some_and(|value| {
        let value = value.to_string_lossy().to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RICH: Surface = Surface { width: 80, decoration: Decoration::Rich };
    const PLAIN: Surface = Surface { width: 80, decoration: Decoration::Plain };

    #[test]
    fn names_keep_their_ends() {
        let name = "module.eks.aws_eks_node_group.workers[\"spot\"]";
        assert_eq!(RICH.cut(name, 45), name);
        assert_eq!(RICH.cut(name, 25), "module.eks.a…kers[\"spot\"]");
        assert_eq!(PLAIN.cut(name, 25), "module.eks...kers[\"spot\"]");
    }

    #[test]
    fn hostile_names_stay_in_their_columns() {
        for name in [
            "\u{1b}[31m\n\u{202e}",
            "<script>alert(1)</script>",
            "漢字漢字漢字漢字",
            "e\u{301}e\u{301}e\u{301}",
        ] {
            for width in 2..20 {
                let cut = RICH.cut(name, width);
                assert!(cut.width() <= width.max(2), "{cut:?} in {width}");
                assert!(!cut.chars().any(char::is_control), "{cut:?}");
            }
        }
        assert_eq!(RICH.cut("", 10), "\"\"");
        assert_eq!(RICH.cut(&"x".repeat(100_000), 9), "xxxx…xxxx");
    }

    #[test]
    fn the_locale_decides_what_can_be_drawn() {
        let of = |values: [Option<&str>; 3]| {
            let names = ["LC_ALL", "LC_CTYPE", "LANG"];
            is_unicode(|name| {
                let place = names.iter().position(|known| *known == name)?;
                values[place].map(OsString::from)
            })
        };
        assert!(of([None, None, Some("en_GB.UTF-8")]) && of([Some(""), Some("C.utf8"), Some("C")]));
        assert!(!of([Some("C"), None, Some("en_GB.UTF-8")]) && !of([None, None, None]));
    }
}
