//! The mistake: each event is a mail, whether or not the order has had one.

use ex11_order_pipeline_solution::{Ending, Pipeline, mail, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let email = |reading: &_| {
        let downstream = Downstream::connect();
        work(reading, "email", |_, order| {
            mail(&downstream, order);
            Ok(())
        })
    };
    run(Pipeline { email, ..right() })
}
