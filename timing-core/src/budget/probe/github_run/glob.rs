//! Names with `*`. Must not know what is named.

use std::fmt;

/// A name in which `*` stands for any text, also none. Capitals matter, as in GitHub's own names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// The pattern in `text`; all texts are some.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the whole of `name` fits. Takes no longer than the product of both lengths.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = name.strip_prefix(first) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        // The leftmost place of each is as good as any other.
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
        rest.ends_with(last)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (glob, name, fits) in [
            ("build", "build", true),
            ("build", "Build", false),
            ("build", "build (linux/amd64)", false),
            ("build*", "build (linux/amd64)", true),
            ("build*", "build", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("*push*", "Build and push it", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-c-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("**", "ü", true),
            ("*ü*", "über", true),
        ] {
            assert_eq!(Glob::new(glob).matches(name), fits, "{glob} {name}");
        }
    }

    #[test]
    fn no_pattern_takes_long() {
        let glob = Glob::new("*a".repeat(1000) + "b");
        assert!(!glob.matches(&"a".repeat(100_000)));
    }
}
