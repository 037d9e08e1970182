//! A table of the file, read key by key: every error has the line of what is wrong, and a key that
//! is not known is one.
//!
//! The tables are walked, not deserialised, because what may stand in one depends on a value in it
//! (a source's `kind`, a metric's `unit`), and because the places of values get lost in tagged
//! enumerations.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::Date;
use timing_core::budget::Unit;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::settings::config::ConfigError;
use crate::settings::config::reader::{Reader, unknown_key};
use crate::settings::nearest::nearest;
use crate::settings::query::moment::Moment;

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At {
    pub(super) text: String,
    pub(super) offset: usize,
}

/// A table whose keys are all known.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) reader: &'a Reader<'a>,
    table: &'a DeTable<'a>,
    /// Where it begins.
    pub(super) offset: usize,
}

type Found<T> = Result<Option<T>, ConfigError>;

impl<'a> Section<'a> {
    /// `table`, which begins at `offset`, whatever its keys are.
    pub(super) fn any(reader: &'a Reader<'a>, table: &'a DeTable<'a>, offset: usize) -> Self {
        Self { reader, table, offset }
    }

    /// The same, if it has no other keys than these.
    pub(super) fn of(self, known: &[&'static str]) -> Result<Self, ConfigError> {
        let is_unknown = |(key, _): &(&Spanned<_>, _)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            !known.contains(&key.as_ref())
        };
        match self.table.iter().filter(is_unknown).min_by_key(|(key, _)| key.span().start) {
            None => Ok(self),
            Some((key, _)) => {
                let name: String = key.get_ref().chars().take(60).collect();
                let reason = unknown_key(&name, nearest(&name, known.iter().copied()), known);
                Err(self.reader.error_at(key.span().start, reason))
            }
        }
    }

    pub(super) fn error(&self, at: &At, reason: impl fmt::Display) -> ConfigError {
        self.reader.error_at(at.offset, reason.to_string())
    }

    pub(super) fn error_here(&self, reason: impl Into<String>) -> ConfigError {
        self.reader.error_at(self.offset, reason.into())
    }

    fn missing(&self, key: &str) -> ConfigError {
        self.error_here(format!("{key} is missing, and it is required here"))
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// The tables in it, in the order of the file, with their names.
    pub(super) fn tables(&self) -> Result<Vec<(At, Section<'a>)>, ConfigError> {
        let mut tables = Vec::with_capacity(self.table.len());
        for (key, value) in self.table {
            let at = At { text: key.get_ref().to_string(), offset: key.span().start };
            let Some(table) = value.get_ref().as_table() else {
                return Err(self.error(&at, format!("{:?} has to be a table", at.text)));
            };
            // A table that was opened by its own header has that header's place.
            tables.push((at.clone(), Self::any(self.reader, table, at.offset)));
        }
        tables.sort_by_key(|(at, _)| at.offset);
        Ok(tables)
    }

    /// The keys of it and their texts, in the order of the file.
    pub(super) fn entries(&self) -> Result<Vec<(At, At)>, ConfigError> {
        let mut entries = Vec::with_capacity(self.table.len());
        for (key, value) in self.table {
            let name = At { text: key.get_ref().to_string(), offset: key.span().start };
            let value = self.as_text(&name.text, value)?;
            entries.push((name, value));
        }
        entries.sort_by_key(|(name, _)| name.offset);
        Ok(entries)
    }

    pub(super) fn section(&self, key: &str, known: &[&'static str]) -> Found<Section<'a>> {
        self.any_section(key)?.map(|section| section.of(known)).transpose()
    }

    /// The table under `key`, unless something else stands there.
    pub(super) fn if_section(&self, key: &str) -> Option<Section<'a>> {
        let value = self.get(key)?;
        let table = value.get_ref().as_table()?;
        Some(Self::any(self.reader, table, value.span().start))
    }

    pub(super) fn any_section(&self, key: &str) -> Found<Section<'a>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let offset = value.span().start;
        match value.get_ref().as_table() {
            Some(table) => Ok(Some(Self::any(self.reader, table, offset))),
            None => Err(self.reader.error_at(offset, format!("{key} has to be a table, {{ … }}"))),
        }
    }

    /// A text; numbers and dates may stand without quotes.
    pub(super) fn text(&self, key: &str) -> Found<At> {
        let Some(value) = self.get(key) else { return Ok(None) };
        self.as_text(key, value).map(Some)
    }

    fn as_text(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<At, ConfigError> {
        let offset = value.span().start;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Datetime(time) => time.to_string(),
            DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => {
                let reason = format!("{key} has to be a text: put it between double quotes");
                return Err(self.reader.error_at(offset, reason));
            }
        };
        Ok(At { text, offset })
    }

    /// A text of one line that says something.
    pub(super) fn line_of_text(&self, key: &str) -> Found<String> {
        let Some(at) = self.text(key)? else { return Ok(None) };
        if at.text.trim().is_empty() || at.text.chars().any(char::is_control) {
            return Err(self.error(&at, format!("{key} has to say something, in one line")));
        }
        Ok(Some(at.text))
    }

    pub(super) fn required_line(&self, key: &str) -> Result<String, ConfigError> {
        self.line_of_text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn required(&self, key: &str) -> Result<At, ConfigError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn parsed<T: FromStr<Err: fmt::Display>>(&self, key: &str) -> Found<T> {
        let Some(at) = self.text(key)? else { return Ok(None) };
        self.parse(&at).map(Some)
    }

    pub(super) fn parse<T: FromStr<Err: fmt::Display>>(&self, at: &At) -> Result<T, ConfigError> {
        at.text.parse().map_err(|error: T::Err| self.error(at, error))
    }

    /// A whole number from `least` to `most`.
    pub(super) fn number(&self, key: &str, least: u32, most: u32) -> Found<u32> {
        let Some(at) = self.text(key)? else { return Ok(None) };
        let number = at.text.parse().ok().filter(|number| (least..=most).contains(number));
        let reason = || format!("{key} has to be a whole number from {least} to {most}");
        number.map(Some).ok_or_else(|| self.error(&at, reason()))
    }

    /// One of `words`.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Found<T> {
        let Some(at) = self.text(key)? else { return Ok(None) };
        if let Some((_, word)) = words.iter().find(|(known, _)| *known == at.text) {
            return Ok(Some(*word));
        }
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        let shown: String = at.text.chars().take(60).collect();
        let reason = match nearest(&at.text, known.iter().copied()) {
            Some(meant) => format!("{key} cannot be {shown:?}; did you mean {meant}?"),
            None => format!("{key} cannot be {shown:?}: give {}", known.join(", ")),
        };
        Err(self.error(&at, reason))
    }

    pub(super) fn required_word<T: Copy>(
        &self,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Result<T, ConfigError> {
        self.word(key, words)?.ok_or_else(|| self.missing(key))
    }

    pub(super) fn switch(&self, key: &str) -> Found<bool> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let error = || self.reader.error_at(value.span().start, format!("{key} is true or false"));
        value.get_ref().as_bool().map(Some).ok_or_else(error)
    }

    /// Texts, at least one.
    pub(super) fn list(&self, key: &str) -> Found<Vec<At>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let error = || {
            let reason = format!("{key} has to be a list that is not empty, [\"…\", \"…\"]");
            self.reader.error_at(value.span().start, reason)
        };
        let items = value.get_ref().as_array().ok_or_else(error)?;
        let texts: Result<Vec<At>, _> = items.iter().map(|item| self.as_text(key, item)).collect();
        Some(texts?).filter(|texts| !texts.is_empty()).map(Some).ok_or_else(error)
    }

    pub(super) fn parsed_list<T: FromStr<Err: fmt::Display>>(&self, key: &str) -> Found<Vec<T>> {
        let Some(items) = self.list(key)? else { return Ok(None) };
        items.iter().map(|at| self.parse(at)).collect::<Result<_, _>>().map(Some)
    }

    /// A length of time of at most a day.
    pub(super) fn span(&self, key: &str) -> Found<Duration> {
        let Some(at) = self.text(key)? else { return Ok(None) };
        let amount = Unit::Seconds.parse(&at.text).map_err(|error| self.error(&at, error))?;
        let span = u64::try_from(amount.billionths()).ok().map(Duration::from_nanos);
        let reason = || format!("{key} has to be at most a day");
        span.filter(|span| span.as_secs() <= 86_400)
            .map(Some)
            .ok_or_else(|| self.error(&at, reason()))
    }

    pub(super) fn date(&self, key: &str) -> Found<Date> {
        let Some(at) = self.text(key)? else { return Ok(None) };
        let reason = || format!("{:?} is no day: give one, as 2026-03-01", at.text);
        let day = day(&at.text).ok_or_else(|| self.error(&at, reason()))?;
        Ok(Some(day))
    }

    pub(super) fn required_date(&self, key: &str) -> Result<Date, ConfigError> {
        self.date(key)?.ok_or_else(|| self.missing(key))
    }
}

/// The day that `text` is.
pub(super) fn day(text: &str) -> Option<Date> {
    const WIDTH: usize = "2026-03-01".len();
    (text.len() == WIDTH).then(|| Moment::absolute(text))?.map(|moment| moment.first().date())
}
