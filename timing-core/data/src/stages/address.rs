//! The parts of a resource's address, for who puts resources together.

/// The module that the resource of this address is in, with its indices: `module.eks` of
/// `module.eks.aws_eks_cluster.this[0]`. Empty for the root module.
#[must_use]
pub fn module(address: &str) -> &str {
    address.get(..resource_at(address)).unwrap_or_default().trim_end_matches('.')
}

/// Its type: `aws_eks_cluster`, `data.aws_iam_policy`.
#[must_use]
pub fn resource_type(address: &str) -> &str {
    let resource = address.get(resource_at(address)..).unwrap_or_default();
    let data = if resource.starts_with("data.") { "data.".len() } else { 0 };
    let rest = resource.get(data..).unwrap_or_default();
    resource.get(..data + end_of_name(rest)).unwrap_or_default()
}

/// Where the address leaves its last module.
fn resource_at(address: &str) -> usize {
    let mut at = 0;
    while let Some(name) = address.get(at..).and_then(|rest| rest.strip_prefix("module.")) {
        let next = at + "module.".len() + end_of_name(name) + 1;
        if next > address.len() {
            break;
        }
        at = next;
    }
    at
}

/// Where a name and its index end: at the next dot that is in no key.
fn end_of_name(text: &str) -> usize {
    let (mut in_key, mut is_escaped) = (false, false);
    let ends = |byte: u8| {
        let ends = byte == b'.' && !in_key;
        in_key ^= byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    };
    text.bytes().position(ends).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_and_types_whatever_stands_in_keys() {
        for (address, expected) in [
            ("aws_eks_cluster.this[0]", ("", "aws_eks_cluster")),
            ("module.eks.aws_eks_cluster.this", ("module.eks", "aws_eks_cluster")),
            (
                r#"module.a["x.y \" z"].module.b[0].t.n["p.q"]"#,
                (r#"module.a["x.y \" z"].module.b[0]"#, "t"),
            ),
            ("module.a.data.aws_iam_policy.x", ("module.a", "data.aws_iam_policy")),
            ("module.é.t.n", ("module.é", "t")),
            ("", ("", "")),
            ("module.", ("", "module")),
            ("module.a", ("", "module")),
        ] {
            assert_eq!((module(address), resource_type(address)), expected, "{address}");
        }
    }
}
