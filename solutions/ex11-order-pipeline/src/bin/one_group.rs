//! The mistake: all services read in one group, so each event goes to one of them.

use ex11_order_pipeline_solution::{Ending, Pipeline, Reading, config, right, run};

fn main() -> Ending {
    let reading = Reading { config: |_| config("email"), ..right().reading };
    run(Pipeline { reading, ..right() })
}
