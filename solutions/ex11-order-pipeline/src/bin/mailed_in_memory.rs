//! The mistake: which orders were confirmed is in memory, which is empty after a restart.

use ex11_order_pipeline_solution::{Ending, Pipeline, mail, right, run, work};
use kit::Downstream;
use std::collections::HashSet;

fn main() -> Ending {
    let email = |reading: &_| {
        let (downstream, mut mailed) = (Downstream::connect(), HashSet::new());
        work(reading, "email", |_, order| {
            if mailed.insert(order.order_id.clone()) {
                mail(&downstream, order);
            }
            Ok(())
        })
    };
    run(Pipeline { email, ..right() })
}
