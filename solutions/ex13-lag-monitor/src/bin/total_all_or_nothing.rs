//! The mistake: where one partition is unknown, so is the total.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { total: |lags| lags.values().copied().sum(), ..Habits::default() }.watch()
}
