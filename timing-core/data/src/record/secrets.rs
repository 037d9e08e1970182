//! What nobody else may read: recognised by its name, replaced by `***`.

/// Parts of a name that mark its value as something nobody else may read.
const MARKS: [&str; 6] = ["PASSWORD", "PASSWD", "TOKEN", "SECRET", "KEY", "CREDENTIAL"];

/// Switches of the contract whose names hold one of those marks; their values are `true` or
/// `false` and belong into the row.
const NOT_SECRET: [&str; 2] = ["RESTORE_SECRETS", "DELETE_SECRETS"];

/// What stands in place of a secret.
pub(super) const MASK: &str = "***";

/// Whether the value of the variable or flag `name` must not be shown or stored.
#[must_use]
pub fn looks_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase().replace('-', "_");
    !NOT_SECRET.contains(&upper.as_str()) && MARKS.iter().any(|mark| upper.contains(mark))
}

/// The arguments of a command with their secrets replaced: `--password=x`, `--token x`, `KEY=x`,
/// also behind another flag (`-var=db_password=x`), and user info in a URL.
#[must_use]
pub fn mask_arguments<S: AsRef<str>>(arguments: &[S]) -> Vec<String> {
    let mut after_secret_flag = false;
    let mut masked = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let argument = argument.as_ref();
        let is_flag = argument.starts_with('-');
        masked.push(if after_secret_flag && !is_flag {
            MASK.to_owned()
        } else {
            mask_argument(&mask_user_info(argument))
        });
        after_secret_flag = is_flag && !argument.contains('=') && looks_secret(argument);
    }
    masked
}

fn mask_argument(argument: &str) -> String {
    match argument.split_once('=') {
        Some((name, _)) if looks_secret(name) => format!("{name}={MASK}"),
        Some((name, value)) => format!("{name}={}", mask_argument(value)),
        None => argument.to_owned(),
    }
}

/// `https://user:password@host/` without what stands before the `@` (RFC 3986, 3.2.1), for every URL
/// in `text`, which may be a whole script.
fn mask_user_info(text: &str) -> String {
    let mut parts = text.split("://");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        let ends = |c: char| matches!(c, '/' | '?' | '#') || c.is_whitespace();
        let authority = rest.split(ends).next().unwrap_or_default();
        let shown = authority.rfind('@').map(|at| &rest[at..]);
        masked.push_str("://");
        masked.push_str(shown.map_or("", |_| MASK));
        masked.push_str(shown.unwrap_or(rest));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_arguments() {
        let masked = mask_arguments(&[
            "deploy",
            "--password=hunter2",
            "--token",
            "abc",
            "--api-key",
            "--verbose",
            "DB_SECRET=x=y",
            "-var=db_password=x",
            "https://me:pw@host/path@x?a",
            "--url=https://me@host",
            "RESTORE_SECRETS=true",
            "plain",
            "https://me:p=w@host/?a=b",
            "https://me:pw@host/?token=x",
            "curl https://me:pw@one; curl https://me:pw@two/ a@b",
            "https://host write@here",
        ]);
        assert_eq!(
            masked.join(" "),
            "deploy --password=*** --token *** --api-key --verbose DB_SECRET=*** \
             -var=db_password=*** https://***@host/path@x?a --url=https://***@host \
             RESTORE_SECRETS=true plain https://***@host/?a=b https://***@host/?token=*** \
             curl https://***@one; curl https://***@two/ a@b https://host write@here"
        );
    }
}
