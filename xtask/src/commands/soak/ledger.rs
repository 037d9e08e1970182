//! What really happened, kept beside the program and its journal: the truth that rows are held
//! against.
//!
//! One line per event, appended and synced: the harness writes what it started and how it ended,
//! and the steps themselves write when they start and end.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::plan::Target;

/// A step of the scenes: says when it starts and ends, and ends as it is told to. `SOAK_STEPS` holds
/// `phase=seconds:code` pairs.
pub(super) const STEP_SCRIPT: &str = r#"phase=$1
plan=" $SOAK_STEPS "
mine=${plan#* "$phase"=}
mine=${mine%% *}
say() { printf '%s %s %s\n' "$SOAK_TOKEN" "$phase" "$*" >>"$SOAK_LEDGER" && sync -d "$SOAK_LEDGER"; }
say started
echo "$phase of $SOAK_TOKEN"
[ "${mine%:*}" = 0 ] || sleep "${mine%:*}"
say ended "${mine#*:}"
exit "${mine#*:}"
"#;

/// Where rows can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    /// The local branch of a clone.
    Clone(usize),
    /// The branch at the remote.
    Remote,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clone(index) => write!(f, "clone-{index}"),
            Self::Remote => f.write_str("remote"),
        }
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix("clone-") {
            Some(index) => index.parse().map(Self::Clone).map_err(|_| ()),
            None if text == "remote" => Ok(Self::Remote),
            None => Err(()),
        }
    }
}

/// Something that happened to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// It is about to be started; its rows have to be at the place in the end.
    Started { target: Target, destination: Place },
    /// It ended by itself.
    Exited { code: i32, expected: u8 },
    /// It was killed.
    Killed,
    /// It never ended, and was killed for that.
    Hung,
    /// It said that it could not keep a journal.
    SaidSo,
    /// A step started.
    PhaseStarted { phase: String },
    /// A step is about to end.
    PhaseEnded { phase: String, code: u8 },
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) token: String,
    pub(super) event: Event,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = &self.token;
        match &self.event {
            Event::Started { target, destination } => {
                write!(f, "{token} run started {} {destination}", target.as_str())
            }
            Event::Exited { code, expected } => {
                write!(f, "{token} run exited {code} expected {expected}")
            }
            Event::Killed => write!(f, "{token} run killed"),
            Event::Hung => write!(f, "{token} run hung"),
            Event::SaidSo => write!(f, "{token} run said-so"),
            Event::PhaseStarted { phase } => write!(f, "{token} {phase} started"),
            Event::PhaseEnded { phase, code } => write!(f, "{token} {phase} ended {code}"),
        }
    }
}

impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("{text:?} in the ledger says nothing");
        let words: Vec<&str> = text.split(' ').collect();
        let (token, event) = match words.as_slice() {
            [token, "run", "started", target, place] => {
                let target = Target::from_name(target).ok_or_else(unknown)?;
                let destination = place.parse().map_err(|()| unknown())?;
                (token, Event::Started { target, destination })
            }
            [token, "run", "exited", code, "expected", expected] => {
                let code = code.parse().map_err(|_| unknown())?;
                (token, Event::Exited { code, expected: expected.parse().map_err(|_| unknown())? })
            }
            [token, "run", "killed"] => (token, Event::Killed),
            [token, "run", "hung"] => (token, Event::Hung),
            [token, "run", "said-so"] => (token, Event::SaidSo),
            [token, phase, "started"] => {
                (token, Event::PhaseStarted { phase: (*phase).to_owned() })
            }
            [token, phase, "ended", code] => {
                let code = code.parse().map_err(|_| unknown())?;
                (token, Event::PhaseEnded { phase: (*phase).to_owned(), code })
            }
            _ => return Err(unknown()),
        };
        Ok(Self { token: (*token).to_owned(), event })
    }
}

/// The ledger of a scene.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    file: File,
}

impl Ledger {
    /// A new one at `path`.
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        Ok(Self { path, file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds `event`, durably.
    pub(super) fn note(&self, token: &str, event: Event) -> io::Result<()> {
        let line = format!("{}\n", Line { token: token.to_owned(), event });
        (&self.file).write_all(line.as_bytes())?;
        self.file.sync_data()
    }

    /// All lines so far.
    pub(super) fn read(&self) -> Result<Vec<Line>, String> {
        let text = std::fs::read_to_string(&self.path).map_err(|error| error.to_string())?;
        text.lines().map(str::parse).collect()
    }

    /// What is written from now on.
    pub(super) fn watch(&self) -> io::Result<Watch> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Watch { file, seen: Vec::new() })
    }
}

/// A look at what is added to a ledger.
#[derive(Debug)]
pub(super) struct Watch {
    file: File,
    seen: Vec<u8>,
}

impl Watch {
    /// Whether the step of `phase` in run `token` has said that it ends.
    pub(super) fn has_ended(&mut self, token: &str, phase: &str) -> io::Result<bool> {
        self.file.read_to_end(&mut self.seen)?;
        let said = format!("{token} {phase} ended ");
        Ok(self.seen.split(|&byte| byte == b'\n').any(|line| line.starts_with(said.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_and_others_are_refused() {
        let lines = "a run started deploy-persistent clone-3\na run started apply-persistent remote\n\
            a run exited 7 expected 0\na run killed\na run hung\na run said-so\n\
            a apply-persistent started\na apply-persistent ended 7";
        for line in lines.lines() {
            assert_eq!(line.parse::<Line>().unwrap().to_string(), line);
        }
        for line in ["", "a", "a run", "a run started verify remote", "a b ended x"] {
            assert!(line.parse::<Line>().is_err(), "{line:?}");
        }
    }
}
