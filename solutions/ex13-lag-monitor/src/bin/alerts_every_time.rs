//! The mistake: an alert each time that it looks, for as long as the lag is there.

use ex13_lag_monitor_solution::{Ending, Habits, LIMIT};

fn main() -> Ending {
    Habits { is_news: |lag, _| lag >= LIMIT, ..Habits::default() }.watch()
}
