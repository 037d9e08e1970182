//! Whose trace a run is a part of, and the identifiers of its spans (W3C Trace Context, level 1).
//!
//! Identifiers are derived from the run's id, so that a step can be told of its phase's span before
//! that has ended, and so that a run that is sent twice is the same spans both times.

use std::fmt;

use sha2::{Digest, Sha256};
use timing_core::record::{Phase, RunId};

/// Of a trace; not all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub [u8; 16]);

/// Of a span; not all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub [u8; 8]);

/// Somebody else's span that a run is a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// The flags of the trace; the lowest bit says that somebody keeps it.
    pub flags: u8,
    /// What vendors say of it, handed on as it is.
    pub state: Option<String>,
}

/// The flag of a trace that somebody keeps.
const SAMPLED: u8 = 1;

/// How long `tracestate` may be and still be handed on (W3C Trace Context, 3.3.1.5).
const LONGEST_STATE: usize = 512;

impl Parent {
    /// What `TRACEPARENT` and `TRACESTATE` say; `None` where the first is not valid, in which case
    /// the second means nothing.
    #[must_use]
    pub fn parse(parent: &str, state: Option<&str>) -> Option<Self> {
        let mut parts = parent.split('-');
        let [version] = hex(parts.next()?)?;
        let (trace, span) = (hex(parts.next()?)?, hex(parts.next()?)?);
        let [flags] = hex(parts.next()?)?;
        // A later version may say more; the first one may not.
        let is_known = version != 0xff && (version > 0 || parts.next().is_none());
        if !is_known || trace == [0; 16] || span == [0; 8] {
            return None;
        }
        let is_plain =
            |state: &&str| !state.is_empty() && state.bytes().all(|b| (b' '..=b'~').contains(&b));
        let state = state.filter(is_plain).filter(|state| state.len() <= LONGEST_STATE);
        Some(Self {
            trace: TraceId(trace),
            span: SpanId(span),
            flags,
            state: state.map(str::to_owned),
        })
    }

    /// Whether the trace is kept: what is a part of one that nobody keeps is not sent.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

/// `text` as so many bytes; lower case only, as the format has it.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

/// As a `traceparent` of version 00.
impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, self.flags)
    }
}

/// The trace that `run` belongs to: its parent's, or one of its own.
#[must_use]
pub fn trace_of(run: &RunId, parent: Option<&Parent>) -> TraceId {
    parent.map_or_else(|| TraceId(derived(&["trace", run.as_str()])), |parent| parent.trace)
}

/// The span of the run itself.
#[must_use]
pub fn run_span(run: &RunId) -> SpanId {
    SpanId(derived(&["run", run.as_str()]))
}

/// The span of a phase of it. A run has one of a name.
#[must_use]
pub fn phase_span(run: &RunId, phase: &Phase) -> SpanId {
    SpanId(derived(&["phase", run.as_str(), phase.as_str()]))
}

/// The span of what is at `place` in a phase.
#[must_use]
pub(super) fn inner_span(run: &RunId, phase: &Phase, place: usize) -> SpanId {
    SpanId(derived(&["span", run.as_str(), phase.as_str(), &place.to_string()]))
}

/// What the steps of `phase` are told by their environment, so that spans of theirs are parts of it.
#[must_use]
pub fn handed(run: &RunId, parent: Option<&Parent>, phase: &Phase) -> Vec<(String, String)> {
    let context = Parent {
        trace: trace_of(run, parent),
        span: phase_span(run, phase),
        flags: parent.map_or(SAMPLED, |parent| parent.flags),
        state: None,
    };
    vec![("TRACEPARENT".to_owned(), context.to_string())]
}

/// Bytes that follow from `texts` and nothing else, the first of which is not zero. None of the
/// texts holds the newline that is between them.
fn derived<const N: usize>(texts: &[&str]) -> [u8; N] {
    let hash = Sha256::digest(texts.join("\n"));
    let mut bytes = [0; N];
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = hashed;
    }
    if let Some(first) = bytes.first_mut() {
        *first = (*first).max(1);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_valid_parent_comes_back_as_it_was() {
        let parent = Parent::parse(VALID, Some("a=1,b=2")).unwrap();
        assert_eq!(parent.to_string(), VALID);
        assert_eq!(parent.state.as_deref(), Some("a=1,b=2"));
        assert!(parent.is_sampled());
        let dropped = VALID.replace("-01", "-00");
        assert!(!Parent::parse(&dropped, None).unwrap().is_sampled());
    }

    #[test]
    fn a_later_version_may_say_more() {
        let later = format!("cc{}-what-the-future-will-be-like", &VALID[2..]);
        assert_eq!(Parent::parse(&later, None).unwrap().to_string(), VALID);
        assert!(Parent::parse(&later[..55], None).is_some());
    }

    #[test]
    fn what_is_no_parent_is_none() {
        let upper = VALID.to_uppercase();
        let longer = format!("{VALID}-00");
        let zero_trace = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        let zero_span = format!("00-0af7651916cd43dd8448eb211c80319c-{}-01", "0".repeat(16));
        let last = format!("ff{}", &VALID[2..]);
        let glued = format!("cc{}.x", &VALID[2..]);
        for text in [
            "",
            "-",
            "---",
            "00",
            &upper,
            &longer,
            &zero_trace,
            &zero_span,
            &last,
            &glued,
            &VALID[..54],
            &VALID[1..],
            "00-é-é-01",
            " 00",
            &format!("{VALID} "),
        ] {
            assert_eq!(Parent::parse(text, Some("a=1")), None, "{text}");
        }
    }

    #[test]
    fn a_state_that_is_none_is_left_out_and_the_parent_is_not() {
        for state in ["", "a=\n", "é=1", &"x".repeat(513)] {
            assert_eq!(Parent::parse(VALID, Some(state)).unwrap().state, None, "{state}");
        }
    }

    #[test]
    fn identifiers_follow_from_the_run_and_differ() {
        let run: RunId = "6974d98fdeadbeef".parse().unwrap();
        let phase: Phase = "apply-persistent".parse().unwrap();
        assert_eq!(run_span(&run), run_span(&run));
        let ids = [run_span(&run), phase_span(&run, &phase), inner_span(&run, &phase, 0)];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
        let parent = Parent::parse(VALID, None).unwrap();
        assert_eq!(trace_of(&run, Some(&parent)), parent.trace);
        assert_ne!(trace_of(&run, None), parent.trace);
        let said = &handed(&run, None, &phase)[0];
        let child = Parent::parse(&said.1, None).unwrap();
        assert_eq!((child.trace, child.span), (trace_of(&run, None), ids[1]));
        assert!(child.is_sampled());
    }
}
