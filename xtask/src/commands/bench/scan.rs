//! Capturing a step that prints a million lines, with the scanner and without.
//!
//! Both read the step's pipe and write its log to the same disk, in this process.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use timing_core::capture::{self, Command, Exit, Output, Signals, Tap};
use timing_core::clock::SystemClock;
use timing_core::scan::{Ending, Scanner};

use super::Failure;
use super::pairs::{Bar, Measured, Ratio, interleave, measured};

const PAIRS: usize = 31;
const LINES: usize = 1_000_000;

/// What a deployment prints most of.
const USUAL: [&str; 5] = [
    "module.eks.module.node_group[\"a\"].aws_eks_node_group.this[0]: Still creating... [02m10s elapsed]",
    "2026-01-24T14:43:27Z INFO  argocd-server: application argocd/platform is Progressing, waiting",
    "  # module.vpc.aws_subnet.private[2] will be created",
    "deployment.apps/ingress-nginx-controller configured",
    "      + tags                                           = {",
];

pub(super) fn measure() -> Result<Measured, Failure> {
    let directory = xshell::Shell::new()?.create_temp_dir()?;
    let lines = directory.path().join("lines");
    let text: String = USUAL.iter().cycle().take(LINES).flat_map(|line| [*line, "\n"]).collect();
    std::fs::write(&lines, text)?;
    let log = directory.path().join("log");
    let with = || step(&lines, &log, Some(Scanner::default()));
    let without = || step(&lines, &log, None);
    let seconds = interleave(PAIRS, with, without)?;
    measured(
        "throughput of a captured step that prints 1,000,000 lines, against one without the scanner \
         (higher is better)",
        &seconds,
        Ratio::Throughput,
        Bar::AtLeast(0.95),
    )
}

/// Who looks at the bytes of the step.
struct Taken {
    log: File,
    scanner: Option<Scanner>,
    failed: bool,
}

impl Tap for Taken {
    fn bytes(&mut self, bytes: &[u8], at: Duration) {
        self.failed |= self.log.write_all(bytes).is_err();
        if let Some(scanner) = &mut self.scanner {
            scanner.feed(bytes, at);
        }
    }

    fn unseen(&mut self, _error: &std::io::Error) {}

    fn left_behind(&mut self, _pipe: OwnedFd) {}
}

fn step(lines: &Path, log: &Path, scanner: Option<Scanner>) -> Result<(), Failure> {
    let mut taken = Taken { log: File::create(log)?, scanner, failed: false };
    let environment: Vec<_> = std::env::vars_os().collect();
    let command = Command {
        program: "cat",
        arguments: &[lines.to_string_lossy().into_owned()],
        environment: &environment,
        directory: Path::new("/"),
    };
    let ended = capture::run(&command, Output::Hidden, &mut taken, &Signals::none(), &SystemClock);
    if let Some(scanner) = taken.scanner {
        let scanned = scanner.finish(ended.duration, Ending::Succeeded);
        if !scanned.spans.is_empty() {
            return Err("the scanner saw what is not there".into());
        }
    }
    if taken.failed || ended.exit != Exit::Code(0) {
        return Err("the step could not be captured".into());
    }
    Ok(())
}
