//! Pages made of the rows of an environment: derived, and replaced as a whole by newer ones. Rows
//! are not: nothing here touches them.

use std::fmt;
use std::str::FromStr;

use crate::record::{Environment, InvalidName};

/// What a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageKind {
    /// With the front matter that the branch's validator asks for.
    Markdown,
    /// One file that needs no other.
    Html,
}

impl PageKind {
    const ALL: [Self; 2] = [Self::Markdown, Self::Html];

    fn file_name(self) -> &'static str {
        match self {
            Self::Markdown => "BUILD_TIMINGS.md",
            Self::Html => "build_timings.html",
        }
    }
}

/// Where the page of an environment is on the branch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PagePath {
    /// As its directory is called: `development` for `dev`.
    environment: Environment,
    kind: PageKind,
}

impl PagePath {
    /// Where the page of `environment` is.
    #[must_use]
    pub fn new(environment: &Environment, kind: PageKind) -> Self {
        let directory = environment.registry_directory().parse();
        Self { environment: directory.unwrap_or_else(|_| environment.clone()), kind }
    }

    /// The environment, as its directory is called.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What it is written in.
    #[must_use]
    pub fn kind(&self) -> PageKind {
        self.kind
    }
}

impl fmt::Display for PagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environments/{}/latest/{}", self.environment, self.kind.file_name())
    }
}

impl FromStr for PagePath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let read = || {
            let (environment, file) = text.strip_prefix("environments/")?.split_once("/latest/")?;
            let kind = PageKind::ALL.into_iter().find(|kind| kind.file_name() == file)?;
            let path = Self::new(&environment.parse().ok()?, kind);
            // Only what it would be written as: one path for each environment.
            (path.to_string() == text).then_some(path)
        };
        read().ok_or_else(|| {
            InvalidName::new(
                "path of a page",
                text,
                "environments/<environment>/latest/BUILD_TIMINGS.md or build_timings.html",
            )
        })
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it belongs.
    pub path: PagePath,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Pages for the branch.
#[derive(Clone, Copy)]
pub struct Publication<'a> {
    /// Makes them of what the registry holds now, in words why not; asked again for each attempt.
    pub make: &'a dyn Fn() -> Result<Vec<Page>, String>,
    /// Whether the old page (first) says the same as the new one; then it stays.
    pub is_same: fn(PageKind, &[u8], &[u8]) -> bool,
    /// The commit of the user's repository that they are made from.
    pub source: &'a super::Source,
    /// Who publishes, with its version: `xtask 0.1.0`.
    pub recorder: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_as_it_was_written_and_no_other_does() {
        let path = PagePath::new(&"dev".parse().unwrap(), PageKind::Markdown);
        assert_eq!(path.to_string(), "environments/development/latest/BUILD_TIMINGS.md");
        assert_eq!(path.to_string().parse::<PagePath>(), Ok(path));
        let html = PagePath::new(&"prod".parse().unwrap(), PageKind::Html);
        assert_eq!(html.to_string(), "environments/prod/latest/build_timings.html");
        for other in [
            "environments/dev/latest/BUILD_TIMINGS.md",
            "environments/development/history/BUILD_TIMINGS.md",
            "environments/../latest/BUILD_TIMINGS.md",
            "environments/prod/latest/x/build_timings.html",
            "environments/prod/latest/build_timings.csv",
            "BUILD_TIMINGS.md",
        ] {
            assert!(other.parse::<PagePath>().is_err(), "{other}");
        }
    }
}
