//! What findings are called: each kind declares its codes, each with its harm, and its findings can have no other.

/// What a symptom means to whoever runs the program, the worst first: reports tell it in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// A record, or what should have come of it, is gone.
    Lost,
    /// What came of it is not what it should be, or what is said of it is untrue.
    Wrong,
    /// Something is done twice.
    Duplicate,
    /// Somebody does not get on.
    Stuck,
    /// It takes longer, or costs more, than it need.
    Slow,
    /// It works, and is not what was asked for.
    Style,
}

/// The codes of one kind, as an enum that [`codes!`] declares.
pub trait Codes: Copy + 'static {
    /// All of them, in the order in which they are declared.
    const NAMES: &'static [&'static str];

    /// As mistakes in `exercise.toml`, reports and scripts spell it.
    fn name(self) -> &'static str;

    fn harm(self) -> Harm;
}

/// Declares a kind's `Code`: for each its spelling, which is stable (mistakes and scripts go by it), and its [`Harm`].
macro_rules! codes {
    ($($code:ident = $name:literal $harm:ident,)+) => {
        /// What a finding of this kind can be called.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($code,)+ }

        impl $crate::checks::Codes for Code {
            const NAMES: &'static [&'static str] = &[$($name,)+];

            fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            fn harm(self) -> $crate::checks::Harm {
                match self { $(Code::$code => $crate::checks::Harm::$harm,)* }
            }
        }
    };
}
pub(super) use codes;
