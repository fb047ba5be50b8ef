//! The mistake: one client for all groups. Whose commits it gets is decided by its own `group.id`.

use ex13_lag_monitor_solution::{Ending, Habits, WATCHED};

fn main() -> Ending {
    Habits { asks_for: |_| WATCHED[0], ..Habits::default() }.watch()
}
