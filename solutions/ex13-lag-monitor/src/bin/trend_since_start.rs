//! The mistake: the trend since the monitor was started.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { compares_with: |totals| totals.first().copied().flatten(), ..Habits::default() }.watch()
}
