//! The mistake: what it cannot read is logged, committed and gone.

use ex14_schema_evolution_solution::{Ending, read, run_with};

fn main() -> Ending {
    run_with(read, |_, _, why| {
        eprintln!("skipped: {why}");
        Ok(())
    })
}
