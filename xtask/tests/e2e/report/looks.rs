//! How the page looks on the screens that people have, and on paper.

use std::fs;
use std::path::Path;

use super::checks::defects;
use super::scene::{hostile, page_of, recorded, screens};
use crate::support::browser::{Browser, Look, Medium, Scheme};
use crate::support::{Scene, require};

/// Shows everything that is folded.
const UNFOLD: &str =
    "document.querySelectorAll('details').forEach((part) => { part.open = true; })";

#[test]
fn it_looks_well_on_every_screen() {
    let Some(mut browser) = Browser::start("it_looks_well_on_every_screen") else { return };
    let worlds = [("recorded", recorded()), ("hostile", hostile()), ("empty", Scene::new())];
    let mut found = Vec::new();
    for (world, scene) in &worlds {
        let path = page_of(scene);
        let mut page = browser.page();
        for (screen, look) in screens() {
            page.look(look);
            page.open(&path);
            let mut note = |what: &str, defects: Vec<String>| {
                found.extend(
                    defects.iter().map(|defect| format!("{world} {screen} {what}: {defect}")),
                );
            };
            note("folded", defects(&mut page));
            page.evaluate(UNFOLD);
            note("unfolded", defects(&mut page));
            note("complains", page.complaints());
            let others: Vec<String> = page.requests().into_iter().skip(1).collect();
            note("asks for", others);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn all_of_it_is_on_paper() {
    let Some(mut browser) = Browser::start("all_of_it_is_on_paper") else { return };
    let scene = recorded();
    let path = page_of(&scene);
    let mut page = browser.page();
    // A4 without its margins, at 96 pixels an inch; whoever prints may work in the dark.
    page.look(Look { width: 703, height: 1032, scheme: Scheme::Dark });
    page.open(&path);
    page.medium(Medium::Paper);
    let found = defects(&mut page);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let shown = "[...document.querySelectorAll('main section')].filter((part) => part.checkVisibility()).length";
    let all = page.evaluate("document.querySelectorAll('main section').length");
    assert_eq!((page.evaluate(shown), all.as_u64().unwrap() > 5), (all, true));
    // Paper cannot be scrolled.
    let cut = "[...document.querySelectorAll('main *')].filter((part) => part.scrollWidth > part.clientWidth + 1 \
               && ['auto', 'scroll'].includes(getComputedStyle(part).overflowX)).map((part) => part.className)";
    assert_eq!(page.evaluate(cut), serde_json::json!([]));
    let ground = page.evaluate("getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground, "rgb(255, 255, 255)");
}

/// `cargo test -p xtask --test e2e screenshots -- --ignored` puts pictures of the page of a repository
/// like that of the other tests into `target/screenshots`.
#[test]
#[ignore = "makes pictures, and decides nothing"]
fn screenshots() {
    assert!(require("screenshots", "chromium"));
    let Some(mut browser) = Browser::start("screenshots") else { return };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    fs::create_dir_all(&directory).unwrap();
    for (world, scene) in [("report", recorded()), ("hostile", hostile()), ("empty", Scene::new())]
    {
        let path = page_of(&scene);
        let mut page = browser.page();
        for (name, look) in screens() {
            page.look(look);
            page.open(&path);
            page.screenshot(&directory.join(format!("{world}-{name}.png")));
        }
    }
}
