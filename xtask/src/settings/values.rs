//! What the contract's variables may look like. Parsing is the only way to make one of these, so
//! whoever holds one may put it into a path or an argument without looking at it again.
//!
//! Nothing here knows where a text came from.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use timing_core::record::{InvalidName, is_word, names};

/// Not empty, and nothing that ends a line or moves a cursor.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}

/// A relative path that cannot climb.
fn is_inner_path(text: &str) -> bool {
    is_plain(text)
        && !text.starts_with(['/', '-', '~'])
        && !text.split('/').any(|part| part == "..")
}

fn is_http_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', ':'])
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"@?#\"<>".contains(&byte))
    })
}

names! {
    /// A cloud region: `eu-west-2`.
    Region, "region",
    "letters, digits and '-', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-", 64);

    /// A cluster's name: `goldenpath-dev-eks`.
    Cluster, "cluster name",
    "letters, digits, '-', '_' and '.', at most 100, starting with a letter or digit",
    |text| is_word(text, b"-_.", 100);

    /// A Kubernetes namespace: `kong-system`.
    Namespace, "namespace",
    "lower-case letters, digits and '-', at most 63, starting with a letter or digit",
    |text| is_word(text, b"-", 63) && !text.bytes().any(|b| b.is_ascii_uppercase());

    /// An instance type: `t3.small`.
    InstanceType, "instance type",
    "letters, digits, '-', '_' and '.', at most 64, starting with a letter or digit",
    |text| is_word(text, b"-_.", 64);

    /// A program, by name (searched in `PATH`) or by path.
    Program, "program",
    "a name or a path on one line that does not start with '-'",
    |text| is_plain(text) && !text.starts_with('-');

    /// A path below the directory that it is joined to.
    InnerPath, "path",
    "a relative path on one line without '..'",
    is_inner_path;

    /// Where something listens. User info has no place in a file that is committed.
    HttpUrl, "address",
    "http:// or https:// and a host, without blanks, user info, ? and #",
    is_http_url;

    /// A text that is handed through as it is.
    Text, "value", "a text on one line, without control characters", is_plain;
}

impl AsRef<Path> for InnerPath {
    fn as_ref(&self) -> &Path {
        Path::new(&self.0)
    }
}

/// Defines an enum over a closed list of texts.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal {
        $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// The choice as text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(InvalidName::new($what, text, $rule)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}

choices! {
    /// A variable that xtask itself acts on.
    Switch, "switch", "true or false" {
        /// `true`
        On = "true",
        /// `false`
        Off = "false",
    }

    /// The generation of the bootstrap script.
    BootstrapVersion, "bootstrap version", "v1, v2, v3 or v4" {
        /// `v1`
        V1 = "v1",
        /// `v2`
        V2 = "v2",
        /// `v3`
        V3 = "v3",
        /// `v4`, which runs Terraform itself.
        V4 = "v4",
    }

    /// Who sends the registry's branch to the remote.
    Push, "push policy", "ci, inbox, always or never" {
        /// CI does; rows of a workstation stay on it.
        Ci = "ci",
        /// CI does; a workstation sends its rows on a branch of their own, which CI drains.
        Inbox = "inbox",
        /// Everybody does.
        Always = "always",
        /// Nobody does.
        Never = "never",
    }

    /// What a judgement means for the exit code.
    GateMode, "mode", "off, warn or error" {
        /// Nothing is judged.
        Off = "off",
        /// It is reported.
        Warn = "warn",
        /// It is reported, and what is bad makes the exit code 1.
        Error = "error",
    }

    /// Where lines in CloudWatch's embedded metric format go.
    Emf, "place for embedded metrics", "off or stdout" {
        /// Nowhere.
        Off = "off",
        /// Between the output of the steps, from which a log agent takes them.
        Stdout = "stdout",
    }

    /// Whether capture and recording happen.
    Recordings, "recording mode", "on or off" {
        /// Each phase leaves a log and a row.
        On = "on",
        /// Steps run as if there were no recording.
        Off = "off",
    }
}

/// How a step's output reaches the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputMode {
    /// Byte by byte.
    Full,
    /// Behind one progress line.
    Compact,
}

/// Whether a teardown was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// `CONFIRM_DESTROY` is exactly `yes`.
    Given,
    /// It is not set.
    Missing,
    /// It is something else.
    Other(String),
}

/// A command: a program and its arguments.
///
/// A program with a `/` in it that does not start with one is relative to the platform root, where
/// steps run, as it would be for a shell that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv {
    program: String,
    args: Vec<String>,
}

impl Argv {
    /// `program` with `args`.
    pub fn new<A: Into<String>>(
        program: impl Into<String>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        Self { program: program.into(), args: args.into_iter().map(Into::into).collect() }
    }

    /// The command whose words these are.
    ///
    /// # Errors
    ///
    /// When there is no word, the first is empty, or one holds a NUL, which no system can pass on.
    pub fn from_words(words: Vec<String>) -> Result<Self, &'static str> {
        if words.iter().any(|word| word.contains('\0')) {
            return Err("an argument holds a NUL byte, which cannot be passed on");
        }
        let mut words = words.into_iter();
        match words.next() {
            None => Err("the command is empty: it is a program and its arguments"),
            Some(program) if program.is_empty() => Err("the command's program is empty"),
            Some(program) => Ok(Self { program, args: words.collect() }),
        }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Its arguments.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_an_option_a_path_or_a_second_line_is_refused() {
        for text in ["", "-x", "a b", "a\nb", "../x", "a;b", "$(id)", "\u{1b}[2J", "a\0b"] {
            assert!(text.parse::<Region>().is_err(), "{text:?}");
            assert!(text.parse::<Cluster>().is_err(), "{text:?}");
            assert!(text.parse::<Namespace>().is_err(), "{text:?}");
            assert!(text.parse::<InstanceType>().is_err(), "{text:?}");
        }
        for text in ["", "a\nb", "a\0b", "\u{1b}[2J"] {
            assert!(text.parse::<Text>().is_err(), "{text:?}");
            assert!(text.parse::<Program>().is_err(), "{text:?}");
        }
        for text in ["", "/etc", "..", "a/../b", "a/..", "-x", "~/x", "a\nb"] {
            assert!(text.parse::<InnerPath>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_people_use_is_accepted() {
        assert!("Standard_D2s_v3".parse::<InstanceType>().is_ok());
        assert!("europe-west1-b".parse::<Region>().is_ok());
        assert!("/opt/terraform 1.9/terraform".parse::<Program>().is_ok());
        for path in ["envs/dev", "./envs/dev/", ".", "a..b/c"] {
            assert!(path.parse::<InnerPath>().is_ok(), "{path}");
        }
    }

    #[test]
    fn a_command_has_a_program() {
        let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(Argv::from_words(words(&["a", "b"])), Ok(Argv::new("a", ["b"])));
        assert!(Argv::from_words(words(&[])).is_err());
        assert!(Argv::from_words(words(&["", "b"])).is_err());
        assert!(Argv::from_words(words(&["a", "b\0"])).is_err());
    }
}
