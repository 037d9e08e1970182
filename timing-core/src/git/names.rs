//! Names that git knows things by: parsed once, safe in arguments and in the lines git reads.

use std::fmt;
use std::str::FromStr;

use crate::names;
use crate::record::InvalidName;

/// The hash that names a repository's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectFormat {
    /// 20 bytes, git's first and still its usual one.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// How many bytes a name has.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

impl FromStr for ObjectFormat {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text {
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            _ => Err(InvalidName::new("object format", text, "sha1 or sha256")),
        }
    }
}

/// The name of an object, in full.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectId {
    /// Of a repository whose format is [`ObjectFormat::Sha1`].
    Sha1([u8; 20]),
    /// Of a repository whose format is [`ObjectFormat::Sha256`].
    Sha256([u8; 32]),
}

impl ObjectId {
    /// The hash this name was made with.
    #[must_use]
    pub fn format(&self) -> ObjectFormat {
        match self {
            Self::Sha1(_) => ObjectFormat::Sha1,
            Self::Sha256(_) => ObjectFormat::Sha256,
        }
    }

    /// The name as trees hold it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }

    /// The name whose bytes these are; `None` unless they are 20 or 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Ok(bytes) = bytes.try_into() {
            return Some(Self::Sha1(bytes));
        }
        bytes.try_into().ok().map(Self::Sha256)
    }

    /// What git writes where there is no object: as many zeros as a name has digits.
    #[must_use]
    pub fn zero(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1([0; 20]),
            ObjectFormat::Sha256 => Self::Sha256([0; 32]),
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let digit = |c: u8| match c {
            b'0'..=b'9' => Some(c - b'0'),
            b'a'..=b'f' => Some(c - b'a' + 10),
            _ => None,
        };
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        text.as_bytes()
            .chunks(2)
            .map(byte)
            .collect::<Option<Vec<u8>>>()
            .and_then(|bytes| Self::from_bytes(&bytes))
            .ok_or_else(|| {
                InvalidName::new("object name", text, "40 or 64 lower-case hexadecimal digits")
            })
    }
}

/// Whether git accepts `text` as a branch, and no shell, glob or refspec reads anything into it:
/// a strict part of what `git check-ref-format` allows.
fn is_ref_part(text: &str) -> bool {
    let part = |part: &str| {
        part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+=#".contains(&b))
            && !part.contains("..")
            && !part.ends_with('.')
            && !part.ends_with(".lock")
    };
    text.len() <= 200 && text != "HEAD" && text.split('/').all(part)
}

const RULE: &str = "letters, digits and '-_.+=#' in parts separated by '/', at most 200, each part \
                    starting with a letter, digit or '_' and ending neither in '.' nor in '.lock'";

names! {
    /// A branch, without `refs/heads/`.
    BranchName, "branch name", RULE, is_ref_part;

    /// A remote of the repository: `origin`.
    RemoteName, "remote name", RULE, is_ref_part;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_names_read_back_and_others_are_refused() {
        for text in ["0123456789abcdef0123456789abcdef01234567", &"7e".repeat(32)] {
            assert_eq!(text.parse::<ObjectId>().unwrap().to_string(), text);
        }
        for text in ["", "abc", &"g".repeat(40), &"A".repeat(40), &"a".repeat(41), &"a".repeat(42)]
        {
            assert!(text.parse::<ObjectId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_branch_is_no_option_no_pattern_and_no_path_out_of_its_namespace() {
        for text in ["governance-registry", "timing-inbox/laptop_1", "v1.2"] {
            assert!(text.parse::<BranchName>().is_ok(), "{text:?}");
        }
        for text in [
            "", "-d", "a b", "a..b", "a/../b", "/a", "a/", "a//b", "a.lock", "a.lock/b", ".a",
            "a.", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "@", "@{-1}", "a\nb", "HEAD",
        ] {
            assert!(text.parse::<BranchName>().is_err(), "{text:?}");
        }
        insta::assert_snapshot!("a b".parse::<RemoteName>().unwrap_err(), @r#""a b" is not a valid remote name: it is letters, digits and '-_.+=#' in parts separated by '/', at most 200, each part starting with a letter, digit or '_' and ending neither in '.' nor in '.lock'"#);
    }
}
