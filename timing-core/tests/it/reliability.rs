//! The shell reader of the registry, written again from its description, against ours.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use timing_core::history::reliability::Reliability;

const READER: &str = r#"
BEGIN {
    FS = ","
    known = split("build bootstrap terraform-apply apply-persistent bootstrap-persistent " \
                  "teardown teardown-persistent rds-apply", names, " ")
    for (n = 1; n <= known; n++) runs[names[n]] = 0
}
NR == 1 {
    for (n = 1; n <= NF; n++) {
        name = $n
        gsub(/^[ \t\r\f\v]+/, "", name)
        gsub(/[ \t\r\f\v]+$/, "", name)
        place[name] = n
    }
    usable = ("phase" in place) && ("duration_seconds" in place) && ("exit_code" in place)
    next
}
!usable || NF < place["exit_code"] || !($(place["phase"]) in runs) { next }
{
    phase = $(place["phase"])
    seconds = $(place["duration_seconds"]) + 0
    if (!runs[phase]++) least[phase] = most[phase] = seconds
    if (seconds < least[phase]) least[phase] = seconds
    if (seconds > most[phase]) most[phase] = seconds
    sum[phase] += seconds
    if ($(place["exit_code"]) + 0 == 0) good[phase]++
}
END {
    print "phase,count,success,fail,avg_duration_seconds,min_duration_seconds,max_duration_seconds"
    for (n = 1; n <= known; n++) {
        phase = names[n]
        all = runs[phase]
        printf "%s,%d,%d,%d,%.0f,%d,%d\n", phase, all, good[phase], all - good[phase],
            (all ? sum[phase] / all : 0), least[phase], most[phase]
    }
}
"#;

fn theirs(bytes: &[u8]) -> String {
    let awk = duct::cmd!("awk", READER).stdin_bytes(bytes).env("LC_ALL", "C").read();
    // `read` takes the newline at the end away.
    awk.unwrap() + "\n"
}

fn ours(bytes: &[u8]) -> String {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    Reliability::of(lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line))).to_string()
}

const NINE: &str = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,\
                    flags,log_path";
const TWELVE: &str = "start_time_utc,end_time_utc,phase,env,build_id,duration_seconds,exit_code,\
                      flags,resources_added,resources_changed,resources_destroyed,log_path";

#[test]
fn four_generations_under_one_header() {
    let file = format!(
        "{NINE}\r\n\
         2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev,b1,300,0,a.log\n\
         2025-01-15T10:00:00Z,2025-01-15T10:00:00Z,build,dev,b2,0,255,\"A=1 B=2, 3\",b.log\n\
         2025-01-15T10:00:00Z,,build,dev,b3,61,0,1,2,3,https://ci.example/1\r\n\
         {TWELVE}\n\
         2026-01-24T14:43:27Z,,apply-persistent,dev,persistent,124,0,R=1,3,1,0,logs/a.log\n\
         2026-01-24T14:43:27Z,,apply-persistent,dev,persistent,125,1,R=1,3,1,0,logs/a.log\n\
         2026-01-24T14:43:27Z,, teardown ,dev,persistent,125,0,,,,,\n\
         <<<<<<< HEAD\n\
         2026-01-24T14:43:27Z,,rds-apply,dev,rds,7,0"
    );
    insta::assert_snapshot!(ours(file.as_bytes()), @r"
    phase,count,success,fail,avg_duration_seconds,min_duration_seconds,max_duration_seconds
    build,2,1,1,30,0,61
    bootstrap,0,0,0,0,0,0
    terraform-apply,0,0,0,0,0,0
    apply-persistent,2,1,1,124,124,125
    bootstrap-persistent,0,0,0,0,0,0
    teardown,0,0,0,0,0,0
    teardown-persistent,0,0,0,0,0,0
    rds-apply,1,1,0,7,7,7
    ");
    assert_eq!(ours(file.as_bytes()), theirs(file.as_bytes()));
}

#[test]
fn averages_are_rounded_half_to_even() {
    for (seconds, average) in [([1, 2], "2"), ([2, 3], "2"), ([3, 4], "4"), ([0, 1], "0")] {
        let rows: String = seconds.iter().map(|s| format!("a,b,build,dev,1,{s},0,,x\n")).collect();
        let file = format!("{NINE}\n{rows}");
        assert_eq!(ours(file.as_bytes()).lines().nth(1).unwrap().split(',').nth(4), Some(average));
        assert_eq!(ours(file.as_bytes()), theirs(file.as_bytes()));
    }
}

#[test]
fn a_first_line_without_the_columns_is_named_and_nothing_is_counted() {
    for file in ["", "\n", "phase,exit_code\nbuild,0\n", "a,b,build,dev,1,5,0,,x\n"] {
        assert_eq!(ours(file.as_bytes()), theirs(file.as_bytes()), "{file:?}");
    }
    let missing = |header: &str| Reliability::of([header.as_bytes()]).missing;
    assert_eq!(missing("phase,exit_code"), ["duration_seconds"]);
    assert_eq!(missing(NINE), [""; 0]);
    assert_eq!(Reliability::of([]).missing, [""; 0], "an empty file has nothing to complain of");
}

/// A number as someone may have typed it; awk's own spellings of infinity and of other bases, on
/// which awks differ, are not among them.
fn number() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "", " 7 ", "+7", "-3", "2.5", ".5", "5.", ".", "1e2", "1e", "5x", "x5", "--1", "0\r",
    ]);
    prop_oneof![6 => (0u32..100_000).prop_map(|n| n.to_string()), 2 => odd.prop_map(str::to_owned)]
}

fn phase() -> impl Strategy<Value = &'static str> {
    select(vec![
        "build",
        "rds-apply",
        "teardown",
        "apply-persistent",
        "rds-deploy",
        " build",
        "\"build\"",
        "",
    ])
}

fn line() -> impl Strategy<Value = String> {
    let fields = (phase(), number(), number(), select(vec!["", "A=1", "\"A=1, B\"", "\"", "a\"b"]));
    let row = (0..4u8, fields).prop_map(|(shape, (phase, seconds, code, flags))| match shape {
        0 => format!("s,e,{phase},b1,{seconds},{code},a.log"),
        1 => format!("s,e,{phase},dev,b2,{seconds},{code},{flags},b.log"),
        2 => format!("s,e,{phase},dev,b3,{seconds},{code},1,2,3,https://ci.example/1"),
        _ => format!("s,e,{phase},dev,b4,{seconds},{code},{flags},3,1,0,c.log"),
    });
    let moved = "exit_code, phase ,flags,duration_seconds,phase";
    let other = select(vec![
        NINE,
        TWELVE,
        moved,
        "",
        "  ",
        "<<<<<<< HEAD",
        "phase",
        ",,,,,,,,",
        "\u{feff}",
    ]);
    prop_oneof![5 => row, 2 => other.prop_map(str::to_owned), 1 => "[a-d,;\"#+. 0-9\t\r-]{0,40}"]
}

fn header() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(NINE.to_owned()),
        3 => Just(TWELVE.to_owned()),
        1 => Just(format!("\u{feff}{TWELVE}")),
        1 => line(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_gets_the_same_answer(
        header in header(),
        lines in vec((line(), select(vec!["\n", "\r\n"])), 0..20),
        end in select(vec!["", "\n", "\r\n"]),
    ) {
        let mut file = header;
        for (line, end) in lines {
            file = file + end + &line;
        }
        file += end;
        prop_assert_eq!(ours(file.as_bytes()), theirs(file.as_bytes()));
    }
}
