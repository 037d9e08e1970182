//! Whether a text is the address of a Terraform resource instance.
//!
//! Terraform's resource lines start with one; a provisioner's output that quotes such a line does
//! not, because Terraform puts `address (local-exec): ` before it.

/// Whether `text` is an address such as `module.a["k: v"].aws_eks_cluster.this[0]`, with the note
/// `(deposed object 3c2b1a00)` that Terraform adds where a replacement destroys the old object.
pub(super) fn is_resource(text: &[u8]) -> bool {
    let text = without_deposed_note(text);
    let mut rest = text;
    let mut names = 0;
    loop {
        let Some(after_name) = skip_name(rest) else { return false };
        names += 1;
        rest = match after_name.first() {
            Some(b'[') => match skip_index(after_name) {
                Some(after_index) => after_index,
                None => return false,
            },
            _ => after_name,
        };
        match rest.split_first() {
            None => return names >= 2,
            Some((b'.', more)) => rest = more,
            Some(_) => return false,
        }
    }
}

fn without_deposed_note(text: &[u8]) -> &[u8] {
    const NOTE: &[u8] = b" (deposed object ";
    let Some(inner) = text.strip_suffix(b")") else { return text };
    let Some(start) = memchr::memmem::rfind(inner, NOTE) else { return text };
    let key = &inner[start + NOTE.len()..];
    if key.iter().all(u8::is_ascii_hexdigit) { &text[..start] } else { text }
}

/// What follows an identifier: Unicode letters are allowed in one, so every non-ASCII byte is.
fn skip_name(text: &[u8]) -> Option<&[u8]> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-' || !b.is_ascii();
    let length = text.iter().take_while(|b| is_name(b)).count();
    (length > 0).then(|| &text[length..])
}

/// What follows `[0]` or `["key"]`; in a key, a backslash keeps a quote from ending it.
fn skip_index(text: &[u8]) -> Option<&[u8]> {
    let inner = text.strip_prefix(b"[")?;
    let Some(key) = inner.strip_prefix(b"\"") else {
        let digits = inner.iter().take_while(|b| b.is_ascii_digit()).count();
        return (digits > 0).then_some(&inner[digits..])?.strip_prefix(b"]");
    };
    let mut escaped = false;
    let end = key.iter().position(|&b| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    })?;
    key[end + 1..].strip_prefix(b"]")
}

#[cfg(test)]
mod tests {
    use super::is_resource;

    #[test]
    fn addresses() {
        for address in [
            "aws_eks_cluster.this",
            "module.eks.aws_eks_cluster.this",
            "module.a[0].module.b[\"x\"].terraform_data.c[12]",
            r#"terraform_data.a["a: b.c [d] \"e\""]"#,
            "data.aws_iam_policy.x",
            "terraform_data.é",
            "terraform_data.a (deposed object 3c2b1a00)",
        ] {
            assert!(is_resource(address.as_bytes()), "{address}");
        }
    }

    #[test]
    fn anything_else() {
        for text in [
            "",
            "terraform_data",
            "terraform_data.a (local-exec)",
            "terraform_data.a (local-exec): terraform_data.b",
            "The job. It",
            "a.b[",
            "a.b[\"x",
            "a..b",
            "a.b (deposed object zz)",
        ] {
            assert!(!is_resource(text.as_bytes()), "{text}");
        }
    }
}
