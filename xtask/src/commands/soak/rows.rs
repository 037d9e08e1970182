//! A row as its plainest reader sees it: split at every comma. Not the program's own reader, which
//! is what is being looked at.

use super::ledger::Place;

/// A row of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) run: String,
    /// `CLUSTER` in its flags.
    pub(super) token: String,
    pub(super) phase: String,
    pub(super) code: i32,
    /// `OUTCOME` in its flags.
    pub(super) outcome: Option<String>,
}

/// The rows under the header of a file found at `place`.
pub(super) fn parse(place: Place, csv: &str) -> Result<Vec<Row>, String> {
    csv.lines().skip(1).map(|line| row(place, line)).collect()
}

fn row(place: Place, line: &str) -> Result<Row, String> {
    let fields: Vec<&str> = line.split(',').collect();
    let [_, _, phase, _, _, _, code, flags, _, _, _, _] = fields.as_slice() else {
        return Err(format!("{place}: {} fields where a row has 12: {line:?}", fields.len()));
    };
    let flag = |key: &str| {
        let pairs = flags.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(known, _)| *known == key).map(|(_, value)| value.to_owned()).next()
    };
    let missing = |what: &str| format!("{place}: no {what} in {line:?}");
    Ok(Row {
        place,
        run: flag("RUN").ok_or_else(|| missing("RUN"))?,
        token: flag("CLUSTER").ok_or_else(|| missing("CLUSTER"))?,
        phase: (*phase).to_owned(),
        code: code.parse().map_err(|_| missing("exit code"))?,
        outcome: flag("OUTCOME"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_what_is_none_is_said() {
        let line =
            "s,e,apply-persistent,dev,persistent,1,137,A=1 CLUSTER=t RUN=r OUTCOME=o,0,0,0,l";
        let [row] = &parse(Place::Remote, &format!("header\n{line}\n")).unwrap()[..] else {
            panic!("one row")
        };
        assert_eq!((row.token.as_str(), row.run.as_str(), row.code), ("t", "r", 137));
        assert_eq!(row.outcome.as_deref(), Some("o"));
        for line in ["", "a,b", "s,e,p,dev,b,1,x,CLUSTER=t RUN=r,0,0,0,l", "s,e,p,d,b,1,0,,0,0,0,"]
        {
            assert!(parse(Place::Remote, &format!("header\n{line}\n")).is_err(), "{line:?}");
        }
    }
}
