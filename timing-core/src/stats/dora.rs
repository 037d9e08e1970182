//! Three of the DORA metrics, from deployments alone.
//!
//! Deployment frequency, change failure rate and failed deployment recovery time, which the
//! Accelerate State of DevOps Report 2023 put in the place of the older time to restore service
//! (N. Forsgren, J. Humble, G. Kim, "Accelerate", 2018). A deployment has failed here when it did
//! not exit with 0; one that went well and harmed the service is not known.

use super::robust::median;
use crate::clock::UtcStamp;
use crate::table::Row;

/// A deployment that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// When it started.
    pub start: UtcStamp,
    /// When it ended: its start and its duration.
    pub end: UtcStamp,
    /// How.
    pub outcome: Outcome,
}

/// What became of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It exited with 0.
    Succeeded,
    /// It did not, or was killed.
    Failed,
    /// A person stopped it, which says nothing of the change.
    Cancelled,
}

impl Deployment {
    /// The deployment that `row` records.
    #[must_use]
    pub fn of(row: &Row<'_>) -> Self {
        let outcome = match (row.is_success(), row.flag("OUTCOME")) {
            // What had finished its work before it could be stopped has succeeded.
            (true, _) => Outcome::Succeeded,
            (false, Some("cancelled")) => Outcome::Cancelled,
            (false, _) => Outcome::Failed,
        };
        Self { start: row.start, end: row.start.plus_seconds(row.duration_seconds), outcome }
    }
}

/// What starts from `since` on and before `before`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first second.
    pub since: UtcStamp,
    /// The second after it.
    pub before: UtcStamp,
}

impl Window {
    /// Whether it holds this moment.
    #[must_use]
    pub fn holds(self, at: UtcStamp) -> bool {
        self.since <= at && at < self.before
    }

    /// How long it is, in days; `None` where it is empty.
    #[must_use]
    pub fn days(self) -> Option<f64> {
        let seconds = self.before.unix_seconds().checked_sub(self.since.unix_seconds())?;
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
        (seconds > 0).then(|| seconds as f64 / 86_400.0)
    }
}

/// The time from a failed deployment to a successful one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// The end of the first deployment that failed.
    pub since: UtcStamp,
    /// The end of the one that succeeded; `None` while there is none.
    pub until: Option<UtcStamp>,
}

/// The figures of one environment over a window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dora {
    /// Deployments that succeeded.
    pub succeeded: usize,
    /// Deployments that failed.
    pub failed: usize,
    /// Deployments that were cancelled; no other figure has them.
    pub cancelled: usize,
    /// Incidents that began in the window and are over, by their duration in seconds.
    pub recoveries: Vec<f64>,
    /// The incident that is not over, whenever it began.
    pub open: Option<Incident>,
}

impl Dora {
    /// Deployments that succeeded or failed.
    #[must_use]
    pub fn deployments(&self) -> usize {
        self.succeeded + self.failed
    }

    /// Successful deployments a day; `None` of a window without an instant.
    #[must_use]
    pub fn per_day(&self, window: Window) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 deployments")]
        let succeeded = self.succeeded as f64;
        window.days().map(|days| succeeded / days)
    }

    /// The part of the deployments that failed, 0 to 1; `None` when there were none.
    #[must_use]
    pub fn change_failure_rate(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 deployments")]
        let (failed, all) = (self.failed as f64, self.deployments() as f64);
        (self.deployments() > 0).then(|| failed / all)
    }

    /// The median time to recover, in seconds; `None` when nothing had to, or did.
    #[must_use]
    pub fn recovery_seconds(&self) -> Option<f64> {
        median(&self.recoveries)
    }
}

/// The figures of `deployments`, which are of one environment and in any order. Those before the
/// window tell of incidents that were open when it began, those after it of recoveries.
#[must_use]
pub fn dora(deployments: &[Deployment], window: Window) -> Dora {
    let mut figures = Dora::default();
    for deployment in deployments.iter().filter(|deployment| window.holds(deployment.start)) {
        match deployment.outcome {
            Outcome::Succeeded => figures.succeeded += 1,
            Outcome::Failed => figures.failed += 1,
            Outcome::Cancelled => figures.cancelled += 1,
        }
    }
    for (began, incident) in incidents(deployments) {
        match incident.until {
            Some(until) if window.holds(began) => {
                figures.recoveries.push(seconds_between(incident.since, until));
            }
            None if began < window.before => figures.open = Some(incident),
            _ => {}
        }
    }
    figures
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
fn seconds_between(since: UtcStamp, until: UtcStamp) -> f64 {
    until.unix_seconds().saturating_sub(since.unix_seconds()) as f64
}

/// All incidents, each with the start of the deployment that it began with. Deployments count in
/// the order in which they ended.
fn incidents(deployments: &[Deployment]) -> Vec<(UtcStamp, Incident)> {
    let mut ended = deployments.to_vec();
    ended.sort_by_key(|deployment| deployment.end);
    let mut incidents: Vec<(UtcStamp, Incident)> = Vec::new();
    for Deployment { start, end, outcome } in ended {
        let open = incidents.last_mut().filter(|(_, incident)| incident.until.is_none());
        match (outcome, open) {
            (Outcome::Failed, None) => {
                incidents.push((start, Incident { since: end, until: None }))
            }
            (Outcome::Succeeded, Some((_, incident))) => incident.until = Some(end),
            (Outcome::Failed, Some(_)) | (Outcome::Succeeded, None) | (Outcome::Cancelled, _) => {}
        }
    }
    incidents
}

#[cfg(test)]
mod tests;
