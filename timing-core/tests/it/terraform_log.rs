//! A made-up run of Terraform: what it would print, and what was the case.

use std::collections::BTreeMap;
use std::time::Duration;

use timing_core::stages::{Action, Kind, Outcome};

/// Workers of a run, as Terraform has without `-parallelism`.
const WORKERS: usize = 10;

/// What a span should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Truth {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) start: Duration,
    pub(crate) end: Duration,
    pub(crate) outcome: Outcome,
}

/// A run: lines with the times of their arrival, and what they tell.
pub(crate) struct Log {
    pub(crate) lines: Vec<(Duration, String)>,
    pub(crate) truth: Vec<Truth>,
    pub(crate) end: Duration,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Colour {
    On,
    Off,
}

/// A sequence that is the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Lines by their time, and those of one time in the order in which they were added.
#[derive(Default)]
struct Printed(BTreeMap<u64, Vec<String>>);

impl Printed {
    fn at(&mut self, ms: u64, line: String) {
        self.0.entry(ms).or_default().push(line);
    }
}

/// A run with this many operations on resources.
pub(crate) fn run(operations: usize, colour: Colour, seed: u64) -> Log {
    let mut dice = Dice(seed);
    let mut free = [0_u64; WORKERS];
    let mut printed = Printed::default();
    let (mut truth, mut failed) = (Vec::new(), Vec::new());
    while truth.len() < operations {
        let worker = (0..WORKERS).min_by_key(|&worker| free[worker]).unwrap();
        let start = free[worker] + 1 + dice.below(400);
        let (address, actions) = job(truth.len(), &mut dice);
        let mut now = start;
        for action in actions {
            let outcome = match dice.below(100) {
                0..3 => Outcome::Errored,
                3..5 => Outcome::Unfinished,
                _ => Outcome::Complete,
            };
            let longest = if dice.below(10) == 0 { 300_000 } else { 30_000 };
            let end = now + dice.below(longest);
            operation(&mut printed, &address, *action, (now, end), outcome, colour);
            if outcome == Outcome::Errored {
                failed.push(truth.len());
            }
            truth.push(Truth {
                name: address.clone(),
                kind: Kind::Resource(*action),
                start: Duration::from_millis(now),
                end: Duration::from_millis(end),
                outcome,
            });
            now = end + 1;
            if outcome != Outcome::Complete {
                break;
            }
        }
        free[worker] = now;
    }
    let mut last = free.into_iter().max().unwrap_or_default();
    for index in failed {
        last += 3;
        truth[index].end = Duration::from_millis(last);
        for line in error(&truth[index].name, colour) {
            printed.at(last, line);
        }
    }
    let end = Duration::from_millis(last + 10);
    for unfinished in truth.iter_mut().filter(|span| span.outcome == Outcome::Unfinished) {
        unfinished.end = end;
    }
    let lines = printed.0.into_iter().flat_map(|(ms, lines)| {
        lines.into_iter().map(move |line| (Duration::from_millis(ms), line))
    });
    Log { lines: lines.collect(), truth, end }
}

/// An address of one of many shapes, and what is done to it, one after the other.
fn job(number: usize, dice: &mut Dice) -> (String, &'static [Action]) {
    let address = match dice.below(8) {
        0 => format!("aws_x.r{number}"),
        1 => format!("module.eks[\"a.b\"].aws_x.y[\"with blanks: and colons {number}\"]"),
        2 => format!("module.net.module.sub[0].aws_subnet.this[{number}]"),
        3 => format!("aws_x.y[\"{number} \\\"quoted\\\": Creation complete after 1s [id=x]\"]"),
        4 => format!("module.a[\"x].y\"].aws_x.é-{number}[\"a, b; c\"]"),
        5 => format!("aws_x.y[\"{number}: Creating...\"]"),
        6 => return (format!("data.aws_policy.p{number}"), &[Action::Read]),
        _ => {
            let deposed = format!("aws_x.r{number} (deposed object 12ab34cd)");
            return (deposed, &[Action::Destroy]);
        }
    };
    let actions: &[Action] = match dice.below(5) {
        0 => &[Action::Update],
        1 => &[Action::Destroy],
        2 => &[Action::Destroy, Action::Create],
        3 => &[Action::Import],
        _ => &[Action::Create],
    };
    (address, actions)
}

fn operation(
    printed: &mut Printed,
    address: &str,
    action: Action,
    (start, end): (u64, u64),
    outcome: Outcome,
    colour: Colour,
) {
    let (begins, still, completes) = match action {
        Action::Create => ("Creating...", "creating", "Creation complete after 7s [id=a: b]"),
        Action::Update => {
            ("Modifying... [id=x]", "modifying", "Modifications complete after 7s [id=x]")
        }
        Action::Destroy => ("Destroying... [id=x]", "destroying", "Destruction complete after 7s"),
        Action::Read => ("Reading...", "reading", "Read complete after 7s [id=x]"),
        Action::Import => ("Importing... [id=x]", "importing", "Import complete [id=x]"),
    };
    let mut say = |at, text: &str| printed.at(at, coloured(address, text, colour));
    say(start, begins);
    for (tens, at) in (1..).zip((start + 10_000..end).step_by(10_000)) {
        say(at, &format!("Still {still}... [{:02}m{:02}s elapsed]", tens / 6, tens % 6 * 10));
    }
    if outcome == Outcome::Complete {
        say(end, completes);
    }
    for line in 0..6 {
        let quoted = format!("{address} (local-exec): {address}: {begins} {line}");
        printed.at(start.midpoint(end), quoted);
    }
}

fn coloured(address: &str, text: &str, colour: Colour) -> String {
    match colour {
        Colour::Off => format!("{address}: {text}"),
        Colour::On => format!("\x1b[0m\x1b[1m{address}: {text}\x1b[0m\x1b[0m"),
    }
}

fn error(address: &str, colour: Colour) -> [String; 6] {
    let (red, bold, off) = match colour {
        Colour::Off => ("", "", ""),
        Colour::On => ("\x1b[31m", "\x1b[0m\x1b[1m\x1b[31m", "\x1b[0m"),
    };
    [
        format!("{red}╷{off}"),
        format!("{red}│{off} {bold}Error: {off}creating: it did not work"),
        format!("{red}│{off} "),
        format!("{red}│{off} {off}  with {address},"),
        format!("{red}│{off}   on main.tf line 1, in resource \"aws_x\" \"y\":"),
        format!("{red}╵{off}"),
    ]
}
