use proptest::prelude::*;

use super::*;

fn read(unit: Unit, text: &str) -> String {
    unit.parse(text).map_or_else(|error| error.to_string(), |amount| amount.to_string())
}

#[test]
fn the_same_text_is_what_its_unit_makes_of_it() {
    assert_eq!(read(Unit::Cpu, "50m"), "0.05");
    assert_eq!(read(Unit::Seconds, "50m"), "3000");
    assert_eq!(read(Unit::Bytes, "50m"), "0.05");
}

#[test]
fn decimal_and_binary_sizes_are_told_apart() {
    for (text, bytes) in [
        ("1KB", "1000"),
        ("1kB", "1000"),
        ("1Ki", "1024"),
        ("1KiB", "1024"),
        ("150MB", "150000000"),
        ("150M", "150000000"),
        ("64Mi", "67108864"),
        ("1GiB", "1073741824"),
        ("1.5Gi", "1610612736"),
        ("0.1Ki", "102.4"),
        ("1e3", "1000"),
        ("1E", "1000000000000000000"),
        ("12E-1", "1.2"),
        ("512", "512"),
        ("128974848000m", "128974848"),
    ] {
        assert_eq!(read(Unit::Bytes, text), bytes, "{text}");
    }
}

#[test]
fn what_is_no_quantity_is_refused_with_the_reason() {
    let texts = [
        (Unit::Bytes, "1e99Gi"),
        (Unit::Bytes, "1e99"),
        (Unit::Bytes, "2E"),
        (Unit::Bytes, "150mb"),
        (Unit::Bytes, "99999999999999999999999999999999999"),
        (Unit::Seconds, "-5s"),
        (Unit::Seconds, "90"),
        (Unit::Seconds, "1m30s"),
        (Unit::Seconds, "0.1ns"),
        (Unit::Ratio, "70"),
        (Unit::Count, "3 pods"),
        (Unit::Cpu, ""),
        (Unit::Cpu, "\u{1b}[31m"),
    ];
    let shown: Vec<String> = texts.iter().map(|(unit, text)| read(*unit, text)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "1e99Gi" is no quantity in bytes: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    "1e99" is larger than any bytes there are: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    "2E" is larger than any bytes there are: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    "150mb" is no quantity in bytes: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    "99999999999999999999999999999999999" is no quantity in bytes: give a number and its unit, as 150MB, 1KB (decimal), 64Mi or 1GiB (binary)
    "-5s" is negative: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "90" is no quantity in seconds: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "1m30s" is no quantity in seconds: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "0.1ns" is finer than a billionth: give a number and its unit, as 500us, 100ms, 90s, 2m or 1h
    "70" is no quantity in ratio: give a percentage with its sign, as 70%
    "3 pods" is no quantity in count: give a number without a unit, as 3
    "" is no quantity in cpu: give a number of cores, as 50m (thousandths), 0.5 or 2
    "\u{1b}[31m" is no quantity in cpu: give a number of cores, as 50m (thousandths), 0.5 or 2
    "#);
}

#[test]
fn an_amount_is_shown_in_the_unit_that_it_was_written_in() {
    for (unit, text) in [
        (Unit::Seconds, "90s"),
        (Unit::Seconds, "2m"),
        (Unit::Seconds, "100ms"),
        (Unit::Seconds, "0s"),
        (Unit::Bytes, "150MB"),
        (Unit::Bytes, "1KB"),
        (Unit::Bytes, "64Mi"),
        (Unit::Bytes, "1Gi"),
        (Unit::Bytes, "0B"),
        (Unit::Cpu, "50m"),
        (Unit::Cpu, "1"),
        (Unit::Ratio, "70%"),
        (Unit::Ratio, "0.5%"),
        (Unit::Count, "3"),
    ] {
        assert_eq!(unit.exact(unit.parse(text).unwrap()), text);
        assert_eq!(unit.short(unit.parse(text).unwrap()), text);
    }
}

#[test]
fn a_measured_amount_is_shown_with_four_digits() {
    let short = |unit: Unit, text| unit.short(Amount::from_decimal(text).unwrap());
    assert_eq!(short(Unit::Bytes, "118234567"), "118.2MB");
    assert_eq!(short(Unit::Seconds, "92.345678"), "92.35s");
    assert_eq!(short(Unit::Seconds, "0.000482913"), "482.9us");
    assert_eq!(short(Unit::Seconds, "754.123"), "754.1s");
    assert_eq!(short(Unit::Cpu, "0.000734112"), "734.1u");
    assert_eq!(short(Unit::Ratio, "0.712345"), "71.23%");
    assert_eq!(short(Unit::Ratio, "0.0001234"), "0.012%");
    assert_eq!(short(Unit::Bytes, "-1234567"), "-1.235MB");
    assert_eq!(short(Unit::Count, "2.5"), "2.5");
}

proptest! {
    #[test]
    fn what_is_shown_exactly_reads_back(
        unit in proptest::sample::select(Unit::WORDS),
        billionths in prop_oneof![0..10_i128.pow(27), (0..10_i128.pow(12)).prop_map(|n| n * ONE / 1000)],
    ) {
        let unit = unit.1;
        let amount = Amount::from_billionths(billionths).unwrap();
        let percent_holds = unit != Unit::Ratio || billionths <= 10_i128.pow(25);
        prop_assume!(percent_holds);
        prop_assert_eq!(unit.parse(&unit.exact(amount)).unwrap(), amount);
        prop_assert_eq!(Amount::from_decimal(&amount.to_string()), Some(amount));
    }

    #[test]
    fn no_text_makes_it_panic(unit in proptest::sample::select(Unit::WORDS), text in "\\PC{0,40}|[0-9.eE+a-zA-Z%-]{0,60}") {
        if let Ok(amount) = unit.1.parse(&text) {
            prop_assert!(amount >= Amount::ZERO);
        }
    }
}
