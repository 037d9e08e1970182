//! What became of the rows of a file from one version to the next: bytes in, a comparison out.

use std::collections::{HashMap, VecDeque};

use crate::record::Identity;
use crate::table::{Line, LineKind, Table};

/// Up to so many fields may differ between two rows in the same place for the later one to be the
/// earlier one edited. Two runs differ in more: start, end, run or log.
const EDITED_FIELDS: usize = 2;

/// Which row a line is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A row.
    Row(Identity),
    /// A line that is none, by its text.
    Text(Vec<u8>),
}

/// A line that counts: a row, or one that is neither row nor header.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) line: Line<'a>,
    pub(super) key: Key,
}

/// The lines of a version of a file of `table` that count.
pub(super) fn entries(table: Table, bytes: &[u8]) -> Vec<Entry<'_>> {
    let counted = table.lines(bytes).filter_map(|line| {
        let key = match &line.kind {
            LineKind::Header => return None,
            LineKind::Row(_, identity) | LineKind::Measurement(identity) => {
                Key::Row(identity.clone())
            }
            LineKind::Other(_) => Key::Text(line.content.clone()),
        };
        Some(Entry { line, key })
    });
    counted.collect()
}

/// What `new` adds to `old`, if it does nothing else: not one earlier byte differs, and the last
/// line has not become longer.
pub(super) fn appended<'n>(old: &[u8], new: &'n [u8]) -> Option<&'n [u8]> {
    let tail = new.strip_prefix(old)?;
    let at_line_end = old.is_empty()
        || old.ends_with(b"\n")
        || [&b"\n"[..], b"\r\n"].iter().any(|end| tail.starts_with(end))
        || tail.is_empty();
    at_line_end.then_some(tail)
}

/// What became of the lines of one version in the next, each by its place in its version.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Of the old version: gone.
    pub(super) removed: Vec<usize>,
    /// Of the old version and of the new: says something else.
    pub(super) edited: Vec<(usize, usize)>,
    /// Of the new version: moved among those that were there.
    pub(super) reordered: Vec<usize>,
    /// Of the new version: before others that were there.
    pub(super) inserted: Vec<usize>,
    /// How many say the same in another spelling.
    pub(super) respelled: usize,
    /// Of the old version: the new one holds fewer of this row. Removed, or edited beyond
    /// recognition.
    pub(super) dropped: Vec<usize>,
    /// Of the new version: the old one holds none of this content.
    pub(super) new: Vec<usize>,
    /// Whether all that is left of the old version stands before all that is gone, and nothing is
    /// new.
    pub(super) cut_short: bool,
}

/// Compares two versions.
pub(super) fn compare(old: &[Entry<'_>], new: &[Entry<'_>]) -> Comparison {
    let mut pairs = match_up(old, new, |entry| entry.line.content.as_slice(), &[]);
    let kept = pairs.clone();
    let anchors = longest_rise(&kept);
    pairs.extend(match_up(old, new, |entry| &entry.key, &pairs));
    let mut edited: Vec<(usize, usize)> = pairs.split_off(kept.len());
    let (left_old, _) = unpaired(old.len(), new.len(), &kept, &edited);
    let dropped = left_old;
    edited.extend(edited_in_place(old, new, &anchors, &kept, &edited));
    edited.sort_unstable();
    let (removed, added) = unpaired(old.len(), new.len(), &kept, &edited);
    let last_kept = anchors.last().map(|(_, new)| *new);
    let rises: std::collections::HashSet<usize> = anchors.iter().map(|(_, new)| *new).collect();
    let new_lines = unpaired(old.len(), new.len(), &kept, &[]).1;
    Comparison {
        reordered: kept.iter().map(|(_, new)| *new).filter(|new| !rises.contains(new)).collect(),
        inserted: added.iter().copied().filter(|new| Some(*new) < last_kept).collect(),
        respelled: kept.iter().filter(|(a, b)| old[*a].line.raw != new[*b].line.raw).count(),
        cut_short: new_lines.is_empty()
            && edited.is_empty()
            && removed.first().is_none_or(|first| kept.iter().all(|(old, _)| old < first)),
        removed,
        edited,
        dropped,
        new: new_lines,
    }
}

/// Pairs entries of the same `key`, the first with the first, by their places in the old version;
/// those in `taken` take no part.
fn match_up<'e, 'a, K: std::hash::Hash + Eq + 'e + ?Sized>(
    old: &'e [Entry<'a>],
    new: &'e [Entry<'a>],
    key: impl Fn(&'e Entry<'a>) -> &'e K,
    taken: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let (left_old, left_new) = unpaired(old.len(), new.len(), taken, &[]);
    let mut places: HashMap<&K, VecDeque<usize>> = HashMap::with_capacity(left_new.len());
    for place in left_new {
        places.entry(key(&new[place])).or_default().push_back(place);
    }
    let pair = |place: usize| Some((place, places.get_mut(key(&old[place]))?.pop_front()?));
    left_old.into_iter().filter_map(pair).collect()
}

/// The places of both versions that are in none of the pairs.
fn unpaired(
    old: usize,
    new: usize,
    one: &[(usize, usize)],
    another: &[(usize, usize)],
) -> (Vec<usize>, Vec<usize>) {
    let (mut in_old, mut in_new) = (vec![false; old], vec![false; new]);
    for (old, new) in one.iter().chain(another) {
        in_old[*old] = true;
        in_new[*new] = true;
    }
    let free = |taken: Vec<bool>| {
        taken.into_iter().enumerate().filter(|(_, taken)| !taken).map(|(place, _)| place).collect()
    };
    (free(in_old), free(in_new))
}

/// Rows in whose place, between the same neighbours, stands one that differs in a field or two.
fn edited_in_place(
    old: &[Entry<'_>],
    new: &[Entry<'_>],
    anchors: &[(usize, usize)],
    kept: &[(usize, usize)],
    edited: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    let (left_old, left_new) = unpaired(old.len(), new.len(), kept, edited);
    // Between which anchors a place is, as the number of anchors before it.
    let gap_old = |place: usize| anchors.partition_point(|(old, _)| *old < place);
    let gap_new = |place: usize| anchors.partition_point(|(_, new)| *new < place);
    let mut rest = left_new.into_iter().peekable();
    let mut pairs = Vec::new();
    for before in left_old {
        while rest.next_if(|after| gap_new(*after) < gap_old(before)).is_some() {}
        let after = rest.next_if(|after| {
            let changed = old[before].line.fields_changed(&new[*after].line);
            gap_new(*after) == gap_old(before) && changed.is_some_and(|n| n <= EDITED_FIELDS)
        });
        pairs.extend(after.map(|after| (before, after)));
    }
    pairs
}

/// The longest part of the pairs, which rise in the old version, that rises in the new one too.
fn longest_rise(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair with the lowest end; and before each pair, the one it continues.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (place, (_, new)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *new);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut rise = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(place) = next {
        rise.push(pairs[place]);
        next = before[place];
    }
    rise.reverse();
    rise
}

#[cfg(test)]
mod tests;
