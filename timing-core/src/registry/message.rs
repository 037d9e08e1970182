//! The commit message of a recording: text from records, nothing else.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Source;
use super::draft::Added;
use super::page::PagePath;
use crate::record::{RunId, TimingRecord};

/// What a commit says besides its rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    /// The phase that names the commit; without one, the last that is added does.
    pub(super) outermost: Option<&'a TimingRecord>,
    /// What was deployed; when that is not known, the rows may say.
    pub(super) source: &'a Source,
    /// Who records, with its version.
    pub(super) recorder: &'a str,
}

/// The message of the commit that adds `added`.
pub(super) fn message(words: &Words<'_>, added: &Added) -> String {
    let mut text = match words.outermost.or(added.records.last()) {
        Some(of) => format!(
            "chore(registry): record {} for {} build {}\n",
            of.phase, of.environment, of.build_id
        ),
        None if !added.measurements.is_empty() => {
            format!("chore(registry): record measurements for {}\n", environments(added))
        }
        None if added.others > 0 => "chore(registry): record rows of other recorders\n".to_owned(),
        None if added.files.is_empty() && !added.pages.is_empty() => {
            format!("chore(registry): publish reports of {}\n", environments_of(&added.pages))
        }
        None => "chore(registry): record stages\n".to_owned(),
    };
    for record in &added.records {
        text.push('\n');
        text.push_str(&paragraph(record));
    }
    if !added.measurements.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\nMeasurements of budgets: {}", added.measurements.len());
    }
    if added.others > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\nRows of other recorders: {}", added.others);
    }
    if added.records.is_empty() && added.measurements.is_empty() {
        // Elsewhere they are those of a run that the rows name.
        text.extend(added.files.iter().map(|path| format!("\nFile: {path}\n")));
    }
    text.extend(added.pages.iter().map(|path| format!("\nReport: {path}\n")));
    text.push('\n');
    text.push_str(&trailers(words, added));
    text
}

/// The environments of `pages`.
fn environments_of(pages: &[PagePath]) -> String {
    let names: BTreeSet<&str> = pages.iter().map(|page| page.environment().as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// The environments of its measurements.
fn environments(added: &Added) -> String {
    let names: BTreeSet<&str> =
        added.measurements.iter().map(|row| row.environment.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn paragraph(record: &TimingRecord) -> String {
    let mut text = format!(
        "{} took {} s and ended with exit code {}.\nResources: +{} ~{} -{}\n",
        record.phase,
        record.duration_seconds,
        record.exit_code,
        record.resources_added,
        record.resources_changed,
        record.resources_destroyed,
    );
    match &record.log_path {
        // Writing to a string cannot fail.
        Some(path) => _ = writeln!(text, "Log: {path}"),
        None => text.push_str("Log: none\n"),
    }
    text
}

/// The trailers of the commit that adds `added`.
fn trailers(words: &Words<'_>, added: &Added) -> String {
    let records = &added.records;
    let flags =
        |key| -> BTreeSet<&str> { records.iter().filter_map(|r| r.flags.get(key)).collect() };
    let measured = added.measurements.iter().filter_map(|row| row.run.as_ref());
    let mut runs = flags("RUN");
    runs.extend(measured.map(RunId::as_str));
    let shas = match words.source.sha {
        Some(_) => BTreeSet::new(),
        None => flags("SHA"),
    };
    let known: String =
        shas.into_iter().map(|sha| format!("Source-Sha: {}\n", one_line(sha))).collect();
    known + &trailers_of(words.source, words.recorder, runs)
}

/// What is known of the source, one `Run-Id` for each run that has a row in the commit, and who
/// records.
pub(super) fn trailers_of(source: &Source, recorder: &str, runs: BTreeSet<&str>) -> String {
    let sha = source.sha.map(|sha| sha.to_string()).unwrap_or_default();
    let branch = one_line(source.branch.as_deref().unwrap_or_default());
    let mut pairs = vec![("Source-Sha", sha), ("Source-Branch", branch)];
    pairs.extend(runs.into_iter().map(|run| ("Run-Id", one_line(run))));
    pairs.push(("Recorded-By", one_line(recorder)));
    let known = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    known.fold(String::new(), |text, (key, value)| text + key + ": " + &value + "\n")
}

/// The text without what could end a trailer's line or hide in it.
pub(super) fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    let shown: String = text.chars().map(|c| if breaks(c) { '?' } else { c }).take(250).collect();
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcStamp;
    use crate::record::{ExitCode, Flags};

    fn record(phase: &str, exit_code: u8) -> TimingRecord {
        TimingRecord {
            start: UtcStamp::from_unix_seconds(1_769_265_807),
            duration_seconds: 572,
            phase: phase.parse().unwrap(),
            environment: "dev".parse().unwrap(),
            build_id: "persistent".parse().unwrap(),
            exit_code: ExitCode(exit_code),
            flags: "RUN=6974da8f00000007".parse::<Flags>().unwrap(),
            resources_added: 3,
            resources_changed: 1,
            resources_destroyed: 0,
            log_path: (exit_code == 0).then(|| "logs/build-timings/a.log".parse().unwrap()),
        }
    }

    fn text(added: &[TimingRecord], source: &Source) -> String {
        let outermost = record("deploy-persistent", 1);
        let words = Words { outermost: Some(&outermost), source, recorder: "xtask 0.1.0" };
        message(&words, &Added { records: added.to_vec(), ..Added::default() })
    }

    #[test]
    fn the_message_of_a_run() {
        let source = Source {
            sha: "ce013625030ba8dba906f756967f9e9ca394464a".parse().ok(),
            branch: Some("main".to_owned()),
        };
        let added = [record("apply-persistent", 0), record("deploy-persistent", 1)];
        insta::assert_snapshot!(text(&added, &source), @r"
        chore(registry): record deploy-persistent for dev build persistent

        apply-persistent took 572 s and ended with exit code 0.
        Resources: +3 ~1 -0
        Log: logs/build-timings/a.log

        deploy-persistent took 572 s and ended with exit code 1.
        Resources: +3 ~1 -0
        Log: none

        Source-Sha: ce013625030ba8dba906f756967f9e9ca394464a
        Source-Branch: main
        Run-Id: 6974da8f00000007
        Recorded-By: xtask 0.1.0
        ");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        insta::assert_snapshot!(text(&[record("apply-persistent", 0)], &Source::default()), @r"
        chore(registry): record deploy-persistent for dev build persistent

        apply-persistent took 572 s and ended with exit code 0.
        Resources: +3 ~1 -0
        Log: logs/build-timings/a.log

        Run-Id: 6974da8f00000007
        Recorded-By: xtask 0.1.0
        ");
    }

    #[test]
    fn rows_that_are_taken_along_name_the_commit_and_what_they_deployed() {
        let mut row = record("apply-persistent", 0);
        row.flags.set("SHA", "ce013625030b");
        let words = Words { outermost: None, source: &Source::default(), recorder: "xtask 0.1.0" };
        let added = Added { records: vec![row], others: 2, ..Added::default() };
        insta::assert_snapshot!(message(&words, &added), @r"
        chore(registry): record apply-persistent for dev build persistent

        apply-persistent took 572 s and ended with exit code 0.
        Resources: +3 ~1 -0
        Log: logs/build-timings/a.log

        Rows of other recorders: 2

        Source-Sha: ce013625030b
        Run-Id: 6974da8f00000007
        Recorded-By: xtask 0.1.0
        ");
        let others = message(&words, &Added { others: 1, ..Added::default() });
        insta::assert_snapshot!(others, @r"
        chore(registry): record rows of other recorders

        Rows of other recorders: 1

        Recorded-By: xtask 0.1.0
        ");
    }

    #[test]
    fn no_branch_name_forges_a_trailer() {
        for branch in ["a\nRun-Id: x", "a\r\n\r\nRun-Id: x", "a\u{85}b", "\u{2028}", " \t", ""] {
            let source = Source { sha: None, branch: Some(branch.to_owned()) };
            let text = text(&[record("apply-persistent", 0)], &source);
            let forged = text.lines().filter(|line| line.starts_with("Run-Id")).count();
            assert_eq!(forged, 1, "{text}");
            assert!(!text.contains(['\r', '\u{85}', '\u{2028}']), "{text:?}");
        }
    }
}
