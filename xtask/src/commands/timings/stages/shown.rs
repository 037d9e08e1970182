//! Which of many stages and resources are shown.

use std::time::Duration;

use timing_core::stages::Outcome;

use super::tree::{Node, What};
use crate::cli::Extent;
use crate::ui::{Bar, Line, Part};

/// How many of the resources of one stage are shown: those that failed, those on the critical
/// path, and others, the longest of each.
const FAILED: usize = 10;
const ON_PATH: usize = 12;
const OTHERS: usize = 6;

/// How many stages of one phase are shown, the longest of them.
const STAGES: usize = 40;

/// A line that says that something is not shown has to save more than itself.
const SAVED: usize = 2;

/// Something that is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept<'t> {
    pub(super) depth: usize,
    pub(super) phase: Option<&'t str>,
    pub(super) parent: Option<&'t str>,
    pub(super) node: Item<'t>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'t> {
    Node(&'t Node),
    /// So many that are not shown, and what they took, each counted in full.
    More {
        count: usize,
        total: Duration,
    },
}

/// What is shown of `tree`, each before what is within it.
pub(super) fn kept(tree: &[Node], extent: Extent) -> Vec<Kept<'_>> {
    let mut all = Vec::new();
    keep(tree, extent, 0, (None, None), &mut all);
    all
}

/// The same as lines of a waterfall.
pub(super) fn lines(tree: &[Node], extent: Extent) -> Vec<Line> {
    kept(tree, extent).into_iter().map(line).collect()
}

fn line(kept: Kept<'_>) -> Line {
    let depth = kept.depth;
    match kept.node {
        Item::More { count, total } => Line::More { depth, count, total },
        Item::Node(node) => Line::Bar(Bar {
            depth,
            name: node.name.clone(),
            time: node.time.clone(),
            outcome: node.outcome,
            part: match node.what {
                What::Resource { on_path: true, .. } => Part::OnPath,
                What::Resource { .. } => Part::Beside,
                What::Phase | What::Part(_) => Part::Whole(node.busy.clone()),
            },
        }),
    }
}

fn keep<'t>(
    nodes: &'t [Node],
    extent: Extent,
    depth: usize,
    (phase, parent): (Option<&'t str>, Option<&'t str>),
    all: &mut Vec<Kept<'t>>,
) {
    let is_shown = chosen(nodes, extent);
    let (mut count, mut total) = (0, Duration::ZERO);
    for (node, is_shown) in nodes.iter().zip(is_shown) {
        if !is_shown {
            count += 1;
            total += node.time.end.saturating_sub(node.time.start);
            continue;
        }
        let name = Some(node.name.as_str());
        let phase = if node.what == What::Phase { name } else { phase };
        all.push(Kept { depth, phase, parent, node: Item::Node(node) });
        keep(&node.children, extent, depth + 1, (phase, name), all);
    }
    if count > 0 {
        all.push(Kept { depth, phase, parent, node: Item::More { count, total } });
    }
}

/// Of each whether it is shown.
fn chosen(nodes: &[Node], extent: Extent) -> Vec<bool> {
    let mut is_shown = vec![extent == Extent::Whole; nodes.len()];
    if extent == Extent::Whole {
        return is_shown;
    }
    let mut places: Vec<usize> = (0..nodes.len()).collect();
    let took = |node: &Node| node.time.end.saturating_sub(node.time.start);
    places.sort_by_key(|&place| std::cmp::Reverse(took(&nodes[place])));
    let mut room = [FAILED, ON_PATH, OTHERS, STAGES, usize::MAX];
    for place in places {
        let left = &mut room[class(&nodes[place])];
        is_shown[place] = *left > 0;
        *left = left.saturating_sub(1);
    }
    let hidden = is_shown.iter().filter(|is_shown| !**is_shown).count();
    if hidden <= SAVED { vec![true; nodes.len()] } else { is_shown }
}

/// What a node shares its room with.
fn class(node: &Node) -> usize {
    match (node.what, node.outcome) {
        (What::Resource { .. }, Outcome::Errored | Outcome::Unfinished) => 0,
        (What::Resource { on_path: true, .. }, _) => 1,
        (What::Resource { .. }, _) => 2,
        (What::Part(_), _) => 3,
        (What::Phase, _) => 4,
    }
}
