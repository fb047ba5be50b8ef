//! The mistake: the offset is committed, and then the answer is published.

use ex11_order_pipeline_solution::{Ending, Pipeline, Publisher, commit, join, next, open_stock, reserve, right, run};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::DefaultConsumerContext;

fn main() -> Ending {
    let inventory = |reading: &ex11_order_pipeline_solution::Reading| {
        let shutdown = Shutdown::listen();
        let mut database = open_stock(&Downstream::connect())?;
        let publisher = Publisher::new()?;
        let consumer = join(&(reading.config)("inventory"), "orders", DefaultConsumerContext)?;
        while !shutdown.requested() {
            let Some(message) = next(&consumer)? else { continue };
            let Some((_, order)) = (reading.placed)(&message)? else {
                commit(&consumer, &message);
                continue;
            };
            let answer = reserve(&mut database, &order)?;
            commit(&consumer, &message);
            publisher.answer(&order.order_id, format!("reservation-{}", order.order_id), &answer)?;
        }
        Ok(())
    };
    run(Pipeline { inventory, ..right() })
}
