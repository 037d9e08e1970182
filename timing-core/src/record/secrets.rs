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
            mask_argument(argument)
        });
        after_secret_flag = is_flag && !argument.contains('=') && looks_secret(argument);
    }
    masked
}

fn mask_argument(argument: &str) -> String {
    match argument.split_once('=') {
        Some((name, _)) if looks_secret(name) => format!("{name}={MASK}"),
        Some((name, value)) => format!("{name}={}", mask_argument(value)),
        None => mask_user_info(argument),
    }
}

/// `https://user:password@host/` without what stands before the `@` (RFC 3986, 3.2.1).
fn mask_user_info(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..authority_end).and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => text.to_owned(),
    }
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
        ]);
        assert_eq!(
            masked.join(" "),
            "deploy --password=*** --token *** --api-key --verbose DB_SECRET=*** \
             -var=db_password=*** https://***@host/path@x?a --url=https://***@host \
             RESTORE_SECRETS=true plain"
        );
    }
}
