//! Wrapping a command that does nothing, with recording off, against a shell that does the same.

use std::path::Path;

use xshell::{Shell, cmd};

use super::Failure;
use super::pairs::{Bar, Measured, Ratio, interleave, measured};

const PAIRS: usize = 201;

pub(super) fn measure(program: &Path) -> Result<Measured, Failure> {
    let sh = Shell::new()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    sh.write_file("xtask.toml", "[env.bench.steps]\napply = [\"true\"]\n")?;
    let ours = || -> Result<(), Failure> {
        Ok(cmd!(sh, "{program} apply-persistent --env bench --no-record")
            .quiet()
            .ignore_stderr()
            .run()?)
    };
    let theirs = || -> Result<(), Failure> { Ok(cmd!(sh, "sh -c true").quiet().run()?) };
    let seconds = interleave(PAIRS, ours, theirs)?;
    measured(
        "time to wrap `true` with --no-record, against `sh -c true`",
        &seconds,
        Ratio::Time,
        Bar::AtMost(4.0),
    )
}
