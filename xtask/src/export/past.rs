//! A run of the past, put together from its rows and the spans of its file.
//!
//! Rows have whole seconds, the start cut off and the duration rounded, so a phase may be longer than
//! its row: it lasts at least until the end of the last thing that was seen in it. Pure.

use std::time::Duration;

use sha2::{Digest, Sha256};
use timing_core::clock::UtcStamp;
use timing_core::history::Run;
use timing_core::record::{ExitCode, LogPath, RunId, TimingRecord};
use timing_core::stages::Span;
use timing_core::table::Row;

use super::run::{FinishedPhase, FinishedRun};

/// The run with these rows; `spans` are those of the phase of a row. `None` where a row has no name
/// that this project could have given, or names no phase.
pub fn of_rows(run: &Run<'_, '_>, spans: &dyn Fn(&Row<'_>) -> Vec<Span>) -> Option<FinishedRun> {
    let mut past = Past { run, spans, start: run.start(), phases: Vec::new() };
    for row in run.outermost() {
        past.add(row, 0)?;
    }
    let sha = run.rows().iter().find_map(|row| row.flag("SHA")).map(str::to_owned);
    Some(FinishedRun {
        run: run.id.clone().unwrap_or_else(|| id_of(run)),
        target: run.target().join("+"),
        environment: run.environment().parse().ok()?,
        recorder: String::new(),
        start: Duration::from_secs(past.start.unix_seconds()),
        sha,
        branch: None,
        parent: None,
        phases: past.phases,
    })
}

struct Past<'p> {
    run: &'p Run<'p, 'p>,
    spans: &'p dyn Fn(&Row<'_>) -> Vec<Span>,
    start: UtcStamp,
    phases: Vec<FinishedPhase>,
}

impl Past<'_> {
    /// Adds the phase of `row` behind those within it; returns when it ended.
    fn add(&mut self, row: &Row<'_>, depth: usize) -> Option<Duration> {
        let offset = row.start.unix_seconds().saturating_sub(self.start.unix_seconds());
        let offset = Duration::from_secs(offset);
        let mut end = offset + Duration::from_secs(row.duration_seconds);
        for inner in self.run.within(Some(row)) {
            end = end.max(self.add(inner, depth + 1)?);
        }
        let spans = (self.spans)(row);
        let last = spans.iter().map(Span::end).max().unwrap_or_default();
        let end = end.max(offset.saturating_add(last));
        let record = record(row)?;
        self.phases.push(FinishedPhase { record, offset, duration: end - offset, depth, spans });
        Some(end)
    }
}

fn record(row: &Row<'_>) -> Option<TimingRecord> {
    let resources = row.resources;
    let of = |count: fn(&timing_core::table::Resources) -> u64| resources.as_ref().map_or(0, count);
    Some(TimingRecord {
        start: row.start,
        duration_seconds: row.duration_seconds,
        phase: row.phase.as_deref()?.parse().ok()?,
        environment: row.environment.parse().ok()?,
        build_id: row.build_id.parse().ok()?,
        exit_code: exit_code(row.exit_code),
        flags: row.flags.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default(),
        resources_added: of(|resources| resources.added),
        resources_changed: of(|resources| resources.changed),
        resources_destroyed: of(|resources| resources.destroyed),
        log_path: row.log_path.as_deref().and_then(|path| path.parse::<LogPath>().ok()),
    })
}

/// What a shell would have seen of it; what is a failure stays one.
fn exit_code(code: i32) -> ExitCode {
    match u8::try_from(code & 0xff) {
        Ok(0) if code != 0 => ExitCode(1),
        Ok(code) => ExitCode(code),
        Err(_) => ExitCode(1),
    }
}

/// A run of somebody who gives none an id is known by its rows.
fn id_of(run: &Run<'_, '_>) -> RunId {
    let names = run.rows().iter().map(|row| {
        let phase = row.phase.as_deref().unwrap_or_default();
        format!("{} {phase} {} {}\n", row.start, row.environment, row.build_id)
    });
    let hash = Sha256::digest(names.collect::<String>());
    let random = hash.iter().take(4).fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
    RunId::new(run.start(), random)
}

#[cfg(test)]
mod tests {
    use timing_core::history::{Source, gather_file, runs};
    use timing_core::stages::{Kind, Outcome};

    use super::*;
    use crate::export::traces::{chrome, model};

    fn past(text: &str) -> Vec<Option<FinishedRun>> {
        let rows = gather_file(&Source { name: "x".to_owned(), bytes: text.into() }).rows;
        let rows: Vec<&Row<'_>> = rows.iter().collect();
        let spans = |row: &Row<'_>| match row.phase.as_deref() {
            Some("bootstrap-persistent") => vec![Span {
                kind: Kind::Stage,
                name: "Stage 1".to_owned(),
                start: Duration::from_millis(20),
                duration: Duration::from_millis(1_420),
                outcome: Outcome::Complete,
                parent: None,
            }],
            _ => Vec::new(),
        };
        runs(&rows).iter().map(|run| of_rows(run, &spans)).collect()
    }

    #[test]
    fn a_phase_is_as_long_as_what_was_seen_in_it() {
        let flags = "SHA=0123456789ab RUN=6b01f737bf68de78";
        let text = [
            format!("2026-01-01T00:00:22Z,,bootstrap-persistent,dev,b,1,7,{flags},0,0,0,a\n"),
            format!("2026-01-01T00:00:21Z,,deploy-persistent,dev,b,2,7,{flags},0,0,0,a\n"),
        ];
        let runs = past(&text.concat());
        let [Some(run)] = &runs[..] else { panic!("{runs:?}") };
        assert_eq!(
            (run.target.as_str(), run.run.as_str()),
            ("deploy-persistent", "6b01f737bf68de78")
        );
        let times: Vec<_> = run.phases.iter().map(|phase| (phase.depth, phase.duration)).collect();
        let milliseconds = Duration::from_millis;
        assert_eq!(times, [(1, milliseconds(1_440)), (0, milliseconds(2_440))]);
        assert_eq!(run.around(0), Some(1));
        let names: Vec<String> =
            model::trace(run).spans.into_iter().map(|span| span.name).collect();
        assert_eq!(
            names,
            ["deploy-persistent", "deploy-persistent", "bootstrap-persistent", "Stage 1"]
        );
    }

    #[test]
    fn rows_of_others_are_runs_as_far_as_they_have_names() {
        let text = "2026-01-01T00:00:22Z,,build,dev,15-03-25-01,1,256,,0,0,0,a\n\
            2026-01-01T00:00:21Z,,,dev,b,2,7,,0,0,0,a\n\
            2026-01-01T00:00:21Z,,<script>,dev,b,2,7,,0,0,0,a\n";
        let runs = past(text);
        let found: Vec<&FinishedRun> = runs.iter().flatten().collect();
        let [run] = found[..] else { panic!("{runs:?}") };
        assert_eq!(run.phases[0].record.exit_code, ExitCode(1));
        assert!(run.run.as_str().starts_with("6955b916"), "{}", run.run);
        assert!(chrome::render(&[("x".to_owned(), model::trace(run))]).contains("\"build\""));
    }
}
