//! A stub of a database: one table in memory and its index. Must not know HTTP.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::mix::{below, mix};

/// Rows loaded at boot: enough that loading them can be measured.
const ROWS: usize = 20_000;

pub(crate) struct Database {
    rows: Vec<Row>,
    by_key: HashMap<u64, usize>,
    checks: AtomicU64,
    latency: Duration,
}

struct Row {
    key: u64,
    value: u64,
}

/// A row that its index does not lead to, or that holds something else than was stored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DatabaseFault {
    key: u64,
}

impl fmt::Display for DatabaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database-stub: the row of key {} cannot be read back", self.key)
    }
}

impl Database {
    /// Each check takes `latency` longer: a database that is far away, or busy.
    pub(crate) fn open(latency: Duration) -> Self {
        let rows: Vec<Row> = (0..ROWS as u64)
            .map(|number| {
                let key = mix(number);
                Row { key, value: mix(key) }
            })
            .collect();
        let by_key = rows.iter().enumerate().map(|(place, row)| (row.key, place)).collect();
        Self { rows, by_key, checks: AtomicU64::new(0), latency }
    }

    /// Reads one row through the index, another one each time, and checks what it holds.
    pub(crate) fn check(&self) -> Result<(), DatabaseFault> {
        if !self.latency.is_zero() {
            std::thread::sleep(self.latency);
        }
        let number = self.checks.fetch_add(1, Ordering::Relaxed);
        let key = mix(below(number, ROWS) as u64);
        let row = self.by_key.get(&key).and_then(|place| self.rows.get(*place));
        match row {
            Some(row) if row.key == key && row.value == mix(key) => Ok(()),
            _ => Err(DatabaseFault { key }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read_back() {
        let database = Database::open(Duration::ZERO);
        assert!((0..=ROWS).all(|_| database.check().is_ok()));
    }

    #[test]
    fn a_damaged_row_and_a_lost_row_are_found() {
        let mut database = Database::open(Duration::ZERO);
        database.rows[0].value ^= 1;
        assert_eq!(database.check(), Err(DatabaseFault { key: mix(0) }));
        database.by_key.remove(&mix(1));
        assert_eq!(database.check(), Err(DatabaseFault { key: mix(1) }));
        assert_eq!(database.check(), Ok(()));
    }
}
