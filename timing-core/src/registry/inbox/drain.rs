//! Taking inboxes in: every row onto the registry's branch, then the inboxes away.
//!
//! Each step may be the last that happens, and two drains may run at once: a row that is on the
//! branch is not added again, and an inbox goes only while it is what was taken in.

use super::super::sync::{Listed, Pushed, Round, Session, retry};
use super::super::{Registry, SyncError, SyncPolicy, Synced};
use super::name::{InboxName, PREFIX};
use super::read;
use crate::addition::Addition;
use crate::clock::UtcStamp;

/// How many branches one call names.
const AT_ONCE: usize = 50;

/// What a drain came to.
#[derive(Debug, Default)]
pub struct Drained {
    /// What came of the registry's branch; `None` when there was nothing to take in.
    pub synced: Option<Synced>,
    /// The inboxes whose rows are on the branch and which are gone.
    pub merged: Vec<InboxName>,
    /// Those that are still there.
    pub kept: Vec<KeptInbox>,
}

/// An inbox that is still at the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptInbox {
    /// Its branch, whatever that is called; control characters are escaped.
    pub branch: String,
    /// Why it is.
    pub reason: String,
}

impl KeptInbox {
    fn new(listed: &Listed, reason: impl Into<String>) -> Self {
        let name = listed.name.strip_prefix("refs/heads/").unwrap_or(&listed.name);
        Self { branch: name.escape_debug().to_string(), reason: reason.into() }
    }
}

/// An inbox that can be taken in.
struct Inbox {
    name: InboxName,
    listed: Listed,
}

impl Registry {
    /// Puts what is in every inbox of the remote onto its registry branch, in at most one commit,
    /// dated `at`, then deletes the inboxes that were taken in. What is not an inbox inside stays
    /// where it is, is reported, and holds up no other.
    ///
    /// # Errors
    ///
    /// As those of [`Registry::sync`]. The inboxes are then still there; whatever was done need not
    /// be undone, and the same call may be made again.
    pub fn drain(
        &self,
        policy: &SyncPolicy,
        recorder: &str,
        at: UtcStamp,
    ) -> Result<Drained, SyncError> {
        let session = Session::open(&self.git, &self.remote, policy.total)?;
        let (inboxes, mut drained) = retry(&session, self.branch.as_str(), policy, |attempts| {
            let mut kept = Vec::new();
            let (inboxes, additions) = self.collect(&session, &mut kept)?;
            if inboxes.is_empty() {
                return Ok(Round::Done((inboxes, Drained { kept, ..Drained::default() })));
            }
            let round = self.round(&session, &additions, None, recorder, at)?;
            Ok(round.map(|synced| {
                let synced = Some(Synced { attempts, ..synced });
                (inboxes, Drained { synced, kept, ..Drained::default() })
            }))
        })?;
        for some in inboxes.chunks(AT_ONCE) {
            delete(&session, some, &mut drained)?;
        }
        Ok(drained)
    }

    /// Every inbox that can be taken in, and all that is in them.
    fn collect(
        &self,
        session: &Session,
        kept: &mut Vec<KeptInbox>,
    ) -> Result<(Vec<Inbox>, Vec<Addition>), SyncError> {
        let mut inboxes = Vec::new();
        for listed in session.list(&format!("{PREFIX}/*"))? {
            match InboxName::of_reference(&listed.name) {
                Some(name) => inboxes.push(Inbox { name, listed }),
                None => kept.push(KeptInbox::new(&listed, "its name is not that of an inbox")),
            }
        }
        let mut here = Vec::new();
        for some in chunks(inboxes) {
            fetch(session, some, &mut here, kept)?;
        }
        let mut additions = Vec::new();
        here.retain(|inbox| {
            match read::additions(session.reader(&self.git), inbox.listed.commit) {
                Ok(more) => {
                    additions.extend(more);
                    true
                }
                Err(reason) => {
                    kept.push(KeptInbox::new(&inbox.listed, reason));
                    false
                }
            }
        });
        Ok((here, additions))
    }
}

fn chunks(mut inboxes: Vec<Inbox>) -> impl Iterator<Item = Vec<Inbox>> {
    std::iter::from_fn(move || {
        let rest = inboxes.split_off(inboxes.len().min(AT_ONCE));
        let some = std::mem::replace(&mut inboxes, rest);
        (!some.is_empty()).then_some(some)
    })
}

/// Fetches all at once and, where one of them spoils that, one by one.
fn fetch(
    session: &Session,
    inboxes: Vec<Inbox>,
    here: &mut Vec<Inbox>,
    kept: &mut Vec<KeptInbox>,
) -> Result<(), SyncError> {
    let all: Vec<&Listed> = inboxes.iter().map(|inbox| &inbox.listed).collect();
    match session.fetch_objects(&all) {
        Ok(true) => {
            here.extend(inboxes);
            return Ok(());
        }
        Err(error) if error.is_time_out() => return Err(error),
        Ok(false) | Err(_) => {}
    }
    for inbox in inboxes {
        match session.fetch_objects(&[&inbox.listed]) {
            Ok(true) => here.push(inbox),
            // Another drain has taken it in.
            Ok(false) => {}
            Err(error) if error.is_time_out() => return Err(error),
            Err(error) => kept.push(KeptInbox::new(&inbox.listed, error.to_string())),
        }
    }
    Ok(())
}

/// Deletes inboxes that were taken in. One that is gone already makes git give up on all of them, so
/// those of which nothing is known are looked for and tried again alone.
fn delete(session: &Session, inboxes: &[Inbox], drained: &mut Drained) -> Result<(), SyncError> {
    let all: Vec<&Listed> = inboxes.iter().map(|inbox| &inbox.listed).collect();
    let mut outcomes = session.delete(&all)?;
    if outcomes.iter().any(|outcome| *outcome != Some(Pushed::Done)) {
        let still_there = session.list(&format!("{PREFIX}/*"))?;
        for (inbox, outcome) in inboxes.iter().zip(&mut outcomes) {
            if still_there.iter().all(|found| found.name != inbox.listed.name) {
                *outcome = Some(Pushed::Done);
            } else if outcome.is_none() {
                *outcome = session.delete(&[&inbox.listed])?.pop().flatten();
            }
        }
    }
    for (inbox, outcome) in inboxes.iter().zip(outcomes) {
        match outcome {
            Some(Pushed::Done) => drained.merged.push(inbox.name.clone()),
            Some(Pushed::Not(again)) => {
                let reason =
                    format!("its rows are on the branch, and it cannot be deleted: {again}");
                drained.kept.push(KeptInbox::new(&inbox.listed, reason));
            }
            None => {
                let reason =
                    "its rows are on the branch, and git did not say why it is still there";
                drained.kept.push(KeptInbox::new(&inbox.listed, reason));
            }
        }
    }
    Ok(())
}
