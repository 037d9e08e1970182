//! Lines that are no rows, of which there may be a million.

use crate::history::SourceFault;

/// How many faults of a file are kept one by one.
pub(super) const FAULTS_KEPT: usize = 100;

/// What could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first of them, in the order of their lines.
    pub first: Vec<SourceFault>,
    /// How many there are in all.
    pub count: usize,
}

impl From<Vec<SourceFault>> for Faults {
    fn from(all: Vec<SourceFault>) -> Self {
        Self { count: all.len(), first: all }
    }
}
