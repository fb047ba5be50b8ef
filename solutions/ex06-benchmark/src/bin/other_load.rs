//! Wrong: each run begins with a warm-up of its own records, under its own name.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, announced, measure, queue_all, settle_all, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        let producer: FutureProducer = configuration.config().create()?;
        let figures = announced(&world, configuration.name, || {
            settle_all(queue_all(&producer, configuration.name, &values[..20]));
            measure(&producer, configuration.name, &values)
        })?;
        table.push(figures);
    }
    write(&table)
}
