//! The mistake: the first error that Kafka answers with ends it.

use ex13_lag_monitor_solution::{Ending, Habits, OnError};

fn main() -> Ending {
    Habits { on_error: OnError::Die, ..Habits::default() }.watch()
}
