//! Paths and texts of others in a message. What a message says of a path is one line, whatever the
//! path holds: a line end would break the message, and a control character would reach the terminal
//! that shows it.

use std::fmt;
use std::path::Path;

/// A path as a message shows it.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(&'a Path);

/// `path` for a message: as it is, but for control characters, which are escaped.
#[must_use]
pub fn shown(path: &Path) -> Shown<'_> {
    Shown(path)
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_string_lossy().chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_debug()) } else { write!(f, "{c}") }
        })
    }
}

/// What of a text fits into a message that quotes it: its first 40 characters.
#[must_use]
pub fn excerpt(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_line_without_control_characters_and_otherwise_as_it_is() {
        let text = |path: &str| shown(Path::new(path)).to_string();
        assert_eq!(text("/srv/my repository/ü'\"\\"), "/srv/my repository/ü'\"\\");
        assert_eq!(text("/a\nb\u{1b}[31m"), "/a\\nb\\u{1b}[31m");
    }
}
