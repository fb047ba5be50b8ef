//! The mistake: a commit behind the end of the log is taken for a group that has done everything.

use ex13_lag_monitor_solution::{Ending, Habits, Seen};

fn main() -> Ending {
    Habits {
        lag: |seen: Seen| seen.committed.map(|next| (seen.end - next.max(seen.start)).max(0)),
        ..Habits::default()
    }
    .watch()
}
