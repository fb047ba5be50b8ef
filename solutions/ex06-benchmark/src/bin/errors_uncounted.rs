//! Wrong: waits for every delivery report, and does not look into it.

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
            settle_all(queue_all(&producer, configuration.name, &values));
            Figures::new(configuration.name, values.len() as u64, 0, clock.elapsed())
        })?;
        table.push(figures);
    }
    write(&table)
}
