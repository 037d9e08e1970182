//! What Terraform has made, as its state has it.

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::Add;

use serde_json::Value;

use super::Platform;
use crate::support::Row;

/// The objects of one Terraform root. A replaced resource keeps its address and has a new id.
#[derive(Debug, Clone, Default)]
pub(super) struct State(BTreeMap<(String, String), Object>);

#[derive(Debug, Clone)]
struct Object {
    values: Value,
    /// Its provisioner failed: it is there, and was never completed.
    tainted: bool,
}

/// What became of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) destroyed: u64,
}

impl State {
    /// The state of `root`, a directory of the platform.
    pub(super) fn of(platform: &Platform, root: &str) -> Self {
        let directory = platform.scene.root().join("testdata/platform").join(root);
        if !directory.join("terraform.tfstate").exists() {
            return Self::default();
        }
        let shown = platform.call("terraform", &["show", "-json"]).in_dir(directory).run().exits(0);
        let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
        let mut state = Self::default();
        state.module(&shown["values"]["root_module"]);
        state
    }

    fn module(&mut self, module: &Value) {
        for resource in module["resources"].as_array().into_iter().flatten() {
            let address = resource["address"].as_str().unwrap().to_owned();
            let values = resource["values"].clone();
            let id = values["id"].as_str().unwrap().to_owned();
            let tainted = resource["tainted"].as_bool().unwrap_or(false);
            self.0.insert((address, id), Object { values, tainted });
        }
        for child in module["child_modules"].as_array().into_iter().flatten() {
            self.module(child);
        }
    }

    /// How many objects there are.
    pub(super) fn len(&self) -> u64 {
        self.0.len().try_into().unwrap()
    }

    /// How many of them have an address that begins with `prefix`.
    pub(super) fn count(&self, prefix: &str) -> u64 {
        self.0.keys().filter(|(address, _)| address.starts_with(prefix)).count().try_into().unwrap()
    }

    /// How many were never completed.
    pub(super) fn tainted(&self) -> u64 {
        self.0.values().filter(|object| object.tainted).count().try_into().unwrap()
    }

    /// What must have been done to get from `before` to here, each object touched once.
    pub(super) fn since(&self, before: &Self) -> Counts {
        let mut counts = Counts::default();
        for (key, now) in &self.0 {
            match before.0.get(key) {
                None if now.tainted => {}
                None => counts.added += 1,
                Some(then) if then.values != now.values => counts.changed += 1,
                Some(_) => {}
            }
        }
        counts.destroyed =
            before.0.keys().filter(|key| !self.0.contains_key(*key)).count().try_into().unwrap();
        counts
    }
}

impl Counts {
    /// As a row has them.
    pub(super) fn of(row: &Row) -> Self {
        Self { added: row.added, changed: row.changed, destroyed: row.destroyed }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            added: self.added + other.added,
            changed: self.changed + other.changed,
            destroyed: self.destroyed + other.destroyed,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}
