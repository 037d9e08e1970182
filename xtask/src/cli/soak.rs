//! The storm, as it is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

pub(super) const SOAK: &str = "soak";

const SEED: &str = "seed";
const KILLS: &str = "kills";
const WRITERS: &str = "writers";
const CLONES: &str = "clones";
const ROWS: &str = "rows";
const DEADLINE: &str = "deadline";
const ONLY: &str = "only";
const KEEP: &str = "keep";
const FAKETIME: &str = "faketime";

/// How much of a storm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SoakOptions {
    /// What everything is drawn from; `None` for one of its own.
    pub seed: Option<u64>,
    /// How many runs are killed.
    pub kills: usize,
    /// How many write at once in one clone.
    pub writers: usize,
    /// How many clones write at once to one remote.
    pub clones: usize,
    /// How many runs each of them makes.
    pub rows: usize,
    /// No run starts later than this after the start.
    pub deadline: Duration,
    /// Only the scenes whose names begin so; all when empty.
    pub only: Vec<String>,
    /// What becomes of the directory.
    pub keep: Keep,
    /// libfaketime, where it is not where Debian has it.
    pub faketime: Option<PathBuf>,
}

/// What becomes of a directory that was made for a command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// It is removed.
    #[default]
    Never,
    /// It stays, to be looked at.
    Always,
}

pub(super) fn command() -> Command {
    let about = "Kill, starve and cut off the recorder at random, and count what is lost";
    Command::new(SOAK).about(about).defer(options)
}

fn options(command: Command) -> Command {
    command
        .long_about(
            "Kill, starve and cut off the recorder at random, and count what is lost.\n\n\
            Runs this program in temporary repositories, and holds every row against a ledger of \
            its own. Prints one line of figures; exits with 1 when a row is lost or duplicated or \
            an exit code wrong. Full disks need the right to mount, the clock needs libfaketime; \
            what this machine cannot do is skipped, and said.",
        )
        .after_help(
            "Examples:\n  cargo xtask soak\n  cargo xtask soak --kills 500 --writers 64 --clones 8 \
            --rows 25\n  cargo xtask soak --seed 7 --only kills,full-journal --keep",
        )
        .arg(
            Arg::new(SEED)
                .long(SEED)
                .value_name("N")
                .value_parser(value_parser!(u64))
                .help("Draw everything from this number, as the figures of another soak name it"),
        )
        .arg(count(KILLS, "40", "Runs that are killed"))
        .arg(count(WRITERS, "8", "Writers at once in one clone"))
        .arg(count(CLONES, "4", "Clones that write at once to one remote"))
        .arg(count(ROWS, "5", "Runs of each writer and of each clone"))
        .arg(
            Arg::new(DEADLINE)
                .long(DEADLINE)
                .value_name("SECONDS")
                .value_parser(value_parser!(u64))
                .default_value("3600")
                .help("Start no run later than this; those left over count as a failure"),
        )
        .arg(
            Arg::new(ONLY)
                .long(ONLY)
                .value_name("SCENES")
                .value_delimiter(',')
                .help("Only the scenes whose names begin so"),
        )
        .arg(
            Arg::new(KEEP)
                .long(KEEP)
                .action(ArgAction::SetTrue)
                .help("Keep the directory, and say where it is"),
        )
        .arg(
            Arg::new(FAKETIME)
                .long(FAKETIME)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("libfaketime.so.1, where it is not where Debian has it"),
        )
}

fn count(name: &'static str, default: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("N")
        .value_parser(value_parser!(u16).range(0..=5000))
        .default_value(default)
        .help(help)
}

/// What `matches` of [`command`] ask for.
pub(super) fn parse(matches: &ArgMatches) -> SoakOptions {
    let count = |name: &str| matches.get_one::<u16>(name).copied().map_or(0, usize::from);
    let deadline = matches.get_one::<u64>(DEADLINE).copied().unwrap_or_default();
    SoakOptions {
        seed: matches.get_one(SEED).copied(),
        kills: count(KILLS),
        writers: count(WRITERS),
        clones: count(CLONES).max(1),
        rows: count(ROWS),
        deadline: Duration::from_secs(deadline),
        only: matches.get_many(ONLY).unwrap_or_default().cloned().collect(),
        keep: if matches.get_flag(KEEP) { Keep::Always } else { Keep::Never },
        faketime: matches.get_one(FAKETIME).cloned(),
    }
}
