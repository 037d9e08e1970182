//! `registry status`: what is where, asking nobody.

use timing_core::registry::Held;

use super::site::Site;
use super::{Answer, Failure};
use crate::settings::Place;
use crate::ui::{count, unseen};

/// How many lines of the last synchronisations are shown.
const LOG_LINES: usize = 5;

pub(super) fn run(site: &Site<'_>) -> Result<Answer, Failure> {
    let (settings, standing) = (site.settings, site.registry.rows()?);
    let census = site.journal.census()?;
    let place = match settings.place {
        Place::Ci => "CI",
        Place::Workstation => "workstation",
    };
    let remote = if site.has_remote { settings.remote.to_string() } else { "none".to_owned() };
    let mut lines = vec![
        format!("branch   {}", settings.branch),
        format!("remote   {remote}"),
        format!("policy   registry.push = \"{}\" ({place})", settings.push.as_str()),
        format!("local    {}", held(standing.local.as_ref())),
        format!("fetched  {}", held(standing.remote.as_ref())),
        format!(
            "journal  {} running, {} left by runs that are gone, {} waiting for the remote",
            census.living,
            census.left,
            count(census.waiting)
        ),
    ];
    if census.damaged > 0 {
        lines.push(format!("damaged  {} journal entries, moved aside", census.damaged));
    }
    if standing.unseen() > 0 && site.has_remote {
        lines.push(format!("unseen   {} of the local branch", count(standing.unseen())));
    }
    lines.extend(last_sync(site));
    lines.extend(unseen(census.waiting, settings.push).filter(|_| site.has_remote));
    Ok(Answer::well(lines))
}

fn held(held: Option<&Held>) -> String {
    let Some(held) = held else { return "no such branch".to_owned() };
    let environments: Vec<String> = held
        .environments
        .iter()
        .map(|(name, environment)| format!("{name} {}", environment.rows))
        .collect();
    let faults = match held.faults.len() {
        0 => String::new(),
        n => format!("; {n} lines are no rows, see `registry doctor`"),
    };
    let commit = held.commit.to_string();
    let commit = commit.get(..12).unwrap_or(&commit);
    let rows = count(held.rows());
    if environments.is_empty() {
        format!("{rows} at {commit}{faults}")
    } else {
        format!("{rows} at {commit} ({}){faults}", environments.join(", "))
    }
}

/// The end of the log that synchronisations in the background write.
fn last_sync(site: &Site<'_>) -> Vec<String> {
    let path = site.journal.directory().join("sync.log");
    let Ok(log) = std::fs::read_to_string(path) else { return Vec::new() };
    let lines: Vec<&str> = log.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default();
    last.iter().map(|line| format!("sync     {line}")).collect()
}
