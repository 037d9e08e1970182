//! Pages for the registry's branch: a report of one environment, in both formats.
//!
//! They are to say the same wherever and whenever they are made of the same rows. So they leave out
//! what only this clone knows (its logs, its journal) and what a publication changes itself (how
//! many commits there are); when a page was made, and by whom, is no part of what it says.

use timing_core::clock::{Clock, SystemClock, UtcStamp};
use timing_core::git::Repository;
use timing_core::history::Filter;
use timing_core::record::Environment;
use timing_core::registry::{Page, PageKind, PagePath};

use super::{found, health, origin};
use crate::report::markdown::{self, fingerprint, hash};
use crate::report::{Audited, Health, Report, html};
use crate::settings::{Origin, Query, ReportSettings};

/// What the branch's history did, in words that another commit does not change.
pub(in crate::commands) fn audited(settings: &ReportSettings) -> Result<Audited, String> {
    let audited = health::audited(&settings.timings.registry)?;
    let verdict = if audited.is_sound {
        "every commit of the branch only appended rows"
    } else {
        "not every commit of the branch is known to have only appended rows"
    };
    Ok(Audited { verdict: verdict.to_owned(), ..audited })
}

/// The pages of `environment`, of what the registry of `repository` holds now.
pub(in crate::commands) fn pages(
    environment: &Environment,
    audited: &Result<Audited, String>,
    repository: &Repository,
    settings: &ReportSettings,
) -> Result<[Page; 2], String> {
    let now = SystemClock.now();
    let filter = Filter { environment: Some(environment.clone()), ..Filter::default() };
    let query =
        Query { origin: Origin::Registry, filter, end: now.plus_seconds(1), last: None, now };
    let health = Health {
        captured: Err("only those know who have the logs: `cargo xtask timings verify`".to_owned()),
        audited: audited.clone(),
    };
    let report =
        found::find_with(&query, settings, |_| health).map_err(|error| error.to_string())?;
    let origin = origin::of(Some(repository), settings);
    let page = |kind, text: String| Page {
        path: PagePath::new(environment, kind),
        bytes: text.into_bytes(),
    };
    Ok([
        page(PageKind::Markdown, markdown::render(&report, &origin)?),
        page(PageKind::Html, marked(&report)?),
    ])
}

/// What stands before the hash at the end of a page.
const MARK: &str = "<!-- content: sha256:";

/// The HTML, and behind it the hash of what it says: of the same page, made when its last run began.
fn marked(report: &Report) -> Result<String, String> {
    let last = report.phases().map(|phase| phase.last.start).max();
    let mut settled = report.clone();
    settled.about.made = last.unwrap_or(UtcStamp::from_unix_seconds(0));
    let hash = hash(html::render(&settled)?.as_bytes());
    let page = html::render(report)?;
    Ok(format!("{}\n{MARK}{hash} -->\n", page.trim_end()))
}

/// Whether two pages say the same.
pub(in crate::commands) fn is_same(kind: PageKind, old: &[u8], new: &[u8]) -> bool {
    let said = |page: &[u8]| {
        let page = std::str::from_utf8(page).ok()?;
        match kind {
            PageKind::Markdown => fingerprint(page).map(str::to_owned),
            PageKind::Html => page.lines().next_back()?.strip_prefix(MARK).map(str::to_owned),
        }
    };
    // A page of somebody else has none.
    said(old).is_some_and(|old| said(new).is_some_and(|new| old == new))
}
