//! The mistake: the second error in a row is reported as "nobody knows".

use ex13_lag_monitor_solution::{Ending, Habits, OnError};

fn main() -> Ending {
    Habits { on_error: OnError::SayNothing, ..Habits::default() }.watch()
}
