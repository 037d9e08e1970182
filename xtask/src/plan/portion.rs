//! A part of a plan: what a deployment is taken up with where it failed.

use std::fmt;

use timing_core::record::{FROM, ONLY};

use super::{Item, PlanError, Recording, Target};
use crate::settings::{Portion, nearest};

/// A phase that the plan does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchPhase {
    flag: &'static str,
    typed: String,
    target: &'static str,
    known: Vec<&'static str>,
    nearest: Option<String>,
}

/// How the phases before or beside the chosen one are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Later {
    Kept,
    LeftOut,
}

/// `root` with nothing but `portion` left. Each target that is not whole any more says so in its
/// flags, and so does the chosen one.
pub(super) fn select(mut root: Target, portion: &Portion) -> Result<Target, PlanError> {
    let (key, flag, typed, later) = match portion {
        Portion::Whole => return Ok(root),
        Portion::From(typed) => (FROM, "--from", typed, Later::Kept),
        Portion::Only(typed) => (ONLY, "--only", typed, Later::LeftOut),
    };
    match cut(&mut root, typed, key, later) {
        Some(_) => Ok(root),
        None => Err(PlanError::NoSuchPhase(Box::new(unknown(&root, flag, typed)))),
    }
}

/// Cuts `target` so that it begins with the target called `typed` within it; the name that flags
/// give to that one. `None` where there is none, and then nothing was cut.
fn cut(target: &mut Target, typed: &str, key: &str, later: Later) -> Option<String> {
    let mut found = None;
    for (place, item) in target.items.iter_mut().enumerate() {
        let Item::Target(inner) = item else { continue };
        let name = if is_called(inner, typed) {
            let name = recorded_name(inner).to_owned();
            say(inner, key, &name);
            Some(name)
        } else {
            cut(inner, typed, key, later)
        };
        if let Some(name) = name {
            found = Some((place, name));
            break;
        }
    }
    let (place, name) = found?;
    target.items.drain(..place);
    if later == Later::LeftOut {
        target.items.truncate(1);
    }
    say(target, key, &name);
    Some(name)
}

/// By the name that is typed for it, or the one that its rows have.
fn is_called(target: &Target, typed: &str) -> bool {
    target.name == typed || recorded_name(target) == typed
}

/// What rows call it, so that a reader can tell a phase that was chosen, which is whole, from one
/// that was cut.
fn recorded_name(target: &Target) -> &str {
    match &target.recording {
        Recording::Phase(plan) => plan.phase.as_str(),
        Recording::Unrecorded => target.name,
    }
}

fn say(target: &mut Target, key: &str, name: &str) {
    if let Recording::Phase(plan) = &mut target.recording {
        plan.flags.push((key.to_owned(), name.to_owned()));
    }
}

fn unknown(root: &Target, flag: &'static str, typed: &str) -> NoSuchPhase {
    let (mut known, mut names) = (Vec::new(), Vec::new());
    collect(root, &mut known, &mut names);
    let nearest = nearest(typed, names.iter().map(String::as_str)).map(str::to_owned);
    NoSuchPhase { flag, typed: typed.to_owned(), target: root.name, known, nearest }
}

fn collect(target: &Target, known: &mut Vec<&'static str>, names: &mut Vec<String>) {
    for item in &target.items {
        if let Item::Target(inner) = item {
            known.push(inner.name);
            names.extend([inner.name.to_owned(), recorded_name(inner).to_owned()]);
            collect(inner, known, names);
        }
    }
}

impl fmt::Display for NoSuchPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flag, typed, target, known, nearest } = self;
        write!(f, "{flag}: this {target} has no phase {typed:?}")?;
        match nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}? It has ")?,
            None => write!(f, ". It has ")?,
        }
        f.write_str(&known.join(", "))
    }
}

#[cfg(test)]
mod tests;
