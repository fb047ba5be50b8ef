//! The mistake: an order that is known gets no answer, though the first one may never have got out.

use ex11_order_pipeline_solution::{Ending, Pipeline, Publisher, answered, open_stock, reserve, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let inventory = |reading: &_| {
        let mut database = open_stock(&Downstream::connect())?;
        let publisher = Publisher::new()?;
        work(reading, "inventory", |_, order| {
            if answered(&database, order)?.is_some() {
                return Ok(());
            }
            let answer = reserve(&mut database, order)?;
            publisher.answer(&order.order_id, format!("reservation-{}", order.order_id), &answer)
        })
    };
    run(Pipeline { inventory, ..right() })
}
