//! Names that reach paths, arguments and fields: parsed once, safe afterwards.

use std::fmt;

use super::is_word;
use crate::names;

/// Why a text is not a name. One line, ready for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidName {
    what: &'static str,
    text: String,
    rule: &'static str,
}

impl InvalidName {
    /// `what` the text was meant to be, and the `rule` it breaks.
    #[must_use]
    pub fn new(what: &'static str, text: &str, rule: &'static str) -> Self {
        Self { what, text: text.to_owned(), rule }
    }
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.is_empty() {
            return write!(f, "the {} is empty: it is {}", self.what, self.rule);
        }
        // Debug escapes newlines and control characters: the message stays one line.
        let shown: String = self.text.chars().take(60).collect();
        let dots = if shown.len() < self.text.len() { "…" } else { "" };
        write!(f, "{shown:?}{dots} is not a valid {}: it is {}", self.what, self.rule)
    }
}

impl std::error::Error for InvalidName {}

names! {
    /// A deployment environment: `dev`, `staging`, `local`.
    Environment, "environment",
    "letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-_.", 64);

    /// A named part of a run that gets a row: `apply-persistent`.
    Phase, "phase",
    "lower-case letters, digits and '-', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-", 64) && !text.bytes().any(|b| b.is_ascii_uppercase());

    /// Which build a phase belongs to: `persistent`, `rds`, or `DD-MM-YY-NN`.
    BuildId, "build id",
    "letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-_.", 64);

    /// One invocation of this program: sixteen lower-case hexadecimal digits, the first eight of
    /// which are the second it started in, so that run ids sort by age.
    RunId, "run id", "16 lower-case hexadecimal digits",
    |text| text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));

    /// Where a log is: a relative path with `/` between its parts, none of them `..`.
    LogPath, "log path", "a relative path of letters, digits, '-', '_', '.' and '/'",
    |text| is_word(text, b"-_./", 1024);
}

impl Environment {
    /// The directory under `environments/` on the registry branch: `dev` is stored under
    /// `development`, every other name under itself.
    #[must_use]
    pub fn registry_directory(&self) -> &str {
        match self.as_str() {
            "dev" => "development",
            other => other,
        }
    }

    /// Whether `name`, as a row has it, means this environment: `dev` and `development` are one,
    /// as they are on the branch.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        name == self.as_str()
            || name
                .parse::<Self>()
                .is_ok_and(|known| known.registry_directory() == self.registry_directory())
    }
}

impl RunId {
    /// A new id for a run that starts at `start`.
    #[must_use]
    pub fn generate(start: crate::clock::UtcStamp) -> Self {
        // Without randomness the process id tells runs of one second on one machine apart.
        Self::new(start, getrandom::u32().unwrap_or_else(|_| std::process::id()))
    }

    /// The id of a run that starts at `start`; `random` tells runs of one second apart.
    #[must_use]
    pub fn new(start: crate::clock::UtcStamp, random: u32) -> Self {
        Self(format!("{:08x}{random:08x}", start.unix_seconds() & 0xffff_ffff))
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn error<T: FromStr<Err = InvalidName> + fmt::Debug>(text: &str) -> String {
        text.parse::<T>().unwrap_err().to_string()
    }

    #[test]
    fn what_could_leave_a_path_or_an_argument_is_refused() {
        for text in
            ["", ".", "..", "../../etc", "dev; rm -rf /", "a\nb", "-x", "a b", "a/b", "a..b"]
        {
            assert!(text.parse::<Environment>().is_err(), "{text:?}");
            assert!(text.parse::<Phase>().is_err(), "{text:?}");
            assert!(text.parse::<BuildId>().is_err(), "{text:?}");
        }
        assert!("logs/../x".parse::<LogPath>().is_err());
        assert!("/etc/passwd".parse::<LogPath>().is_err());
        assert!("logs/build-timings/a.log".parse::<LogPath>().is_ok());
    }

    #[test]
    fn a_refusal_is_one_line_and_names_the_rule() {
        insta::assert_snapshot!(error::<Environment>("a\nb"), @r#""a\nb" is not a valid environment: it is letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit"#);
        insta::assert_snapshot!(error::<Phase>(""), @"the phase is empty: it is lower-case letters, digits and '-', at most 64, starting with a letter or digit");
    }

    #[test]
    fn dev_is_stored_under_development() {
        let directory =
            |name: &str| name.parse::<Environment>().unwrap().registry_directory().to_owned();
        assert_eq!(directory("dev"), "development");
        assert_eq!(directory("staging"), "staging");
    }

    #[test]
    fn run_ids_sort_by_age() {
        let at = crate::clock::UtcStamp::from_unix_seconds;
        assert_eq!(RunId::new(at(0x6974_d98f), 0xdead_beef).as_str(), "6974d98fdeadbeef");
        assert!(RunId::new(at(10), 9) < RunId::new(at(11), 1));
    }
}
