//! The mistake: the figures are there before anybody asks, so they are old when somebody does.

use ex13_lag_monitor_solution::{Ending, Habits, Measures};

fn main() -> Ending {
    Habits { measures: Measures::BeforeItIsAsked, ..Habits::default() }.watch()
}
