//! Takes variables of the grader into the program. Outcome: held.
fn main() {
    println!("{:?} {:?}", option_env!("CONTAINED_SECRET"), option_env!("PATH"));
}
