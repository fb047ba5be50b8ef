//! The mistake: the offset is committed, and then the mail is sent.

use ex11_order_pipeline_solution::{
    Ending, Pipeline, Reading, commit, is_mailed, join, mail, next, note_mailed, open_mailed, right, run,
};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::DefaultConsumerContext;

fn main() -> Ending {
    run(Pipeline { email, ..right() })
}

fn email(reading: &Reading) -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let database = open_mailed(&downstream)?;
    let consumer = join(&(reading.config)("email"), "orders", DefaultConsumerContext)?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        commit(&consumer, &message);
        if let Some((_, order)) = (reading.placed)(&message)?
            && !is_mailed(&database, &order)?
        {
            mail(&downstream, &order);
            note_mailed(&database, &order)?;
        }
    }
    Ok(())
}
