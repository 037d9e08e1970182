//! What is looked for on a page, and pages on which it is found: a check that never fails checks
//! nothing.

use serde_json::Value;

use crate::support::Scene;
use crate::support::browser::{Browser, Look, Page, Scheme};

/// A small screen of either scheme.
const SMALL: Look = Look { width: 390, height: 844, scheme: Scheme::Light };

/// What is wrong with how the page looks. That there is text at all is part of it.
#[track_caller]
pub(super) fn defects(page: &mut Page<'_>) -> Vec<String> {
    let (script, width) = (include_str!("defects.js"), page.width());
    let found = page.evaluate(&format!("({script})({width})"));
    assert!(found["texts"].as_u64().unwrap() > 0, "there is no text");
    let defects = found["defects"].as_array().unwrap();
    defects.iter().map(|defect| defect.as_str().unwrap().to_owned()).collect()
}

/// A page of this body, which is well but for it.
fn page_of(style: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>x</title>\
         <meta name=viewport content='width=device-width'>\
         <style>:root {{ color-scheme: light dark }} {style}</style><body>{body}</body></html>"
    )
}

#[test]
fn each_defect_is_seen() {
    let Some(mut browser) = Browser::start("each_defect_is_seen") else { return };
    let scene = Scene::without_repository();
    let mut page = browser.page();
    page.look(SMALL);
    let svg = |inner: &str| format!("<svg width=200 height=50><g fill=#000>{inner}</g></svg>");
    let label = |x: u32, text: &str| format!("<text x={x} y=20>{text}</text>");
    for (name, style, body, expected) in [
        ("well", "", "<p>Well</p>".to_owned(), None),
        ("chart", "", svg(&(label(0, "one") + &label(80, "two"))), None),
        ("wide", "", "<p style='width: 500px'>x</p>".to_owned(), Some("overflow: the page is")),
        (
            "cut",
            "p { width: 50px; overflow: hidden; white-space: nowrap }",
            "<p>Longer than that</p>".to_owned(),
            Some("clipped: <p> hides"),
        ),
        (
            "low",
            "p { height: 9px; overflow: hidden }",
            "<p>Higher than that</p>".to_owned(),
            Some("clipped: <p> hides"),
        ),
        (
            "left",
            "p { position: absolute; left: -40px }",
            "<p>Before the screen</p>".to_owned(),
            Some("leaves the screen"),
        ),
        (
            "spills",
            "p { width: 20px; white-space: nowrap }",
            "<p>Beyond its box</p>".to_owned(),
            Some("leaves its <p>"),
        ),
        ("label", "", svg(&label(180, "beyond")), Some("leaves its chart")),
        (
            "labels",
            "",
            svg(&(label(0, "above") + &label(20, "below"))),
            Some("overlap: the labels"),
        ),
        ("grey", "", "<p style='color: #888'>x</p>".to_owned(), Some("contrast: \"x\" has 3.54:1")),
        (
            "faint",
            "p { color: #000; opacity: .4 }",
            "<p>x</p>".to_owned(),
            Some("contrast: \"x\" has 2.85:1"),
        ),
        (
            "bar",
            "",
            svg(&format!("<rect width=200 height=50 fill='#123'/>{}", label(0, "x"))),
            Some("contrast: \"x\" has"),
        ),
        (
            "picture",
            "p { background: linear-gradient(red, blue) }",
            "<p>x</p>".to_owned(),
            Some("cannot be judged"),
        ),
        (
            "covered",
            "div { position: absolute; inset: 0; background: #fff }",
            "<p>x</p><div></div>".to_owned(),
            Some("covered: \"x\""),
        ),
        (
            "scrolled",
            "div { overflow-x: auto } table { width: 900px }",
            "<div><table><tr><td>x<td>y</table></div>".to_owned(),
            None,
        ),
        (
            "heard",
            "p { position: absolute; width: 1px; height: 1px; overflow: hidden }",
            "<p>Only for those who listen</p><i>x</i>".to_owned(),
            None,
        ),
    ] {
        let file = format!("{name}.html");
        scene.write(&file, &page_of(style, &body));
        page.open(&scene.root().join(&file));
        let found = defects(&mut page);
        match expected {
            None => assert_eq!(found, [""; 0], "{name}"),
            Some(part) => {
                assert!(found.iter().any(|defect| defect.contains(part)), "{name}: {found:?}");
            }
        }
    }
}

#[test]
fn dark_is_judged_on_dark() {
    let Some(mut browser) = Browser::start("dark_is_judged_on_dark") else { return };
    let scene = Scene::without_repository();
    scene.write("page.html", &page_of("p { color: #333 }", "<p>x</p>"));
    let mut page = browser.page();
    let mut seen = Vec::new();
    for scheme in [Scheme::Light, Scheme::Dark] {
        page.look(Look { scheme, ..SMALL });
        page.open(&scene.root().join("page.html"));
        seen.push(defects(&mut page).len());
    }
    assert_eq!(seen, [0, 1]);
}

#[test]
fn what_a_page_says_and_asks_for_is_heard() {
    let Some(mut browser) = Browser::start("what_a_page_says_and_asks_for_is_heard") else {
        return;
    };
    let scene = Scene::without_repository();
    let body =
        "<img src='beside.png' alt=''><script>console.error('broken'); nothing.at.all</script>";
    scene.write("page.html", &page_of("", body));
    scene.write("well.html", &page_of("", "x"));
    let mut page = browser.page();
    page.look(SMALL);
    page.open(&scene.root().join("page.html"));
    let complaints = page.complaints();
    assert!(complaints.iter().any(|complaint| complaint.contains("broken")), "{complaints:?}");
    assert!(complaints.iter().any(|complaint| complaint.contains("nothing")), "{complaints:?}");
    assert_eq!(page.requests().len(), 2, "{:?}", page.requests());
    page.open(&scene.root().join("well.html"));
    assert_eq!((page.complaints().len(), page.requests().len()), (0, 1));
    assert_eq!(page.evaluate("2 + 2"), Value::from(4));
}
