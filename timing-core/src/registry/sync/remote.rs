//! What is said to a remote, and what its answers mean.

use std::time::Duration;

use super::super::stale;
use super::error::SyncError;
use super::round::Again;
use crate::git::{
    Answer, BranchName, Deadline, Git, GitError, ObjectId, RemoteName, SshPolicy, mask_user_info,
};

const FETCHING: &str = "fetching from the remote";
const LISTING: &str = "listing the remote's branches";
const PUSHING: &str = "pushing to the remote";
const SETTINGS: &str = "reading the settings of the remote";

/// No tags, no marks, no housekeeping, nothing but what is named.
const FETCH: [&str; 12] = [
    "fetch",
    "--quiet",
    "--no-progress",
    "--no-tags",
    "--no-prune",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    "--no-show-forced-updates",
    "--no-filter",
    "--no-all",
    "--refmap=",
];

/// One conversation with a remote, under one deadline.
#[derive(Debug)]
pub(crate) struct Session {
    git: Git,
    remote: RemoteName,
    deadline: Deadline,
    address: String,
    is_partial: bool,
}

/// What a fetch found.
pub(super) enum Fetched {
    /// The remote-tracking branch is where the remote's branch is.
    Branch,
    /// The remote has no such branch.
    NoBranch,
    /// Another git was at work on the same reference.
    Raced,
}

/// What came of the push of one reference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is as it was to be.
    Done,
    /// It is not.
    Not(Again),
}

/// A branch that the remote has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// With `refs/heads/`.
    pub(crate) name: String,
    pub(crate) commit: ObjectId,
}

impl Session {
    /// A conversation with `remote` that has to be over after `total`; nothing is said yet.
    pub(crate) fn open(git: &Git, remote: &RemoteName, total: Duration) -> Result<Self, SyncError> {
        let deadline = Deadline::after(total);
        let settings = Settings::read(git, remote)?;
        let url = settings.url.ok_or_else(|| SyncError::NoRemote { remote: remote.clone() })?;
        let ssh = match settings.has_ssh_command || git.inherits_ssh() {
            true => SshPolicy::Users,
            false => SshPolicy::Batch,
        };
        Ok(Self {
            git: git.for_network(deadline, ssh),
            remote: remote.clone(),
            deadline,
            address: mask_user_info(&url),
            is_partial: settings.is_partial,
        })
    }

    /// What is left of the time.
    pub(super) fn left(&self) -> Duration {
        self.deadline.left()
    }

    /// The git that reads what was fetched. In a partial clone it may have to fetch more.
    pub(crate) fn reader<'a>(&'a self, local: &'a Git) -> &'a Git {
        if self.is_partial { &self.git } else { local }
    }

    /// Brings the remote-tracking branch of `branch` to where the remote's branch is.
    pub(super) fn fetch(&self, branch: &BranchName) -> Result<Fetched, SyncError> {
        let wanted = format!("refs/heads/{branch}");
        let tracking = format!("refs/remotes/{}/{branch}", self.remote);
        let refspec = format!("+{wanted}:{tracking}");
        let answer = self.run(FETCHING, &FETCH, &[refspec])?;
        if answer.code == Some(0) {
            Ok(Fetched::Branch)
        } else if answer.said(&format!("couldn't find remote ref {wanted}")) {
            Ok(Fetched::NoBranch)
        } else if ["cannot lock ref", "File exists"].iter().any(|words| answer.said(words)) {
            stale::discard_lock(&self.git, &tracking);
            Ok(Fetched::Raced)
        } else {
            Err(self.unreachable(answer.failure(FETCHING)))
        }
    }

    /// Brings the commits of these branches here, and no reference. `false` when one of the
    /// branches does not exist any more; none of the others need have come then.
    pub(crate) fn fetch_objects(&self, branches: &[&Listed]) -> Result<bool, SyncError> {
        let names: Vec<String> = branches.iter().map(|branch| branch.name.clone()).collect();
        let answer = self.run(FETCHING, &FETCH, &names)?;
        if answer.code == Some(0) || answer.said("couldn't find remote ref") {
            return Ok(answer.code == Some(0));
        }
        Err(self.unreachable(answer.failure(FETCHING)))
    }

    /// The remote's branches whose names match `pattern`, a path in which `*` stands for anything.
    pub(crate) fn list(&self, pattern: &str) -> Result<Vec<Listed>, SyncError> {
        let pattern = format!("refs/heads/{pattern}");
        let answer = self.run(LISTING, &["ls-remote", "--quiet", "--refs"], &[pattern])?;
        let said = answer.success(LISTING).map_err(|error| self.unreachable(error))?;
        let lines = said.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        lines.map(listed).collect::<Option<_>>().ok_or_else(|| {
            self.unreachable(GitError::unexpected(LISTING, "a line that is no branch"))
        })
    }

    /// Makes the remote's branch `commit`, if that is descended from where the branch is.
    pub(crate) fn push(&self, commit: ObjectId, branch: &str) -> Result<Pushed, SyncError> {
        let reference = format!("refs/heads/{branch}");
        let refspec = format!("{commit}:{reference}");
        let answer = self.run_push(&[], &[refspec])?;
        match status_of(&answer, &reference) {
            Some(pushed) => Ok(pushed),
            None if answer.code == Some(0) => Ok(Pushed::Done),
            None => Err(self.unreachable(answer.failure(PUSHING))),
        }
    }

    /// Deletes the remote's branches, each if it is where it was listed; says what came of each,
    /// `None` where nothing was said.
    pub(crate) fn delete(&self, branches: &[&Listed]) -> Result<Vec<Option<Pushed>>, SyncError> {
        let lease = |b: &&Listed| format!("--force-with-lease={}:{}", b.name, b.commit);
        let leases: Vec<String> = branches.iter().map(lease).collect();
        let refspecs: Vec<String> = branches.iter().map(|b| format!(":{}", b.name)).collect();
        let answer = self.run_push(&leases, &refspecs)?;
        Ok(branches.iter().map(|branch| status_of(&answer, &branch.name)).collect())
    }

    fn run_push(&self, options: &[String], refspecs: &[String]) -> Result<Answer, SyncError> {
        // A mirror takes no refspec.
        let mirror = format!("remote.{}.mirror=false", self.remote);
        let mut args = vec![
            "-c",
            &mirror,
            "push",
            "--porcelain",
            "--no-progress",
            "--no-verify",
            "--no-signed",
        ];
        args.extend(options.iter().map(String::as_str));
        self.run(PUSHING, &args, refspecs)
    }

    fn run(&self, doing: &'static str, args: &[&str], of: &[String]) -> Result<Answer, SyncError> {
        // Newer versions of git would otherwise note which branch the remote's HEAD is.
        let head = format!("remote.{}.followRemoteHEAD=never", self.remote);
        let mut argv = vec!["-c", &head];
        argv.extend(args);
        argv.push(self.remote.as_str());
        argv.extend(of.iter().map(String::as_str));
        self.git.run(doing, &argv).map_err(|error| self.unreachable(error))
    }

    pub(super) fn unreachable(&self, error: GitError) -> SyncError {
        SyncError::Unreachable { remote: self.name(), error }
    }

    /// The error of a conversation that led to nothing.
    pub(super) fn gave_up(&self, branch: &str, attempts: u32, last: Again) -> SyncError {
        let (remote, branch) = (self.name(), branch.to_owned());
        match last {
            Again::Raced => {
                SyncError::Contended { remote, branch, attempts, total: self.deadline.total() }
            }
            Again::Refused(reason) => SyncError::Refused { remote, branch, reason, attempts },
        }
    }

    fn name(&self) -> String {
        format!("the remote {:?} ({})", self.remote.as_str(), self.address.escape_debug())
    }
}

fn listed(line: &[u8]) -> Option<Listed> {
    let tab = memchr::memchr(b'\t', line)?;
    let commit = std::str::from_utf8(&line[..tab]).ok()?.parse().ok()?;
    Some(Listed { name: String::from_utf8_lossy(&line[tab + 1..]).into_owned(), commit })
}

/// What `push --porcelain` says of one reference: `<flag> <from>:<to> <summary>`, between tabs.
fn status_of(answer: &Answer, reference: &str) -> Option<Pushed> {
    let text = String::from_utf8_lossy(&answer.stdout);
    let (flag, summary) = text.lines().find_map(|line| {
        let mut fields = line.splitn(3, '\t');
        let (flag, refs, summary) = (fields.next()?, fields.next()?, fields.next()?);
        (refs.rsplit_once(':')?.1 == reference).then_some((flag, summary))
    })?;
    if flag != "!" {
        return Some(Pushed::Done);
    }
    Some(Pushed::Not(if is_race(summary) {
        Again::Raced
    } else {
        let said = answer.failure(PUSHING).to_string();
        Again::Refused(format!("{}: {said}", mask_user_info(summary)))
    }))
}

/// Whether somebody else was faster, as this side or the other one says it.
fn is_race(summary: &str) -> bool {
    let words = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "cannot lock ref",
        "failed to update ref",
        "reference already exists",
        "incorrect old value",
    ];
    words.iter().any(|words| summary.contains(words))
}

/// What the repository's configuration says of a remote.
#[derive(Debug, Default)]
struct Settings {
    url: Option<String>,
    has_ssh_command: bool,
    is_partial: bool,
}

impl Settings {
    fn read(git: &Git, remote: &RemoteName) -> Result<Self, SyncError> {
        // Names with special characters are looked up below; the pattern only keeps the answer short.
        let keys = r"^(core\.sshcommand|extensions\.partialclone|remote\..*\.(url|promisor))$";
        let answer = git.run(SETTINGS, &["config", "-z", "--get-regexp", keys])?;
        let said = match answer.code {
            // Nothing matches.
            Some(1) => Vec::new(),
            _ => answer.success(SETTINGS)?,
        };
        let mut settings = Self::default();
        for entry in String::from_utf8_lossy(&said).split('\0') {
            let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
            match key {
                "core.sshcommand" => settings.has_ssh_command = true,
                "extensions.partialclone" => settings.is_partial = true,
                _ if key.ends_with(".promisor") => settings.is_partial |= value == "true",
                _ if key == format!("remote.{remote}.url") => {
                    settings.url = Some(value.to_owned());
                }
                _ => {}
            }
        }
        Ok(settings)
    }
}
