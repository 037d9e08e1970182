//! What the page does, and what its figures are.

use serde_json::Value;

use super::checks::defects;
use super::scene::{HOSTILE, hostile, page_of, recorded, screens};
use crate::support::browser::{Browser, Look, Page, Scheme};

const WIDE: Look = Look { width: 1280, height: 900, scheme: Scheme::Light };

/// The tooltip's text; `null` where there is none to see.
const TOOLTIP: &str = "(() => { const tip = document.getElementById('tooltip'); \
                       return tip.checkVisibility() ? tip.textContent : null; })()";
const FOCUSED: &str = "document.activeElement.getAttribute('aria-label')";

/// What the tooltip says, which has to be all on the screen and readable.
#[track_caller]
fn tooltip(page: &mut Page<'_>) -> String {
    let text = page.evaluate(TOOLTIP);
    let inside = "(() => { const box = document.getElementById('tooltip').getBoundingClientRect(); \
                  return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight; })()";
    assert_eq!(page.evaluate(inside), true, "{text}");
    let bad = defects(page);
    let bad: Vec<_> = bad
        .iter()
        .filter(|defect| defect.contains("tooltip") && !defect.contains("covered"))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    text.as_str().unwrap_or_else(|| panic!("no tooltip")).to_owned()
}

#[test]
fn values_are_told_on_hover_and_on_focus() {
    let Some(mut browser) = Browser::start("values_are_told_on_hover_and_on_focus") else { return };
    let scene = recorded();
    let path = page_of(&scene);
    let mut page = browser.page();
    for (screen, look) in screens() {
        page.look(look);
        page.open(&path);
        assert_eq!(page.evaluate(TOOLTIP), Value::Null, "{screen}");
        for hits in [".plot:not(.rate) .hits", ".plot.rate .hits", ".bars .hits"] {
            page.hover(&format!("{hits} .hit:last-of-type"));
            let labels = format!(
                "[...document.querySelectorAll('{hits} .hit')].map((hit) => hit.getAttribute('aria-label'))"
            );
            let labels = page.evaluate(&labels);
            let told = Value::from(tooltip(&mut page));
            assert!(labels.as_array().unwrap().contains(&told), "{screen} {hits}: {told}");
        }
        page.hover("h1");
        assert_eq!(page.evaluate(TOOLTIP), Value::Null, "{screen}: gone with the pointer");
    }
}

#[test]
fn everything_is_reached_by_keyboard() {
    let Some(mut browser) = Browser::start("everything_is_reached_by_keyboard") else { return };
    let scene = recorded();
    let path = page_of(&scene);
    let mut page = browser.page();
    page.look(WIDE);
    page.open(&path);
    let charts = page.evaluate("document.querySelectorAll('svg.hits').length").as_u64().unwrap();
    let mut reached = 0;
    let mut kinds = std::collections::BTreeSet::new();
    for _ in 0..200 {
        page.key("Tab");
        let kind =
            page.evaluate("document.activeElement.classList[0] ?? document.activeElement.tagName");
        kinds.insert(kind.as_str().unwrap().to_owned());
        if kind != "hit" {
            continue;
        }
        reached += 1;
        let first = page.evaluate(FOCUSED);
        assert_eq!(Value::from(tooltip(&mut page)), first);
        // The first chart is of a single run.
        if reached == 3 {
            page.key("ArrowRight");
            let second = page.evaluate(FOCUSED);
            assert_ne!(first, second);
            assert_eq!(Value::from(tooltip(&mut page)), second);
            page.key("Escape");
            assert_eq!(page.evaluate(TOOLTIP), Value::Null);
            page.key("ArrowLeft");
            assert_eq!(page.evaluate(FOCUSED), first);
        }
        if reached == charts {
            break;
        }
    }
    assert_eq!(reached, charts, "one stop for each chart");
    for kind in ["skip", "A", "BUTTON", "SUMMARY"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

#[test]
fn the_theme_is_the_readers_choice() {
    let Some(mut browser) = Browser::start("the_theme_is_the_readers_choice") else { return };
    let scene = recorded();
    let path = page_of(&scene);
    let mut page = browser.page();
    let ground = "getComputedStyle(document.body).backgroundColor";
    let mut grounds = Vec::new();
    for scheme in [Scheme::Light, Scheme::Dark] {
        page.look(Look { scheme, ..WIDE });
        page.open(&path);
        page.evaluate("localStorage.clear()");
        page.open(&path);
        let before = page.evaluate(ground);
        page.click("#theme");
        let after = page.evaluate(ground);
        assert_ne!(before, after, "{scheme:?}");
        let found = defects(&mut page);
        assert!(found.is_empty(), "{scheme:?} turned round: {}", found.join("\n"));
        page.open(&path);
        assert_eq!(page.evaluate(ground), after, "it is remembered");
        grounds.push([before, after]);
    }
    let [[light, to_dark], [dark, to_light]] = &grounds[..] else { panic!("{grounds:?}") };
    assert_eq!((light, dark), (to_light, to_dark));
}

#[test]
fn every_figure_is_that_of_timings_stats() {
    let Some(mut browser) = Browser::start("every_figure_is_that_of_timings_stats") else { return };
    let scene = recorded();
    let path = page_of(&scene);
    let json = scene.xtask(&["timings", "stats", "--format", "json"]).exits(0).stdout;
    let stats: Value = serde_json::from_str(&json).unwrap();
    let mut page = browser.page();
    page.look(WIDE);
    page.open(&path);
    let kept = page.evaluate("JSON.parse(document.getElementById('figures').textContent)");
    assert_eq!(kept, stats);
    let cells = "[...document.querySelectorAll('table#statistics tbody tr')].map((row) => \
                 Object.fromEntries([...row.querySelectorAll('[data-key]')].map((cell) => \
                 [cell.dataset.key, [JSON.parse(cell.dataset.value), cell.textContent.trim()]])))";
    let shown = page.evaluate(cells);
    let (rows, shown) = (stats.as_array().unwrap(), shown.as_array().unwrap());
    assert_eq!(rows.len(), shown.len());
    assert!(rows.len() > 4, "{json}");
    let table = scene.xtask(&["timings", "stats", "--format", "csv"]).exits(0).stdout;
    assert_eq!(table.lines().count(), rows.len() + 1);
    for (row, shown) in rows.iter().zip(shown) {
        let shown = shown.as_object().unwrap();
        for key in [
            "env",
            "phase",
            "count",
            "success_rate",
            "p50_seconds",
            "p95_seconds",
            "max_seconds",
            "last_seconds",
        ] {
            let [value, text] = &shown[key].as_array().unwrap()[..] else { panic!("{shown:?}") };
            assert_eq!(value, &row[key], "{key} of {row}");
            assert!(!text.as_str().unwrap().is_empty(), "{key} of {row}");
        }
    }
    // What people read is what the terminal shows them.
    let terminal = scene.xtask(&["timings", "stats", "--format", "markdown"]).exits(0).stdout;
    for (line, shown) in terminal.lines().skip(2).zip(shown) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        for (place, key) in
            [(5, "p50_seconds"), (6, "p95_seconds"), (7, "max_seconds"), (8, "last_seconds")]
        {
            let text = shown[key][1].as_str().unwrap();
            assert_eq!(text.replace('\u{a0}', " "), cells[place], "{key} in {line}");
        }
    }
}

#[test]
fn names_are_text() {
    let Some(mut browser) = Browser::start("names_are_text") else { return };
    let scene = hostile();
    let path = page_of(&scene);
    let mut page = browser.page();
    page.look(WIDE);
    page.open(&path);
    assert_eq!(page.evaluate("window.broken ?? null"), Value::Null);
    let text = page.evaluate("document.querySelector('main').textContent");
    for name in HOSTILE {
        assert!(text.as_str().unwrap().contains(name), "{name}");
    }
    assert_eq!(page.evaluate("document.querySelectorAll('img').length"), 0);
    assert_eq!((page.complaints(), page.requests().len()), (Vec::new(), 1));
}
