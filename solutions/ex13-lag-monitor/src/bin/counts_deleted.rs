//! The mistake: the log is taken to begin where the group stopped. Some of those records are not there any more.

use ex13_lag_monitor_solution::{Ending, Habits, Seen};

fn main() -> Ending {
    Habits {
        lag: |seen: Seen| seen.committed.filter(|next| *next <= seen.end).map(|next| seen.end - next),
        ..Habits::default()
    }
    .watch()
}
