//! The mistake: a commit of offset 0 is taken for none.

use ex13_lag_monitor_solution::{Ending, Habits, Seen};

fn main() -> Ending {
    Habits {
        lag: |seen: Seen| Seen { committed: seen.committed.filter(|next| *next > 0), ..seen }.lag(),
        ..Habits::default()
    }
    .watch()
}
