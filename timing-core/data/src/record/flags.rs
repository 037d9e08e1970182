//! The `flags` column: `KEY=VALUE` pairs separated by blanks.

use std::fmt;
use std::str::FromStr;

use super::secrets::{MASK, looks_secret};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What a value may not hold as it is: what separates pairs, what would make a CSV field need
/// quotes, and the escape itself. Everything that is not ASCII is encoded too.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'"').add(b'\'').add(b'%');

/// What a phase was given and what came of it, in the order it was said. Keys are unique: a later
/// value replaces an earlier one in its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags(Vec<(String, String)>);

impl Flags {
    /// Sets `key` to `value`; a value whose key looks secret is stored as `***`.
    ///
    /// A key that is no identifier (letters, digits, `_`, starting with a letter or `_`) is not
    /// stored: no caller has one, and a row with a hole beats a run without a row.
    pub fn set(&mut self, key: &str, value: &str) {
        if !is_key(key) {
            return;
        }
        let value = if looks_secret(key) { MASK } else { value };
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some(pair) => value.clone_into(&mut pair.1),
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

fn is_key(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (key, value)) in self.0.iter().enumerate() {
            let blank = if i == 0 { "" } else { " " };
            write!(f, "{blank}{key}={}", utf8_percent_encode(value, RESERVED))?;
        }
        Ok(())
    }
}

/// A word of the `flags` column that is no `KEY=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagsError(String);

impl fmt::Display for FlagsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in the flags is not KEY=VALUE", self.0)
    }
}

impl std::error::Error for FlagsError {}

impl FromStr for Flags {
    type Err = FlagsError;

    fn from_str(text: &str) -> Result<Self, FlagsError> {
        let mut flags = Self::default();
        for word in text.split_ascii_whitespace() {
            let refuse = || FlagsError(word.to_owned());
            let (key, value) = word.split_once('=').ok_or_else(refuse)?;
            if !is_key(key) {
                return Err(refuse());
            }
            let value = percent_decode_str(value).decode_utf8().map_err(|_| refuse())?;
            flags.set(key, &value);
        }
        Ok(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_where_they_must_be() {
        let mut flags = Flags::default();
        flags.set("TF_DIR", "envs/dev");
        flags.set("NOTE", "50 % off, \"now\"\r\n=ü");
        assert_eq!(
            flags.to_string(),
            "TF_DIR=envs/dev NOTE=50%20%25%20off%2C%20%22now%22%0D%0A=%C3%BC"
        );
        assert_eq!(flags.to_string().parse(), Ok(flags));
    }

    #[test]
    fn secrets_are_masked_and_the_contracts_switches_are_not() {
        let mut flags = Flags::default();
        for key in ["DB_PASSWORD", "GITHUB_TOKEN", "AWS_ACCESS_KEY_ID", "RESTORE_SECRETS"] {
            flags.set(key, "true");
        }
        assert_eq!(
            flags.to_string(),
            "DB_PASSWORD=*** GITHUB_TOKEN=*** AWS_ACCESS_KEY_ID=*** RESTORE_SECRETS=true"
        );
    }

    #[test]
    fn a_later_value_replaces_an_earlier_one() {
        let mut flags = Flags::default();
        flags.set("A", "1");
        flags.set("B", "2");
        flags.set("A", "3");
        assert_eq!(flags.to_string(), "A=3 B=2");
    }
}
