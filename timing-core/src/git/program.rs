//! Where git is.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use rustix::fs::{Access, access};

/// The path of `name` as a search of `PATH` in `environment` finds it; the name itself where that
/// finds nothing, so that the system says so when it is started.
///
/// A program that is named by its path is started without copying this process first, which makes
/// the start as quick however much memory is in use.
pub(super) fn find(name: &str, environment: &[(OsString, OsString)]) -> OsString {
    let path =
        environment.iter().find(|(key, _)| key == "PATH").map(|(_, value)| value.as_os_str());
    let found = std::env::split_paths(path.unwrap_or(OsStr::new("")))
        // A relative directory would be looked for somewhere else than where git is started.
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate));
    found.map_or_else(|| name.into(), std::path::PathBuf::into_os_string)
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_on_the_path_is_found() {
        let path = |value: &str| vec![("PATH".into(), value.into())];
        assert!(
            Path::new(&find("sh", &path("relative:/nonexistent:/etc:/bin:/usr/bin"))).is_absolute()
        );
        assert_eq!(find("sh", &path("/nonexistent")), "sh");
        assert_eq!(find("passwd", &path("/etc")), "passwd", "not a program");
        assert_eq!(find("sh", &[]), "sh");
    }
}
