//! Rows of one environment and phase: what can be compared at all.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::table::Row;

/// The rows of one phase in one environment, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series<'r, 'a> {
    /// Where.
    pub environment: &'r str,
    /// Which; `None` for rows of the first generation, which do not say.
    pub phase: Option<&'r str>,
    /// At least one.
    pub rows: Vec<&'r Row<'a>>,
}

/// `rows`, which are in order, by environment and phase; of each the newest `last`.
#[must_use]
pub fn series<'r, 'a>(rows: &[&'r Row<'a>], last: Option<NonZeroUsize>) -> Vec<Series<'r, 'a>> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&'r Row<'a>>> = BTreeMap::new();
    for &row in rows {
        groups.entry((&row.environment, row.phase.as_deref())).or_default().push(row);
    }
    let newest = |mut rows: Vec<&'r Row<'a>>| {
        let skipped = last.map_or(0, |last| rows.len().saturating_sub(last.get()));
        rows.drain(..skipped);
        rows
    };
    groups
        .into_iter()
        .map(|((environment, phase), rows)| Series { environment, phase, rows: newest(rows) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Source, gather_file};

    #[test]
    fn each_environment_and_phase_has_its_own_newest_rows() {
        let text = "2026-01-01T00:00:00Z,,build,dev,1,10,0,,\n\
            2026-01-02T00:00:00Z,,build,dev,2,20,0,,\n\
            2026-01-03T00:00:00Z,,build,test,3,30,0,,\n\
            2026-01-04T00:00:00Z,,teardown,dev,4,40,0,,\n\
            2026-01-05T00:00:00Z,,build,dev,5,50,0,,\n\
            2026-01-06T00:00:00Z,,dev,6,60,0,\n";
        let rows = gather_file(&Source { name: "x".to_owned(), bytes: text.into() }).rows;
        let rows: Vec<&Row<'_>> = rows.iter().collect();
        let shown: Vec<String> = series(&rows, NonZeroUsize::new(2))
            .iter()
            .map(|series| {
                let ids: Vec<&str> = series.rows.iter().map(|row| row.build_id.as_ref()).collect();
                format!("{} {:?} {}", series.environment, series.phase, ids.join(" "))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "dev None 6",
                "dev Some(\"build\") 2 5",
                "dev Some(\"teardown\") 4",
                "test Some(\"build\") 3"
            ]
        );
    }
}
