//! The mistake: the limit itself is not beyond the limit.

use ex13_lag_monitor_solution::{Ending, Habits, LIMIT};

fn main() -> Ending {
    Habits { is_news: |lag, above| lag > LIMIT && !above, ..Habits::default() }.watch()
}
