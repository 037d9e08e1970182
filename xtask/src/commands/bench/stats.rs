//! Statistics of a file of 1,000,000 rows, against a program of mawk that only averages.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use timing_core::clock::UtcStamp;
use timing_core::history::reliability::PHASES;
use timing_core::table::HEADER;
use xshell::{Shell, cmd};

use super::Failure;
use super::memory::Peak;
use super::pairs::{Bar, Figure, Measured, Ratio, interleave, measured};

const PAIRS: usize = 9;
const ROWS: u64 = 1_000_000;

/// In bytes.
const MEMORY: f64 = 256.0 * 1024.0 * 1024.0;

const TIME: &str = "time of `timings stats` over 1,000,000 rows, against `mawk` that only averages";
const AVERAGES: &str = "NR>1{n[$3]++; s[$3]+=$6} END{for(p in n) print p, s[p]/n[p]}";

/// The time, and the memory of the largest process that was started so far.
pub(super) fn measure(program: &Path) -> Result<Vec<Figure>, Failure> {
    let sh = Shell::new()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    write_rows(&directory.path().join("rows.csv"))?;
    let ours = || -> Result<(), Failure> {
        Ok(cmd!(sh, "{program} timings stats --file rows.csv --strict")
            .quiet()
            .ignore_stdout()
            .run()?)
    };
    ours()?;
    let memory = Peak::of_children().map(|peak| {
        Measured::single(
            "memory of the largest process so far, `timings stats` over 1,000,000 rows among them, \
             against 256 MiB",
            peak.bytes() / MEMORY,
            Bar::AtMost(1.0),
        )
    });
    let time = if cmd!(sh, "mawk 1").stdin("").quiet().ignore_stderr().run().is_ok() {
        let theirs = || -> Result<(), Failure> {
            Ok(cmd!(sh, "mawk -F, {AVERAGES} rows.csv").quiet().ignore_stdout().run()?)
        };
        let seconds = interleave(PAIRS, ours, theirs)?;
        measured(TIME, &seconds, Ratio::Time, Bar::AtMost(0.5))?.into()
    } else {
        Figure::Skipped { name: TIME, reason: "mawk is not installed" }
    };
    Ok(memory.into_iter().map(Figure::from).chain([time]).collect())
}

/// A file of about 160 MB as twenty years of busy environments would leave it: phases that take
/// turns at random, one run in sixteen failed, the oldest first.
fn write_rows(path: &Path) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{}", HEADER.join(","))?;
    let mut random = 1_u64;
    for number in 0..ROWS {
        // Knuth's multiplier for 64 bits; the upper half is what is random enough.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = random >> 33;
        let phase = PHASES.get((value % 8) as usize).copied().unwrap_or_default();
        let (seconds, code) = (100 + value / 8 % 900, u8::from((value / 8192).is_multiple_of(16)));
        let start = UtcStamp::from_unix_seconds(1_100_000_000 + 600 * number);
        let end = start.plus_seconds(seconds);
        writeln!(
            file,
            "{start},{end},{phase},dev,persistent,{seconds},{code},CLUSTER=dev-eks \
             SHA=0123456789ab RUN={number:08x},3,1,0,logs/{phase}-{number:07}.log"
        )?;
    }
    Ok(file.flush()?)
}
