//! The mistake: a group that has committed nothing is taken for one that begins with the oldest record.

use ex13_lag_monitor_solution::{Ending, Habits, Seen};

fn main() -> Ending {
    Habits {
        lag: |seen: Seen| if seen.committed.is_none() { Some(seen.end - seen.start) } else { seen.lag() },
        ..Habits::default()
    }
    .watch()
}
