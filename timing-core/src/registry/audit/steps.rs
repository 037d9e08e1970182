//! Which commits are to be compared with which.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::changes;
use super::commits::{self, Commit, Extent, Node, commits};
use crate::git::{Git, GitError, ObjectId};

/// A commit to be compared with what was before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// By its number.
    pub(super) commit: usize,
    /// With which commit; `None` where history begins.
    pub(super) before: Option<ObjectId>,
    /// The trees.
    pub(super) trees: (ObjectId, ObjectId),
    pub(super) kind: StepKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepKind {
    /// From a parent to a commit.
    Commit,
    /// From a commit that the branch pointed at, by its number, to the tip, which does not follow
    /// from it.
    Rewind(usize),
}

/// A history as it is walked.
#[derive(Debug, Default)]
pub(super) struct History {
    /// By their numbers: the branch's, each after its parents; then those it no longer has.
    pub(super) commits: Vec<Arc<Commit>>,
    /// How many parents each has.
    pub(super) parents: Vec<usize>,
    pub(super) steps: Vec<Step>,
    pub(super) boundaries: Vec<Arc<Commit>>,
}

/// The steps of the commits `nodes`, which lead to `tip`.
pub(super) fn history(git: &Git, nodes: &[Node], tip: ObjectId) -> Result<History, GitError> {
    let trees: HashMap<ObjectId, ObjectId> =
        nodes.iter().map(|node| (node.commit.id, node.tree)).collect();
    let empty = changes::empty_tree(tip.format());
    let mut history = History::default();
    let mut roots = Vec::new();
    for (commit, node) in nodes.iter().enumerate() {
        history.commits.push(Arc::clone(&node.commit));
        history.parents.push(node.parents.len());
        let step = |before, old| {
            (old != node.tree).then_some(Step {
                commit,
                before,
                trees: (old, node.tree),
                kind: StepKind::Commit,
            })
        };
        let parents = node.parents.iter();
        history.steps.extend(parents.filter_map(|parent| step(Some(*parent), *trees.get(parent)?)));
        if node.parents.is_empty() {
            roots.push(Arc::clone(&node.commit));
            history.steps.extend(step(None, empty));
        }
    }
    history.boundaries = commits::cut_off(git, &roots)?;
    Ok(history)
}

/// Adds a step to the tip from each commit that the reflog of `reference` remembers and that leads
/// to none of `known`, of which the first is the tip.
pub(super) fn add_rewinds(
    git: &Git,
    history: &mut History,
    nodes: &mut Vec<Node>,
    reference: &str,
    known: &[ObjectId],
) -> Result<(), GitError> {
    let log = commits::reflog(git, reference)?;
    let numbers: HashMap<ObjectId, usize> =
        history.commits.iter().enumerate().map(|(number, commit)| (commit.id, number)).collect();
    let strays: Vec<ObjectId> =
        log.iter().copied().filter(|id| !numbers.contains_key(id)).collect();
    let (Some(tip), false) = (nodes.len().checked_sub(1), strays.is_empty()) else {
        return Ok(());
    };
    let tip_tree = nodes[tip].tree;
    let stray = commits(git, Extent::Whole, &strays, known)?;
    let inner: HashSet<ObjectId> = stray.iter().flat_map(|node| node.parents.clone()).collect();
    for node in stray.into_iter().filter(|node| !inner.contains(&node.commit.id)) {
        // The reflog has the latest first: what the branch pointed at afterwards is before it.
        let place = log.iter().position(|id| *id == node.commit.id).unwrap_or_default();
        let after = log[..place].iter().rev().find_map(|id| numbers.get(id)).copied();
        let number = history.commits.len();
        history.commits.push(Arc::clone(&node.commit));
        history.parents.push(1);
        history.steps.push(Step {
            commit: after.unwrap_or(tip),
            before: Some(node.commit.id),
            trees: (node.tree, tip_tree),
            kind: StepKind::Rewind(number),
        });
        nodes.push(node);
    }
    Ok(())
}
