//! `registry publish-report`: pages of each environment onto the branch, and on to the remote where
//! this machine sends rows.

use std::time::Instant;

use timing_core::clock::{Clock, SystemClock};
use timing_core::record::{Environment, ExitCode};
use timing_core::registry::{LocalBranch, PagePath, Publication, Published, Source, SyncPolicy};

use super::site::Site;
use super::sync::{self, Sending, sending};
use super::{Answer, Failure};
use crate::cli::PublishArgs;
use crate::commands::report;
use crate::session::RECORDER;
use crate::settings::{Mode, ReportSettings};
use crate::ui::Message;

/// What was typed cannot be understood.
const USAGE: ExitCode = ExitCode(2);

/// Publishes the pages of the environment that `args` name, or of every one that has rows.
pub(super) fn run(args: &PublishArgs, settings: &ReportSettings) -> Result<Answer, Failure> {
    let wanted = match args.environment.as_deref().map(str::parse::<Environment>).transpose() {
        Ok(wanted) => wanted,
        Err(error) => {
            let remarks = vec![Message::Warning(format!("--env: {error}"))];
            return Ok(Answer { lines: Vec::new(), remarks, exit_code: USAGE });
        }
    };
    let site = &Site::find(&settings.timings.registry)?;
    let (started, policy, now) = (Instant::now(), SyncPolicy::default(), SystemClock.now());
    let to = sending(site);
    let mut answer = Answer::well(Vec::new());
    // Rows matter more, and a page is to tell of them.
    if args.mode == Mode::Run && to == Sending::Branch && waits(site) {
        let sent = sync::run(site)?;
        answer.remarks.extend(sent.lines.into_iter().map(Message::Note).chain(sent.remarks));
    }
    let audited = report::audited(settings);
    let make = || {
        let environments = environments(site, wanted.as_ref())?;
        let pages =
            environments.iter().map(|of| report::pages(of, &audited, &site.repository, settings));
        Ok(pages.collect::<Result<Vec<_>, String>>()?.into_iter().flatten().collect())
    };
    let source = Source { sha: site.repository.head, branch: site.repository.branch.clone() };
    let publication =
        Publication { make: &make, is_same: report::is_same, source: &source, recorder: RECORDER };
    let (branch, remote) = (&site.settings.branch, &site.settings.remote);
    match (args.mode, to) {
        (Mode::DryRun, _) => {
            answer.lines = would(&site.registry.would_publish(&publication)?);
        }
        (Mode::Run, Sending::Branch) => {
            // One deadline for all that is said to the remote.
            let total = policy.total.saturating_sub(started.elapsed());
            let policy = SyncPolicy { total, ..policy };
            let published = site.registry.publish_at_remote(&publication, &policy, now)?;
            said(&mut answer, published, &format!("{remote}/{branch}"));
        }
        (Mode::Run, Sending::Inbox | Sending::Nothing) => {
            let published = site.registry.publish_here(&publication, now)?;
            let is_new = !published.changed.is_empty();
            said(&mut answer, published, branch.as_str());
            if is_new && site.has_remote {
                answer.remarks.push(Message::Note(format!(
                    "nobody else can see them: with registry.push = \"{}\" reports are sent from CI",
                    site.settings.push.as_str()
                )));
            }
        }
    }
    Ok(answer)
}

/// Whether there is anything that a synchronisation would take along.
fn waits(site: &Site<'_>) -> bool {
    let is_waiting = site.journal.outbox().map_or(true, |(waiting, _)| !waiting.is_empty());
    is_waiting || site.journal.census().map_or(true, |census| census.left > 0)
}

/// The environments that have rows, or the one that is `wanted`.
fn environments(site: &Site<'_>, wanted: Option<&Environment>) -> Result<Vec<Environment>, String> {
    let standing = site.registry.rows().map_err(|error| error.to_string())?;
    let mut found: Vec<Environment> = Vec::new();
    for held in [&standing.remote, &standing.local].into_iter().flatten() {
        let with_rows = held.environments.iter().filter(|(_, environment)| environment.rows > 0);
        found.extend(with_rows.filter_map(|(name, _)| name.parse().ok()));
    }
    found.sort();
    found.dedup();
    let Some(wanted) = wanted else { return Ok(found) };
    found.retain(|known| wanted.is_called(known.as_str()));
    if found.is_empty() {
        return Err(format!("{wanted} has no rows on the branch"));
    }
    Ok(found)
}

fn said(answer: &mut Answer, published: Published, branch: &str) {
    let Published { commit, changed, local, .. } = published;
    let commit: Option<String> = commit.map(|id| id.to_string().chars().take(12).collect());
    let at = commit.as_ref().map(|commit| format!(", at {commit}")).unwrap_or_default();
    if !changed.is_empty() {
        answer.lines.push(format!("published on {branch}{at}:"));
        answer.lines.extend(changed.iter().map(|path| format!("  {path}")));
    } else if commit.is_some() {
        answer.lines.push(format!("{branch} says all that already{at}"));
    } else {
        answer.lines.push("there are no rows to report of".to_owned());
    }
    if let LocalBranch::Left(why) = local {
        answer.remarks.push(Message::Note(why.to_string()));
    }
}

fn would(changed: &[PagePath]) -> Vec<String> {
    if changed.is_empty() {
        return vec!["nothing would be published: there is nothing new to say".to_owned()];
    }
    let lines = changed.iter().map(|path| format!("  {path}"));
    std::iter::once("would publish:".to_owned()).chain(lines).collect()
}
