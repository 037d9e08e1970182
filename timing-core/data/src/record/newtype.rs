//! One way to make a name: text in, checked once, out as it came.

/// Letters, digits and the characters in `also`, of at most `longest` bytes, starting with a
/// letter or digit and never holding `..`: safe in a path, an argument and a field.
#[must_use]
pub fn is_word(text: &str, also: &[u8], longest: usize) -> bool {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || also.contains(b);
    text.len() <= longest
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.as_bytes().iter().all(allowed)
        && !text.contains("..")
}

/// Defines newtypes over `String` whose only constructor is `FromStr`, which asks the given test
/// and otherwise fails with an [`InvalidName`](crate::record::InvalidName).
///
/// Each is `Name, "what it is called in an error", "the rule in words", test;`, where the test is a
/// `fn(&str) -> bool`. The module that defines them can see the text inside; all others have
/// `as_str` and `Display`.
#[macro_export]
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $what:expr, $rule:expr, $valid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::record::InvalidName;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    ::std::result::Result::Ok(Self(text.to_owned()))
                } else {
                    ::std::result::Result::Err($crate::record::InvalidName::new($what, text, $rule))
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}
