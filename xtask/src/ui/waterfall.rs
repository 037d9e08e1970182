//! Times as bars that stand where their time was.

use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use timing_core::stages::{Outcome, covered};

use super::duration::human;
use super::style::{Decoration, Tone};
use super::surface::{Surface, padded};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Something that took a time.
    Bar(Bar),
    /// What is not shown.
    More {
        /// How far it is indented.
        depth: usize,
        /// How many these are.
        count: usize,
        /// What they took, each counted in full.
        total: Duration,
    },
}

/// Something that took a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// How far it is indented.
    pub depth: usize,
    /// What it is called.
    pub name: String,
    /// When, since the beginning of all.
    pub time: Range<Duration>,
    /// How it ended.
    pub outcome: Outcome,
    /// What it is.
    pub part: Part,
}

/// What a bar stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Something in which these were the stretches of work; empty where nothing is known of that.
    Whole(Rc<[Range<Duration>]>),
    /// A resource on the critical path.
    OnPath,
    /// Another resource.
    Beside,
}

impl Bar {
    /// How much of it was work, as far as that is known.
    #[must_use]
    pub fn working(&self) -> Option<Duration> {
        match &self.part {
            Part::Whole(busy) => {
                Some(covered(busy, &self.time)).filter(|working| !working.is_zero())
            }
            Part::OnPath | Part::Beside => None,
        }
    }

    fn marks(&self) -> &'static str {
        match (self.outcome, &self.part) {
            (Outcome::Errored, _) => "x",
            (Outcome::Unfinished, _) => "?",
            (Outcome::Complete, Part::OnPath) => "*",
            (Outcome::Complete, _) => "",
        }
    }

    fn tone(&self) -> Option<Tone> {
        match (self.outcome, &self.part) {
            (Outcome::Errored | Outcome::Unfinished, _) => Some(Tone::Bad),
            (_, Part::OnPath) => Some(Tone::Caution),
            (_, Part::Beside) => Some(Tone::Faint),
            (_, Part::Whole(_)) => None,
        }
    }
}

/// What bars are drawn with.
struct Glyphs {
    untold: &'static str,
    working: &'static str,
    waiting: &'static str,
    on_path: &'static str,
    beside: &'static str,
}

const DRAWN: Glyphs =
    Glyphs { untold: "─", working: "━", waiting: "┄", on_path: "█", beside: "▒" };
const ASCII: Glyphs = Glyphs { untold: "~", working: "=", waiting: ".", on_path: "#", beside: "-" };

fn glyphs(decoration: Decoration) -> &'static Glyphs {
    match decoration {
        Decoration::Rich => &DRAWN,
        Decoration::Plain => &ASCII,
    }
}

/// A bar has at least so many columns.
const SHORTEST: usize = 8;
const GAP: &str = "  ";
/// What `100 %` takes.
const SHARE: usize = 5;
/// Names have at most this share of the width, so that there is room for bars.
const NAMES: (usize, usize) = (9, 20);

/// `lines` within `total`, with a line above and an explanation of the marks below.
#[must_use]
pub fn waterfall(lines: &[Line], total: Duration, surface: Surface) -> String {
    let columns = Columns::of(lines, total, surface);
    let mut drawn = vec![columns.scale(total)];
    drawn.extend(lines.iter().map(|line| columns.line(line, total)));
    drawn.push(String::new());
    drawn.push(legend(surface.decoration));
    drawn.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn legend(decoration: Decoration) -> String {
    let Glyphs { untold, working, waiting, on_path, beside } = glyphs(decoration);
    format!(
        "resources: {on_path} * on the critical path, {beside} others; x failed, ? did not end\n\
         the rest: {working} a resource in progress, {waiting} none, {untold} none all the time"
    )
}

/// How wide each column is.
struct Columns {
    surface: Surface,
    name: usize,
    duration: usize,
    bar: usize,
}

impl Columns {
    fn of(lines: &[Line], total: Duration, surface: Surface) -> Self {
        use unicode_width::UnicodeWidthStr;
        let bars = || {
            lines.iter().filter_map(|line| if let Line::Bar(bar) = line { Some(bar) } else { None })
        };
        let name = |bar: &Bar| 2 * bar.depth + bar.name.width().max(2);
        let longest = bars().map(name).max().unwrap_or(0);
        let duration = |bar: &Bar| human(bar.time.end.saturating_sub(bar.time.start)).len();
        let duration = bars().map(duration).chain([human(total).len()]).max().unwrap_or(0);
        // However long a time is to be told, there is room for a bar.
        let beside = 3 + duration + SHARE + 2 * GAP.len();
        let most = (surface.width * NAMES.0 / NAMES.1)
            .min(surface.width.saturating_sub(beside + SHORTEST));
        let name = longest.max(24).min(most);
        Self {
            surface,
            name,
            duration,
            bar: surface.width.saturating_sub(name + beside).max(SHORTEST),
        }
    }

    fn scale(&self, total: Duration) -> String {
        let end = Some(human(total)).filter(|end| end.len() + 3 < self.bar).unwrap_or_default();
        let (name, duration) = (padded("", self.name), self.duration);
        let fill = self.bar.saturating_sub(2);
        format!("{name}   {:>duration$}{GAP}{:>SHARE$}{GAP}0s{end:>fill$}", "took", "work")
    }

    fn line(&self, line: &Line, total: Duration) -> String {
        match line {
            Line::More { depth, count, total } => {
                format!(
                    "{:indent$}and {} more, {} in total",
                    "",
                    thousands(*count),
                    human(*total),
                    indent = 2 * depth
                )
            }
            Line::Bar(bar) => self.bar(bar, total),
        }
    }

    fn bar(&self, bar: &Bar, total: Duration) -> String {
        let indent = 2 * bar.depth;
        let name = self.surface.cut(&bar.name, self.name.saturating_sub(indent));
        let name = padded(&format!("{:indent$}{name}", ""), self.name);
        let took = bar.time.end.saturating_sub(bar.time.start);
        let (duration, mark) = (self.duration, bar.marks());
        let work = match (&bar.part, bar.working()) {
            (Part::Whole(_), None) => "-".to_owned(),
            (_, Some(working)) => {
                format!("{:.0} %", 100.0 * working.as_secs_f64() / took.as_secs_f64())
            }
            (_, None) => String::new(),
        };
        let drawn = self.drawn(bar, total);
        let took = human(took);
        let paint = |text: &str| match bar.tone() {
            Some(tone) => self.surface.decoration.paint(tone, text),
            None => text.to_owned(),
        };
        let (mark, drawn) = (paint(&format!("{mark:1}")), paint(&drawn));
        format!("{name} {mark} {took:>duration$}{GAP}{work:>SHARE$}{GAP}{drawn}")
    }

    /// Blanks up to its beginning, then the bar; at least one mark wide.
    fn drawn(&self, bar: &Bar, total: Duration) -> String {
        let place = |at: Duration| place(at, total, self.bar);
        let first = place(bar.time.start).floor().min(self.bar as f64 - 1.0);
        let end = place(bar.time.end).round().clamp(first + 1.0, self.bar as f64);
        let Glyphs { untold, working, waiting, on_path, beside } = glyphs(self.surface.decoration);
        let (first, end) = (cell(first), cell(end));
        let glyph = |cell: usize| match &bar.part {
            Part::OnPath => on_path,
            Part::Beside => beside,
            Part::Whole(_) if bar.working().is_none() => untold,
            Part::Whole(busy) => {
                let time = self.time_of(cell, total);
                let time = time.start.max(bar.time.start)..time.end.min(bar.time.end);
                let is_busy = covered(busy, &time) * 2 >= time.end.saturating_sub(time.start);
                if is_busy { working } else { waiting }
            }
        };
        " ".repeat(first) + &(first..end).map(glyph).copied().collect::<String>()
    }

    fn time_of(&self, cell: usize, total: Duration) -> Range<Duration> {
        let at = |cell: usize| total.mul_f64((cell as f64 / self.bar as f64).min(1.0));
        at(cell)..at(cell + 1)
    }
}

/// Where a time is on a line of so many cells.
fn place(at: Duration, total: Duration, cells: usize) -> f64 {
    if total.is_zero() {
        0.0
    } else {
        (at.as_secs_f64() / total.as_secs_f64()).min(1.0) * cells as f64
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place on a line")]
fn cell(place: f64) -> usize {
    place.max(0.0) as usize
}

/// `1,480`.
#[must_use]
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}
