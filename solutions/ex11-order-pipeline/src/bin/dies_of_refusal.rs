//! The mistake: a mail that is refused ends the program.

use ex11_order_pipeline_solution::{Ending, Pipeline, is_mailed, mail_of, note_mailed, open_mailed, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let email = |reading: &_| {
        let downstream = Downstream::connect();
        let database = open_mailed(&downstream)?;
        work(reading, "email", |_, order| {
            if !is_mailed(&database, order)? {
                downstream.call("mail", &mail_of(order))?;
                note_mailed(&database, order)?;
            }
            Ok(())
        })
    };
    run(Pipeline { email, ..right() })
}
