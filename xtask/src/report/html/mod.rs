//! The report as one HTML file that needs nothing else: no network, no other file, no build step.
//!
//! Every value of a row goes through the templates' escaping, since rows are written by others. What
//! is not escaped is ours (style and script) or made of numbers (figures, whose `<` is `\u003c`).
//! Should escaping fail all the same, the page's policy runs no script but the one whose hash it names.

mod duration_chart;
mod grid;
mod hash;
mod link;
mod page;
mod scale;
mod state;
mod success_chart;
mod thin;
mod waterfall;
mod words;

use std::fmt::Write;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::Report;
use crate::cli::Format;

const TEMPLATES: [(&str, &str); 7] = [
    ("page", include_str!("templates/page.html")),
    ("state", include_str!("templates/state.html")),
    ("table", include_str!("templates/table.html")),
    ("chart", include_str!("templates/chart.html")),
    ("waterfall", include_str!("templates/waterfall.html")),
    ("budgets", include_str!("templates/budgets.html")),
    ("health", include_str!("templates/health.html")),
];
const STYLE: &str = include_str!("templates/style.css");
const SCRIPT: &str = include_str!("templates/script.js");

/// The page.
///
/// # Errors
///
/// When a template does not fit its data, which is a fault of this program.
pub fn render(report: &Report) -> Result<String, String> {
    let failed = |error: minijinja::Error| format!("the page could not be made: {error:#}");
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // What is misspelled in a template is an error and not a gap on the page.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(failed)?);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).map_err(failed)?;
    }
    let page = environment.get_template("page").map_err(failed)?;
    page.render(context! {
        page => Value::from(Serde(page::page(report))),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        script_hash => hash::sha256_base64(SCRIPT.as_bytes()),
        figures => Value::from_safe_string(inert(&report.statistics.render(Format::Json))),
    })
    .map_err(failed)
}

/// The same JSON without characters that end a script element or begin a comment in one, end a line
/// or turn the direction of a text: outside of strings it has none of them, and in strings they may be
/// written as escapes.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<'
            | '>'
            | '&'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}
