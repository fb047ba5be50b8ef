//! The mistake: a partition whose lag is unknown is taken for one that is below the limit.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { unknown_stays: false, ..Habits::default() }.watch()
}
