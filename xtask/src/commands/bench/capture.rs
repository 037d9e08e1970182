//! Capturing 1 GiB of output, against `tee`.
//!
//! Both write a log to the same disk and pass the bytes on to /dev/null. The output is lines as
//! Terraform prints them, because the scanner looks at those.

use std::path::Path;

use xshell::{Shell, cmd};

use super::Failure;
use super::pairs::{Bar, Measured, Ratio, interleave, measured};

const PAIRS: usize = 9;

/// The file that is printed sixteen times.
const CHUNK: usize = 64 << 20;

pub(super) fn measure(program: &Path) -> Result<Measured, Failure> {
    let sh = Shell::new()?;
    let directory = sh.create_temp_dir()?;
    sh.change_dir(directory.path());
    sh.write_file("chunk", chunk())?;
    let print = format!("cat {}", ["chunk"; 16].join(" "));
    let settings = format!("[env.bench.steps]\napply = [\"sh\", \"-c\", \"{print}\"]\n");
    sh.write_file("xtask.toml", settings)?;
    let logs = directory.path().join("logs");
    let ours = || -> Result<(), Failure> {
        cmd!(sh, "{program} apply-persistent --env bench")
            .quiet()
            .ignore_stdout()
            .ignore_stderr()
            .run()?;
        Ok(sh.remove_path(&logs)?)
    };
    let with_tee = format!("{print} | tee log");
    let theirs = || -> Result<(), Failure> {
        cmd!(sh, "sh -c {with_tee}").quiet().ignore_stdout().run()?;
        Ok(sh.remove_path("log")?)
    };
    let seconds = interleave(PAIRS, ours, theirs)?;
    measured(
        "throughput of a captured step that prints 1 GiB, against `tee` (higher is better)",
        &seconds,
        Ratio::Throughput,
        Bar::AtLeast(0.95),
    )
}

fn chunk() -> Vec<u8> {
    let mut text = Vec::with_capacity(CHUNK + 128);
    for number in 0_u32.. {
        if text.len() >= CHUNK {
            break;
        }
        let line = format!(
            "module.eks.aws_iam_role.node[{number}]: Still creating... [00m{:02}s elapsed]\n",
            number % 60
        );
        text.extend_from_slice(line.as_bytes());
    }
    text
}
