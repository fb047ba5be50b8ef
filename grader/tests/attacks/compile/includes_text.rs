//! Takes a file of the machine into the program. Outcome: refused.
fn main() {
    println!("{}", include_str!("SECRET"));
}
