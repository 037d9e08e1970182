//! `registry init`: the branch, where there is none.

use timing_core::clock::{Clock, SystemClock};
use timing_core::registry::Created;

use super::site::Site;
use super::{Answer, Failure};
use crate::session::RECORDER;

pub(super) fn run(site: &Site<'_>) -> Result<Answer, Failure> {
    let branch = &site.settings.branch;
    let created = site.registry.create(RECORDER, SystemClock.now())?;
    Ok(Answer::well(vec![match created {
        Created::Anew(commit) => format!("{branch} was created anew, at {commit:.12}"),
        Created::FromRemote(commit) => {
            let remote = &site.settings.remote;
            format!("{branch} was created from {remote}/{branch}, at {commit:.12}")
        }
        Created::Not(commit) => format!("{branch} is there already, at {commit:.12}"),
    }]))
}
