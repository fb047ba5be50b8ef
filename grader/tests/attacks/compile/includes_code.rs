//! Has the compiler quote a file of the machine in its complaints. Outcome: refused.
include!("SECRET");
fn main() {}
