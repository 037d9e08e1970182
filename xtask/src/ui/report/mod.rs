//! Answers as tables: the same columns and values, written for people or for programs.
//!
//! A command says what it found as [`Report`]; how durations, ratios and what is absent look is
//! decided here, for all of them.

mod render;
mod value;

pub use value::Value;
pub(crate) use value::harmless;

/// An answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What the values of each row are, in order.
    pub columns: Vec<Column>,
    /// As many values each as there are columns.
    pub rows: Vec<Vec<Value>>,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name for programs, with its unit where it has one.
    pub key: &'static str,
    /// Its name for people.
    pub heading: &'static str,
    /// Who sees it.
    pub audience: Audience,
}

/// Who sees a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// People and programs.
    All,
    /// Readers of tables and pages.
    People,
    /// Readers of JSON and CSV.
    Programs,
}

impl Column {
    /// A column that everybody sees.
    #[must_use]
    pub const fn all(key: &'static str, heading: &'static str) -> Self {
        Self { key, heading, audience: Audience::All }
    }

    /// A column of tables and pages.
    #[must_use]
    pub const fn people(heading: &'static str) -> Self {
        Self { key: heading, heading, audience: Audience::People }
    }

    /// A column of JSON and CSV.
    #[must_use]
    pub const fn programs(key: &'static str) -> Self {
        Self { key, heading: key, audience: Audience::Programs }
    }
}

#[cfg(test)]
mod tests;
