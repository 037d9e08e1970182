//! Whether the registry can be believed: rows against logs, and what the branch's history did.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use timing_core::table::Row;

use super::found::is_everything;
use crate::commands::registry::{self, Site};
use crate::commands::timings::verify;
use crate::report::{Audited, Captured, Health};
use crate::session::shield;
use crate::settings::{Origin, Query, RegistrySettings, ReportSettings};

/// How long the audit may take: it reads every version of every file, and a page is wanted now.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many findings are shown.
const LISTED: usize = 20;

/// Looks at the registry that `rows` are from; a file is no registry.
pub(super) fn look(rows: &[Row<'_>], query: &Query, settings: &ReportSettings) -> Health {
    match &query.origin {
        Origin::Registry => {
            let registry = &settings.timings.registry;
            Health { captured: Ok(captured(rows, query, registry)), audited: audited(registry) }
        }
        Origin::File(_) | Origin::Stdin => {
            let reason = "the rows of this report are of a file, not of a registry".to_owned();
            Health { captured: Err(reason.clone()), audited: Err(reason) }
        }
    }
}

fn captured(rows: &[Row<'_>], query: &Query, settings: &RegistrySettings) -> Captured {
    let (figures, mut remarks) = verify::figures(rows, query, settings);
    if !is_everything(&query.filter) {
        remarks.push("only of the phases that this report is of".to_owned());
    }
    Captured {
        started: figures.started,
        captured: figures.captured,
        capture_rate: figures.capture_rate(),
        compared: figures.compared,
        agreeing: figures.agreeing,
        accuracy: figures.accuracy(),
        remarks,
    }
}

/// Audits in a thread of its own, which is left behind when it takes too long: it only reads.
pub(super) fn audited(settings: &RegistrySettings) -> Result<Audited, String> {
    let settings = settings.clone();
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let found = shield("auditing the registry", || audit(&settings));
        // Nobody may be waiting any more.
        let _ = sender.send(found.unwrap_or_else(Err));
    };
    thread::Builder::new()
        .name("audit".to_owned())
        .spawn(work)
        .map_err(|error| format!("the audit could not be started: {error}"))?;
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        Err(format!(
            "the audit takes longer than {} s; `cargo xtask registry audit` takes its time",
            PATIENCE.as_secs()
        ))
    })
}

fn audit(settings: &RegistrySettings) -> Result<Audited, String> {
    let site = Site::find(settings).map_err(|error| error.to_string())?;
    let audit = site.registry.audit().map_err(|error| error.to_string())?;
    let lines = audit.findings.iter().take(LISTED).map(|finding| {
        let commit: String = finding.commit.id.to_string().chars().take(12).collect();
        format!("{commit} {} {}: {}", finding.commit.date, finding.path, finding.kind)
    });
    Ok(Audited {
        is_sound: registry::is_sound(&audit),
        verdict: registry::conclusion(&audit),
        findings: lines.collect(),
        findings_in_all: audit.findings.len(),
        lost: audit.lost.len(),
    })
}
