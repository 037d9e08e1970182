//! What a commit did besides appending.

use std::fmt;
use std::sync::Arc;

use super::Commit;
use crate::git::ObjectId;
use crate::table::Line;

/// Something besides appending that a commit did to a file of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The commit that did it; of [`Removal::Rewound`], the one that the branch came to point at.
    pub commit: Arc<Commit>,
    /// Compared with which parent; of [`Removal::Rewound`], with which commit that the branch
    /// pointed at before.
    pub parent: Option<ObjectId>,
    /// The file.
    pub path: String,
    /// What.
    pub kind: Kind,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Rows are gone.
    Removed {
        /// In which way.
        how: Removal,
        /// Which, as they were.
        rows: Rows,
    },
    /// Rows say something else.
    Edited {
        /// What they said.
        before: Rows,
        /// What they say, in the same order.
        after: Rows,
    },
    /// Rows stand in another order.
    Reordered {
        /// Those that moved, at their new place.
        rows: Rows,
    },
    /// Rows were put before others that were there already.
    Inserted {
        /// Which.
        rows: Rows,
    },
    /// Nothing but the spelling changed: blanks and quotes around fields, line ends, the header.
    Respelled {
        /// How many rows were spelled differently.
        rows: usize,
    },
    /// The file's mode changed.
    ModeChanged {
        /// The mode it had.
        from: u32,
        /// The mode it has.
        to: u32,
    },
    /// The file became something else: a symbolic link, a submodule.
    NotAFile {
        /// The mode of what it became.
        mode: u32,
    },
    /// The comparison is not possible: an object is not in this clone.
    Unreadable {
        /// Which.
        object: ObjectId,
    },
}

/// In which way rows went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// The file ends earlier.
    Truncated,
    /// The file holds other rows, or some of them.
    Overwritten,
    /// The file is gone.
    Deleted,
    /// The branch was made to point at a commit that does not follow from the one before.
    Rewound,
}

impl Kind {
    /// Whether no row is the worse for it.
    #[must_use]
    pub fn is_mild(&self) -> bool {
        matches!(self, Self::Respelled { .. })
    }

    /// The rows that it concerns, as they were before where they changed; at most 64.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        match self {
            Self::Removed { rows, .. }
            | Self::Edited { before: rows, .. }
            | Self::Reordered { rows }
            | Self::Inserted { rows } => &rows.first,
            Self::Respelled { .. }
            | Self::ModeChanged { .. }
            | Self::NotAFile { .. }
            | Self::Unreadable { .. } => &[],
        }
    }

    /// Whether it only concerns the order of rows.
    pub(super) fn is_order(&self) -> bool {
        matches!(self, Self::Reordered { .. } | Self::Inserted { .. })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed { how, rows } => write!(f, "{rows} removed ({how})"),
            Self::Edited { before, .. } => write!(f, "{before} edited in place"),
            Self::Reordered { rows } => write!(f, "{rows} reordered"),
            Self::Inserted { rows } => write!(f, "{rows} inserted before others"),
            Self::Respelled { rows: 0 } => {
                f.write_str("line ends, blank lines or header respelled")
            }
            Self::Respelled { rows } => write!(f, "{} respelled", Count(*rows)),
            Self::ModeChanged { from, to } => write!(f, "mode changed from {from:06o} to {to:06o}"),
            Self::NotAFile { mode } => write!(f, "became something of mode {mode:06o}, no file"),
            Self::Unreadable { object } => write!(f, "object {object} is not in this clone"),
        }
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the file was cut short",
            Self::Overwritten => "the file was overwritten",
            Self::Deleted => "the file was deleted",
            Self::Rewound => "the branch was moved to a history without them",
        })
    }
}

/// How many rows are kept of one finding: a history in which thousands of commits each lose
/// thousands of rows must still fit into memory.
const KEPT: usize = 64;

/// The rows that a finding concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many.
    pub count: usize,
    /// The first of them, at most 64.
    pub first: Vec<Row>,
}

/// One row, or a line that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file, counted from 1.
    pub line: usize,
    /// What it says; bytes that are no UTF-8 are replaced.
    pub text: String,
}

impl fmt::Display for Row {
    /// `line 12: …`, on one line whatever the row holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String =
            self.text.trim_end().chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        write!(f, "line {}: {text}", self.line)
    }
}

impl Rows {
    /// These lines.
    pub(super) fn of<'l, 'a: 'l>(lines: impl IntoIterator<Item = &'l Line<'a>>) -> Self {
        let mut rows = Self::default();
        for line in lines {
            rows.count += 1;
            if rows.first.len() < KEPT {
                let text = String::from_utf8_lossy(line.raw).into_owned();
                rows.first.push(Row { line: line.number, text });
            }
        }
        rows
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Count(self.count).fmt(f)
    }
}

struct Count(usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 row"),
            n => write!(f, "{n} rows"),
        }
    }
}
