//! Costs by day, from a CSV that somebody exported. This module knows nothing of rows.

use std::collections::BTreeMap;
use std::fmt;

use csv::StringRecord;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::shown::excerpt;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// What one day cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayCost {
    /// The day.
    pub day: Date,
    /// The sum of its lines; finite, and negative where credits outweigh what was paid.
    pub amount: f64,
}

/// Costs of one currency.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Costs {
    /// One for each day that is known, the oldest first.
    pub days: Vec<DayCost>,
    /// As the file says it; `None` when it does not.
    pub currency: Option<String>,
}

/// Why a file does not hold costs, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostFault {
    line: u64,
    /// Counted from 1.
    column: usize,
    reason: String,
}

/// `3:2: "1,5" is no amount …`, to stand behind a file's name.
impl fmt::Display for CostFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.reason)
    }
}

impl std::error::Error for CostFault {}

/// Reads a CSV with a header that names `date` and either `cost` or `amount`, and perhaps
/// `currency`, wherever they stand. Several lines of one day add up.
///
/// # Errors
///
/// At the first line that does not hold a day and an amount, or that is of another currency.
pub fn parse(bytes: &[u8]) -> Result<Costs, CostFault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let columns = Columns::of(reader.headers().map_err(|error| damaged(&error))?)?;
    let mut days: BTreeMap<Date, f64> = BTreeMap::new();
    let mut currency = None;
    for line in reader.records() {
        let line = line.map_err(|error| damaged(&error))?;
        let cost = columns.cost(&line)?;
        columns.same_currency(&line, &mut currency)?;
        *days.entry(cost.day).or_default() += cost.amount;
    }
    let days = days.into_iter().map(|(day, amount)| DayCost { day, amount }).collect();
    Ok(Costs { days, currency })
}

fn damaged(error: &csv::Error) -> CostFault {
    let line = error.position().map_or(1, csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    CostFault { line, column: 1, reason }
}

/// Where what stands, counted from 0.
struct Columns {
    date: usize,
    amount: usize,
    currency: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, CostFault> {
        let places = |names: &[&str]| -> Vec<usize> {
            let is_one = |field: &str| names.iter().any(|name| field.eq_ignore_ascii_case(name));
            (0..header.len()).filter(|place| header.get(*place).is_some_and(is_one)).collect()
        };
        let one = |names: &[&str]| match places(names)[..] {
            [place] => Ok(Some(place)),
            [] => Ok(None),
            [_, second, ..] => Err(CostFault {
                line: 1,
                column: second + 1,
                reason: format!("a second column {}", names.join(" or ")),
            }),
        };
        let required = |names: &[&str]| {
            one(names)?.ok_or_else(|| CostFault {
                line: 1,
                column: 1,
                reason: format!(
                    "the header names no column {}: it needs `date` and `cost` or `amount`",
                    names.join(" or ")
                ),
            })
        };
        Ok(Self {
            date: required(&["date"])?,
            amount: required(&["cost", "amount"])?,
            currency: one(&["currency"])?,
        })
    }

    fn cost(&self, line: &StringRecord) -> Result<DayCost, CostFault> {
        let text = line.get(self.date).unwrap_or_default();
        let day = Date::parse(text, DAY).map_err(|_| {
            fault(line, self.date, format!("{:?} is no day, as 2026-01-24 is", excerpt(text)))
        })?;
        let text = line.get(self.amount).unwrap_or_default();
        // `f64` would take `inf`, `nan` and `1e5`, none of which anybody means to pay.
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b));
        let amount = text.parse::<f64>().ok().filter(|amount| is_plain && amount.is_finite());
        let amount = amount.ok_or_else(|| {
            let reason = "is no amount: digits, and a point before decimals";
            fault(line, self.amount, format!("{:?} {reason}", excerpt(text)))
        })?;
        Ok(DayCost { day, amount })
    }

    fn same_currency(
        &self,
        line: &StringRecord,
        known: &mut Option<String>,
    ) -> Result<(), CostFault> {
        let Some(place) = self.currency else { return Ok(()) };
        let text = line.get(place).unwrap_or_default();
        match known.get_or_insert_with(|| text.to_owned()) {
            known if known == text => Ok(()),
            known => Err(fault(
                line,
                place,
                format!(
                    "{:?} after {:?}: costs of two currencies do not add up",
                    excerpt(text),
                    excerpt(known)
                ),
            )),
        }
    }
}

fn fault(line: &StringRecord, place: usize, reason: String) -> CostFault {
    CostFault { line: line.position().map_or(0, csv::Position::line), column: place + 1, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text.as_bytes()) {
            Ok(Costs { days, currency }) => {
                let days: Vec<String> =
                    days.iter().map(|cost| format!("{} {}", cost.day, cost.amount)).collect();
                format!("{} {currency:?}", days.join(", "))
            }
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn the_lines_of_a_day_add_up_wherever_the_columns_stand() {
        let text = "\u{feff}Currency, service ,AMOUNT,Date\r\n\
            USD,\"EKS, cluster\",2.5,2026-01-02\r\n\
            USD,RDS,1,2026-01-01\r\n\
            \r\n\
            USD,credit,-0.25,2026-01-02";
        assert_eq!(shown(text), "2026-01-01 1, 2026-01-02 2.25 Some(\"USD\")");
        assert_eq!(shown("date,cost\n"), " None");
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_column() {
        let faults: Vec<String> = [
            "",
            "day,cost\n",
            "date,price\n",
            "date,cost,amount\n",
            "date,cost\n2026-01-01,1\n24.01.2026,1\n",
            "date,cost\n2026-02-30,1\n",
            "date,cost\n2026-01-01,\"1,5\"\n",
            "date,cost\n2026-01-01,nan\n",
            "date,cost\n2026-01-01,1e5\n",
            "date,cost\n2026-01-01\n",
            "date,cost,currency\n2026-01-01,1,USD\n2026-01-02,1,EUR\n",
        ]
        .map(shown)
        .into();
        insta::assert_snapshot!(faults.join("\n"), @r#"
        1:1: the header names no column date: it needs `date` and `cost` or `amount`
        1:1: the header names no column date: it needs `date` and `cost` or `amount`
        1:1: the header names no column cost or amount: it needs `date` and `cost` or `amount`
        1:3: a second column cost or amount
        3:1: "24.01.2026" is no day, as 2026-01-24 is
        2:1: "2026-02-30" is no day, as 2026-01-24 is
        2:2: "1,5" is no amount: digits, and a point before decimals
        2:2: "nan" is no amount: digits, and a point before decimals
        2:2: "1e5" is no amount: digits, and a point before decimals
        2:2: "" is no amount: digits, and a point before decimals
        3:3: "EUR" after "USD": costs of two currencies do not add up
        "#);
        let fault = parse(b"date,cost\n2026-01-01,\xff\n").unwrap_err();
        assert_eq!(fault.to_string(), "2:1: not UTF-8");
    }
}
