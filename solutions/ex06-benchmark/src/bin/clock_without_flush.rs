//! Wrong: the clock stops when everything is queued, and nothing need have been sent by then.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, announced, queue_all, settle_all, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use std::time::Instant;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        let producer: FutureProducer = configuration.config().create()?;
        let figures = announced(&world, configuration.name, || {
            let clock = Instant::now();
            let outcomes = queue_all(&producer, configuration.name, &values);
            let took = clock.elapsed();
            let (delivered, failed) = settle_all(outcomes);
            Figures::new(configuration.name, delivered, failed, took)
        })?;
        table.push(figures);
    }
    write(&table)
}
