//! `registry audit` and `registry recover`: what the branch's history did, and undoing its losses.

use timing_core::clock::{Clock, SystemClock};
use timing_core::record::ExitCode;
use timing_core::registry::{self, Audit, Recovery, Source, Verdict};

use super::site::Site;
use super::{ATTENTION, Answer, Failure};
use crate::session::RECORDER;
use crate::settings::Mode;
use crate::ui::count;

/// How many rows of one finding are listed.
const LISTED: usize = 10;

pub(super) fn run(site: &Site<'_>) -> Result<Answer, Failure> {
    let audit = site.registry.audit()?;
    let mut lines: Vec<String> = Vec::new();
    for finding in &audit.findings {
        let commit = &finding.commit;
        lines.push(format!(
            "{} {} {}: {}",
            short(&commit.id),
            commit.date,
            commit.author,
            commit.subject
        ));
        lines.push(format!("  {}: {}", finding.path, finding.kind));
        let rows = finding.kind.rows();
        lines.extend(rows.iter().take(LISTED).map(|row| format!("    {row}")));
        if rows.len() > LISTED {
            lines.push(format!("    and {} more", rows.len() - LISTED));
        }
    }
    for boundary in &audit.boundaries {
        lines.push(format!(
            "{} is where this clone's history begins; what was before is unknown",
            short(&boundary.id)
        ));
    }
    let (_, exit_code) = verdict(&audit);
    lines.push(conclusion(&audit));
    if !audit.lost.is_empty() {
        lines.push(format!(
            "{} lost; `cargo xtask registry recover --dry-run` shows what can be appended again",
            count(audit.lost.len())
        ));
    }
    Ok(Answer { exit_code, ..Answer::well(lines) })
}

/// `12 commits on refs/heads/governance-registry: every one only appended`.
pub(in crate::commands) fn conclusion(audit: &Audit) -> String {
    let (verdict, _) = verdict(audit);
    format!("{} on {}: {verdict}", commits(audit.commits), audit.reference)
}

/// Whether nothing asks for attention.
pub(in crate::commands) fn is_sound(audit: &Audit) -> bool {
    audit.verdict() == Verdict::OnlyAppended
}

fn verdict(audit: &Audit) -> (&'static str, ExitCode) {
    match audit.verdict() {
        Verdict::OnlyAppended => ("every one only appended", ExitCode::SUCCESS),
        Verdict::Incomplete => (
            "every one that can be read only appended, and not all can; fetch the whole history",
            ATTENTION,
        ),
        Verdict::Broken => ("not every one only appended", ATTENTION),
    }
}

pub(super) fn recover(site: &Site<'_>, mode: Mode) -> Result<Answer, Failure> {
    let audit = site.registry.audit()?;
    let source = Source { sha: site.repository.head, branch: site.repository.branch.clone() };
    let (mode, would) = match mode {
        Mode::DryRun => (registry::Mode::DryRun, "would append again"),
        Mode::Run => (registry::Mode::Apply, "appended again"),
    };
    let recovery = Recovery { mode, source: &source, recorder: RECORDER };
    let recovered = site.registry.recover(&audit, &recovery, SystemClock.now())?;
    let mut lines = Vec::new();
    if recovered.rows == 0 {
        lines.push("there is nothing to recover".to_owned());
    } else {
        let at = recovered.commit.map(|commit| format!(", at {}", short(&commit)));
        let rows = count(recovered.rows);
        lines.push(format!("{would} {rows}{}", at.unwrap_or_default()));
        lines.extend(
            audit
                .lost
                .iter()
                .filter(|lost| lost.identity.is_some())
                .map(|lost| format!("  {}: {}", lost.path, String::from_utf8_lossy(&lost.bytes))),
        );
    }
    if recovered.left_out > 0 {
        lines.push(format!("{} lines are lost that are no rows; they stay so", recovered.left_out));
    }
    Ok(Answer::well(lines))
}

fn commits(number: usize) -> String {
    if number == 1 { "1 commit".to_owned() } else { format!("{number} commits") }
}

fn short(id: &impl ToString) -> String {
    id.to_string().chars().take(12).collect()
}
