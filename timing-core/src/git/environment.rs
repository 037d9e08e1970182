//! What git inherits: the caller's environment without what would point it at another repository
//! or make it ask, trace or page; and the settings given to every call.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Variables that decide which repository, index or objects git uses (those that
/// `git rev-parse --local-env-vars` lists, and more), or that would give the recorder's commits
/// and reflog entries the user's name.
const REMOVED: [&str; 30] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_DATE",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CURL_VERBOSE",
    "GIT_DIR",
    "GIT_FLUSH",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "LANGUAGE",
    "LC_ALL",
    "SSH_ASKPASS",
];

/// Families of variables, by how their names begin.
const REMOVED_FAMILIES: [&str; 4] =
    ["GIT_TRACE", "GIT_REDIRECT_", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"];

/// The setting that names directories whose repositories git may use whoever owns them.
const SAFE_DIRECTORY: &str = "safe.directory";

/// No environment holds more settings than this; the number that it says may be any.
const MOST_SETTINGS: usize = 10_000;

/// What every call gets.
const ADDED: [(&str, &str); 5] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    // `git status` would otherwise rewrite the index that it looks at.
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_PAGER", "cat"),
    // Some answers are told apart by their words.
    ("LC_ALL", "C"),
];

/// What a call gets that stays on this machine: an object that a partial clone left behind is an
/// error, never a download. Versions of git before 2.44 do not know the first; no protocol at all
/// stops those too.
const ADDED_LOCAL: [(&str, &str); 2] = [("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "")];

/// What a call gets that talks to a remote: nobody is there to answer. An empty program asks
/// nothing, whatever `core.askPass` and `SSH_ASKPASS` say.
const ADDED_NETWORK: [(&str, &str); 3] =
    [("GIT_ASKPASS", ""), ("SSH_ASKPASS_REQUIRE", "never"), ("GCM_INTERACTIVE", "never")];

/// How far a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// No further than this machine.
    Local,
    /// To a remote.
    Network,
}

/// The name under which the recorder commits.
pub(crate) const IDENTITY_NAME: &str = "xtask timing recorder";
/// Its address; no mail arrives there.
pub(crate) const IDENTITY_EMAIL: &str = "xtask@localhost";

/// Settings of every call, given on its command line and never written to a file.
pub(super) fn settings() -> Vec<OsString> {
    let identity = [format!("user.name={IDENTITY_NAME}"), format!("user.email={IDENTITY_EMAIL}")];
    let fixed = [
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "gc.auto=0",
        "maintenance.auto=false",
        // A lock that is held means that somebody else is recording: look again rather than wait.
        "core.filesRefLockTimeout=10",
        "core.packedRefsTimeout=50",
        "reftable.lockTimeout=10",
        // The whole file becomes a new object with each row; git compresses it for good when it
        // packs.
        "core.looseCompression=1",
    ];
    let fixed = fixed.into_iter().map(str::to_owned);
    fixed.chain(identity).flat_map(|pair| [OsString::from("-c"), pair.into()]).collect()
}

/// The settings of a call that talks to a remote: no more than what it is told, and no question.
pub(super) fn network_settings() -> Vec<OsString> {
    let fixed = [
        "credential.interactive=false",
        "fetch.writeCommitGraph=false",
        "push.followTags=false",
        "push.gpgSign=false",
        "push.recurseSubmodules=no",
    ];
    fixed.into_iter().flat_map(|pair| [OsString::from("-c"), pair.into()]).collect()
}

/// What is kept of the caller's environment.
pub(super) fn kept(
    inherited: impl IntoIterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let (removed, mut kept): (Vec<_>, Vec<_>) =
        inherited.into_iter().partition(|(key, _)| is_removed(key));
    kept.extend(safe_directories(&removed));
    kept
}

/// The settings given in variables that say whose repositories git may use, alone: without them git
/// refuses the repository of a container, whose files belong to somebody else.
fn safe_directories(variables: &[(OsString, OsString)]) -> Vec<(OsString, OsString)> {
    let get = |name: &str| variables.iter().rev().find(|(key, _)| key == name).map(|(_, v)| v);
    let count = get("GIT_CONFIG_COUNT").and_then(|count| count.to_str()?.trim().parse().ok());
    let given = (0..count.unwrap_or(0_usize).min(MOST_SETTINGS)).filter_map(|n| {
        let key = get(&format!("GIT_CONFIG_KEY_{n}"))?;
        key.eq_ignore_ascii_case(SAFE_DIRECTORY).then_some(())?;
        get(&format!("GIT_CONFIG_VALUE_{n}"))
    });
    // The order counts: an empty value takes back those before it.
    let mut made = Vec::new();
    for (n, value) in given.enumerate() {
        made.push((format!("GIT_CONFIG_KEY_{n}").into(), SAFE_DIRECTORY.into()));
        made.push((format!("GIT_CONFIG_VALUE_{n}").into(), value.clone()));
    }
    if !made.is_empty() {
        made.push(("GIT_CONFIG_COUNT".into(), (made.len() / 2).to_string().into()));
    }
    made
}

/// What is added to that for a call of this reach; where a key is there twice, the later one
/// counts: ours.
pub(super) fn added(reach: Reach) -> impl Iterator<Item = (OsString, OsString)> {
    let of_reach: &[(&str, &str)] = match reach {
        Reach::Local => &ADDED_LOCAL,
        Reach::Network => &ADDED_NETWORK,
    };
    ADDED.iter().chain(of_reach).map(|(key, value)| (OsString::from(key), OsString::from(value)))
}

fn is_removed(key: &OsStr) -> bool {
    REMOVED.iter().any(|name| key == OsStr::new(name))
        || REMOVED_FAMILIES.iter().any(|family| key.as_bytes().starts_with(family.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_of(made: &[(OsString, OsString)], key: &str) -> Option<String> {
        made.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.to_string_lossy().into_owned())
    }

    #[test]
    fn of_settings_in_variables_only_safe_directories_are_kept() {
        let inherited = [
            ("GIT_CONFIG_COUNT", "4"),
            ("GIT_CONFIG_KEY_0", "core.hooksPath"),
            ("GIT_CONFIG_VALUE_0", "/hooks"),
            ("GIT_CONFIG_KEY_1", "safe.directory"),
            ("GIT_CONFIG_VALUE_1", ""),
            ("GIT_CONFIG_KEY_2", "Safe.Directory"),
            ("GIT_CONFIG_VALUE_2", "*"),
            ("GIT_CONFIG_KEY_3", "core.bare"),
            ("GIT_CONFIG_VALUE_3", "true"),
            ("GIT_CONFIG_KEY_4", "safe.directory"),
            ("GIT_CONFIG_VALUE_4", "/beyond/the/count"),
        ];
        let made = kept(inherited.map(|(k, v)| (k.into(), v.into())));
        let expected = [
            ("GIT_CONFIG_KEY_0", "safe.directory"),
            ("GIT_CONFIG_VALUE_0", ""),
            ("GIT_CONFIG_KEY_1", "safe.directory"),
            ("GIT_CONFIG_VALUE_1", "*"),
            ("GIT_CONFIG_COUNT", "2"),
        ];
        assert_eq!(made, expected.map(|(k, v)| (k.into(), v.into())));
        let none = [("GIT_CONFIG_COUNT", "many"), ("GIT_CONFIG_KEY_0", "safe.directory")];
        assert_eq!(kept(none.map(|(k, v)| (k.into(), v.into()))), []);
    }

    #[test]
    fn nothing_that_redirects_git_is_inherited_and_the_rest_is() {
        let inherited = [
            ("GIT_DIR", "/elsewhere"),
            ("GIT_TRACE2_EVENT", "/dev/stderr"),
            ("GIT_CONFIG_KEY_0", "core.hooksPath"),
            ("GIT_TERMINAL_PROMPT", "1"),
            ("GIT_SSH_COMMAND", "ssh -v"),
            ("GIT_ALLOW_PROTOCOL", "https"),
            ("GIT_ASKPASS", "/usr/bin/ask"),
            ("PATH", "/bin"),
        ];
        let mut made = kept(inherited.map(|(k, v)| (k.into(), v.into())));
        made.extend(added(Reach::Local));
        let last = |key: &str| last_of(&made, key);
        assert_eq!(last("GIT_DIR"), None);
        assert_eq!(last("GIT_TRACE2_EVENT"), None);
        assert_eq!(last("GIT_CONFIG_KEY_0"), None);
        assert_eq!(last("GIT_TERMINAL_PROMPT").as_deref(), Some("0"));
        assert_eq!(last("GIT_SSH_COMMAND").as_deref(), Some("ssh -v"));
        assert_eq!(last("PATH").as_deref(), Some("/bin"));
        assert_eq!(last("GIT_ALLOW_PROTOCOL").as_deref(), Some(""));
        made.extend(added(Reach::Network));
        assert_eq!(last_of(&made, "GIT_ASKPASS").as_deref(), Some(""));
    }
}
