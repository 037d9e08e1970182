//! The fast way against the slow one.

use super::faults::FAULTS_KEPT;
use super::*;
use crate::history::{Source, gather_file};
use proptest::prelude::*;

const HEADER: &str = "start_time_utc,end_time_utc,phase";
const OLD: &str = "2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev, b1 ,300,0,a.log";
const NINE: &str = "2025-02-15T10:00:00Z,2025-02-15T10:00:00Z,build,dev,b2,0,255,\"A=1, B\",b.log";
const CI: &str = "2025-03-15T10:00:00Z,,build,dev,b3,60,1,1,2,3,https://ci.example/1";
const OURS: &str = "2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,apply-persistent,dev,persistent,\
                    124,0,RUN=r1,3,1,0,logs/a.log";

/// What the slow way says of `bytes`, in which no line is too long.
fn slow(bytes: &[u8], filter: &Filter) -> Streamed {
    let gathered = gather_file(&Source { name: "x".to_owned(), bytes: bytes.to_vec() });
    let mut samples = Samples::default();
    gathered.rows.iter().filter(|row| filter.accepts(row)).for_each(|row| samples.add(row));
    let mut faults = Faults::from(gathered.faults);
    faults.first.truncate(FAULTS_KEPT);
    Streamed { samples, faults, tally: gathered.tally }
}

fn fast(bytes: &[u8], filter: &Filter, block: usize, workers: usize) -> Streamed {
    read(bytes, "x", filter, Sizes { block, line: 1 << 20 }, workers).unwrap()
}

/// The samples of both ways come in different orders until they are sorted.
fn same(one: Streamed, another: Streamed) {
    assert_eq!((one.tally, one.faults), (another.tally, another.faults));
    for last in [NonZeroUsize::new(usize::MAX), NonZeroUsize::new(2)] {
        assert_eq!(
            one.samples.clone().into_series(last),
            another.samples.clone().into_series(last)
        );
    }
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let known = [HEADER, OLD, NINE, CI, OURS, "", "  ", "<<<<<<< HEAD", "\u{feff}", "\"", "a,b"];
    let known = proptest::sample::select(known.to_vec()).prop_map(|line| line.as_bytes().to_vec());
    let day =
        (1..28u8).prop_map(|day| OURS.replacen("-24T", &format!("-{day:02}T"), 1).into_bytes());
    let seconds = any::<u64>().prop_map(|n| OURS.replace(",124,", &format!(",{n},")).into_bytes());
    let noise = proptest::collection::vec(any::<u8>(), 0..40);
    prop_oneof![6 => known, 3 => day, 2 => seconds, 2 => noise]
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let ends = proptest::sample::select(vec!["\n", "\r\n", "\r", "", "\n\n"]);
    proptest::collection::vec((line(), ends), 0..40).prop_map(|lines| {
        lines.into_iter().flat_map(|(line, end)| [line, end.as_bytes().to_vec()].concat()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_and_threads_change_nothing(
        bytes in file(), block in 1usize..400, workers in 1usize..4,
    ) {
        let filter = Filter::default();
        same(fast(&bytes, &filter, block, workers), slow(&bytes, &filter));
        let builds = Filter { phases: vec!["build".to_owned()], ..filter };
        same(fast(&bytes, &builds, block, workers), slow(&bytes, &builds));
    }

    #[test]
    fn a_line_that_is_too_long_is_a_fault_and_the_others_are_read(
        lengths in proptest::collection::vec(1usize..60, 0..20), block in 1usize..30,
    ) {
        const LIMIT: usize = 30;
        let lines: Vec<String> = lengths.iter().map(|&length| "x".repeat(length)).collect();
        for end in ["\n", "\r\n"] {
            let text = lines.join(end);
            let sizes = Sizes { block, line: LIMIT };
            let found = read(text.as_bytes(), "x", &Filter::default(), sizes, 2).unwrap();
            let faults: Vec<(usize, bool)> = found.faults.first.iter().map(|fault| {
                (fault.line, fault.fault == crate::table::RowFault::TooLong { limit: LIMIT })
            }).collect();
            let expected: Vec<(usize, bool)> =
                (1..).zip(&lengths).map(|(line, &length)| (line, length > LIMIT)).collect();
            prop_assert_eq!(faults, expected);
        }
    }
}

#[test]
fn a_field_of_many_blocks_is_one_field() {
    let long = OURS.replace("RUN=r1", &format!("RUN=r1 {}", "A=1 ".repeat(3 << 20)));
    let text = [HEADER, OLD, &long, OURS, "<<<<<<< HEAD", NINE].join("\n");
    let found = stream(text.as_bytes(), "x", &Filter::default()).unwrap();
    assert_eq!(found.tally, Tally { lines: 6, headers: 1, rows: 4, repeated: 0, faults: 1 });
    assert_eq!(found.faults.first[0].line, 5);
}

#[test]
fn of_many_faults_the_first_are_kept_and_all_are_counted() {
    let text = format!("{OURS}\n{}", "<<<<<<< HEAD\n".repeat(5000));
    let found = fast(text.as_bytes(), &Filter::default(), 1000, 3);
    assert_eq!((found.faults.count, found.tally.rows), (5000, 1));
    let lines: Vec<usize> = found.faults.first.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, (2..2 + FAULTS_KEPT).collect::<Vec<usize>>());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    let source = OURS.as_bytes().chain(Broken);
    assert_eq!(stream(source, "x", &Filter::default()).unwrap_err().to_string(), "broken");
}
