//! The mistake: who has been alerted of once is never alerted of again.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { stays: |_| true, ..Habits::default() }.watch()
}
