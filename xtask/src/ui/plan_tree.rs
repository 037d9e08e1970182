//! The dry run: a plan as a tree.
//!
//! The tree is drawn by indentation and its names are shell comments, so that every line, and the
//! whole, is something a shell accepts: branches drawn with lines could not be pasted.

use std::fmt::Write;
use std::path::Path;

use crate::plan::{Interaction, Item, OnFailure, Plan, Recording, Step, Target, shell};
use crate::settings::Recordings;

/// The plan, whose commands run in `directory`.
#[must_use]
pub fn render(plan: &Plan, directory: &Path, recordings: Recordings) -> String {
    let mut text = format!("cd {}\n\n", shell::quote(&directory.display().to_string()));
    target(&plan.root, recordings, 0, &mut text);
    text
}

fn target(target: &Target, recordings: Recordings, depth: usize, text: &mut String) {
    let mark = match (recordings, &target.recording) {
        (Recordings::On, Recording::Phase(_)) => "",
        (Recordings::Off, _) | (_, Recording::Unrecorded) => " (not recorded)",
    };
    line(text, depth, &format!("# {}{mark}", target.name));
    for item in &target.items {
        match item {
            Item::Target(inner) => self::target(inner, recordings, depth + 1, text),
            Item::Step(inner) => step(inner, depth + 1, text),
        }
    }
}

/// The notes go above the command: an interactive zsh takes a comment behind it for arguments.
fn step(step: &Step, depth: usize, text: &mut String) {
    let mut notes = Vec::new();
    if step.on_failure == OnFailure::Warn {
        notes.push("may fail: only a warning".to_owned());
    }
    if step.interaction == Interaction::Asks {
        notes.push("asks on the terminal".to_owned());
    }
    if let Some(limit) = step.limit {
        notes.push(format!("ended after {limit}"));
    }
    if let Some(required) = &step.requires {
        notes.push(format!("needs {}", shell::quote(&required.path.display().to_string())));
    }
    if !notes.is_empty() {
        line(text, depth, &format!("# {}: {}", step.name, notes.join("; ")));
    }
    line(text, depth, &shell::step(step));
}

fn line(text: &mut String, depth: usize, content: &str) {
    let _ = writeln!(text, "{:indent$}{content}", "", indent = depth * 2);
}
