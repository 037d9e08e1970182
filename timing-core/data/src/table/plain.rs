//! The line that nearly every row is, read in a fraction of the time.
//!
//! What a row is, is said in [`row`](super::row); this knows only the lines about which there is
//! nothing to say: printable ASCII, no quotes, no blanks around fields, times as the registry
//! writes them. Every other line is left to the careful way, and on these both agree.

use std::borrow::Cow;

use super::{Generation, HEADER, Resources, Row};
use crate::clock::UtcStamp;

/// The row of a plain line; `None` of any other line, whatever is the matter with it.
#[inline]
pub(super) fn row(line: &[u8]) -> Option<Row<'_>> {
    let fields = Fields::of(line)?;
    let generation = Generation::of_width(fields.width)?;
    // Where the first columns without a phase stand one further to the left.
    let (phase, left) = match generation {
        Generation::Seven => (None, 1),
        _ => (fields.text(2), 0),
    };
    let (mut flags, mut resources, mut log_path, mut workflow_run_url) = (None, None, None, None);
    match generation {
        Generation::Seven => log_path = fields.text(6),
        Generation::Nine => {
            (flags, log_path) = (fields.text(7), fields.text(8));
            // What is to be said of this is the careful way's business.
            if log_path.as_deref().is_some_and(|log| log.bytes().all(|b| b.is_ascii_digit())) {
                return None;
            }
        }
        Generation::Eleven => {
            (resources, workflow_run_url) = (fields.resources(7)?, fields.text(10));
        }
        Generation::Twelve => {
            (flags, resources, log_path) = (fields.text(7), fields.resources(8)?, fields.text(11));
        }
    }
    Some(Row {
        generation,
        start: UtcStamp::from_fixed(fields.bytes(0))?,
        end: match fields.bytes(1) {
            [] => None,
            end => Some(UtcStamp::from_fixed(end)?),
        },
        phase,
        environment: fields.text(3 - left)?,
        build_id: fields.text(4 - left)?,
        duration_seconds: fields.str(5 - left).parse().ok()?,
        exit_code: fields.str(6 - left).parse().ok()?,
        flags,
        resources,
        log_path,
        workflow_run_url,
    })
}

/// The fields of a plain line.
struct Fields<'a> {
    line: &'a str,
    /// How many there are.
    width: usize,
    /// Where each of them begins; behind the last one, where another would.
    starts: [usize; HEADER.len() + 1],
}

impl<'a> Fields<'a> {
    #[inline]
    fn of(line: &'a [u8]) -> Option<Self> {
        if !is_plain(line) {
            return None;
        }
        let mut fields = Self { line: "", width: 0, starts: [0; HEADER.len() + 1] };
        let (words, rest) = line.as_chunks::<8>();
        // The end of the line ends a field as a comma does.
        let mut end = [0; 8];
        *end.get_mut(rest.len())? = b',';
        end.get_mut(..rest.len())?.copy_from_slice(rest);
        for (number, word) in words.iter().enumerate() {
            fields.end_at(8 * number, commas(word))?;
        }
        fields.end_at(8 * words.len(), commas(&end))?;
        if !fields.are_tight(line) {
            return None;
        }
        fields.line = std::str::from_utf8(line).ok()?;
        Some(fields)
    }

    /// Whether no field of `line` has a blank beside its comma.
    #[inline]
    fn are_tight(&self, line: &[u8]) -> bool {
        let mut blanks = false;
        for pair in self.starts.get(..=self.width).unwrap_or_default().windows(2) {
            let [start, next] = *pair else { return false };
            // Of an empty field these are commas, or nothing.
            blanks |= line.get(start) == Some(&b' ');
            blanks |= line.get(next.wrapping_sub(2)) == Some(&b' ');
        }
        !blanks
    }

    /// Ends a field at each of the `commas` among the eight bytes at `place`; `None` when there are
    /// more than any row has.
    #[inline]
    fn end_at(&mut self, place: usize, mut commas: u64) -> Option<()> {
        let mut width = self.width;
        while commas != 0 {
            width += 1;
            *self.starts.get_mut(width)? = place + (commas.trailing_zeros() / 8) as usize + 1;
            commas &= commas - 1;
        }
        self.width = width;
        Some(())
    }

    #[inline]
    fn str(&self, index: usize) -> &'a str {
        let place = self.starts.get(index).zip(self.starts.get(index + 1));
        place.and_then(|(start, next)| self.line.get(*start..next - 1)).unwrap_or_default()
    }

    #[inline]
    fn bytes(&self, index: usize) -> &'a [u8] {
        self.str(index).as_bytes()
    }

    /// `None` when it is empty.
    #[inline]
    fn text(&self, index: usize) -> Option<Cow<'a, str>> {
        let text = self.str(index);
        (!text.is_empty()).then_some(Cow::Borrowed(text))
    }

    /// The three counts from `first` on; all of them, or none.
    fn resources(&self, first: usize) -> Option<Option<Resources>> {
        let counts = [0, 1, 2].map(|place| self.str(first + place));
        if counts.iter().all(|count| count.is_empty()) {
            return Some(None);
        }
        let [added, changed, destroyed] = counts.map(|count| count.parse().ok());
        Some(Some(Resources { added: added?, changed: changed?, destroyed: destroyed? }))
    }
}

/// Printable ASCII without quotes. Only long lines are worth it: without an early exit, so that the
/// compiler makes one comparison of many bytes.
#[inline]
fn is_plain(line: &[u8]) -> bool {
    // What is left of whole chunks is looked at as part of the last one.
    let Some(last) = line.last_chunk::<32>() else { return line.iter().all(is_plain_byte) };
    let mut all = is_plain_chunk(last);
    for chunk in line.as_chunks().0 {
        all &= is_plain_chunk(chunk);
    }
    all
}

#[inline]
fn is_plain_chunk(bytes: &[u8; 32]) -> bool {
    bytes.iter().fold(0, |strange, byte| strange | u8::from(!is_plain_byte(byte))) == 0
}

#[inline]
fn is_plain_byte(byte: &u8) -> bool {
    (0x20..0x7f).contains(byte) & (*byte != b'"')
}

/// The commas among eight bytes of ASCII: the highest bit of each, the first byte lowest.
#[inline]
fn commas(bytes: &[u8; 8]) -> u64 {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // A byte that is no comma is not 0 here, and carries into its highest bit, but no further.
    let others = (u64::from_le_bytes(*bytes) ^ each(b',')).wrapping_add(each(0x7f));
    !others & each(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Reading;
    use crate::table::row::read_carefully;
    use proptest::prelude::*;

    const PLAIN: [&str; 5] = [
        "2025-01-15T10:00:00Z,2025-01-15T10:05:00Z,dev,20250115-06#####NEEDTOUPDATE###,300,0,a.log",
        "2025-01-15T10:00:00Z,2025-01-15T10:00:00Z,build,dev,15-01-25-01,0,255,A=1 B=2,b.log",
        "2025-01-15T10:00:00Z,2025-01-15T11:00:00Z,teardown,dev,1,60,1,1,2,3,https://ci.example/1",
        "2026-01-24T14:43:27Z,2026-01-24T14:45:31Z,apply-persistent,dev,persistent,124,0,R=1,3,1,0,a",
        "2026-01-24T14:43:27Z,,,dev,persistent,+124,-1,,,,,",
    ];

    #[test]
    fn every_generation_has_plain_lines() {
        for line in PLAIN {
            let row = row(line.as_bytes()).unwrap_or_else(|| panic!("{line} is plain"));
            assert_eq!(Reading::Row(row), read_carefully(line.as_bytes()));
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_careful_way() {
        let line = PLAIN[3];
        for strange in [
            line.replace("dev", " dev"),
            line.replace("dev", "dev "),
            line.replace("dev", "\"dev\""),
            line.replace("dev", "d\u{e9}v"),
            line.replace("dev", "d\u{7f}v"),
            line.replace("dev", "d\tv"),
            line.replace("dev", ""),
            line.replace("14:43:27Z", "14:43:27+00:00"),
            line.replace(",124,", ",-124,"),
            format!(" {line}"),
            format!("{line} "),
            format!("{line},"),
            String::new(),
            ",".repeat(11),
            ",".repeat(400),
        ] {
            assert_eq!(row(strange.as_bytes()), None, "{strange}");
        }
    }

    /// A known line, of which some bytes are replaced by those that matter most.
    fn nearly_plain() -> impl Strategy<Value = Vec<u8>> {
        let bytes = proptest::sample::select(b"  ,,\"\r\t\x7f\x80+-.0129Z:a\xc3\xa9".to_vec());
        let edits = proptest::collection::vec((any::<prop::sample::Index>(), bytes), 0..4);
        (proptest::sample::select(PLAIN.to_vec()), edits).prop_map(|(line, edits)| {
            let mut line = line.as_bytes().to_vec();
            for (place, byte) in edits {
                let place = place.index(line.len());
                line[place] = byte;
            }
            line
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_agree(line in nearly_plain()) {
            if let Some(row) = row(&line) {
                prop_assert_eq!(Reading::Row(row), read_carefully(&line));
            }
        }

        #[test]
        fn no_bytes_at_all_are_too_much(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(row) = row(&line) {
                prop_assert_eq!(Reading::Row(row), read_carefully(&line));
            }
        }
    }
}
