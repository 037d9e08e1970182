//! What the registry's shell reader prints, byte for byte.
//!
//! That reader knows lines and commas, no rows: it splits each line at every comma, also inside
//! quotes, and takes three columns by their place in the first line, whatever generation a line
//! below it is of. So does this, on purpose; everything else here reads rows.
//!
//! Where its description leaves a choice, this does what awk does of itself: names in the first
//! line are taken without the blanks around them, fields are taken with them; a field counts as the
//! decimal number at its beginning, and as 0 when there is none, so that a run whose exit code is
//! no number counts as a success; a line that ends before its exit code is skipped.

use std::fmt;

/// The phases it knows, in the order in which it prints them.
pub const PHASES: [&str; 8] = [
    "build",
    "bootstrap",
    "terraform-apply",
    "apply-persistent",
    "bootstrap-persistent",
    "teardown",
    "teardown-persistent",
    "rds-apply",
];

/// The columns it needs.
const COLUMNS: [&str; 3] = ["phase", "duration_seconds", "exit_code"];

/// Its answer; `Display` is what it prints.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reliability {
    /// The columns that the first line does not have. Without one of them nothing can be counted.
    pub missing: Vec<&'static str>,
    phases: [Figures; PHASES.len()],
}

/// What is counted of a phase.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Figures {
    success: u64,
    fail: u64,
    seconds: f64,
    /// The least and the most; `None` before the first line.
    range: Option<(f64, f64)>,
}

/// Where the columns are, counted from 0.
struct Places {
    phase: usize,
    duration: usize,
    exit_code: usize,
}

impl Reliability {
    /// Of a file with these `lines`, without their line ends (LF; a CR before it is text).
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut all = Self::default();
        let mut lines = lines.into_iter();
        let Some(header) = lines.next() else { return all };
        match Places::in_header(header) {
            Ok(places) => lines.for_each(|line| all.take(line, &places)),
            Err(missing) => all.missing = missing,
        }
        all
    }

    fn take(&mut self, line: &[u8], places: &Places) {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b',').collect();
        let (Some(phase), Some(exit_code)) =
            (fields.get(places.phase), fields.get(places.exit_code))
        else {
            return;
        };
        let number = PHASES.iter().position(|known| known.as_bytes() == *phase);
        let Some(figures) = number.and_then(|number| self.phases.get_mut(number)) else { return };
        let seconds = fields.get(places.duration).map_or(0.0, |field| leading_number(field));
        figures.seconds += seconds;
        let (least, most) = figures.range.unwrap_or((seconds, seconds));
        figures.range = Some((least.min(seconds), most.max(seconds)));
        if leading_number(exit_code) == 0.0 {
            figures.success += 1;
        } else {
            figures.fail += 1;
        }
    }
}

impl Places {
    /// Or what is missing. Of two columns of one name the last one counts.
    fn in_header(line: &[u8]) -> Result<Self, Vec<&'static str>> {
        let names: Vec<&[u8]> = line.split(|&byte| byte == b',').map(trimmed).collect();
        let place = |name: &str| names.iter().rposition(|known| *known == name.as_bytes());
        match COLUMNS.map(place) {
            [Some(phase), Some(duration), Some(exit_code)] => {
                Ok(Self { phase, duration, exit_code })
            }
            _ => Err(COLUMNS.into_iter().filter(|name| place(name).is_none()).collect()),
        }
    }
}

/// Without the blanks of the C locale around it.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !is_blank(*byte);
    let start = text.iter().position(is_text).unwrap_or(text.len());
    let end = text.iter().rposition(is_text).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || (0x09..=0x0d).contains(&byte)
}

/// The decimal number at the beginning of a field, behind blanks; 0 when there is none.
fn leading_number(field: &[u8]) -> f64 {
    let text = trimmed(field);
    let digits =
        |from: usize| text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(end);
    end += whole;
    if text.get(end) == Some(&b'.') && (whole > 0 || digits(end + 1) > 0) {
        end += 1 + digits(end + 1);
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        end += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    let number = text.get(..end).and_then(|number| std::str::from_utf8(number).ok());
    number.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "phase,count,success,fail,avg_duration_seconds,min_duration_seconds,max_duration_seconds\n",
        )?;
        for (phase, figures) in PHASES.iter().zip(&self.phases) {
            let Figures { success, fail, .. } = figures;
            let (average, least, most) = figures.durations();
            writeln!(
                f,
                "{phase},{},{success},{fail},{average:.0},{least:.0},{most:.0}",
                success + fail
            )?;
        }
        Ok(())
    }
}

impl Figures {
    /// The average rounded half to even, as C's `%.0f` does; the others cut, as `%d` does.
    fn durations(&self) -> (f64, f64, f64) {
        let Some((least, most)) = self.range else { return (0.0, 0.0, 0.0) };
        #[expect(clippy::cast_precision_loss, reason = "lines of a file are below 2^53")]
        let average = self.seconds / (self.success + self.fail) as f64;
        // What is cut has no sign when nothing is left of it; what is rounded has.
        (average.round_ties_even(), least.trunc() + 0.0, most.trunc() + 0.0)
    }
}
