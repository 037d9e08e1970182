//! What holds for every row and every file that rows are appended to.

use proptest::collection::vec;
use proptest::prelude::*;
use timing_core::table::{HEADER, append, parse_row, rows};

use crate::generators::{earlier_bytes, records};

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_survives_its_row(records in vec(records(), 0..4)) {
        let bytes = rows(&records);
        let read: Vec<_> = reader(&bytes)
            .records()
            .map(|row| parse_row(&row.unwrap()).unwrap())
            .collect();
        prop_assert_eq!(read, records);
    }

    #[test]
    fn splitting_at_every_comma_reads_what_a_parser_reads(records in vec(records(), 1..4)) {
        let bytes = rows(&records);
        let text = std::str::from_utf8(&bytes).unwrap();
        prop_assert_eq!(text.lines().count(), records.len());
        for (line, row) in text.lines().zip(reader(&bytes).records()) {
            let fields: Vec<&str> = line.split(',').collect();
            let row = row.unwrap();
            prop_assert_eq!(&fields, &row.iter().collect::<Vec<_>>());
            prop_assert_eq!(fields.len(), HEADER.len());
            for field in fields {
                prop_assert!(!field.starts_with(['=', '+', '-', '@']), "{:?} is a formula", field);
                prop_assert!(!field.contains(['"', '\r', '\n']), "{:?} needs quotes", field);
            }
        }
    }

    #[test]
    fn an_append_changes_no_earlier_byte(earlier in earlier_bytes(), records in vec(records(), 1..4)) {
        let tail = append(&earlier, &rows(&records));
        let whole = [earlier.as_slice(), &tail].concat();
        prop_assert!(whole.starts_with(&earlier));
        // The new rows are the last lines, each on its own, whatever stands before them.
        let lines: Vec<&[u8]> = whole.split(|b| *b == b'\n').collect();
        let (end, lines) = lines.split_last().unwrap();
        prop_assert!(end.is_empty());
        let last = &lines[lines.len() - records.len()..];
        let read: Vec<_> = last
            .iter()
            .map(|line| parse_row(&reader(line).records().next().unwrap().unwrap()).unwrap())
            .collect();
        prop_assert_eq!(read, records);
    }
}

#[test]
fn an_empty_file_gets_the_header_of_the_contract() {
    let header = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,flags,\
                  resources_added,resources_changed,resources_destroyed,log_path\n";
    assert_eq!(append(b"", b"row\n"), format!("{header}row\n").as_bytes());
    assert_eq!(append(b"a\n", b"row\n"), b"row\n");
    assert_eq!(append(b"a", b"row\n"), b"\nrow\n");
    assert_eq!(append(b"a\r\n", b"row\n"), b"row\n");
}
