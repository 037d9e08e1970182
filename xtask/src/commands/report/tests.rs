//! The page of files of rows.

use std::path::{Path, PathBuf};

use super::found;
use crate::cli::{Format, Strictness, TimingsArgs};
use crate::report::{self, Report};
use crate::settings::config::parse_epochs;
use crate::settings::{
    Pipeline, Place, Push, Query, RegistrySettings, ReportSettings, TimingsSettings,
};

fn settings(repository: &Path, epochs: &str) -> ReportSettings {
    ReportSettings {
        timings: TimingsSettings {
            registry: RegistrySettings {
                repository: repository.to_owned(),
                branch: "governance-registry".parse().unwrap(),
                remote: "origin".parse().unwrap(),
                push: Push::Never,
                place: Place::Workstation,
            },
            check: Default::default(),
            objectives: Vec::new(),
            epochs: parse_epochs(epochs, Path::new("epochs.toml")).unwrap(),
        },
        platform: PathBuf::from("/nowhere"),
        budgets: PathBuf::from("budgets.toml"),
        default_environment: None,
        pipeline: Pipeline::default(),
        working_directory: PathBuf::from("/nowhere"),
    }
}

fn made(file: &Path, epochs: &str) -> Report {
    let args = TimingsArgs {
        repo: None,
        file: Some(file.to_owned()),
        environment: None,
        phases: Vec::new(),
        build_id: None,
        since: None,
        until: None,
        last: None,
        format: Format::Table,
        strictness: Strictness::Lenient,
    };
    let query = Query::resolve(&args, "2026-04-12T09:30:00Z".parse().unwrap()).unwrap();
    found::find(&query, &settings(file.parent().unwrap(), epochs)).unwrap()
}

fn of_rows(text: &str) -> Report {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rows.csv");
    std::fs::write(&file, text).unwrap();
    made(&file, "")
}

fn page(text: &str) -> String {
    report::html::render(&of_rows(text)).unwrap()
}

fn history() -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let epochs =
        "[[epoch]]\nsince = \"2026-02-10T00:00:00Z\"\nwhy = \"a <b>smaller</b> cluster\"\n";
    made(&root.join("testdata/history/build_timings.csv"), epochs)
}

/// What stands between `from` and `to`.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from} is not there"));
    rest.split_once(to).unwrap_or_else(|| panic!("{to} is not there")).0
}

/// Without tags, a line for each row.
fn words(html: &str) -> String {
    let mut text = String::new();
    for part in html.replace("</td>", "</td> | ").split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        if ["/tr", "/h3", "/h4", "/p", "/div"].contains(&tag) {
            text.push('\n');
        }
        text.push_str(words);
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_history_as_a_page() {
    let page = report::html::render(&history()).unwrap();
    let state = words(between(&page, "<h2 id=\"state-h\">", "</section>"));
    insta::assert_snapshot!("state", state);
    let descriptions = page.split("<desc").skip(1).map(|part| between(part, ">", "</desc>"));
    insta::assert_snapshot!("descriptions", descriptions.collect::<Vec<_>>().join("\n"));
    let marks = between(&page, "Runs of deploy-persistent: arrow", "</svg>");
    let marks = marks.split("aria-label=\"").skip(1).map(|part| part.split('"').next().unwrap());
    insta::assert_snapshot!("marks", marks.take(14).collect::<Vec<_>>().join("\n"));
    let run = words(between(&page, "<h2 id=\"run-h\">", "<figure"));
    insta::assert_snapshot!("run", run);
}

#[test]
fn the_embedded_figures_are_those_of_the_statistics() {
    let report = history();
    let page = report::html::render(&report).unwrap();
    let embedded = between(&page, "id=\"figures\">", "</script>");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(embedded), value(&report.statistics.render(Format::Json)));
    // And what is to be seen is the same value in words.
    let table = between(&page, "<table id=\"statistics\">", "</table>");
    for row in value(embedded).as_array().unwrap() {
        let p50 = &row["p50_seconds"];
        assert!(table.contains(&format!("data-key=\"p50_seconds\" data-value=\"{p50}\"")), "{p50}");
    }
}

const HOSTILE: &str = "\
2026-01-24T14:43:27Z,,<script>alert(1)</script>,\"<img src=x onerror=alert(2)>\",\"\"\"'><b>\",90,0,\
\"SHA=</title><script>alert(3)</script> RUN=\"\"onfocus=alert(4)\",0,0,0,javascript:alert(5)\n\
2026-01-25T14:43:27Z,,</script><!--,dev,x,91,1,SHA=&amp;,0,0,0,https://user:hunter2@ci.example/1\n\
2026-01-26T14:43:27Z,,\u{202e}gnp.exe,dev,x,92,0,,0,0,0,https://ci.example/1?a=1&b=\"x\n";

#[test]
fn nothing_that_a_row_says_is_anything_but_text() {
    let page = page(HOSTILE);
    assert_eq!(page.matches("<script").count(), 2, "the figures and ours");
    assert_eq!(page.matches("</script").count(), 2);
    for markup in ["<img", "<b>", "<!--", "\u{202e}", "hunter2", "href=\"javascript"] {
        assert!(!page.contains(markup), "{markup}");
    }
    // No quote of a row ended an attribute: no tag has an attribute that we did not give it.
    for tag in page.split('<').filter_map(|part| part.split_once('>')).map(|(tag, _)| tag) {
        for handler in ["onerror", "onfocus", "onclick"] {
            assert!(!tag.contains(&format!("\" {handler}")), "{tag}");
        }
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"), "it is to be seen");
    let embedded = between(&page, "id=\"figures\">", "</script>");
    let figures: serde_json::Value = serde_json::from_str(embedded).unwrap();
    let phases: Vec<_> = figures.as_array().unwrap().iter().map(|row| &row["phase"]).collect();
    assert!(phases.iter().any(|phase| *phase == "</script><!--"), "{phases:?}");
    // The address with a quote in it is no link.
    assert_eq!(page.matches("href=\"http").count(), 1, "of two addresses one is a link");
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere() {
    let page = report::html::render(&history()).unwrap();
    for attribute in [" src=", "url(http", "@import", "<link", "<base", "<iframe", "<form"] {
        assert!(!page.contains(attribute), "{attribute}");
    }
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\">");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("http"), "{policy}");
    // Its script is the one that the policy names, byte for byte; a browser's test runs it.
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
}

#[test]
fn a_page_of_no_rows_says_how_to_get_some() {
    let page = page("");
    let state = words(between(&page, "<h2 id=\"state-h\">", "</section>"));
    insta::assert_snapshot!(state, @"
    Current state
    There are no rows yet. Each run of a target leaves some:
    cargo xtask deploy-persistent
    cargo xtask exec --phase NAME -- COMMAND
    Rows that others have sent to the remote are seen after cargo xtask registry sync.
    ");
}

#[test]
fn a_hundred_thousand_rows_are_a_small_page_that_says_so() {
    let phases = ["apply", "bootstrap", "deploy", "rds", "teardown", "verify", "build"];
    let row = |n: u64| {
        let start = timing_core::clock::UtcStamp::from_unix_seconds(1_600_000_000 + n * 1800);
        let (phase, seconds) = (phases[(n % 7) as usize], 600 + n * 7919 % 97);
        // One that must not get lost among so many.
        let seconds = if n == 50_001 { 7_777 } else { seconds };
        let exit = u8::from(n.is_multiple_of(13));
        format!(
            "{start},,{phase},dev,persistent,{seconds},{exit},SHA={n:012x},1,0,0,logs/{n}.log\n"
        )
    };
    let rows: String = (0..100_000).map(row).collect();
    let page = page(&rows);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("14,286 runs aggregated into 160 buckets"), "it is said");
    assert!(page.contains("2h 09m 37s"), "the longest of all is still there");
}

#[test]
fn a_new_phase_in_every_row_does_not_swell_the_page() {
    let row = |n: u64| format!("2026-01-24T14:43:27Z,,phase-{n},dev,x,{n},0,,0,0,0,x.log\n");
    let page = page(&(0..20_000).map(row).collect::<String>());
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("19800 more phases are not shown"), "it is said");
}
