//! The commits of a history, each after its parents.

use std::sync::Arc;

use crate::clock::UtcStamp;
use crate::git::{Git, GitError, ObjectId};

/// What is said of a commit to whoever looks for the culprit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// Its author, as `Name <address>`.
    pub author: String,
    /// When it was authored.
    pub date: UtcStamp,
    /// The first line of its message.
    pub subject: String,
}

/// A commit in its history.
#[derive(Debug, Clone)]
pub(in crate::registry) struct Node {
    pub(in crate::registry) commit: Arc<Commit>,
    pub(in crate::registry) tree: ObjectId,
    pub(in crate::registry) parents: Vec<ObjectId>,
}

const WALKING: &str = "walking the history of the registry's branch";

const FORMAT: &str = "--format=%H%x00%T%x00%P%x00%an <%ae>%x00%at%x00%s%x00";

const FIELDS: usize = 6;

/// How much of a history.
#[derive(Debug, Clone, Copy)]
pub(in crate::registry) enum Extent {
    /// All of it.
    Whole,
    /// Only the commits named.
    TipsOnly,
}

/// The commits that can be reached from one of `from` and from none of `but_not`, parents before
/// children.
pub(in crate::registry) fn commits(
    git: &Git,
    extent: Extent,
    from: &[ObjectId],
    but_not: &[ObjectId],
) -> Result<Vec<Node>, GitError> {
    let mut args = vec!["rev-list", "--encoding=UTF-8", FORMAT, "--stdin"];
    args.extend(match extent {
        Extent::Whole => &["--topo-order", "--reverse", "--ignore-missing"][..],
        Extent::TipsOnly => &["--no-walk=unsorted"],
    });
    let answer = git.run_with_input(WALKING, &args, |out| {
        from.iter().try_for_each(|id| writeln!(out, "{id}"))?;
        but_not.iter().try_for_each(|id| writeln!(out, "^{id}"))
    })?;
    parse(&answer.success(WALKING)?)
        .ok_or_else(|| GitError::unexpected(WALKING, "a commit without its six fields"))
}

fn parse(answer: &[u8]) -> Option<Vec<Node>> {
    let fields: Vec<&[u8]> = answer.split(|b| *b == 0).collect();
    let nodes = fields.chunks(FIELDS).filter(|node| node.len() == FIELDS).map(|node| {
        let [id, tree, parents, author, date, subject] = node else { return None };
        // git puts a line `commit <name>` before what the format asks for.
        let id = id.rsplit(|b| *b == b'\n').next()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let seconds = text(date).parse::<u64>().unwrap_or(0);
        let parents = text(parents);
        Some(Node {
            commit: Arc::new(Commit {
                id: text(id).parse().ok()?,
                author: text(author),
                date: UtcStamp::from_unix_seconds(seconds),
                subject: text(subject),
            }),
            tree: text(tree).parse().ok()?,
            parents: parents
                .split_ascii_whitespace()
                .map(|id| id.parse().ok())
                .collect::<Option<_>>()?,
        })
    });
    nodes.collect()
}

/// Those of the commits `roots`, which git says have no parents, that have some all the same: the
/// clone is shallow and ends there.
pub(in crate::registry) fn cut_off(
    git: &Git,
    roots: &[Arc<Commit>],
) -> Result<Vec<Arc<Commit>>, GitError> {
    let ids: Vec<ObjectId> = roots.iter().map(|root| root.id).collect();
    super::blobs::read(git, &ids, |objects| {
        let mut found = Vec::new();
        for root in roots {
            let object = objects.next()?.unwrap_or_default();
            let mut headers = object.split(|b| *b == b'\n').take_while(|line| !line.is_empty());
            if headers.any(|line| line.starts_with(b"parent ")) {
                found.push(Arc::clone(root));
            }
        }
        Ok(found)
    })
}

/// Where `reference` was before, as far as its reflog remembers.
pub(in crate::registry) fn reflog(git: &Git, reference: &str) -> Result<Vec<ObjectId>, GitError> {
    let answer =
        git.run(WALKING, &["rev-list", "--walk-reflogs", "--ignore-missing", reference])?;
    // Without a reflog, or with one that names what was collected as garbage, git may fail: what it
    // remembers is a help where there is one, and no part of the proof.
    let lines = answer.stdout.split(|b| *b == b'\n');
    Ok(lines.filter_map(|line| std::str::from_utf8(line).ok()?.parse().ok()).collect())
}
