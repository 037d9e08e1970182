//! `registry doctor`: everything that could be wrong, and what to do about it.
//!
//! Each check stands alone, so that one that fails hides no other. Nothing is changed but a file in
//! the log directory that is written and removed again.

use std::io::Write;
use std::path::Path;

use timing_core::git::{Discovery, Git, Repository};
use timing_core::journal::Journal;
use timing_core::record::ExitCode;
use timing_core::registry::{Registry, SyncPolicy};
use timing_core::shown::shown;

use super::site::git;
use super::{ATTENTION, Answer};
use crate::settings::{Place, Push, RegistrySettings};
use crate::ui::count;

/// The oldest git that has all that is used: `rev-parse --path-format` came with 2.31.
const OLDEST_GIT: (u32, u32) = (2, 31);

/// Below this, the log of a long deployment may not fit.
const LITTLE_SPACE: u64 = 100 << 20;

/// How many faults of one kind are listed.
const LISTED: usize = 10;

/// What a check found.
enum Finding {
    /// All is well; good to know.
    Well(String),
    /// Something needs attention: what, and what to do.
    Attention(String),
}

use Finding::{Attention, Well};

/// Runs every check.
pub(super) fn examine(settings: &RegistrySettings) -> Answer {
    let git = git(settings);
    let mut findings = vec![version(&git)];
    findings.extend(log_directory(&settings.repository));
    findings.push(disk_space(&settings.repository));
    match git.discover() {
        Ok(Discovery::NotARepository) => findings.push(Attention(format!(
            "repository: {} is in no git repository with a work tree; rows go to a file beside the \
             logs. Run xtask in a clone, or name one with --repo",
            shown(&settings.repository)
        ))),
        Ok(found) => match found.into_repository() {
            Ok(repository) => {
                findings.push(Well(format!("repository: {}", shown(&repository.work_tree))));
                findings.extend(registry(settings, &git, &repository));
            }
            Err(reason) => findings.push(Attention(format!("repository: {reason}"))),
        },
        Err(error) => findings.push(Attention(format!("repository: {error}"))),
    }
    answer(findings)
}

fn answer(findings: Vec<Finding>) -> Answer {
    let needy = findings.iter().filter(|finding| matches!(finding, Attention(_))).count();
    let mut lines: Vec<String> = findings
        .into_iter()
        .map(|finding| match finding {
            Well(text) => format!("ok         {text}"),
            Attention(text) => format!("ATTENTION  {text}"),
        })
        .collect();
    lines.push(match needy {
        0 => "all is well".to_owned(),
        1 => "1 finding needs attention".to_owned(),
        n => format!("{n} findings need attention"),
    });
    let exit_code = if needy == 0 { ExitCode::SUCCESS } else { ATTENTION };
    Answer { lines, remarks: Vec::new(), exit_code }
}

fn version(git: &Git) -> Finding {
    match git.version() {
        Ok(version) if (version.major, version.minor) >= OLDEST_GIT => {
            Well(format!("git: {version}"))
        }
        Ok(version) => Attention(format!(
            "git: {version} is older than {}.{}; install a newer one",
            OLDEST_GIT.0, OLDEST_GIT.1
        )),
        Err(error) => Attention(format!("git: {error}")),
    }
}

fn log_directory(repository: &Path) -> Vec<Finding> {
    let write = || -> std::io::Result<String> {
        let directory = timing_core::log::directory(repository)?;
        let probe = directory.join(format!(".doctor-{}", std::process::id()));
        let written = std::fs::File::create(&probe).and_then(|mut file| file.write_all(b"x"));
        // It may not be there; then there is nothing to remove.
        let _ = std::fs::remove_file(&probe);
        written.map(|()| directory.display().to_string())
    };
    vec![match write() {
        Ok(directory) => Well(format!("logs: {directory} can be written to")),
        Err(error) => Attention(format!(
            "logs: {} cannot be written to ({error}); steps run, and leave no log. Make it a \
             directory of yours",
            repository.join("logs/build-timings").display()
        )),
    }]
}

fn disk_space(repository: &Path) -> Finding {
    match rustix::fs::statvfs(repository) {
        Ok(space) => {
            let free = space.f_bavail.saturating_mul(space.f_frsize);
            let text = format!("disk: {} MiB free", free >> 20);
            if free >= LITTLE_SPACE {
                Well(text)
            } else {
                Attention(format!("{text}; make room, or rows and logs cannot be written"))
            }
        }
        Err(error) => Attention(format!("disk: free space cannot be read: {error}")),
    }
}

fn registry(settings: &RegistrySettings, git: &Git, repository: &Repository) -> Vec<Finding> {
    let registry = Registry::new(git.clone(), settings.branch.clone(), settings.remote.clone());
    let mut findings = branch(settings, &registry);
    findings.push(remote(settings, git, &registry));
    findings.push(policy(settings));
    findings.extend(journal(&Journal::in_common_dir(&repository.common_dir)));
    findings
}

/// The branch, here and as it was last fetched, and the lines of it that are no rows.
fn branch(settings: &RegistrySettings, registry: &Registry) -> Vec<Finding> {
    let name = &settings.branch;
    match registry.rows() {
        Ok(standing) => {
            let found = match (&standing.local, &standing.remote) {
                (Some(local), _) => Well(format!("branch: {name} has {}", count(local.rows()))),
                (None, Some(_)) => Well(format!(
                    "branch: there is no {name} here yet; the first row starts it from {}/{name}",
                    settings.remote
                )),
                (None, None) => {
                    Well(format!("branch: there is no {name} yet; the first row makes it"))
                }
            };
            let mut findings = vec![found];
            let held = standing.local.as_ref().or(standing.remote.as_ref());
            let faults = held.map(|held| held.faults.as_slice()).unwrap_or_default();
            findings.extend(faults.iter().take(LISTED).map(|fault| {
                Attention(format!(
                    "rows: {} line {}: {}; readers pass it over",
                    fault.path, fault.line, fault.fault
                ))
            }));
            if faults.len() > LISTED {
                let more = faults.len() - LISTED;
                findings.push(Attention(format!("rows: {more} more lines are no rows")));
            }
            findings
        }
        Err(error) => vec![Attention(format!("branch: {error}"))],
    }
}

fn remote(settings: &RegistrySettings, git: &Git, registry: &Registry) -> Finding {
    let name = &settings.remote;
    match (git.has_remote(name), settings.push) {
        (Ok(false), Push::Never) => Well(format!("remote: there is no {name}, and none is needed")),
        (Ok(false), _) => Well(format!("remote: there is no {name}; rows stay in this clone")),
        (Ok(true), _) => match registry.reach(&SyncPolicy::default()) {
            Ok(()) => Well(format!("remote: {name} answers")),
            Err(error) => Attention(format!("remote: {error}")),
        },
        (Err(error), _) => Attention(format!("remote: {error}")),
    }
}

fn policy(settings: &RegistrySettings) -> Finding {
    let here = match settings.place {
        Place::Ci => "this is CI",
        Place::Workstation => "this is no CI",
    };
    let what = match (settings.push, settings.place) {
        (Push::Never, _) => "rows are sent nowhere",
        (Push::Ci, Place::Workstation) => "rows stay here; \"inbox\" or \"always\" would send them",
        (Push::Inbox, Place::Workstation) => "rows are sent to an inbox, which CI drains",
        (Push::Always, _) | (_, Place::Ci) => "rows are pushed",
    };
    Well(format!("policy: registry.push = \"{}\", {here}: {what}", settings.push.as_str()))
}

fn journal(journal: &Journal) -> Vec<Finding> {
    let mut findings = Vec::new();
    match journal.census() {
        Ok(census) => {
            let text = format!(
                "journal: {} living, {} left by runs that are gone, {} waiting for the remote",
                census.living,
                census.left,
                count(census.waiting)
            );
            findings.push(if census.left == 0 {
                Well(text)
            } else {
                Attention(format!("{text}; `cargo xtask registry sync` records what was left"))
            });
            if census.damaged > 0 {
                findings.push(Attention(format!(
                    "journal: {} damaged entries in {}; look at them, then remove them",
                    census.damaged,
                    journal.directory().join("damaged").display()
                )));
            }
        }
        Err(error) => findings.push(Attention(format!(
            "journal: {} cannot be read: {error}",
            journal.directory().display()
        ))),
    }
    findings
}
