//! What the benchmarks of recording have in common: repositories with a registry of many rows.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use timing_core::addition::{self, Addition};
use timing_core::clock::UtcStamp;
use timing_core::git::Git;
use timing_core::record::{ExitCode, Flags, RunId, TimingRecord};
use timing_core::registry::{Batch, Registry, Source};
use timing_core::table;
use xshell::{Shell, cmd};

use super::Failure;

/// The file of rows on the branch.
pub(super) const FILE: &str = "governance-registry:environments/bench/latest/build_timings.csv";

/// A shell whose git knows no configuration but its repository's, and signs with a name.
pub(super) fn shell() -> Result<Shell, Failure> {
    let sh = Shell::new()?;
    sh.set_var("GIT_CONFIG_NOSYSTEM", "1");
    sh.set_var("GIT_CONFIG_GLOBAL", "/dev/null");
    for name in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"] {
        sh.set_var(name, "bench");
    }
    for name in ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
        sh.set_var(name, "bench@localhost");
    }
    Ok(sh)
}

/// A repository `name` in the shell's directory with a registry of `rows` rows.
pub(super) fn repository(sh: &Shell, name: &str, rows: u32) -> Result<Registry, Failure> {
    cmd!(sh, "git init --quiet {name}").quiet().run()?;
    let registry = registry(&sh.current_dir().join(name))?;
    let records = (0..rows).map(record).collect::<Result<Vec<_>, _>>()?;
    append(&registry, records)?;
    Ok(registry)
}

/// The same for a registry so long that this process, whose size is measured, must not hold it: a
/// file is written row by row, and git stores that.
pub(super) fn long_repository(sh: &Shell, name: &str, rows: u32) -> Result<Registry, Failure> {
    cmd!(sh, "git init --quiet {name}").quiet().run()?;
    let directory = sh.current_dir().join(name);
    let _inside = sh.push_dir(&directory);
    let mut file = BufWriter::new(File::create(directory.join("rows"))?);
    writeln!(file, "{}", table::HEADER.join(","))?;
    for number in 0..rows {
        file.write_all(&table::rows(&[record(number)?]))?;
    }
    file.flush()?;
    let mut object = cmd!(sh, "git hash-object -w rows").quiet().read()?;
    let mut kind = "100644 blob";
    for name in ["build_timings.csv", "latest", "bench", "environments"] {
        let entry = format!("{kind} {object}\t{name}\n");
        object = cmd!(sh, "git mktree").stdin(entry).quiet().read()?;
        kind = "040000 tree";
    }
    let commit = cmd!(sh, "git commit-tree -m rows {object}").quiet().read()?;
    cmd!(sh, "git update-ref refs/heads/governance-registry {commit}").quiet().run()?;
    registry(&directory)
}

fn registry(repository: &Path) -> Result<Registry, Failure> {
    let git = Git::new(repository, std::env::vars_os());
    Ok(Registry::new(git, "governance-registry".parse()?, "origin".parse()?))
}

/// Appends `records` in one commit.
pub(super) fn append(registry: &Registry, records: Vec<TimingRecord>) -> Result<(), Failure> {
    let additions: Vec<Addition> = records.into_iter().map(Addition::from).collect();
    let outermost = addition::records(&additions).last().ok_or("no records to append")?;
    registry.append(
        &Batch {
            outermost: Some(outermost),
            additions: &additions,
            source: &Source { sha: None, branch: None },
            recorder: crate::session::RECORDER,
        },
        outermost.start,
    )?;
    Ok(())
}

/// The row of the run with this number: of the length that rows have.
pub(super) fn record(number: u32) -> Result<TimingRecord, Failure> {
    let start = UtcStamp::from_unix_seconds(1_769_265_807 + 1000 * u64::from(number));
    let run = RunId::new(start, number);
    let mut flags: Flags =
        "TF_AUTO_APPROVE=true CLUSTER=goldenpath-bench-eks SHA=0123456789ab".parse()?;
    flags.set("RUN", run.as_str());
    Ok(TimingRecord {
        start,
        duration_seconds: 936,
        phase: "apply-persistent".parse()?,
        environment: "bench".parse()?,
        build_id: "persistent".parse()?,
        exit_code: ExitCode::SUCCESS,
        flags,
        resources_added: 3,
        resources_changed: 1,
        resources_destroyed: 0,
        log_path: Some(
            format!("logs/build-timings/apply-persistent-bench-persistent-{run}.log").parse()?,
        ),
    })
}
