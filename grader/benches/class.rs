//! What grading a class costs. Not for CI: a class of 200 takes an evening's beginning.
//!
//! ```text
//! cargo bench --bench class -- make DIR --learners 200       a class in DIR: submissions, expected.jsonl, Canvas's export
//! cargo bench --bench class -- verdicts DIR OUT              the verdicts in OUT against the expected ones
//! cargo bench --bench class -- measure --learners 40         grades a class: seconds, processors, memory, verdicts
//! cargo bench --bench class -- naive --learners 2            the loop that one would write instead, for a few learners
//! cargo bench --bench class -- kills --times 100             kill -9 at random moments, and on from there
//! ```

#[path = "../tests/class/mod.rs"]
mod class;
mod class_costs;

use anyhow::Result;
use clap::Parser;

fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let arguments = std::env::args().filter(|argument| argument != "--bench");
    class_costs::Measurement::parse_from(arguments).run()
}
