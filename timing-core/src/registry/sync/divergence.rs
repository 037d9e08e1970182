//! How the local branch and the remote's differ, and what that means for the next commit.

use super::super::content;
use super::super::layout::{self, Place};
use super::super::snapshot::Snapshot;
use super::super::tips::Tips;
use super::AppendError;
use crate::git::{Git, GitError, IDENTITY_EMAIL, ObjectId};

const COMPARING: &str = "comparing the registry's branch with the remote's";

/// What the next commit builds on, and what it has to carry over.
#[derive(Debug, Default)]
pub(super) struct Divergence {
    /// `None` when there is no branch anywhere.
    pub(super) base: Option<ObjectId>,
    /// Files of ours that the local branch has otherwise than the remote, and that are not on `base`.
    pub(super) carry: Vec<String>,
    /// How many rows `base` holds that the remote does not.
    pub(super) ahead: usize,
    /// A file that the local branch changes, and that is not for the recorder to push or to drop.
    pub(super) foreign: Option<String>,
}

/// Compares the local branch with the remote's at `remote`, whose tracking branch was at `before`.
pub(super) fn between(
    git: &Git,
    tips: &Tips,
    remote: Option<ObjectId>,
    before: Option<ObjectId>,
) -> Result<Divergence, AppendError> {
    let base = |base| Ok(Divergence { base, ..Divergence::default() });
    let (local, remote) = match (tips.local, remote) {
        (_, None) => {
            let ahead = tips.base().map_or(Ok(0), |base| all_rows(git, base))?;
            return Ok(Divergence { base: tips.base(), ahead, ..Divergence::default() });
        }
        (None, Some(remote)) => return base(Some(remote)),
        (Some(local), Some(remote)) if local == remote => return base(Some(remote)),
        (Some(local), Some(remote)) => (local, remote),
    };
    let fork = match merge_base(git, remote, local)? {
        None => before.map_or(Ok(None), |before| merge_base(git, before, local))?,
        some => some,
    };
    let mut carry = Vec::new();
    for change in changes(git, remote, local)? {
        if let (true, Some(_)) = (change.is_file, Place::of(&change.path)) {
            carry.push(String::from_utf8_lossy(&change.path).into_owned());
        }
    }
    // With nothing in common nobody can tell the user's changes from the remote's.
    let foreign = match fork {
        Some(fork) => foreign(git, fork, local)?,
        None => None,
    };
    if fork == Some(remote)
        && foreign.is_none()
        && let Some(ahead) = appended_rows(git, remote, local, &carry)?
    {
        return Ok(Divergence { base: Some(local), ahead, ..Divergence::default() });
    }
    Ok(Divergence { base: Some(remote), carry, ahead: 0, foreign })
}

/// A file that somebody else changed between `fork` and `local`. Pages are ours where we made the
/// commits that change them: what a person writes in one is that person's.
fn foreign(git: &Git, fork: ObjectId, local: ObjectId) -> Result<Option<String>, GitError> {
    let changes = changes(git, fork, local)?;
    let name = |change: &Change| String::from_utf8_lossy(&change.path).into_owned();
    if let Some(change) = changes.iter().find(|change| !layout::is_ours(&change.path)) {
        return Ok(Some(name(change)));
    }
    let pages: Vec<String> =
        changes.iter().filter(|change| layout::is_page(&change.path)).map(name).collect();
    if pages.is_empty() {
        return Ok(None);
    }
    let range = format!("{fork}..{local}");
    let specs: Vec<String> = pages.iter().map(|page| format!(":(top,literal){page}")).collect();
    let mut args = vec!["log", "--no-show-signature", "--format=%ae", &range, "--"];
    args.extend(specs.iter().map(String::as_str));
    let authors = git.run(COMPARING, &args)?.success(COMPARING)?;
    let is_ours = |line: &[u8]| line.is_empty() || line == IDENTITY_EMAIL.as_bytes();
    let all_ours = authors.split(|b| *b == b'\n').all(is_ours);
    Ok(pages.into_iter().next().filter(|_| !all_ours))
}

/// How many rows a branch holds that is new to the remote.
fn all_rows(git: &Git, commit: ObjectId) -> Result<usize, AppendError> {
    let tip = commit.to_string();
    let args = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", &tip];
    let listed = git.run(COMPARING, &args)?.success(COMPARING)?;
    let ours = listed.split(|b| *b == 0).filter(|path| layout::table_at(path).is_some());
    let paths: Vec<String> = ours.map(|p| String::from_utf8_lossy(p).into_owned()).collect();
    let snapshot = Snapshot::read(git, commit, &paths)?;
    let rows = |path: &String| rows_in(path, snapshot.file(path).unwrap_or_default());
    Ok(paths.iter().map(rows).sum())
}

/// How many rows `local` appends to what `remote` has at `paths`; `None` if it does anything else but
/// adding files of runs' own.
fn appended_rows(
    git: &Git,
    remote: ObjectId,
    local: ObjectId,
    paths: &[String],
) -> Result<Option<usize>, AppendError> {
    let (old, new) = (Snapshot::read(git, remote, paths)?, Snapshot::read(git, local, paths)?);
    let mut rows = 0;
    for path in paths {
        if let Some(Place::OwnFile(_)) = Place::of(path.as_bytes()) {
            match old.file(path) {
                Some(_) => return Ok(None),
                None => continue,
            }
        }
        let (old, new) = (old.file(path).unwrap_or_default(), new.file(path).unwrap_or_default());
        let Some(tail) = new.strip_prefix(old) else { return Ok(None) };
        rows += rows_in(path, tail);
    }
    Ok(Some(rows))
}

/// How many rows `bytes`, the file at `path` or a part of it, has.
fn rows_in(path: &str, bytes: &[u8]) -> usize {
    let table = layout::table_at(path.as_bytes()).map(|(table, _)| table);
    table.map_or(0, |table| content::rows_beyond(table, bytes, b"").len())
}

/// A file that differs between two commits.
struct Change {
    path: Vec<u8>,
    /// Whether the later commit holds an ordinary file there.
    is_file: bool,
}

fn changes(git: &Git, from: ObjectId, to: ObjectId) -> Result<Vec<Change>, GitError> {
    let (from, to) = (from.to_string(), to.to_string());
    let args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", &from, &to];
    let said = git.run(COMPARING, &args)?.success(COMPARING)?;
    // `:<mode> <mode> <id> <id> <status>`, then the path.
    let fields: Vec<&[u8]> = said.split(|b| *b == 0).collect();
    let (pairs, _) = fields.as_chunks::<2>();
    let change = |[raw, path]: &[&[u8]; 2]| Change {
        path: path.to_vec(),
        is_file: raw.split(|b| *b == b' ').nth(1).is_some_and(|mode| mode.starts_with(b"100")),
    };
    Ok(pairs.iter().map(change).collect())
}

/// The newest commit that both are descended from; in a shallow clone there may seem to be none.
fn merge_base(git: &Git, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>, GitError> {
    let answer = git.run(COMPARING, &["merge-base", &one.to_string(), &other.to_string()])?;
    if answer.code == Some(1) {
        return Ok(None);
    }
    let said = answer.success(COMPARING)?;
    let id = std::str::from_utf8(said.trim_ascii()).ok().and_then(|id| id.parse().ok());
    id.map(Some).ok_or_else(|| GitError::unexpected(COMPARING, "a fork that is no commit"))
}
