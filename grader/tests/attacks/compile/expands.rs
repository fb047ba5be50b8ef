//! A macro that doubles itself. Outcome: memory|cpu.
#![recursion_limit = "100000"]
macro_rules! double {
    ($($t:tt)*) => { double!($($t)* $($t)*); };
}
double!(a b c d e f g h);
fn main() {}
