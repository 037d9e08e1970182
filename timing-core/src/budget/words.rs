//! Enumerations that the file spells in words.

/// Defines such an enumeration, or, after `of`, the words of one that is defined elsewhere.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$of:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$of])* $variant),+ }
        words!(of $type { $($variant = $text),+ });
    };
    (of $type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// All of them, as the file names them.
            pub const WORDS: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];

            /// As the file names it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(super) use words;
