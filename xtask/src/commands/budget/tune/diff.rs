//! Changes of a text as a unified difference, as POSIX describes it and `patch` and `git apply` read
//! it. What changed is known, so nothing has to be searched for.

use std::fmt::Write;
use std::ops::Range;

/// Lines that are shown before and after a change.
const CONTEXT: usize = 3;

/// Lines of the old text, and those that take their place.
struct Block {
    old: Range<usize>,
    new: Vec<String>,
}

/// `changes` of `text`, ranges of it in order with what takes their place; nothing, if nothing
/// changes. `path` is relative to where the difference is applied.
pub(super) fn unified(path: &str, text: &str, changes: &[(Range<usize>, String)]) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let blocks = blocks(&lines, changes);
    let mut shown = String::new();
    if !blocks.is_empty() {
        let path = if path.starts_with('/') { path.trim_start_matches('/') } else { path };
        // Writing to a string cannot fail.
        let _ = writeln!(shown, "--- a/{path}\n+++ b/{path}");
    }
    let mut shift = 0_isize;
    let mut rest = blocks.as_slice();
    while let Some(first) = rest.first() {
        let near = |pair: &[Block]| match pair {
            [one, next] => next.old.start <= one.old.end + 2 * CONTEXT,
            _ => false,
        };
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (hunk, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = after;
        let start = first.old.start.saturating_sub(CONTEXT);
        let end = hunk.last().map_or(start, |last| last.old.end + CONTEXT).min(lines.len());
        shift = write_hunk(&mut shown, &lines, hunk, start..end, shift);
    }
    shown
}

fn write_hunk(
    shown: &mut String,
    lines: &[&str],
    hunk: &[Block],
    range: Range<usize>,
    shift: isize,
) -> isize {
    let grown: isize = hunk
        .iter()
        .map(|block| block.new.len().cast_signed() - block.old.len().cast_signed())
        .sum();
    let side = |start: isize, count: isize| {
        // Of no lines, the line before them is named.
        format!("{},{count}", if count == 0 { start } else { start + 1 })
    };
    let (start, count) = (range.start.cast_signed(), range.len().cast_signed());
    let (old, new) = (side(start, count), side(start + shift, count + grown));
    let _ = writeln!(shown, "@@ -{old} +{new} @@");
    let mut at = range.start;
    let mut line = |sign: char, line: &str| {
        let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        let _ = write!(shown, "{sign}{line}{end}");
    };
    let between = |from: usize, to: usize| lines.get(from..to).unwrap_or_default();
    for block in hunk {
        between(at, block.old.start).iter().for_each(|text| line(' ', text));
        between(block.old.start, block.old.end).iter().for_each(|text| line('-', text));
        block.new.iter().for_each(|text| line('+', text));
        at = block.old.end;
    }
    between(at, range.end).iter().for_each(|text| line(' ', text));
    shift + grown
}

/// The changes line by line; those of one line are one.
fn blocks(lines: &[&str], changes: &[(Range<usize>, String)]) -> Vec<Block> {
    let mut starts = vec![0];
    for line in lines {
        starts.push(starts.last().copied().unwrap_or(0) + line.len());
    }
    // A place behind the last line belongs to it.
    let line_of = |offset: usize| {
        starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
            .min(lines.len() - usize::from(!lines.is_empty()))
    };
    let mut blocks: Vec<Block> = Vec::new();
    let old: String = lines.concat();
    let mut rest = changes.iter().peekable();
    while let Some((range, _)) = rest.peek() {
        let first = line_of(range.start);
        let mut last = first;
        let mut text = String::new();
        let mut at = starts.get(first).copied().unwrap_or(0);
        while let Some((range, new)) = rest.next_if(|(range, _)| line_of(range.start) <= last) {
            text.push_str(old.get(at..range.start).unwrap_or_default());
            text.push_str(new);
            at = range.end;
            last = last.max(line_of(range.end.saturating_sub(1).max(range.start)));
        }
        let end = starts.get(last + 1).copied().unwrap_or(old.len());
        text.push_str(old.get(at..end).unwrap_or_default());
        let new: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let block = trimmed(lines, first..(last + 1).min(lines.len()), new);
        match (blocks.last_mut(), block) {
            (Some(before), Some(block)) if before.old.end == block.old.start => {
                before.old.end = block.old.end;
                before.new.extend(block.new);
            }
            (_, block) => blocks.extend(block),
        }
    }
    blocks
}

/// Without the lines at both ends that are the same.
fn trimmed(lines: &[&str], old: Range<usize>, mut new: Vec<String>) -> Option<Block> {
    let before = lines.get(old.clone()).unwrap_or_default();
    let same = before.iter().zip(&new).take_while(|(old, new)| old == new).count();
    new.drain(..same);
    let before = before.get(same..).unwrap_or_default();
    let tail =
        before.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    new.truncate(new.len() - tail);
    let old = old.start + same..old.end - tail;
    (!old.is_empty() || !new.is_empty()).then_some(Block { old, new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_three_lines_around_each_change() {
        let text: String = (1..=30).map(|line| format!("line {line}\n")).collect();
        let at = |line: usize| text.find(&format!("line {line}\n")).unwrap();
        let end = |line: usize| at(line) + format!("line {line}").len();
        let changes = [
            (at(1)..end(1), "LINE 1".to_owned()),
            (end(6)..end(6), "\nnew after 6".to_owned()),
            (at(20)..at(20) + 4, "LINE".to_owned()),
            (end(20)..end(20), " too".to_owned()),
            (text.len()..text.len(), "\nthe end".to_owned()),
        ];
        insta::assert_snapshot!(unified("budgets.toml", &text, &changes), @r"
        --- a/budgets.toml
        +++ b/budgets.toml
        @@ -1,9 +1,10 @@
        -line 1
        +LINE 1
         line 2
         line 3
         line 4
         line 5
         line 6
        +new after 6
         line 7
         line 8
         line 9
        @@ -17,7 +18,7 @@
         line 17
         line 18
         line 19
        -line 20
        +LINE 20 too
         line 21
         line 22
         line 23
        @@ -28,3 +29,5 @@
         line 28
         line 29
         line 30
        +
        +the end
        \ No newline at end of file
        ");
        assert_eq!(unified("budgets.toml", &text, &[]), "");
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        let changes = [(4..4, "\nb".to_owned())];
        insta::assert_snapshot!(unified("x", "a\n z", &changes), @r"
        --- a/x
        +++ b/x
        @@ -1,2 +1,3 @@
         a
        - z
        \ No newline at end of file
        + z
        +b
        \ No newline at end of file
        ");
    }
}
