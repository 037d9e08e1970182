//! Appending one row to a registry of 100,000, against `git hash-object -w --stdin` of that file
//! alone, which any append has to do.

use std::path::Path;

use timing_core::registry::Registry;
use xshell::{Shell, cmd};

use super::Failure;
use super::fixture::{self, FILE};
use super::memory::Peak;
use super::pairs::{Bar, Figure, Measured, Ratio, interleave, measured};

const PAIRS: usize = 7;
const ROWS: u32 = 100_000;

/// The largest process may be this many times as large as the file.
const MEMORY: f64 = 4.0;

/// The memory of the largest process of a run that appends, and the time of an append.
pub(super) fn measure(program: &Path) -> Result<Vec<Figure>, Failure> {
    let sh = fixture::shell()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    let registry = fixture::long_repository(&sh, "registry", ROWS)?;
    sh.change_dir("registry");
    let mut figures = Vec::new();
    figures.extend(memory(&sh, program)?.map(Figure::from));
    figures.push(time(&sh, &registry)?.into());
    Ok(figures)
}

/// Has to come before this process itself has held the file: what it starts counts as large as it
/// is itself, until the new program begins.
fn memory(sh: &Shell, program: &Path) -> Result<Option<Measured>, Failure> {
    let length = std::fs::metadata(sh.current_dir().join("rows"))?.len();
    sh.write_file("xtask.toml", "[env.bench.steps]\napply = [\"true\"]\n")?;
    cmd!(sh, "{program} apply-persistent --env bench").quiet().ignore_stderr().run()?;
    #[expect(clippy::cast_precision_loss, reason = "a file is far below 2^52 bytes")]
    Ok(Peak::of_children().map(|peak| {
        Measured::single(
            "memory of the largest process of a run that appends to 100,000 rows, against the file",
            peak.bytes() / length as f64,
            Bar::AtMost(MEMORY),
        )
    }))
}

fn time(sh: &Shell, registry: &Registry) -> Result<Measured, Failure> {
    let file = cmd!(sh, "git cat-file blob {FILE}").quiet().output()?.stdout;
    let mut next = ROWS;
    let ours = || -> Result<(), Failure> {
        next += 1;
        fixture::append(registry, vec![fixture::record(next)?])
    };
    let mut variant = 0_u32;
    let theirs = || -> Result<(), Failure> {
        // A file that git has already is not written again.
        variant += 1;
        let mut file = file.clone();
        file.extend_from_slice(variant.to_string().as_bytes());
        Ok(cmd!(sh, "git hash-object -w --stdin").stdin(file).quiet().ignore_stdout().run()?)
    };
    let seconds = interleave(PAIRS, ours, theirs)?;
    measured(
        "time to append a row to 100,000, against `git hash-object -w --stdin` of the file",
        &seconds,
        Ratio::Time,
        Bar::AtMost(1.5),
    )
}
