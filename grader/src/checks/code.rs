//! What findings are called: each kind declares its codes, and its findings can have no other.

/// The codes of one kind, as an enum that [`codes!`] declares.
pub trait Codes: Copy + 'static {
    /// All of them, in the order in which they are declared.
    const NAMES: &'static [&'static str];

    /// As mistakes in `exercise.toml`, reports and scripts spell it.
    fn name(self) -> &'static str;
}

/// Declares a kind's `Code`. The spelling of a code is stable: mistakes and scripts go by it.
macro_rules! codes {
    ($($code:ident = $name:literal,)+) => {
        /// What a finding of this kind can be called.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($code,)+ }

        impl $crate::checks::Codes for Code {
            const NAMES: &'static [&'static str] = &[$($name,)+];

            fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)+ }
            }
        }
    };
}
pub(super) use codes;
