//! The mistake: the order is noted as confirmed, and then the mail is sent.

use ex11_order_pipeline_solution::{Ending, Pipeline, is_mailed, mail, note_mailed, open_mailed, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let email = |reading: &_| {
        let downstream = Downstream::connect();
        let database = open_mailed(&downstream)?;
        work(reading, "email", |_, order| {
            if !is_mailed(&database, order)? {
                note_mailed(&database, order)?;
                mail(&downstream, order);
            }
            Ok(())
        })
    };
    run(Pipeline { email, ..right() })
}
