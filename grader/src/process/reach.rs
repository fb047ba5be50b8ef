//! What ends with a program.

/// What a supervisor ends when its program has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Whatever it has started, wherever that has gone.
    Everything,
    /// The processes of its group.
    Group,
}

impl Reach {
    /// As an argument on a command line.
    pub fn argument(self) -> &'static str {
        match self {
            Reach::Everything => "everything",
            Reach::Group => "group",
        }
    }
}
