//! Numbers that people would write.

use crate::budget::amount::ONE;
use crate::budget::unit::Unit;

/// The next such number that is not less, in billionths of the unit's base.
pub(super) fn up(billionths: i128, unit: Unit, is_binary: bool) -> i128 {
    let step = step(billionths, unit, is_binary);
    billionths.div_euclid(step) * step + if billionths.rem_euclid(step) == 0 { 0 } else { step }
}

/// The next such number that is not more.
pub(super) fn down(billionths: i128, unit: Unit, is_binary: bool) -> i128 {
    let step = step(billionths, unit, is_binary);
    billionths.div_euclid(step) * step
}

/// How far apart such numbers are: two digits that count, of minutes and hours whole ones.
fn step(billionths: i128, unit: Unit, is_binary: bool) -> i128 {
    const MINUTE: i128 = 60 * ONE;
    let size = billionths.abs();
    match unit {
        Unit::Seconds if size >= 120 * MINUTE => 10 * MINUTE,
        Unit::Seconds if size >= 10 * MINUTE => MINUTE,
        Unit::Seconds if size >= MINUTE => 5 * ONE,
        Unit::Count => digits(size, ONE),
        Unit::Bytes if is_binary => {
            let binary = [ONE, ONE << 10, ONE << 20, ONE << 30, ONE << 40];
            let fits = binary.into_iter().rev().find(|of| size >= 10 * of);
            digits(size, fits.unwrap_or(ONE))
        }
        Unit::Bytes => digits(size, ONE),
        Unit::Seconds | Unit::Cpu | Unit::Ratio => digits(size, 1),
    }
}

/// The place of the second digit of `size` counted in `of`, or `of` itself.
fn digits(size: i128, of: i128) -> i128 {
    let mut step = of;
    while size / step >= 100 {
        step *= 10;
    }
    // Five apart where nobody would tell 83 from 85.
    if size / step >= 50 { step * 5 } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Amount;

    #[test]
    fn numbers_are_such_as_people_write() {
        let rounded = |text: &str, unit: Unit| {
            let amount = unit.parse(text).unwrap();
            let is_binary = text.ends_with('i');
            let show = |billionths| unit.exact(Amount::from_billionths(billionths).unwrap());
            let ends = [down, up].map(|round| round(amount.billionths(), unit, is_binary));
            let again = ends.map(|end| up(end, unit, is_binary));
            assert_eq!(ends, again, "{text}");
            format!("{text} -> {} .. {}", show(ends[0]), show(ends[1]))
        };
        let all = [
            ("0s", Unit::Seconds),
            ("12.3456ms", Unit::Seconds),
            ("83.1ms", Unit::Seconds),
            ("9.95s", Unit::Seconds),
            ("61s", Unit::Seconds),
            ("601s", Unit::Seconds),
            ("3h", Unit::Seconds),
            ("123456789B", Unit::Bytes),
            ("123Mi", Unit::Bytes),
            ("5427Mi", Unit::Bytes),
            ("0.0471", Unit::Cpu),
            ("71.3%", Unit::Ratio),
            ("3", Unit::Count),
            ("1234", Unit::Count),
        ];
        let all: Vec<String> = all.iter().map(|(text, unit)| rounded(text, *unit)).collect();
        insta::assert_snapshot!(all.join("\n"), @"
        0s -> 0s .. 0s
        12.3456ms -> 12ms .. 13ms
        83.1ms -> 80ms .. 85ms
        9.95s -> 9500ms .. 10s
        61s -> 1m .. 65s
        601s -> 10m .. 11m
        3h -> 3h .. 3h
        123456789B -> 120MB .. 130MB
        123Mi -> 120Mi .. 130Mi
        5427Mi -> 5000Mi .. 5500Mi
        0.0471 -> 47m .. 48m
        71.3% -> 70% .. 75%
        3 -> 3 .. 3
        1234 -> 1200 .. 1300
        ");
    }
}
