//! Where in a chunk a line may be that says something: a test of every byte, cheap enough for a
//! step that prints a gigabyte.
//!
//! A mark is what no line of interest lacks and few others have: a colon or exclamation mark and a
//! capital of the verbs (`: Creating...`, `complete! Resources: `), `==`, and `ST` in front of a
//! word's end (`STAGE 5`, `[STEP: `). The test runs over blocks and without a branch per byte, so
//! that the compiler turns it into vector instructions, as wide as the machine has; a search for
//! each word of its own, or for all of them by an automaton, takes longer. Most blocks are
//! dismissed by two bytes of a mark, few need the others. What a marked line means is decided
//! elsewhere.

use memchr::memchr_iter;

use super::kinds::Text;

/// Bytes of a block: what the widest vectors in use hold.
const BLOCK: usize = 32;

/// How far behind its first byte a mark is told.
const AHEAD: usize = 5;

/// The first byte of `│`, `╷` and `╵`, which Terraform frames its diagnostics with.
const FRAME: u8 = 0xe2;

/// What is looked for, beside the marks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sought<'a> {
    /// The frames of diagnostics.
    pub(super) frames: bool,
    /// The same each time.
    pub(super) texts: &'a [Text],
}

/// What there is to find in a text, in order.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    text: &'a [u8],
    mark: Found,
    frame: Found,
    /// One for each text sought.
    others: Vec<Found>,
}

/// What a search came to.
#[derive(Debug, Clone, Copy)]
enum Found {
    /// This is where the next one is.
    At(usize),
    /// None has been made.
    Unknown,
    /// There are no more.
    No,
}

impl<'a> Marks<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, mark: Found::Unknown, frame: Found::Unknown, others: Vec::new() }
    }

    /// The first place at or behind `from`, which does not go back from one call to the next.
    pub(super) fn next(&mut self, from: usize, sought: Sought<'_>) -> Option<usize> {
        let text = self.text;
        let mut first = self.mark.from(from, |from| next_mark(text, from));
        if sought.frames {
            first = earlier(first, self.frame.from(from, |from| next_frame(text, from)));
        }
        self.others.resize(sought.texts.len(), Found::Unknown);
        for (found, sought) in self.others.iter_mut().zip(sought.texts) {
            first = earlier(first, found.from(from, |from| sought.find(text, from)));
        }
        first
    }
}

fn earlier(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    one.into_iter().chain(other).min()
}

impl Text {
    fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Of(finder) => finder.find(text.get(from..)?).map(|at| from + at),
            Self::Any => (from < text.len()).then_some(from),
        }
    }
}

impl Found {
    fn from(&mut self, from: usize, search: impl FnOnce(usize) -> Option<usize>) -> Option<usize> {
        match *self {
            Self::No => return None,
            Self::At(at) if at >= from => return Some(at),
            Self::At(_) | Self::Unknown => {}
        }
        let found = search(from);
        *self = found.map_or(Self::No, Self::At);
        found
    }
}

fn next_frame(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    memchr_iter(FRAME, rest).map(|at| from + at).find(|&at| {
        let is_frame = matches!(text.get(at + 1..at + 3), Some([0x94, 0x82] | [0x95, 0xb5 | 0xb7]));
        // In front of it, there is a colour or nothing.
        is_frame && (at == 0 || matches!(text.get(at - 1), Some(b'\n' | b'm')))
    })
}

#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "no safe call depends on what the machine has")
)]
fn next_mark(text: &[u8], from: usize) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: it needs AVX2 and nothing else.
        return unsafe { search_by_avx2(text, from) };
    }
    search(text, from)
}

/// [`search`], compiled for vectors twice as wide as every x86-64 has.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn search_by_avx2(text: &[u8], from: usize) -> Option<usize> {
    search(text, from)
}

#[inline(always)]
fn search(text: &[u8], from: usize) -> Option<usize> {
    let is_mark = |&at: &usize| is_mark(&text[at..]);
    let mut block_start = from;
    for block in text.get(from..)?.windows(BLOCK + AHEAD).step_by(BLOCK) {
        if block.first_chunk().is_some_and(|block| may_begin(block) && may_hold(block))
            && let Some(mark) = (block_start..block_start + BLOCK).find(is_mark)
        {
            return Some(mark);
        }
        block_start += BLOCK;
    }
    (block_start..text.len()).find(is_mark)
}

/// Whether one of the first [`BLOCK`] bytes and the one behind it are the first two of a mark.
#[inline(always)]
fn may_begin(block: &[u8; BLOCK + AHEAD]) -> bool {
    let mut any = 0;
    for i in 0..BLOCK {
        let (first, second) = (block[i], block[i + 1]);
        let verb = ((first == b':') | (first == b'!')) & (second == b' ');
        let word = (first == b'S') & (second == b'T');
        let rule = (first == b'=') & (second == b'=');
        any |= u8::from(verb | word | rule);
    }
    any != 0
}

/// Whether one of the first [`BLOCK`] bytes may begin a mark. Asks less than [`is_mark`], in as few
/// operations as keep usual text from passing.
#[inline(always)]
fn may_hold(block: &[u8; BLOCK + AHEAD]) -> bool {
    let mut any = 0;
    for i in 0..BLOCK {
        let (first, second, third, fourth) = (block[i], block[i + 1], block[i + 2], block[i + 3]);
        let verb =
            ((first == b':') | (first == b'!')) & (second == b' ') & begins_verb(third, fourth);
        let word = (first == b'S') & (second == b'T') & (block[i + AHEAD] == b' ');
        let rule = (first == b'=') & (second == b'=');
        any |= u8::from(verb | word | rule);
    }
    any != 0
}

/// Whether it is a capital (or one of six signs) and a letter from e to r, as in Cr(eat…), De(str…),
/// Im(port…), Mo(dif…), Re(ad…, sources), but not in `Still creating...`, of which there is one for
/// each resource and ten seconds.
#[inline(always)]
fn begins_verb(first: u8, second: u8) -> bool {
    (first & 0xe0 == 0x40) & (second.wrapping_sub(b'e') <= b'r' - b'e')
}

/// Whether the text begins with a mark.
fn is_mark(text: &[u8]) -> bool {
    match text {
        [b':' | b'!', b' ', verb @ ..] => {
            matches!(verb.get(..4), Some(b"Crea" | b"Modi" | b"Dest" | b"Read" | b"Impo" | b"Reso"))
        }
        [b'S', b'T', ..] => text.starts_with(b"STAGE ") || text.starts_with(b"STEP: "),
        [b'=', b'=', ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 9] = [
        "aws_x.y: Creating...",
        "aws_x.y: Destruction complete after 1s",
        "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.",
        "=== Stage 1: Terraform Apply ===",
        "=== Pass 1/2: x ===",
        "STAGE 5: METRICS SERVER",
        "STAGE 5 COMPLETE",
        "[STEP: A] b",
        "-- STAGE 7 COMPLETE: X --",
    ];

    #[test]
    fn no_mark_is_missed_wherever_a_line_stands() {
        for line in LINES {
            for before in 0..2 * BLOCK {
                for after in [0, 1, AHEAD, 2 * BLOCK] {
                    let text = [&vec![b'.'; before], line.as_bytes(), &vec![b'.'; after]].concat();
                    let found = Marks::of(&text).next(0, Sought::default());
                    assert!(found.is_some_and(|at| at >= before), "{line} behind {before}");
                }
            }
        }
    }

    #[test]
    fn machines_with_narrow_vectors_find_the_same() {
        let text = LINES.join("\nSTART and POST: Running == fast\n").repeat(3);
        let text = text.as_bytes();
        for from in 0..text.len() {
            let slow = (from..text.len()).find(|&at| is_mark(&text[at..]));
            assert_eq!((search(text, from), next_mark(text, from)), (slow, slow), "from {from}");
        }
    }

    #[test]
    fn usual_text_has_no_mark() {
        let text = "2026-01-24T14:43:27Z INFO: Running a test, POST /START HTTP/1.1, key=value\n\
            aws_x.y: Still creating... [02m10s elapsed]\n│ a frame\n"
            .repeat(5);
        assert_eq!(Marks::of(text.as_bytes()).next(0, Sought::default()), None);
        let frame = text.find('│');
        assert_eq!(
            Marks::of(text.as_bytes()).next(0, Sought { frames: true, ..Sought::default() }),
            frame
        );
    }
}
