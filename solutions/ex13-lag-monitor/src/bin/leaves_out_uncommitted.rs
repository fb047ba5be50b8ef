//! The mistake: only the partitions with a commit are reported.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { includes: |committed| committed.is_some(), ..Habits::default() }.watch()
}
