//! How much a repository grows by 1,000 appends, before and after git's own maintenance.

use xshell::{Shell, cmd};

use super::Failure;
use super::fixture;

const APPENDS: u32 = 1000;

/// One line.
pub(super) fn measure() -> Result<String, Failure> {
    let sh = fixture::shell()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    let registry = fixture::repository(&sh, "growing", 1)?;
    sh.change_dir("growing");
    let empty = size(&sh)?;
    for number in 1..=APPENDS {
        fixture::append(&registry, vec![fixture::record(number)?])?;
    }
    let grown = size(&sh)?;
    cmd!(sh, "git -c gc.auto=1 maintenance run --task=gc --quiet").quiet().run()?;
    let kept = size(&sh)?;
    Ok(format!(
        ".git grows by {:.1} MiB with 1,000 appends, and by {:.1} MiB after `git maintenance run`",
        mebibytes(grown.saturating_sub(empty)),
        mebibytes(kept.saturating_sub(empty)),
    ))
}

/// What the repository takes on disk, in kibibytes.
fn size(sh: &Shell) -> Result<u32, Failure> {
    let answer = cmd!(sh, "du -sk .git").quiet().read()?;
    let size = answer.split_ascii_whitespace().next().ok_or("du said nothing")?;
    Ok(size.parse()?)
}

fn mebibytes(kibibytes: u32) -> f64 {
    f64::from(kibibytes) / 1024.0
}
