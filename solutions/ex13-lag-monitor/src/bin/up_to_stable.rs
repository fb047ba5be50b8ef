//! The mistake: the end of the log is taken for the last stable offset, as `isolation.level` says unless it is set.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { isolation: "read_committed", ..Habits::default() }.watch()
}
