//! The mistake: an answer that is given again is an event with a new id.

use ex11_order_pipeline_solution::{Ending, Pipeline, Publisher, open_stock, reserve, right, run, work};
use kit::Downstream;
use std::time::SystemTime;

fn main() -> Ending {
    let inventory = |reading: &_| {
        let mut database = open_stock(&Downstream::connect())?;
        let publisher = Publisher::new()?;
        work(reading, "inventory", |_, order| {
            let answer = reserve(&mut database, order)?;
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
            publisher.answer(&order.order_id, format!("answer-{now}"), &answer)
        })
    };
    run(Pipeline { inventory, ..right() })
}
