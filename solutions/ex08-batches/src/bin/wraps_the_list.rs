//! The mistake: the list of orders is handed on inside of an object.

use ex08_batches_solution::{Ending, SIZE, config, group, in_time, run};
use serde_json::{Value, json};

fn main() -> Ending {
    run(&config(&group()), (SIZE, in_time), |consumer, batch, downstream| {
        let orders: Vec<&Value> = batch.orders.iter().map(|(_, order)| order).collect();
        if !orders.is_empty() {
            downstream.call("process_batch", &json!({ "orders": orders }))?;
        }
        batch.commit(consumer);
        Ok(())
    })
}
