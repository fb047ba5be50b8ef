//! The mistake: nobody listens to SIGTERM, which ends a program in the middle of whatever it does.

use ex13_lag_monitor_solution::{Ending, Habits};

fn main() -> Ending {
    Habits { listens_to_stop: false, ..Habits::default() }.watch()
}
