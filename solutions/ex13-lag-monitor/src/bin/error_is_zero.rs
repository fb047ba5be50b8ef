//! The mistake: where Kafka answers with an error, the lag is 0.

use ex13_lag_monitor_solution::{Ending, Habits, OnError};

fn main() -> Ending {
    Habits { on_error: OnError::SayZero, ..Habits::default() }.watch()
}
